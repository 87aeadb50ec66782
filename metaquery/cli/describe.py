"""`metaquery describe`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from metaquery.cli.asking import filter_argument
from metaquery.cli.exploring import Telling, Way, explored_options
from metaquery.cli.options import on_option
from metaquery.errors import shown
from metaquery.formats.numbers import number_shown

if TYPE_CHECKING:
    from metaquery.cli.asking import Asked
    from metaquery.description import Description

__all__ = ["describe"]

_COLUMNS = {
    "field": "string", "type": "string", "inferred": "bool", "matched": "int64", "known": "int64", "filled": "double",
    "missing": "int64", "invalid": "int64", "distinct": "int64", "exact": "bool", "least": "string",
    "greatest": "string", "top": "string",
}  # fmt: skip

_HEAD = ("field", "type", "filled", "missing", "invalid", "distinct", "range")

_NUMBERS = range(2, 6)
"""Places of the columns that are set to the right."""

_CELL = 30
"""Columns of a name and of a value at most."""


@click.command(short_help="Show of each key how full it is, its range and its values.")
@filter_argument
@on_option
@click.option(
    "--select", "--fields", "select", metavar="FIELDS", help="Fields, separated by commas; else all client metadata."
)
@click.option("--built-in", is_flag=True, help="Built-in fields, too.")
@click.option("--top", type=click.IntRange(1, 10_000), default=5, show_default=True, help="Values of a field, at most.")
@explored_options("field")
def describe(asked: Asked, on: str, select: str | None, built_in: bool, top: int, telling: Telling) -> None:
    """Show of each key, over the rows that match EXPRESSION: type, how full it is, distinct values, range, top values.

    A number of distinct values behind ≈ is estimated: there are more than 10,000, and they are not counted.

    \b
    Examples:
      metaquery describe
      metaquery describe "dark" --select city,speed --top 3
      metaquery describe --built-in -o fields.csv
    """
    asked.check(needed=False)
    view = asked.of(telling.rows(on))
    telling.tell(view, lambda: view.describe(*([select] if select else []), top=top, built_in=built_in), _FIELDS)


def _at(each: Description, zone: str) -> Description:
    """Return a description with the instants on the clock of a time zone."""
    if each.type != "DATETIME":
        return each

    def local(value: Any) -> Any:
        try:
            return value.astimezone(ZoneInfo(zone))
        except OverflowError:  # the first and the last day that there are
            return value

    least, greatest = (None if end is None else local(end) for end in (each.least, each.greatest))
    return replace(each, least=least, greatest=greatest, top=tuple((local(value), rows) for value, rows in each.top))


def _record(each: Description) -> dict[str, Any]:
    import json  # 5 ms that people's form need not pay

    held = each.to_json()
    least, greatest = (None if held[end] is None else str(held[end]) for end in ("least", "greatest"))
    return {**held, "least": least, "greatest": greatest, "top": json.dumps(held["top"], ensure_ascii=False)}


def _records(found: list[Description]) -> list[dict[str, Any]]:
    return [_record(each) for each in found]


def _lines(found: list[Description], zone: str, width: int) -> list[str]:
    """Return a line a field; where the screen is narrow, range and values stand below it."""
    from metaquery.cli.bars import columns, cut  # only who looks pays for it

    found = [_at(each, zone) for each in found]

    rows = [_HEAD, *(tuple(cut(cell, _CELL) for cell in _cells(each)) for each in found)]
    wide = sum(max(columns(row[place]) for row in rows) + 2 for place in range(len(_HEAD))) + _CELL <= width
    shown_in = range(len(_HEAD) if wide else len(_HEAD) - 1)
    widths = [max(columns(row[place]) for row in rows) for place in shown_in]
    lines = []
    for row, each in zip(rows, [None, *found], strict=True):
        cells = []
        for place in shown_in:
            gap = " " * (widths[place] - columns(row[place]))
            cells.append(gap + row[place] if place in _NUMBERS else row[place] + gap)
        top = "" if each is None else _top(each)
        if wide:
            cells.append(top if each else "top values")
        lines.append(cut("  ".join(cells).rstrip(), width))
        below = [] if each is None or wide else [text for text in (row[-1], top) if text not in {"", "–"}]
        if below:
            lines.append(cut(f"    {': '.join(below)}", width))
    return lines


def _cells(each: Description) -> tuple[str, ...]:
    """Return the cells of a field, its values not among them."""
    distinct = "–" if each.distinct is None else f"{'' if each.exact else '≈ '}{each.distinct:,}"
    range_ = "–" if each.least is None else f"{_end(each.least)} – {_end(each.greatest)}"
    kind = f"{each.type} (inferred)" if each.inferred else each.type
    numbers = (f"{100 * each.filled:.1f} %", f"{each.missing:,}", f"{each.invalid:,}")
    return (shown(each.field), kind, *numbers, distinct, range_)


def _top(each: Description) -> str:
    from metaquery.cli.bars import cut, seen

    return ", ".join(f"{cut(seen(_text(value)), _CELL)} ({rows:,})" for value, rows in each.top)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):  # counted as the instant that it is: its day may have more rows
        at_midnight = value.time() == time.min
        return value.date().isoformat() if at_midnight else value.replace(tzinfo=None).isoformat(" ")
    return number_shown(value) if isinstance(value, float) else str(value)


def _end(value: Any) -> str:
    """Return an end of a range; of instants the day is enough."""
    return value.date().isoformat() if isinstance(value, datetime) else _text(value)


_FIELDS: Way[Description] = Way("fields", "field", _COLUMNS, _records, _lines)
