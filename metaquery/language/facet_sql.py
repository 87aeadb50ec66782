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

__all__ = [
    "Bins", "Measure", "MeasureKind", "at_once_sql", "bins_sql", "groups_sql", "kept_misfits_sql", "measures_sql",
    "misfits_sql", "top_sql",
]  # fmt: skip


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
    columns = [writer.column(plain_column(field)) for field in fields]
    read = _read(query, writer, source, columns) if columns else f"{source}{where_text(query, writer)}"
    text = f"SELECT {', '.join(('count(*)', *shown))} FROM {read}"  # noqa: S608  # names quoted, values bound
    return statement(text, writer, ("matched", *(f"{m.kind} {m.field.name}" for m in measures)))


def _measured(measure: Measure, column: str, writer: Expressions) -> str:
    match measure.kind:
        case "least" | "greatest":
            text = writer.say(measure.kind, column)
            return writer.say("microseconds", text) if measure.field.type == "DATETIME" else text
        case "empty":
            return writer.say("tally", writer.say("=", writer.say("length of list", column), writer.param(0)))
        case kind:
            return writer.say(f"how many {kind}", column)


def bins_sql(query: Query, dialect: Dialect, bins: Sequence[Bins]) -> Sql:
    """Return the statement that counts matching rows by bins, all fields in one scan.

    Its one row has a list for each field: the rows of each bin; NULL where no row has a value.
    """
    fields = tuple(each.field for each in bins)
    writer, source = writer_for(query, dialect, fields)
    shown = [_between(each, f"g{place}", writer) for place, each in enumerate(bins)]
    inner = _read(query, writer, source, [writer.column(plain_column(field)) for field in fields])
    text = f"SELECT {', '.join(shown)} FROM {inner}"  # noqa: S608  # names quoted, values bound
    return statement(text, writer, tuple(column_labels(fields)))


def _between(bins: Bins, column: str, writer: Expressions) -> str:
    """Write the list of how many values each bin has; one count a bin, where the engine has no histogram."""
    whole = f"bins of {bins.field.type}"
    if writer.dialect.can(whole):
        return writer.say(whole, column, writer.many(bins.last))
    value = writer.say("microseconds" if bins.field.type == "DATETIME" else "to_number", column)
    tests: list[str] = []
    for place, last in enumerate(bins.last):
        above = f"{writer.say('>', value, writer.param(bins.last[place - 1]))} AND " if place else ""
        tests.append(writer.say("tally", f"{above}{writer.say('<=', value, writer.param(last))}"))
    return writer.say("list", ", ".join(tests))


