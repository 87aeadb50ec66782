"""`facet_counts()`: how many rows of a query have each value of some fields, in one scan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from metaquery.errors import UsageError
from metaquery.language import DUCKDB, Query, facet_sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.schema import Field

__all__ = ["facet_counts"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def facet_counts(
    query: Query, fields: tuple[Field, ...], rows: Callable[[str, tuple[Any, ...]], list[Any]]
) -> dict[str, dict[Any, int]]:
    """Return how many matching rows have each value of each field, most first.

    Parameters
    ----------
    query
        What the rows are of.
    fields
        Which are neither lists nor points nor vectors.
    rows
        Runs SQL with parameters.

    Raises
    ------
    UsageError
        A field has no facet.
    """
    wrong = next((field for field in fields if field.type in {"LIST", "POINT", "VECTOR"}), None)
    if wrong is not None:
        raise UsageError(f"{wrong.name!r} is a {wrong.type}, which has no facet")
    sql = facet_sql(query, DUCKDB, fields)
    found: dict[str, dict[Any, int]] = {name: {} for name in sql.names[1:-1]}
    places = {(1 << len(fields)) - 1 - (1 << (len(fields) - 1 - place)): place for place in range(len(fields))}
    for bits, *values, count in sorted(rows(sql.text, sql.params), key=lambda row: -row[-1]):
        place = places[bits]
        value = values[place]
        if fields[place].type == "DATETIME" and value is not None:
            value = _EPOCH + timedelta(microseconds=value)
        found[sql.names[1 + place]][value] = count
    return found
