"""Statements that count the rows of a query by what is in its fields, as many fields at once as one scan can.

Each reads the fields in an inner SELECT, as `g0`, `g1` and so on, and counts outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from metaquery.language.query import Query
from metaquery.language.sql import column_labels, plain_column, statement, where_text, writer_for
from metaquery.schema import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.dialects import Dialect
    from metaquery.language.expressions import Expressions
    from metaquery.language.sql import Sql
    from metaquery.schema import Field

__all__ = ["Bins", "Measure", "MeasureKind", "bins_sql", "groups_sql", "measures_sql", "misfits_sql", "top_sql"]


MeasureKind = Literal["known", "least", "greatest", "distinct", "empty"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that one scan finds out of a field.

    Attributes
    ----------
    kind
        `known`: rows that have a value; `least`, `greatest`: of the values, an instant as microseconds since 1970;
        `distinct`: about how many values there are; `empty`: rows whose list has no element.
    field
        Of what.
    """

    kind: MeasureKind
    field: Field


@dataclass(frozen=True, slots=True)
class Bins:
    """Bounds that the values of a NUMBER or a DATETIME are counted between.

    Attributes
    ----------
    field
        Whose values.
    last
        The greatest value of each bin, ascending: doubles, or microseconds since 1970. No value is above all of them.
    """

    field: Field
    last: list[float] | list[int]


def measures_sql(query: Query, dialect: Dialect, measures: Sequence[Measure]) -> Sql:
    """Return the statement for the number of matching rows and each measure, one row; NULL where nothing is known."""
    fields = tuple(dict.fromkeys(measure.field for measure in measures))
    writer, source = writer_for(query, dialect, fields)
    places = {field: f"g{place}" for place, field in enumerate(fields)}
    shown = [_measured(measure, places[measure.field], writer) for measure in measures]
    inner = _read(query, writer, source, [writer.column(plain_column(field)) for field in fields])
    text = f"SELECT {', '.join(('count(*)', *shown))} FROM {inner}"  # noqa: S608  # names quoted, values bound
    return statement(text, writer, ("matched", *(f"{m.kind} {m.field.name}" for m in measures)))


def _measured(measure: Measure, column: str, writer: Expressions) -> str:
    match measure.kind:
        case "least" | "greatest":
            text = writer.say(measure.kind, column)
            return writer.say("microseconds", text) if measure.field.type == "DATETIME" else text
        case "empty":
            return writer.say("tally", writer.say("=", writer.say("length", column), writer.param(0)))
        case kind:
            return writer.say(f"how many {kind}", column)


def bins_sql(query: Query, dialect: Dialect, bins: Sequence[Bins]) -> Sql:
    """Return the statement that counts matching rows by bins, all fields in one scan.

    Its one row has a list for each field: the rows of each bin; NULL where no row has a value.
    """
    fields = tuple(each.field for each in bins)
    writer, source = writer_for(query, dialect, fields)
    shown = [
        writer.say(f"bins of {each.field.type}", f"g{place}", writer.param(each.last))
        for place, each in enumerate(bins)
    ]
    inner = _read(query, writer, source, [writer.column(plain_column(field)) for field in fields])
    text = f"SELECT {', '.join(shown)} FROM {inner}"  # noqa: S608  # names quoted, values bound
    return statement(text, writer, tuple(column_labels(fields)))


def groups_sql(query: Query, dialect: Dialect, fields: tuple[Field, ...], *, most: int) -> Sql:
    """Return the statement that counts matching rows by each value of each field, all fields in one scan.

    Its columns are the number of the field's facet, as the bits of SQL's `GROUPING`, then the fields, then how many
    rows have the value, and how many values the field has: in a row of the field at place i of n, the bit n - 1 - i is
    0 and every other bit is 1. Instants are microseconds since 1970, numbers are doubles. Rows without a value are left
    out.

    Parameters
    ----------
    query, dialect
        What to select, and how to say it.
    fields
        Neither LIST, POINT nor VECTOR, and none with so many values that memory would feel them.
    most
        Values of a field at most: those of the most rows, ties by the value.
    """
    writer, source = writer_for(query, dialect, fields)
    names = [f"g{place}" for place in range(len(fields))]
    every = ", ".join(names)
    read = _read(query, writer, source, [_grouped(field, writer) for field in fields])
    sets = writer.say("grouping sets", ", ".join(f"({name})" for name in names))
    grouped = f"SELECT {writer.say('grouping', every)} AS p, {every}, count(*) AS n FROM {read} GROUP BY {sets}"  # noqa: S608
    order = ", ".join((writer.say("desc", "n"), *(writer.say("asc", name) for name in names)))
    ranks = f"{writer.say('place among', 'p', order)} AS place, {writer.say('count among', 'p')} AS held"
    valued = " OR ".join(writer.say("is not null", name) for name in names)
    ranked = f"SELECT p, {every}, n, {ranks} FROM ({grouped}) AS rows_ WHERE {valued}"  # noqa: S608
    first = writer.say("<=", "place", writer.param(most))
    text = f"SELECT p, {every}, n, held FROM ({ranked}) AS rows_ WHERE {first} ORDER BY place"  # noqa: S608
    return statement(text, writer, ("facet", *column_labels(fields), "rows", "distinct"))


