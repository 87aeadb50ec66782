"""`places_sql()` and `placed_sql()`: the rows of a query in two steps, so that a page in the middle costs no sort.

The first gives the place of every matching row in its table, in order; the second the rows at a few places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language.query import Query
from metaquery.language.sql import column_labels, order_text, plain_column, statement, where_text, writer_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.dialects import Dialect
    from metaquery.language.sql import Sql
    from metaquery.schema import Field, Relation

__all__ = ["placed_sql", "places_sql"]


def places_sql(query: Query, dialect: Dialect) -> Sql:
    """Return the statement for the places of a query's rows in their table, in its order; one column of integers.

    Without an order they ascend, as the store has the rows.
    """
    writer, source = writer_for(query, dialect, ())
    place = writer.say("place in table", writer.row)
    text = f"SELECT {place} FROM {source}{where_text(query, writer)}"  # noqa: S608  # names quoted, values bound
    if query.order:
        text += order_text(query, writer)
    elif writer.row:  # a plain scan of a table keeps its order; what joins need not
        text += f" ORDER BY {place}"
    if query.limit is not None:
        text += f" LIMIT {writer.param(query.limit)}"
    return statement(text, writer, ("place",))


def placed_sql(relation: Relation, dialect: Dialect, places: Sequence[int], columns: tuple[Field, ...]) -> Sql:
    """Return the statement for the rows at some places, in no order: the place, then the columns."""
    writer, source = writer_for(Query(relation), dialect, columns, qualified=True)
    place = writer.say("place in table", writer.row)
    names = column_labels(columns)
    shown = [
        f"{writer.column(plain_column(field))} AS {dialect.quote(name)}"
        for field, name in zip(columns, names, strict=True)
    ]
    there = writer.say("in many places", place, writer.param(list(places)))
    text = f"SELECT {', '.join([f'{place} AS place', *shown])} FROM {source} WHERE {there}"  # noqa: S608  # as above
    return statement(text, writer, ("place", *names))
