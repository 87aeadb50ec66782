"""`to_sql()` and its kin: `Query` → SQL of one dialect, with every value a parameter."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.language import query
from metaquery.language.canonical import unsure_fields
from metaquery.language.expressions import Expressions, has_subquery, is_of_unit, of_unit
from metaquery.language.query import Column, Predicate, Query, Value
from metaquery.schema import DATA, LABELS, PREDICTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.dialects import Dialect, Param
    from metaquery.schema import Field

__all__ = [
    "Sql", "Tally", "clauses_sql", "column_labels", "conjuncts", "count_sql", "days_sql", "key_sql", "order_text",
    "plain_column", "statement", "tally_sql", "to_sql", "values_sql", "where_text", "writer_for",
]  # fmt: skip

_CLAUSES = 30
"""How many clauses are counted apart; what more there are is one."""


_HOLDERS = {relation.qualifier: relation for relation in (DATA, LABELS, PREDICTIONS)}
"""Relations by the qualifier of their own fields; client metadata is held by the units."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement.

    Attributes
    ----------
    text
        With placeholders for `params`.
    params
        In the order of the placeholders.
    names
        Names of the columns of the result, in order.
    """

    text: str
    params: tuple[Param, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """A statement that counts, and what its one row means.

    Attributes
    ----------
    sql
        Its columns: matched, unknown, total; then one a field, in the order of `fields`.
    fields
        What rows may be unknown for. A field's column counts the rows that are unknown and have no value in it.
    """

    sql: Sql
    fields: tuple[Field, ...]


def to_sql(query: Query, dialect: Dialect, *, columns: tuple[Field, ...]) -> Sql:
    """Return the statement for the rows of a query, in its order, ties broken by the relation's key.

    Without an order and a limit, rows come as the store has them: dataset by dataset, by their index.

    Parameters
    ----------
    query
        What to select.
    dialect
        How to say it.
    columns
        What to return of each row; a column has the field's name, or with its qualifier where names collide.
    """
    names = tuple(column_labels(columns))
    renamed = any(label != field.column for label, field in zip(names, columns, strict=True))
    writer, source = writer_for(query, dialect, columns, qualified=renamed)
    read = [writer.column(plain_column(field)) for field in columns]
    shown = [
        f"{text} AS {dialect.quote(name)}" if renamed or field.name == "tags" else text
        for text, field, name in zip(read, columns, names, strict=True)
    ]
    ordered = bool(query.order) or query.limit is not None  # else the store's own order, the datasets', for nothing
    return _selection(query, writer, source, read, shown, names, ordered=ordered)


def count_sql(query: Query, dialect: Dialect) -> Sql:
    """Return the statement for the number of matching rows, whatever the limit: one row, one column."""
    writer, source = writer_for(query, dialect, ())
    return statement(f"SELECT count(*) FROM {source}{where_text(query, writer)}", writer, ("matched",))  # noqa: S608  # names quoted, values bound


def key_sql(query: Query, dialect: Dialect) -> Sql:
    """Return the statement for the keys of the matching rows; in no order unless the query has a limit."""
    writer, source = writer_for(query, dialect, ())
    keys = [writer.row + dialect.quote(name) if name != "data_hash" else writer.unit for name in query.relation.key]
    return _selection(query, writer, source, keys, keys, query.relation.key, ordered=query.limit is not None)


def _selection(  # noqa: PLR0917  # what a SELECT has, in its order
    asked: Query,
    writer: Expressions,
    source: str,
    read: Sequence[str],
    shown: Sequence[str],
    names: tuple[str, ...],
    *,
    ordered: bool,
) -> Sql:
    """Return the statement for some columns of the matching rows, as they are read and as they are shown."""
    rows = f"{source}{where_text(asked, writer)}"
    if ordered and _sorts_by_subqueries(asked, writer):
        text = _sorted_outside(read, names, rows, asked, writer)
    else:
        order = order_text(asked, writer) if ordered else ""
        text = f"SELECT {', '.join(shown)} FROM {rows}{order}"  # noqa: S608  # names quoted, values bound
    if asked.limit is not None:
        text += f" LIMIT {writer.say('limit', writer.param(asked.limit))}"
    return statement(text, writer, names)


def values_sql(field: Field, dialect: Dialect, *, most: int, time_zone: str, share: float | None = None) -> Sql:
    """Return the statement for the values of a field and how many rows have each, most first, ties by the value.

    Parameters
    ----------
    field
        A field of any relation, neither POINT nor VECTOR. Of a LIST it is the elements, of a DATETIME the days.
    dialect
        How to say it.
    most
        How many values at most.
    time_zone
        Of the days.
    share
        How many of a hundred rows are read, by chance; None reads all.
    """
    writer, source = writer_for(Query(_HOLDERS.get(field.qualifier, DATA)), dialect, (field,))
    value = writer.column(plain_column(field))
    if field.type == "DATETIME":
        value = writer.say("day of", value, writer.param(time_zone))
    elif field.type == "LIST":
        value = writer.say("elements", value)
    if share is not None:
        source = writer.say("sample", source, f"{share:.4f}")
    known = writer.say("is not null", "p")
    inner = f"SELECT {value} AS p FROM {source}"  # noqa: S608  # names quoted, values bound
    order = f"{writer.say('desc', 'count(*)')}, {writer.say('asc', 'p')}"
    text = f"SELECT p, count(*) FROM ({inner}) AS rows_ WHERE {known} GROUP BY p ORDER BY {order}"  # noqa: S608
    return statement(f"{text} LIMIT {writer.param(most)}", writer, ("value", "rows"))


def days_sql(field: Field, dialect: Dialect, *, time_zone: str) -> Sql:
    """Return the statement for the first and the last day of a DATETIME, one row; NULL where no row has a value."""
    writer, source = writer_for(Query(_HOLDERS.get(field.qualifier, DATA)), dialect, (field,))
    column = writer.column(plain_column(field))
    ends = [writer.say("day of", writer.say(end, column), writer.param(time_zone)) for end in ("least", "greatest")]
    return statement(f"SELECT {', '.join(ends)} FROM {source}", writer, ("first", "last"))  # noqa: S608


def tally_sql(query: Query, dialect: Dialect) -> Tally:
    """Return the statement that counts matching, unknown and all rows in one scan, and the unknown ones by field.

    Fields that stand only where nothing is unknown are not reported.
    """
    fields = () if query.where is None else unsure_fields(query.where)
    writer, source = writer_for(query, dialect, fields)
    condition = dialect.say("true") if query.where is None else writer.value(query.where)
    gaps = [f"{dialect.say('is null', writer.column(plain_column(f)))} AS g{i}" for i, f in enumerate(fields)]
    inner = f"SELECT {', '.join((f'({condition}) AS p', *gaps))} FROM {source}"  # noqa: S608  # names quoted, values bound
    unknown = dialect.say("is null", "p")
    counts = [dialect.say("tally", "p"), dialect.say("tally", unknown), "count(*)"]
    counts += [dialect.say("tally", f"{unknown} AND g{i}") for i in range(len(fields))]
    text = f"SELECT {', '.join(counts)} FROM ({inner}) AS rows_"  # noqa: S608  # names quoted, values bound
    names = ("matched", "unknown", "total", *column_labels(fields))
    return Tally(statement(text, writer, names), fields)


def conjuncts(where: Predicate) -> tuple[Predicate, ...]:
    """Return the conditions that the outermost `and` of a filter joins, at most `_CLAUSES`: the last has the rest."""
    found: list[Predicate] = []
    waiting = [where]
    while waiting:
        node = waiting.pop()
        if isinstance(node, query.And):
            waiting.extend(reversed(node.args))
        else:
            found.append(node)
    rest = found[_CLAUSES - 1 :]
    return (*found[: _CLAUSES - 1], query.And(tuple(rest)) if len(rest) > 1 else rest[0]) if rest else tuple(found)


def clauses_sql(asked: Query, dialect: Dialect) -> Sql:
    """Return the statement that counts for each clause of a filter, in one scan and one row, three numbers.

    How many rows it matches, for how many it is unknown, and how many it and all clauses before it match. The query has
    a filter.
    """
    parts = () if asked.where is None else conjuncts(asked.where)
    writer, source = writer_for(asked, dialect, ())
    marks = [f"p{i}" for i in range(len(parts))]
    tests = ", ".join([f"({writer.value(part)}) AS {mark}" for part, mark in zip(parts, marks, strict=True)])
    counts = [
        dialect.say("tally", test)
        for i, mark in enumerate(marks)
        for test in (mark, dialect.say("is null", mark), " AND ".join(marks[: i + 1]))
    ]
    text = f"SELECT {', '.join(counts)} FROM (SELECT {tests} FROM {source}) AS rows_"  # noqa: S608  # names quoted, values bound
    names = tuple(f"{what} {i}" for i in range(len(parts)) for what in ("matched", "unknown", "remaining"))
    return statement(text, writer, names)


def statement(text: str, writer: Expressions, names: tuple[str, ...]) -> Sql:
    """Return a statement, with its placeholders in place and its parameters in their order."""
    return Sql(*writer.dialect.place(text, writer.params), names)


def plain_column(field: Field) -> Column:
    """Return a field as a value of a query."""
    from metaquery.language.syntax import Field as Name

    return Column(field, Name(field.qualifier, field.name))


def column_labels(columns: tuple[Field, ...]) -> list[str]:
    """Return a name for each column, no two alike: the field's, with its qualifier where names collide.

    A key may be called what another one is called with its qualifier: beside `meta.title`, the key `title`, the key
    that is called `meta.title` is `meta.meta.title`.
    """
    names = Counter(field.name.casefold() for field in columns)
    bare = {place for place, f in enumerate(columns) if f.name and names[f.name.casefold()] == 1}
    while True:
        labels = [f.name if place in bare else f"{f.qualifier}.{f.name}" for place, f in enumerate(columns)]
        taken = Counter(labels)
        shared = {place for place in bare if taken[labels[place]] > 1}
        if not shared:
            return labels
        bare -= shared


def writer_for(
    asked: Query, dialect: Dialect, columns: tuple[Field, ...], *, qualified: bool = False
) -> tuple[Expressions, str]:
    """Return a writer for a query's expressions, and what stands after FROM."""
    table = dialect.quote(asked.relation.name)
    values = [key.key for key in asked.order] + ([] if asked.where is None else [asked.where])
    joined = asked.relation is not DATA and (any(map(of_unit, values)) or any(map(is_of_unit, columns)))
    nested = any(map(has_subquery, values)) or any(f.name == "tags" and f.qualifier == "unit" for f in columns)
    if not (joined or nested or qualified or dialect.qualifies):
        return Expressions(dialect, row="", unit_row="", unit=dialect.quote("data_hash")), table
    if asked.relation is DATA:
        return Expressions(dialect, row="u.", unit_row="u.", unit=f"u.{dialect.quote('data_hash')}"), f"{table} AS u"
    source = f"{table} AS r"
    if joined:
        source += f" LEFT JOIN {dialect.quote(DATA.name)} AS u ON u.unit = r.unit"
    return Expressions(dialect, row="r.", unit_row="u.", unit=f"r.{dialect.quote('data_hash')}"), source