def top_sql(query: Query, dialect: Dialect, field: Field, *, most: int) -> Sql:
    """Return the statement that counts matching rows by each value of one field, however many values that are.

    Its one row has how many values there are, and a list of pairs: minus the rows, and the value; the most rows first,
    ties by the value; NULL where there is none. Of a LIST the values are its elements, each counted once a row.
    Four times as fast as ranking each value, where a million rows have as many values.
    """
    writer, source = writer_for(query, dialect, (field,))
    read = _read(query, writer, source, [_grouped(field, writer)])
    grouped = f"SELECT g0, count(*) AS n FROM {read} GROUP BY g0"  # noqa: S608  # names quoted, values bound
    first = writer.say("first by count", "g0", "n", writer.param(most))
    valued = writer.say("is not null", "g0")
    text = f"SELECT count(*), {first} FROM ({grouped}) AS rows_ WHERE {valued}"  # noqa: S608  # names quoted, values bound
    return statement(text, writer, ("distinct", "values"))


def _grouped(field: Field, writer: Expressions) -> str:
    column = writer.column(plain_column(field))
    how = {"DATETIME": "microseconds", "NUMBER": "to_number", "LIST": "distinct elements"}.get(field.type)
    return column if how is None else writer.say(how, column)


def misfits_sql(query: Query, dialect: Dialect, fields: Sequence[Field]) -> Sql:
    """Return the statement for the matching rows whose unit has a value that does not fit: a field's name, and rows.

    A field of which no matching row has such a value is not among them.
    """
    writer, source = writer_for(query, dialect, (), qualified=True)
    joined = writer.say("with misfits", source, writer.unit)
    name = writer.say("misfit field")
    asked = writer.say("in", name, ", ".join(writer.param(field.name) for field in fields))
    clause = where_text(query, writer)
    where = f"{clause} AND {asked}" if clause else f" WHERE {asked}"
    return statement(f"SELECT {name}, count(*) FROM {joined}{where} GROUP BY {name}", writer, ("field", "rows"))  # noqa: S608


def misfit_places_sql(dialect: Dialect, field: Field) -> Sql:
    """Return the statement for the places in their table of the units whose value of a field does not fit."""
    writer, source = writer_for(Query(DATA), dialect, (), qualified=True)
    joined = writer.say("with misfits", source, writer.unit)
    asked = writer.say("in", writer.say("misfit field"), writer.param(field.name))
    text = f"SELECT {writer.say('place in table', writer.row)} FROM {joined} WHERE {asked}"  # noqa: S608
    return statement(text, writer, ("place",))


def count_at_sql(query: Query, dialect: Dialect, places: list[int]) -> Sql:
    """Return the statement for how many matching rows are at some places; reads no more than the filter does."""
    writer, source = writer_for(query, dialect, ())
    there = writer.say("in many", writer.say("place in table", writer.row), writer.param(places))
    clause = where_text(query, writer)
    where = f"{clause} AND {there}" if clause else f" WHERE {there}"
    return statement(f"SELECT count(*) FROM {source}{where}", writer, ("rows",))  # noqa: S608


def _read(query: Query, writer: Expressions, source: str, columns: Sequence[str]) -> str:
    """Return the matching rows with some columns, as `g0`, `g1` and so on."""
    shown = ", ".join(f"{column} AS g{place}" for place, column in enumerate(columns)) or "count(*)"
    return f"(SELECT {shown} FROM {source}{where_text(query, writer)}) AS rows_"  # noqa: S608  # names quoted, values bound
