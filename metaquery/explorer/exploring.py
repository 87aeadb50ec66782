"""Counts, facets, and rows of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.answers import invalid_values, misfit_lines
from metaquery.errors import FilterError
from metaquery.explorer.asking import Asked
from metaquery.explorer.failures import filter_error
from metaquery.formats.cells import rows as cells
from metaquery.paged import MOST_ROWS

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk
    from metaquery.schema import Field
    from metaquery.view import View

__all__ = ["column", "counts", "facets", "ids", "rows"]

_PAGE = 50
_MOST_SHOWN = 1_000
"""Rows of a page at most; more is for downloads."""

_EVERYTHING = 2**62


def counts(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return what became of every row, and why nothing matches where nothing does.

    Of a draft, which is asked before anybody knows whether it is a filter, what is wrong with it is an answer, too.
    """
    try:
        view = Asked.of(given).rows(desk)
    except FilterError as error:
        if not given.text("draft"):
            raise
        return {"error": filter_error(error)}
    tally = view.counts()
    remarks = [*filter(None, [tally.describe_unknown()]), *invalid_values(view, tally)]
    return {
        "snapshot": view.snapshot.id,
        "relation": view.relation.name,
        "canonical": view.canonical,
        **tally.to_json(),
        "remarks": remarks,
        "why_nothing": [] if tally.matched else [*view.why_nothing(), *misfit_lines(view)],
    }


def facets(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return the bars of each key, counted without the key's own clauses, each with the filter after a click."""
    asked = Asked.of(given)
    view = asked.searched(desk)
    found = view.crossfilter(asked.filter).facets(
        *given.names("keys"),
        top=given.number("top", 20, least=1, most=1_000),
        bins=given.number("bins", 20, least=2, most=1_000),
        find=given.text("find") or None,
    )
    return {"snapshot": view.snapshot.id, "facets": [facet.to_json() for facet in found.values()]}


def rows(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return a page of rows, in order, each with its key."""
    view = Asked.of(given).view(desk)
    offset = given.number("offset", 0, most=_EVERYTHING)
    limit = given.number("limit", _PAGE, least=1, most=_MOST_SHOWN)
    pages = desk.paged(view)
    keys = view.key_columns
    found = pages.rows((*keys, *view.columns), offset=offset, limit=limit)
    if not pages.prepared:
        desk.prepare(pages)
    read = [list(row.values()) for batch in _numbered(found).to_batches() for row in cells(batch)]
    return {
        "snapshot": view.snapshot.id,
        "total": len(pages),
        "offset": offset,
        "columns": [column(view, field) for field in view.columns],
        "key": [field.name for field in keys],
        "keys": [row[: len(keys)] for row in read],
        "rows": [row[len(keys) :] for row in read],
    }


def ids(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return the keys of a range of rows: what a selection from one row to another holds."""
    view = Asked.of(given).rows(desk)
    view = view.order_by(given.text("order")) if given.text("order").strip() else view
    offset = given.number("offset", 0, most=_EVERYTHING)
    limit = given.number("limit", MOST_ROWS, least=1, most=MOST_ROWS)
    pages = desk.paged(view)
    found = _numbered(pages.rows(view.key_columns, offset=offset, limit=limit))
    return {
        "snapshot": view.snapshot.id,
        "total": len(pages),
        "offset": offset,
        "key": [field.name for field in view.key_columns],
        "keys": [list(row.values()) for row in found.to_pylist()],
    }


def column(view: View, field: Field) -> dict[str, Any]:
    """Return what the page has to know of a field: `ref` is how filters, orders and columns name it."""
    return {
        "name": field.name,
        "ref": view.name_of(field),
        "qualifier": field.qualifier,
        "type": field.type,
        "inferred": field.inferred,
    }


def _numbered(table: Any) -> Any:
    """Return a table whose columns have names that differ: rows become dicts on the way."""
    return table.rename_columns([str(place) for place in range(table.num_columns)])
