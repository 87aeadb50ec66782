"""`metaquery diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.asking import Asked, untyped, where_option
from metaquery.cli.keys import aligned
from metaquery.cli.options import open_here, plural, time_zone_option, workspace_option
from metaquery.cli.output import chosen_format, output_option, write_rows
from metaquery.errors import shown
from metaquery.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.diff import Diff

__all__ = ["diff"]


@click.command(short_help="Show what two snapshots differ by: units, and which fields.")
@click.argument("before", required=False, metavar="[A]")
@click.argument("after", required=False, metavar="[B]")
@where_option
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="Units to name, at most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@click.option("-f", "--format", "format_name", metavar="FORMAT", help=f"Every value, as one of {', '.join(FORMATS)}.")
@output_option("Every value, to a file.")
@time_zone_option
@workspace_option
def diff(
    before: str | None,
    after: str | None,
    where: Asked | None,
    limit: int,
    as_json: bool,
    format_name: str | None,
    output: Path | None,
    time_zone: str,
    workspace: Path | None,
) -> None:
    """Compare snapshot A with snapshot B: data units added, removed and changed, and which fields changed.

    With --where, only units that match in A or in B.

    Each is the beginning of an id or a day or time (UTC), as metaquery log shows them. Without B it is the newest
    snapshot, and without A the one before that. With --format or --output each value that differs is a row: the unit,
    the field, the value before and after; a unit that was added or removed has one row without a field.

    \b
    Examples:
      metaquery diff
      metaquery diff 2026-11-01 2026-11-24 --where "city = 'Oslo'"
      metaquery diff -o changed.csv
    """
    opened = open_here(workspace, time_zone=time_zone)
    text, params = (None, {}) if where is None else (where.text, untyped(where.params))
    if format_name is not None or output is not None:
        if as_json:
            raise click.UsageError("--json is the summary, and --format and --output are every value: give one of them")
        form = chosen_format(format_name, output)
        with opened.diff_rows(before, after, where=text, params=params) as reader:
            rows = write_rows(reader, form, output)
        if output is not None:
            click.echo(f"Wrote {plural(rows, 'value')} to {output}.", err=True)
        return
    found = opened.diff(before, after, where=text, params=params, limit=limit)
    if as_json:
        import json  # 5 ms that the other form need not pay

        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Diff) -> list[str]:
    lines = [
        f"From {found.before} to {found.after}:",
        f"{found.added:,} added, {found.removed:,} removed, {found.changed:,} changed.",
    ]
    if found.described:
        lines.append(f"{plural(found.described, 'more data unit')} changed in built-in fields alone.")
    if found.not_asked:
        lines.append(f"The filter does not fit the fields of {found.not_asked}: nothing matches there.")
    if found.fields:
        rows: list[tuple[str, ...]] = [("field", "changed", "other value", "to value", "to missing", "to invalid", "")]
        for field in found.fields:
            counts = (field.changed, field.other_value, field.to_value, field.to_missing, field.to_invalid)
            rows.append((field.field, *(f"{n:,}" for n in counts), "retyped: texts compared" if field.retyped else ""))
        lines += ["", *aligned(rows, numbers={1, 2, 3, 4, 5})]
    if found.units:
        lines += ["", *(f"{unit.change:<9}  {unit.data_hash}  {shown(unit.title or '–')}" for unit in found.units)]
        rest = found.added + found.removed + found.changed + found.described - len(found.units)
        lines += [f"… and {rest:,} more; --limit shows them."] if rest else []
    return lines
