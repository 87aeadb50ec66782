"""`metaquery facet`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.asking import Asked, search_option, where_option
from metaquery.cli.exploring import Telling, Way, explored_options
from metaquery.cli.options import on_option

if TYPE_CHECKING:
    from metaquery.facets import Facet

__all__ = ["facet"]

_COLUMNS = {
    "field": "string", "kind": "string", "label": "string", "value": "string", "end": "string", "rows": "int64",
    "filter": "string",
}  # fmt: skip


@click.command(short_help="Count values of fields, in bars; what is missing and invalid, too.")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@where_option
@search_option
@on_option
@click.option("--top", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Values of a text, at most.")
@click.option(
    "--bins", type=click.IntRange(2, 10_000), default=20, show_default=True, help="Bins of a number, at most."
)
@explored_options("bar")
def facet(
    keys: tuple[str, ...],
    where: Asked | None,
    searched: tuple[str, ...],
    on: str,
    top: int,
    bins: int,
    telling: Telling,
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
    view = replace(where or Asked(None), searched=searched).of(telling.rows(on))
    telling.tell(view, lambda: view.facets(*keys, top=top, bins=bins), _BARS)


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


def _lines(facets: list[Facet], _zone: str, width: int) -> list[str]:
    from metaquery.cli.bars import facet_lines  # only who looks pays for it

    return facet_lines(facets, width)


_BARS: Way[Facet] = Way("facets", "bar", _COLUMNS, _records, _lines)