def where_text(asked: Query, writer: Expressions) -> str:
    """Return the clause of a query's condition, nothing where it has none."""
    return "" if asked.where is None else f" WHERE {writer.condition(asked.where)}"


def order_text(asked: Query, writer: Expressions) -> str:
    """Return the clause of a query's order, ties broken by the relation's key."""
    keys = [writer.say(direction, key) if direction else key for direction, key in _order_keys(asked, writer)]
    return f" ORDER BY {', '.join(keys)}"


def _sorts_by_subqueries(asked: Query, writer: Expressions) -> bool:
    """Whether a query sorts by a subquery where the engine cannot."""
    return not writer.dialect.sorts_by_subqueries and any(has_subquery(key.key, lists=True) for key in asked.order)


def _sorted_outside(columns: Sequence[str], names: Sequence[str], rows: str, asked: Query, writer: Expressions) -> str:
    """Write the columns of rows, sorted by what an inner SELECT has worked out."""
    quote = writer.dialect.quote
    keys = _order_keys(asked, writer)
    inner = [f"{text} AS c{place}" for place, text in enumerate((*columns, *(key for _, key in keys)))]
    shown = [f"c{place} AS {quote(name)}" for place, name in enumerate(names)]
    places = [(direction, f"c{place}") for place, (direction, _) in enumerate(keys, start=len(columns))]
    order = [writer.say(direction, place) if direction else place for direction, place in places]
    read = f"SELECT {', '.join(inner)} FROM {rows}"  # noqa: S608  # names quoted, values bound
    return f"SELECT {', '.join(shown)} FROM ({read}) AS rows_ ORDER BY {', '.join(order)}"  # noqa: S608


def _order_keys(asked: Query, writer: Expressions) -> list[tuple[str | None, str]]:
    """Return what rows are sorted by, each with its direction; None for the relation's own keys."""
    keys: list[tuple[str | None, str]] = []
    for key in asked.order:
        if _is_fixed(key.key):
            continue  # it orders nothing, and DuckDB takes neither a parameter nor a literal there
        direction = ("desc" if key.descending else "asc") + " nulls first" * key.nulls_first
        text = writer.value(key.key)
        if text not in {writer.say("true"), writer.say("false")}:
            keys.append((direction, text))
    named = {key.key.field.column for key in asked.order if isinstance(key.key, Column)}
    rest = [name for name in asked.relation.key if name not in named]
    quote = writer.dialect.quote
    return keys + [(None, writer.unit if name == "data_hash" else writer.row + quote(name)) for name in rest]


def _is_fixed(value: Value) -> bool:
    """Whether a value is the same for every row; of `t_meets(x, y)` and its kin, what it comes to."""
    if isinstance(value, query.Temporal):
        return _is_fixed(value.meaning)
    return not isinstance(value, Column) and not has_subquery(value) and all(map(_is_fixed, query.parts(value)))
