"""`Dialect`: how one engine spells what a query means. All SQL that is not structure stands in its templates.

Structure, written by `sql` and what it is made of, is what every SQL has: `SELECT … FROM … AS … LEFT JOIN … ON … = …
WHERE … GROUP BY … ORDER BY … LIMIT …`, `AND`, `OR`, brackets, commas and `count(*)`; and plain names of ours (`unit`,
`data_hash`, aliases), which need no quotes anywhere.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.language.functions import TRUNCATED
from metaquery.language.moments import LAST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from metaquery.language.query import Value

__all__ = ["DUCKDB", "Dialect", "Param", "Unsaid", "instant_param", "mark"]

Param = bool | int | float | str | datetime | list[str] | list[float] | list[int] | list[bool] | list[datetime]
"""A value that is bound to a placeholder; every one is of a type that DuckDB takes without pytz or numpy."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unsaid(Exception):  # no mistake by itself: `portable` makes the error of it
    """A dialect has no form for something that means the same.

    Attributes
    ----------
    what
        The template that it lacks, or why an operand cannot be said.
    within
        The part of a regular expression, in code points; None where there is none.
    node
        The innermost node that needs it, once that is known.
    """

    def __init__(self, what: str, within: tuple[int, int] | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.within = within
        self.node: Value | None = None


def _as_it_is(pattern: str, _ignore_case: bool) -> str:  # as `Dialect.regex` is called
    return pattern


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's SQL.

    Attributes
    ----------
    name
        Name in `DIALECTS`.
    templates
        Operator, function or construct → SQL with `{0}`, `{1}` for its operands, which are SQL already: values never
        stand there, but parameters. A template may take operands in any order, and more than once. One that ends
        with a bracket is a call or stands in brackets, as it is put beside operators as it is.
    placeholder
        What stands for a parameter; `{0}` is its number, from 1, where the engine tells parameters apart by it.
    quote_mark
        What stands around an identifier, and is doubled inside.
    regex
        Makes the engine's regular expression of one of RE2's and whether case is ignored; raises `Unsaid`.
    binds_lists
        Whether a list can be a parameter; else it is bound as its JSON.
    binds_instants
        Whether an instant can be a parameter; else it is bound as microseconds since 1970.
    correlates_deep
        Whether a subquery that has another inside sees the rows of the statement, and the inner one does.
    sorts_by_subqueries
        Whether what is sorted by may hold a subquery.
    qualifies
        Whether a table needs an alias, and a column that before it: else Spark takes `WHERE (:p1)` for a name and its
        columns, and a key `user` that is sorted by for a function.
    """

    name: str
    templates: Mapping[str, str]
    placeholder: str = "?"
    quote_mark: str = '"'
    regex: Callable[[str, bool], str] = _as_it_is
    binds_lists: bool = True
    binds_instants: bool = True
    correlates_deep: bool = True
    sorts_by_subqueries: bool = True
    qualifies: bool = False

    def say(self, what: str, *operands: str) -> str:
        """Return the SQL of `what` over operands that are SQL.

        Raises
        ------
        Unsaid
            There is no template for it.
        """
        template = self.templates.get(what)
        if template is None:
            raise Unsaid(what)
        return template.format(*operands)

    def can(self, what: str) -> bool:
        """Whether there is a template for `what`: where there is another way, it is taken."""
        return what in self.templates

    def quote(self, name: str) -> str:
        """Return an identifier."""
        return self.quote_mark + name.replace(self.quote_mark, self.quote_mark * 2) + self.quote_mark

    def place(self, text: str, params: Sequence[Param]) -> tuple[str, tuple[Param, ...]]:
        """Put placeholders where `mark(n)` stands for `params[n]`, and bring the parameters into their order.

        Returns
        -------
        tuple of str and tuple
            The SQL, and what is bound to it: a parameter for each placeholder, or for each number.
        """
        bound: list[Param] = []
        numbers: dict[int, int] = {}
        numbered = "{0}" in self.placeholder

        def placeholder(found: re.Match[str]) -> str:
            at = int(found[1])
            if not numbered or at not in numbers:
                bound.append(params[at])
                numbers[at] = len(bound)
            return self.placeholder.format(numbers[at])

        return _MARK.sub(placeholder, text), tuple(bound)


_MARK = re.compile("\0([0-9]+)\0")


def mark(number: int) -> str:
    """Return what stands for a parameter until the whole statement is written; no name and no template has a NUL."""
    return f"\0{number}\0"


def instant_param(micros: int) -> datetime | str:
    """Return the parameter that an instant is; a text where it is beyond Python's `datetime`, as the end of 9999 is.

    No row has an instant before the first of the year 1, so that one stands for all that are before it.
    """
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return f"{'10000' if micros >= LAST else '0001'}-01-01T00:00:00+00:00"


_WHOLE_DURATION = "to_microseconds(CAST(TRY_CAST(round_even({0}, 0) AS DECIMAL(17, 0)) AS BIGINT))"

_LATITUDE, _LONGITUDE = "struct_extract({0}, 'latitude')", "struct_extract({0}, 'longitude')"


def _haversine(known: str, latitude: str, cosine: str, longitude: str) -> str:
    """Return SQL of the metres between two points; of one, the latitude, its cosine and the longitude are given.

    `least` passes over what is null, so whether the points are known is asked apart.
    """
    north = f"sin(radians({_LATITUDE} - {latitude}) / 2)"
    east = f"sin(radians({_LONGITUDE} - {longitude}) / 2)"
    half = f"pow({north}, 2) + cos(radians({_LATITUDE})) * {cosine} * pow({east}, 2)"
    return f"(CASE WHEN {known} THEN 2 * 6371008.8 * asin(sqrt(least(1, {half}))) END)"


DUCKDB = Dialect(
    "duckdb",
    MappingProxyType(
        {
            "=": "{0} = {1}",
            "!=": "{0} <> {1}",
            "<": "{0} < {1}",
            "<=": "{0} <= {1}",
            ">": "{0} > {1}",
            ">=": "{0} >= {1}",
            "true": "TRUE",
            "false": "FALSE",
            "not": "NOT {0}",
            "is null": "{0} IS NULL",
            "is not null": "{0} IS NOT NULL",
            "is true": "{0} IS TRUE",
            "is false": "{0} IS FALSE",
            "is not true": "{0} IS NOT TRUE",
            "is not false": "{0} IS NOT FALSE",
            "same": "{0} IS NOT DISTINCT FROM {1}",
            "distinct": "{0} IS DISTINCT FROM {1}",
            "surely": "coalesce({0}, FALSE)",
            "in": "{0} IN ({1})",
            "not in": "{0} NOT IN ({1})",
            "place in table": "{0}rowid",
            **{f"in many {kind}": "{0} IN (SELECT unnest({1}))" for kind in ("texts", "numbers", "instants")},
            **{f"not in many {kind}": "{0} NOT IN (SELECT unnest({1}))" for kind in ("texts", "numbers", "instants")},
            "in many places": "{0} IN (SELECT unnest({1}))",
            "in many uuids": "{0} IN (SELECT CAST(unnest({1}) AS UUID))",
            "not in many uuids": "{0} NOT IN (SELECT CAST(unnest({1}) AS UUID))",
            "like": "{0} LIKE {1}",
            "ilike": "{0} ILIKE {1}",
            "like escaped": "{0} LIKE {1} ESCAPE '\\'",
            "ilike escaped": "{0} ILIKE {1} ESCAPE '\\'",
            "matches": "regexp_matches({0}, {1})",
            "matches holding": "(regexp_matches({0}, {1}) AND contains({0}, {2}))",
            "imatches": "regexp_matches({0}, {1}, 'i')",
            "contains": "contains({0}, {1})",
            "starts with": "starts_with({0}, {1})",
            "ends with": "ends_with({0}, {1})",
            "has": "list_contains({0}, {1})",
            "has value": "CASE WHEN {1} IS NOT NULL THEN list_contains({0}, {1}) END",
            "any": "list_has_any({0}, {1})",
            "all": "list_has_all({0}, {1})",
            "only": "list_has_all({1}, {0})",
            "none": "NOT list_has_any({0}, {1})",
            "unknown if": "(CASE WHEN {0} THEN NULL ELSE FALSE END)",
            "list": "[{0}]",
            "known list": "CASE WHEN len(list_filter([{0}], lambda x: x IS NULL)) = 0 THEN [{0}] END",
            "texts": "CAST({0} AS VARCHAR[])",
            "tags": "coalesce((SELECT list(t.tag ORDER BY t.tag) FROM tags AS t WHERE t.data_hash = {0}), [])",
            "tags has": "{0} IN (SELECT data_hash FROM tags WHERE tag = {1})",
            "tags any": "{0} IN (SELECT data_hash FROM tags WHERE tag IN (SELECT unnest({1})))",
            "tags none": "{0} NOT IN (SELECT data_hash FROM tags WHERE tag IN (SELECT unnest({1})))",
            "tags only": "{0} NOT IN (SELECT data_hash FROM tags WHERE tag NOT IN (SELECT unnest({1})))",
            "tags all": "{0} IN (SELECT data_hash FROM tags WHERE tag IN (SELECT unnest({1})) "
            "GROUP BY data_hash HAVING count(DISTINCT tag) = {2})",
            "misfit": "EXISTS (SELECT 1 FROM rejects AS j WHERE j.data_hash = {0} AND j.field = {1})",
            "raw": "(SELECT any_value(j.raw) FROM rejects AS j WHERE j.data_hash = {0} AND j.field = {1})",
            "collection": "{0} IN (SELECT data_hash FROM members WHERE collection IN ({1}))",
            "some": "EXISTS (SELECT 1 FROM {0} AS {1} WHERE {1}.unit = {2}{3})",
            "count": "(SELECT count(*) FROM {0} AS {1} WHERE {1}.unit = {2}{3})",
            "+": "{0} + {1}",
            "-": "{0} - {1}",
            "*": "{0} * {1}",
            "/": "{0} / {1}",
            "%": "{0} % {1}",
            "div": "trunc({0} / {1})",
            "^": "pow({0}, {1})",
            "negative": "-{0}",
            "not zero": "nullif({0}, 0)",
            "finite": "nullif(nullif(nullif({0}, CAST('Infinity' AS DOUBLE)), CAST('-Infinity' AS DOUBLE)), "
            "CAST('NaN' AS DOUBLE))",
            "to_number": "CAST({0} AS DOUBLE)",
            "instant": "{0}",
            "to_instant": "CAST({0} AS TIMESTAMPTZ)",
            "to_uuid": "CAST({0} AS UUID)",
            "no NUMBER": "CAST(NULL AS DOUBLE)",
            "no DURATION": "CAST(NULL AS DOUBLE)",
            "no DATETIME": "CAST(NULL AS TIMESTAMPTZ)",
            "microseconds": "epoch_us({0})",
            "microseconds between": "TRY(epoch_us({0}) - epoch_us({1}))",
            "plus months": "TRY({0} + to_months({1}))",
            "plus microseconds": "TRY({0} + to_microseconds({1}))",
            "plus duration": f"TRY({{0}} + {_WHOLE_DURATION.format('{1}')})",
            "minus duration": f"TRY({{0}} - {_WHOLE_DURATION.format('{1}')})",
            "plus moment": f"TRY({_WHOLE_DURATION} + {{1}})",
            "lower": "lower({0})",
            "upper": "upper({0})",
            "casei": "lower({0})",
            "accenti": "strip_accents({0})",
            "trim": "trim({0})",
            "length": "length({0})",
            "length of list": "length({0})",
            "abs": "abs({0})",
            "floor": "floor({0})",
            "ceil": "ceil({0})",
            "sqrt": "sqrt({0})",
            "round": "round({0})",
            "round to": "round({0}, {1})",
            "substr": "substr({0}, {1}, {2})",
            "substr on": "substr({0}, {1})",
            "substr from": "CAST(nullif(least(greatest(trunc({0}), 0), 4294967295), 0) AS BIGINT)",
            "substr many": "CAST(nullif(least(greatest(trunc({0}) + 1, 0), 4294967296), 0) - 1 AS BIGINT)",
            "a_contains": "list_has_all({0}, {1})",
            "a_overlaps": "list_has_any({0}, {1})",
            "a_containedby": "list_has_all({1}, {0})",
            "a_equals": "(list_has_all({0}, {1}) AND list_has_all({1}, {0}))",
            "latitude": "struct_extract({0}, 'latitude')",
            "longitude": "struct_extract({0}, 'longitude')",
            "within box": f"({_LATITUDE} BETWEEN {{1}} AND {{2}} AND {_LONGITUDE} BETWEEN {{3}} AND {{4}})",
            "within box across": f"({_LATITUDE} BETWEEN {{1}} AND {{2}} "
            f"AND ({_LONGITUDE} >= {{3}} OR {_LONGITUDE} <= {{4}}))",
            "at point": f"({_LATITUDE} = {{1}} AND {_LONGITUDE} = {{2}})",
            "same point": "({0} = {1})",
            "distance": _haversine(
                "{0} IS NOT NULL AND {1} IS NOT NULL",
                "struct_extract({1}, 'latitude')",
                "cos(radians(struct_extract({1}, 'latitude')))",
                "struct_extract({1}, 'longitude')",
            ),
            "distance from": _haversine("{0} IS NOT NULL", "{1}", "{2}", "{3}"),
            "vector": "CAST({0} AS DOUBLE[{1}])",
            "numbers": "CAST({0} AS DOUBLE[{1}])",
            "cosine_similarity": "array_cosine_similarity({0}, {1})",
            "l2_distance": "array_distance({0}, {1})",
            "to_day": "CAST({0} AS DATE)",
            "day of": "CAST({0} AT TIME ZONE {1} AS DATE)",
            "moved day": "TRY(CAST({0} + to_months({1}) + to_days({2}) AS DATE))",
            "day start": "((CAST({0} AS TIMESTAMP) - to_microseconds(1)) AT TIME ZONE {1} + to_microseconds(1))",
            **{
                f"local {unit}": f"date_trunc('{unit}', {{0}} AT TIME ZONE {{1}})"
                for unit in TRUNCATED
                if unit not in {"hour", "minute", "second"}
            },
            "local start": "(({0} - to_microseconds(1)) AT TIME ZONE {1} + to_microseconds(1))",
            **{
                f"utc {unit}": f"(date_trunc('{unit}', {{0}} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
                for unit in TRUNCATED
            },
            **{
                f"clock {unit}": f"list_transform([{{0}}], lambda x: x - ((x AT TIME ZONE {{1}}) - "
                f"date_trunc('{unit}', x AT TIME ZONE {{2}})))[1]"
                for unit in ("hour", "minute")
            },
            "join": "{0} || {1}",
            "coalesce": "coalesce({0})",
            "year": "extract(year FROM {0} AT TIME ZONE {1})",
            "month": "extract(month FROM {0} AT TIME ZONE {1})",
            "day": "extract(day FROM {0} AT TIME ZONE {1})",
            "hour": "extract(hour FROM {0} AT TIME ZONE {1})",
            "minute": "extract(minute FROM {0} AT TIME ZONE {1})",
            "second": "extract(second FROM {0} AT TIME ZONE {1})",
            "weekday": "extract(isodow FROM {0} AT TIME ZONE {1})",
            "tally": "count(*) FILTER (WHERE {0})",
            "elements": "unnest({0})",
            "distinct elements": "unnest(list_distinct({0}))",
            "how many known": "count({0})",
            "how many distinct": "approx_count_distinct({0})",
            "bins of NUMBER": "map_values(histogram(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE[])))",
            "bins of DATETIME": "map_values(histogram(epoch_us({0}), CAST({1} AS BIGINT[])))",
            "place among": "row_number() OVER (PARTITION BY {0} ORDER BY {1})",
            "count among": "count(*) OVER (PARTITION BY {0})",
            "total among": "sum({0}) OVER (PARTITION BY {1})",
            "total": "sum({0})",
            "total where": "sum({0}) FILTER (WHERE {1})",
            "first by count": "min({{'rows': -{1}, 'value': {0}}}, {2}) FILTER (WHERE {3})",
            "sharing": "WITH {0} AS MATERIALIZED ({1}) {2}",
            "first of each": "SELECT annotation_id FROM "
            "(SELECT annotation_id, row_number() OVER () AS place FROM ({0})) "
            "WHERE annotation_id IS NOT NULL GROUP BY annotation_id ORDER BY min(place)",
            "with misfits": "{0} JOIN rejects AS j ON j.data_hash = {1}",
            "with kept misfits": "{0} JOIN kept.misfits AS j ON j.unit = {1}",
            "misfit field": "j.field",
            "limit": "{0}",
            "sample": "{0} TABLESAMPLE SYSTEM({1} PERCENT) REPEATABLE (42)",
            "least": "min({0})",
            "greatest": "max({0})",
            "grouping": "GROUPING({0})",
            "grouping sets": "GROUPING SETS ({0})",
            "asc": "{0} ASC NULLS LAST",
            "desc": "{0} DESC NULLS LAST",
            "asc nulls first": "{0} ASC NULLS FIRST",
            "desc nulls first": "{0} DESC NULLS FIRST",
        }
    ),
)
