"""`metaquery export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.answers import plural
from metaquery.cli.arranging import Arranged, arranging_options
from metaquery.cli.asking import Asked, filter_argument
from metaquery.cli.export_lake import export_lake
from metaquery.cli.groups import RunsItself
from metaquery.cli.options import (
    as_of_option,
    fail_empty_option,
    lake_option,
    of_the_past,
    on_option,
    open_asked,
    quiet_option,
    standard_output,
    time_zone_option,
    view_here,
    workspace_option,
)
from metaquery.cli.output import output_option, refuse_binary
from metaquery.cli.remarks import remark
from metaquery.errors import shown
from metaquery.formats import EXPORTS, format_named

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.export import Export
    from metaquery.view import View

__all__ = ["export"]


@click.command(cls=RunsItself, short_help="Write all rows that match for other programs: Parquet, Arrow, COCO, ids.")
@filter_argument
@output_option("File to write; - is standard output.", required=True)
@click.option("-f", "--format", "format_name", metavar="FORMAT", help=f"One of {', '.join(EXPORTS)}.")
@on_option
@arranging_options("Without it, all.")
@fail_empty_option
@as_of_option
@lake_option
@time_zone_option
@quiet_option
@workspace_option
def export(
    asked: Asked,
    output: Path | None,
    format_name: str | None,
    on: str,
    arranged: Arranged,
    fail_empty: bool,
    as_of: str | None,
    lake: Path | None,
    time_zone: str,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Write the rows that match EXPRESSION for other programs; all rows without one.

    As metaquery query -o, which shares its formats, but never for people: no table and no screenful, every column
    unless --select names some, and two formats more. A file of this name is replaced when the new one is whole.

    COCO (.coco.json) is a dataset of the labels that match, predictions are COCO results, and data units a dataset of
    all of them with all their labels. Ids (.txt) are one a line, as --ids reads them.

    The whole snapshot for engines such as Spark is a lake, of another command: metaquery export lake DIR.

    \b
    Examples:
      metaquery export "dark = true" -o night.parquet
      metaquery export "class = 'car'" --on labels -o cars.coco.json
      metaquery export "confidence < 0.5" --on predictions -o weak.txt
      metaquery export "city = 'Oslo'" --select title,speed --order-by "speed desc" -f csv -o -
    """
    asked.check(needed=False)
    opened = open_asked(workspace, lake, quiet=quiet, time_zone=time_zone)
    whole = view_here(opened, on, as_of)
    view = arranged.of(asked.of(whole, ordered=True))
    written = _written(view, output, format_name)
    _tell_left_out(view, written)
    if not quiet:
        asked.remark(whole)
        remark(view, _of_rows(view, written), _words(view, written))
        past = of_the_past(opened, view.snapshot)
        if past:
            click.echo(past, err=True)
    if fail_empty and not written.rows:
        click.get_current_context().exit(1)


export.add_command(export_lake)


def _written(view: View, output: Path | None, format_name: str | None) -> Export:
    if output is not None:
        return view.export(output, format_name=format_name)
    if format_name is None:
        raise click.UsageError(f"standard output has no name that says the format: give --format {'|'.join(EXPORTS)}")
    refuse_binary(format_named(format_name, EXPORTS))
    with standard_output() as out:
        return view.export(out, format_name=format_name)


def _of_rows(view: View, written: Export) -> int:
    """Return how many rows it was made of: neither an id nor an annotation is one."""
    if written.format not in {"coco", "ids"}:
        return written.rows
    matched = view.count()
    return matched if view.row_limit is None else min(matched, view.row_limit)


def _words(view: View, written: Export) -> str:
    what = {"coco": "annotation" if written.images is not None else "result", "ids": "id"}.get(
        written.format, view.relation.singular
    )
    of = "" if written.images is None else f" of {plural(written.images, 'image')}"
    where = "standard output" if written.path is None else written.path
    return (
        f"Wrote {plural(written.rows, what)}{of} to {where}: {written.format}, {plural(written.bytes, 'byte')}, "
        f"of snapshot {view.snapshot.id}."
    )


def _tell_left_out(view: View, written: Export) -> None:
    """Say what COCO has no place for, in any case."""
    noun = "label" if view.relation.name == "data" else view.relation.singular
    for what, reasons in ((noun, written.left_out), ("data unit", written.without_image)):
        if reasons:
            told = ", ".join(f"{rows:,} ({shown(reason)})" for reason, rows in reasons.items())
            verb = "left out" if what == noun else "without an image"
            click.echo(f"{plural(sum(reasons.values()), what)} {verb}: {told}.", err=True)
