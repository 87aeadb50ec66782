"""`metaquery collection`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.options import (
    as_of_option,
    confirmed,
    of_the_past,
    on_option,
    open_here,
    plural,
    quiet_option,
    time_zone_option,
    view_here,
    workspace_option,
    yes_option,
)
from metaquery.cli.progress import Reporter
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.collection import Collection
    from metaquery.workspace import Workspace

__all__ = ["collection"]

_SHOWN_FAILURES = 5


@click.group(short_help="Make Collections of what a filter finds, and send them.")
def collection() -> None:
    """Make Collections of what a filter finds, and send them to Encord."""


@collection.command("new")
@click.argument("title")
@click.option("--where", required=True, metavar="FILTER", help="What the members have to match.")
@click.option("--description", default="", help="What the Collection is for.")
@on_option
@as_of_option
@time_zone_option
@workspace_option
def new(
    title: str, where: str, description: str, on: str, as_of: str | None, time_zone: str, workspace: Path | None
) -> None:
    """Freeze what a filter finds under TITLE, which becomes a tag on every member.

    \b
    Example:
      metaquery collection new "Night drives" --where "dark and captured_at > 2023-01-01" \\
        --description "After sunset, since 2023"
    """
    opened = open_here(workspace, time_zone=time_zone)
    view = view_here(opened, on, as_of).filter(where)
    made = view.collect(title, description=description)
    click.echo(f"Collection {made.title!r}: {plural(made.members, view.relation.singular)}, tagged {made.title!r}.")
    if not made.members:
        click.echo("Nothing matches the filter, so the Collection is empty.", err=True)
    for remark in (view.tally().describe_unknown(), of_the_past(opened, view.snapshot)):
        if remark:
            click.echo(remark, err=True)
    click.echo(f"Next: metaquery collection send {_quoted(made.title)}")


@collection.command("list")
@workspace_option
def list_collections(workspace: Path | None) -> None:
    """List the Collections of this workspace.

    \b
    Example:
      metaquery collection list
    """
    opened = open_here(workspace)
    rows = [
        (
            c.title,
            f"{c.members:,}",
            c.relation,
            c.created_at.strftime("%Y-%m-%d %H:%M"),
            _state(opened, c),
        )
        for c in opened.collections.all()
    ]
    if not rows:
        click.echo("There are no Collections yet. Next: metaquery collection new TITLE --where FILTER", err=True)
        return
    header = ("title", "members", "of", "created (UTC)", "")
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@collection.command("show")
@click.argument("title")
@workspace_option
def show(title: str, workspace: Path | None) -> None:
    """Show where a Collection came from.

    \b
    Example:
      metaquery collection show "Night drives"
    """
    opened = open_here(workspace)
    found = opened.collections.get(title)
    came = found.provenance
    click.echo(f"Title        {found.title}")
    click.echo(f"Description  {found.description or '–'}")
    noun = RELATIONS[found.relation].singular
    click.echo(f"Members      {plural(found.members, noun)}")
    click.echo(f"Filter       {came.filter or 'none: every row'}")
    if came.time_zone != "UTC":
        click.echo(f"Time zone    {came.time_zone}")
    click.echo(f"Unknown      {came.unknown:,} (for these the filter could not tell)")
    click.echo(f"Snapshot     {came.snapshot}")
    click.echo(f"Created      {found.created_at:%Y-%m-%d %H:%M:%S} UTC by {came.author}")
    click.echo(f"State        {_state(opened, found) or 'not connected to a server'}")


@collection.command("send")
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


def _state(opened: Workspace, collection: Collection) -> str:
    """Return what has become of a Collection on the server; empty where none is connected."""
    found = opened.delivery(collection)
    if found is None:
        return ""
    return f"{found.state} ({found.left_out:,} left out)" if found.left_out else found.state


def _quoted(title: str) -> str:
    """Return the title as a shell takes it."""
    import shlex  # 5 ms

    return shlex.quote(title)
