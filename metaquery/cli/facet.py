"""`metaquery facet`."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metaquery.answers import asked_and_when, asked_of, plural
from metaquery.cli.asking import where_option
from metaquery.cli.options import (
    as_of_option,
    of_the_past,
    on_option,
    open_here,
    quiet_option,
    time_zone_option,
    view_here,
    workspace_option,
)
from metaquery.cli.output import chosen_format, write_lines, write_records
from metaquery.formats import FORMATS

if TYPE_CHECKING:
    from metaquery.cli.asking import Asked
    from metaquery.facets import Facet

__all__ = ["facet"]

_COLUMNS = {
    "field": "string", "kind": "string", "label": "string", "value": "string", "end": "string", "rows": "int64",
    "filter": "string",
}  # fmt: skip


@click.command(short_help="Count values of fields, in bars; what is missing and invalid, too.")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@where_option
@on_option
@click.option("--top", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Values of a text, at most.")
@click.option(
    "--bins", type=click.IntRange(2, 10_000), default=20, show_default=True, help="Bins of a number, at most."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@click.option("-f", "--format", "format_name", metavar="FORMAT", help=f"A row a bar, as one of {', '.join(FORMATS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@as_of_option
@time_zone_option
@quiet_option
@workspace_option
def facet(
    keys: tuple[str, ...],
    where: Asked | None,
    on: str,
    top: int,
    bins: int,
    as_json: bool,
    format_name: str | None,
    output: Path | None,
    as_of: str | None,
    time_zone: str,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Count the rows that match by the values of each KEY: a field, or several separated by commas.

    Texts and booleans are counted by value, numbers and dates in bins, lists by element. What is missing and what does
    not fit its type are rows of their own. In CSV and JSON each count has the filter that it stands for.

    \b
    Examples:
      metaquery facet city weather
      metaquery facet captured_at --where "dark" --time-zone Europe/Oslo
      metaquery facet class,confidence --on predictions --top 5 -o classes.csv
    """
    if as_json and (format_name is not None or output is not None):
        raise click.UsageError("--json is one object, and --format and --output are a row a bar: give one of them")
    form = chosen_format(format_name, output)
    opened = open_here(workspace, quiet=quiet, time_zone=time_zone)
    whole = view_here(opened, on, as_of)
    view = whole if where is None else where.of(whole)
    started = time.perf_counter()
    facets = list(view.facets(*keys, top=top, bins=bins).values())
    tally = view.counts()
    seconds = time.perf_counter() - started
    if as_json:
        import json  # 5 ms that the other forms need not pay

        counted = {**asked_of(view, tally), "facets": [each.to_json() for each in facets]}
        click.echo(json.dumps(counted, ensure_ascii=False))
    elif not form.for_people:
        write_records(_records(facets), _COLUMNS, form, output)
    else:
        from metaquery.cli.bars import facet_lines  # only who looks pays for it

        head = [] if quiet else [*asked_and_when(view, tally, seconds), ""]
        write_lines([*head, *facet_lines(facets, shutil.get_terminal_size().columns)], output)
    past = of_the_past(opened, view.snapshot)
    if past and not quiet:
        click.echo(past, err=True)
    if output is not None and not quiet:
        click.echo(f"Wrote {plural(sum(len(each.bars) for each in facets), 'bar')} to {output}.", err=True)


def _records(facets: list[Facet]) -> list[dict[str, Any]]:
    records = []
    for each in facets:
        for bar in each.bars:
            held = bar.to_json()
            value, end = (None if held[part] is None else _text(held[part]) for part in ("value", "end"))
            records.append({**held, "field": each.field, "value": value, "end": end})
    return records


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
