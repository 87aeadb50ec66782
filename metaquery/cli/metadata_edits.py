"""`metaquery metadata set`, `import`, `undo`, `resume` and `log`: edits, each shown before it is applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from metaquery.cli.asking import Asked, where_option
from metaquery.cli.options import confirmed, open_here, plural, quiet_option, workspace_option, yes_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from metaquery.edits import EditPlan

__all__ = ["import_metadata", "list_edits", "resume_edit", "set_metadata", "undo_edit"]

Command = TypeVar("Command", bound=Callable[..., Any])


def _applied(command: Command) -> Command:
    """Add the options of what shows a plan and applies it."""
    for option in (
        click.option("-n", "--dry-run", is_flag=True, help="Show what would be written, and send nothing."),
        click.option("--force", is_flag=True, help="Write units, too, that changed on the server since the last sync."),
        click.option("--json", "as_json", is_flag=True, help="With --dry-run, the plan as one JSON object."),
        yes_option,
        quiet_option,
        workspace_option,
    ):
        command = option(command)
    return command


@click.command("set", short_help="Set, remove or replace keys of one data unit, or of all that match a filter.")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE | JSON]...")
@click.option("--unit", metavar="INDEX|HASH|TITLE", help="One data unit; an index needs --dataset.")
@click.option("--dataset", metavar="TITLE|HASH", help="The dataset of --unit.")
@where_option
@click.option("--remove", multiple=True, metavar="KEY", help="A key that is to go; may be given again.")
@click.option("--replace", is_flag=True, help="Remove every key that is not named.")
@_applied
def set_metadata(
    values: tuple[str, ...], unit: str | None, dataset: str | None, where: Asked | None, remove: tuple[str, ...],
    replace: bool, workspace: Path | None, **how: Any,
) -> None:  # fmt: skip
    """Set keys, by KEY=VALUE or a JSON object; other keys stay, unless --replace is given.

    A VALUE is read by the key's type in the metadata schema: a text as it stands, a number, true or false, a date.
    Under a key that the schema does not have, what is JSON is taken as such, and all else as a text.

    \b
    Examples:
      metaquery metadata set --unit 3 --dataset "Street scenes north" '{"my": "metadata"}'
      metaquery metadata set --where "city = 'Oslo'" dark=true --remove note --dry-run
    """
    opened = open_here(workspace)
    edits = opened.metadata
    matching = None if where is None else where.written(opened.data)
    changed = _values(values, edits.fitting.cell)
    _shown_and_applied(
        edits.set(changed, unit=unit, dataset=dataset, where=matching, remove=remove, replace=replace), **how
    )


@click.command("import", short_help="Set keys from a file: NDJSON, CSV or Parquet, a data unit a row.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--match",
    type=click.Choice(["data_hash", "title", "index"]),
    help="The column that names the unit; else the first.",
)
@click.option("--dataset", metavar="TITLE|HASH", help="Of the titles or indices.")
@click.option("--replace", is_flag=True, help="Remove every key that a row does not name.")
@_applied
def import_metadata(
    file: Path, match: str | None, dataset: str | None, replace: bool, workspace: Path | None, **how: Any
) -> None:
    """Set keys from FILE; every value is checked against the metadata schema before anything is sent.

    A row names its data unit by data_hash, title or index. It has client_metadata, an object, or a column a key; an
    empty cell says nothing of its key.

    \b
    Example:
      metaquery metadata import corrections.csv --dry-run
    """
    _shown_and_applied(
        open_here(workspace).metadata.import_file(file, match=match, dataset=dataset, replace=replace), **how
    )


@click.command("undo", short_help="Put back what was there before an edit.")
@click.argument("edit", required=False, metavar="[ID]")
@_applied
def undo_edit(edit: str | None, workspace: Path | None, **how: Any) -> None:
    """Put back what was there before edit ID, or before the last one, byte for byte.

    \b
    Example:
      metaquery metadata undo
    """
    _shown_and_applied(open_here(workspace).metadata.undo(edit), **how)


@click.command("resume", short_help="Go on with an edit that was interrupted.")
@click.argument("edit", required=False, metavar="[ID]")
@_applied
def resume_edit(edit: str | None, workspace: Path | None, **how: Any) -> None:
    """Go on with edit ID, or with the last one that was interrupted; so does the same command, given again.

    \b
    Example:
      metaquery metadata resume
    """
    _shown_and_applied(open_here(workspace).metadata.resume(edit), **how)


@click.command("log", short_help="List the edits.")
@workspace_option
def list_edits(workspace: Path | None) -> None:
    """List the edits, newest first: when, what, how it went.

    \b
    Example:
      metaquery metadata log
    """
    edits = open_here(workspace).metadata.log()
    for edit in edits:
        rest = [
            f"{count:,} {what}" for count, what in ((edit.conflicts, "in conflict"), (edit.failed, "failed")) if count
        ]
        told = ", ".join([f"{edit.written:,} written", *rest])
        click.echo(f"{edit.id}  {edit.time[:16].replace('T', ' ')}  {edit.state}: {told}  {edit.words[:100]}")
    if not edits:
        click.echo("There are no edits yet. Next: metaquery metadata set --where FILTER key=value", err=True)


def _shown_and_applied(plan: EditPlan, *, dry_run: bool, force: bool, as_json: bool, yes: bool, quiet: bool) -> None:
    if dry_run and as_json:
        click.echo(json.dumps(plan.to_json(), ensure_ascii=False))
        return
    click.echo(plan.describe())
    if dry_run:
        click.echo("Nothing was sent.")
        return
    if not plan.targets:
        return
    if not confirmed(f"Write {plural(plan.writes, 'data unit')}?", yes=yes):
        click.echo("Nothing was sent.")
        return
    with Reporter(quiet=quiet) as reporter:
        report = plan.apply(force=force, progress=reporter.members, stage=reporter.stage)
    click.echo(report.describe())
    if not report.complete:
        click.get_current_context().exit(1)


def _values(given: tuple[str, ...], cell: Callable[[str, str], bytes]) -> dict[str, Any]:
    """Read `key=value` and JSON objects; a value that is written twice is a mistake."""
    import msgspec  # a listing needs none

    found: dict[str, Any] = {}
    for text in given:
        if text.lstrip().startswith("{"):
            try:
                members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            except (msgspec.DecodeError, UnicodeError) as error:
                raise click.UsageError(f"{text[:60]!r} is no JSON object: {error}") from None
        else:
            key, equals, value = text.partition("=")
            if not equals or not key:
                raise click.UsageError(f"{text[:60]!r} is neither KEY=VALUE nor a JSON object.")
            members = {key: msgspec.Raw(cell(key, value))}
        twice = next((key for key in members if key in found), None)
        if twice is not None:
            raise click.UsageError(f"{twice!r} is given twice.")
        found |= members
    return found