def groups_sql(query: Query, dialect: Dialect, fields: tuple[Field, ...], *, most: int) -> Sql:
    """Return the statement that counts matching rows by each value of each field, all fields in one scan.

    Its columns are the number of the field's facet, as the bits of SQL's `GROUPING`, then the fields, then how many
    rows have the value, how many values the field has, and how many rows have one of them: in a row of the field at
    place i of n, the bit n - 1 - i is 0 and every other bit is 1. Instants are microseconds since 1970, numbers are
    doubles. Rows without a value are left out.

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
    read = _read(query, writer, source, [_grouped(writer.column(plain_column(f)), f, writer) for f in fields])
    sets = writer.say("grouping sets", ", ".join(f"({name})" for name in names))
    grouped = f"SELECT {writer.say('grouping', every)} AS p, {every}, count(*) AS n FROM {read} GROUP BY {sets}"  # noqa: S608
    order = ", ".join((writer.say("desc", "n"), *(writer.say("asc", name) for name in names)))
    held = f"{writer.say('count among', 'p')} AS held, {writer.say('total among', 'n', 'p')} AS known"
    ranks = f"{writer.say('place among', 'p', order)} AS place, {held}"
    valued = " OR ".join(writer.say("is not null", name) for name in names)
    ranked = f"SELECT p, {every}, n, {ranks} FROM ({grouped}) AS rows_ WHERE {valued}"  # noqa: S608
    first = writer.say("<=", "place", writer.param(most))
    text = f"SELECT p, {every}, n, held, known FROM ({ranked}) AS rows_ WHERE {first} ORDER BY place"  # noqa: S608
    return statement(text, writer, ("facet", *column_labels(fields), "rows", "distinct", "known"))


def top_sql(query: Query, dialect: Dialect, field: Field, *, most: int) -> Sql:
    """Return the statement that counts matching rows by each value of one field, however many values that are.

    Its one row has how many rows there are, how many of them have a value, how many values there are, and a list of
    pairs: minus the rows, and the value; the most rows first, ties by the value; NULL where there is none. Of a LIST
    the values are its elements, each counted once a row, and the rows are those of elements.
    Four times as fast as ranking each value, where a million rows have as many values.
    """
    writer, source = writer_for(query, dialect, (field,))
    read = _read(query, writer, source, [_grouped(writer.column(plain_column(field)), field, writer)])
    return statement(_top(read, most, writer), writer, ("matched", "known", "distinct", "values"))


def _top(read: str, most: int, writer: Expressions) -> str:
    grouped = f"SELECT g0, count(*) AS n FROM {read} GROUP BY g0"  # noqa: S608  # names quoted, values bound
    if writer.dialect.can("top"):
        return writer.say("top", grouped, writer.param(most))
    valued = writer.say("is not null", "g0")
    totals = (writer.say("total", "n"), writer.say("total where", "n", valued), writer.say("how many known", "g0"))
    first = writer.say("first by count", "g0", "n", writer.param(most), valued)
    return f"SELECT {', '.join(totals)}, {first} FROM ({grouped}) AS rows_"  # noqa: S608  # as above


def at_once_sql(
    query: Query, dialect: Dialect, bins: Sequence[Bins], valued: Sequence[Field], doubted: Sequence[Field], *,
    most: int, kept: bool,
) -> Sql:  # fmt: skip
    """Return the statement that reads the matching rows once, keeps them in memory, and counts all that is asked.

    For few rows: what reading a column takes to begin with is then more than what counting them takes.
    Its one row has the lists of `bins_sql`, then for each of some fields the four columns of `top_sql`, then for each
    doubted field how many rows have a misfit.

    Parameters
    ----------
    query, dialect
        What to select, and how to say it.
    bins, valued, doubted
        What is counted between bounds, by value, and as misfits.
    most
        Values of a field at most.
    kept
        Whether the misfits are kept as `kept_misfits_sql` has them.
    """
    fields = tuple(dict.fromkeys((*(each.field for each in bins), *valued)))
    writer, source = writer_for(query, dialect, fields, qualified=True)
    places = {field: f"c{place}" for place, field in enumerate(fields)}
    columns = [f"{writer.column(plain_column(field))} AS {place}" for field, place in places.items()]
    columns.append(f"{_place(writer, kept=kept)} AS m")
    shared = f"SELECT {', '.join(columns)} FROM {source}{where_text(query, writer)}"  # noqa: S608  # names quoted, values bound
    parts = []
    if bins:
        parts.append(f"SELECT {', '.join(_between(each, places[each.field], writer) for each in bins)} FROM shared")  # noqa: S608
    for field in valued:
        read = f"(SELECT {_grouped(places[field], field, writer)} AS g0 FROM shared) AS rows_"  # noqa: S608
        parts.append(_top(read, most, writer))
    if doubted:
        parts.append(_misfits(_with_misfits("shared", "m", writer, kept=kept), "", doubted, writer))
    together = ", ".join(f"({part}) AS t{place}" for place, part in enumerate(parts))
    text = writer.say("sharing", "shared", shared, f"SELECT * FROM {together}")  # noqa: S608
    names = [f"{f.name} {what}" for f in valued for what in ("matched", "known", "distinct", "values")]
    return statement(text, writer, (*(f"{b.field.name} bins" for b in bins), *names, *(f.name for f in doubted)))


def _grouped(column: str, field: Field, writer: Expressions) -> str:
    how = {"DATETIME": "microseconds", "NUMBER": "to_number", "LIST": "distinct elements"}.get(field.type)
    return column if how is None else writer.say(how, column)


def misfits_sql(query: Query, dialect: Dialect, fields: Sequence[Field], *, kept: bool = False) -> Sql:
    """Return the statement for how many matching rows have a unit whose value does not fit; one row, a number a field.

    `kept` is as for `at_once_sql`.
    """
    writer, source = writer_for(query, dialect, (), qualified=True)
    joined = _with_misfits(source, _place(writer, kept=kept), writer, kept=kept)
    text = _misfits(joined, where_text(query, writer), fields, writer)
    return statement(text, writer, tuple(field.name for field in fields))


def _misfits(joined: str, clause: str, fields: Sequence[Field], writer: Expressions) -> str:
    name = writer.say("misfit field")
    tests = [writer.say("=", name, writer.param(field.name)) for field in fields]
    if len(fields) == 1:
        counts, asked = "count(*)", tests[0]
    else:
        counts = ", ".join(writer.say("tally", test) for test in tests)
        asked = writer.say("in", name, ", ".join(writer.param(field.name) for field in fields))
    where = f"{clause} AND {asked}" if clause else f" WHERE {asked}"
    return f"SELECT {counts} FROM {joined}{where}"  # noqa: S608  # names quoted, values bound


def kept_misfits_sql(dialect: Dialect) -> Sql:
    """Return the statement for each value that does not fit its field: where its unit is, and the field's name.

    What an engine keeps of it is joined three times as fast as the values are, by a text.
    """
    writer, source = writer_for(Query(DATA), dialect, (), qualified=True)
    name = writer.say("misfit field")
    joined = _with_misfits(source, writer.unit, writer, kept=False)
    known = writer.say("is not null", name)
    text = f"SELECT {_place(writer, kept=True)} AS unit, {name} AS field FROM {joined} WHERE {known} ORDER BY field"  # noqa: S608
    return statement(text, writer, ("unit", "field"))


def _place(writer: Expressions, *, kept: bool) -> str:
    """Return what misfits tell their unit by."""
    return f"{writer.row}unit" if kept else writer.unit


def _with_misfits(source: str, unit: str, writer: Expressions, *, kept: bool) -> str:
    return writer.say("with kept misfits" if kept else "with misfits", source, unit)


def _read(query: Query, writer: Expressions, source: str, columns: Sequence[str]) -> str:
    """Return the matching rows with some columns, as `g0`, `g1` and so on."""
    shown = ", ".join(f"{column} AS g{place}" for place, column in enumerate(columns))
    return f"(SELECT {shown} FROM {source}{where_text(query, writer)}) AS rows_"  # noqa: S608  # names quoted, values bound
