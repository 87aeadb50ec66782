"""`metaquery collection pull`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.collection_send import failed_to_option
from metaquery.cli.options import open_here, plural, workspace_option
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.push import Pulled

__all__ = ["pull"]

_SHOWN = 5


@click.command("pull")
@click.argument("titles", nargs=-1, metavar="[TITLE]...")
@click.option("--folder", metavar="NAME", help="Only Collections of this top-level folder.")
@click.option("--project", metavar="TITLE", help="Collections of frames or labels of this project.")
@click.option("--replace", is_flag=True, help="Replace Collections here of the same titles.")
@failed_to_option
@workspace_option
def pull(
    titles: tuple[str, ...],
    folder: str | None,
    project: str | None,
    replace: bool,
    failed_to: Path | None,
    workspace: Path | None,
) -> None:
    """Bring Collections of the server here, with their members as they are there now.

    Members are found by their storage items, or by data hash in a project. Those that the snapshot does not have are
    counted and named, with exit code 1. What was pulled can be changed here and sent back.

    \b
    Examples:
      metaquery collection pull
      metaquery collection pull "Night drives" --replace
      metaquery collection pull --project "Street scenes"
    """
    if folder is not None and project is not None:
        raise click.UsageError("A Collection is in a folder or in a project: give --folder or --project.")
    pulled = open_here(workspace).pushes.pull(titles, folder=folder, project=project, replacing=replace)
    if not pulled:
        click.echo("There are no Collections on the server.", err=True)
    for found in pulled:
        _tell(found)
    unknown = [failure for found in pulled for failure in found.unknown]
    if failed_to is not None:
        from metaquery.push import write_failures  # loaded by now

        write_failures(unknown, failed_to)
    if unknown:
        click.get_current_context().exit(1)


def _tell(found: Pulled) -> None:
    made = found.collection
    noun = RELATIONS[made.relation].singular
    click.echo(f"Pulled {made.title!r}: {plural(made.members, noun)}, from {', '.join(found.places)}.")
    if found.unknown:
        names = [failure.member for failure in found.unknown]
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        count = f"{len(names):,} of its members there {'is' if len(names) == 1 else 'are'}"
        click.echo(f"{count} not in the snapshot: {', '.join(names[:_SHOWN])}{more}. Next: metaquery sync", err=True)
