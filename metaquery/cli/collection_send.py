"""`metaquery collection send`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.options import confirmed, open_here, plural, quiet_option, workspace_option, yes_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["send"]

_SHOWN_FAILURES = 5


@click.command("send")
@click.argument("title")
@click.option("--project", metavar="TITLE", help="Send frames (or labels) to a Collection of this project instead.")
@yes_option
@quiet_option
@workspace_option
def send(title: str, project: str | None, yes: bool, quiet: bool, workspace: Path | None) -> None:
    """Create a Collection in Encord, or add what is missing there.

    Without --project it becomes an Index Collection of storage items, in the folder where they lie. Sending twice
    changes nothing.

    \b
    Examples:
      metaquery collection send "Night drives"
      metaquery collection send "Night drives" --project "Street scenes"
    """
    opened = open_here(workspace)
    found = opened.collections.get(title)
    if not found.members:
        click.echo(f"{found.title!r} has no members: nothing was sent.", err=True)
        return
    where = f"the project {project!r}" if project else "Encord"
    if not confirmed(f"Send {found.members:,} members of {found.title!r} to {where}?", yes=yes):
        click.echo("Nothing was sent.")
        return
    with Reporter(quiet=quiet) as reporter:
        reporter.stage(f"sending {found.title}")
        report = opened.push(found, project=project, progress=reporter.members)
    for target in report.targets:
        done = "created" if target.created else "found"
        click.echo(
            f"{found.title!r} in {target.place}: {done} ({target.uuid}), {target.added:,} added, "
            f"{target.already:,} there already, {len(target.failed):,} failed"
        )
        _list_failures("Encord refused", target.failed)
    _list_failures("not in the snapshot any more", report.gone)
    _list_failures("without a storage item in a folder", report.without_item)
    if report.failed:
        click.get_current_context().exit(1)


def _list_failures(why: str, members: tuple[str, ...]) -> None:
    if members:
        shown = ", ".join(members[:_SHOWN_FAILURES])
        more = f" and {len(members) - _SHOWN_FAILURES:,} more" if len(members) > _SHOWN_FAILURES else ""
        click.echo(f"{plural(len(members), 'member')} {why}: {shown}{more}", err=True)
