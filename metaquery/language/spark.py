"""`SPARK`: how Apache Spark 4, in a session in UTC, says what a filter means.

What has no template here has no form that is known to mean the same, and is refused: `accenti`, as Spark has nothing
that takes accents off, and `upper`, which makes `SS` of `ß` in Java. Numbers, texts and instants have to come out as
they do in DuckDB, whatever `spark.sql.ansi.enabled` is:

- `floor`, `ceil` and casts to whole numbers are BIGINT in Spark, and end or fail beyond them: what is that large has no
  fraction.
- `lower` in Java makes two characters of `İ` and another sigma at the end of a word; both are put into the form that
  DuckDB gives them before.
- Lists are bound as JSON and instants as microseconds: a literal of ten thousand items takes Spark seconds, and a
  `java.sql.Timestamp` before 1582 is of another calendar.
- `x IN (SELECT …)` is never NULL outside of WHERE, so whether `x` is known is asked apart.
"""

from __future__ import annotations

from types import MappingProxyType

from metaquery.errors import UsageError
from metaquery.language.dialects import DUCKDB, Dialect, Unsaid
from metaquery.language.functions import TRUNCATED

__all__ = ["SPARK", "refuse_variables"]

_VARIABLE = "${"
"""What follows is replaced in names of columns: by Spark in a statement, and by Hadoop where a file is read."""

_SAME = (
    "=", "!=", "<", "<=", ">", ">=", "true", "false", "not", "is null", "is not null", "is true", "is false",
    "is not true", "is not false", "same", "distinct", "surely", "in", "not in", "like", "unknown if",
    "raw", "count", "+", "-", "*", "/", "%", "not zero", "finite", "to_number", "trim",
    "length", "abs", "sqrt", "to_day", "join", "coalesce", "tally", "how many known", "how many distinct",
    "place among", "count among", "total among", "total", "total where", "with misfits", "misfit field", "least",
    "greatest", "grouping sets", "asc", "desc", "asc nulls first", "desc nulls first", "no NUMBER", "no DURATION",
    "same point",
)  # fmt: skip
"""What both say alike."""

_LATITUDE, _LONGITUDE = "{0}.latitude", "{0}.longitude"


def _items(json: str, kind: str) -> str:
    """Return SQL of a list that is bound as JSON, by what its items are."""
    match kind:
        case "numbers":
            return f"from_json({json}, 'array<double>')"
        case "instants":
            return f"transform(from_json({json}, 'array<bigint>'), x -> timestamp_micros(x))"
        case _:
            return f"from_json({json}, 'array<string>')"


_KINDS = ("texts", "uuids", "numbers", "instants")


def _lower(text: str) -> str:
    return f"lower(translate({text}, 'İΣ', 'iσ'))"


def _whole(number: str) -> str:
    """Return SQL of a number without its fraction."""
    return f"coalesce(CAST(TRY_CAST({number} AS BIGINT) AS DOUBLE), {number})"


def _short(number: str) -> str:
    """Return SQL of a whole number as an INT, which `substr` takes; `least` would pass over one that is null."""
    return f"CAST(CASE WHEN {number} > 2147483647 THEN 2147483647 ELSE {number} END AS INT)"


def _rounded(how: str, number: str) -> str:
    return f"(CASE WHEN abs({number}) < 9007199254740992D THEN CAST({how}({number}) AS DOUBLE) ELSE {number} END)"


def _moved(instant: str, micros: str) -> str:
    return f"timestamp_micros(try_add(unix_micros({instant}), {micros}))"


def _duration(number: str, sign: str = "") -> str:
    """Return SQL of a duration in whole microseconds; NULL from 10^17 on, as DuckDB's DECIMAL(17, 0) is."""
    return f"(CASE WHEN abs({number}) < 99999999999999999D THEN {sign}CAST(bround({number}, 0) AS BIGINT) END)"


def _at(instant: str, zone: str) -> str:
    """Return SQL of an instant on the clock of a zone, read as if that were UTC."""
    return f"from_utc_timestamp({instant}, {zone})"


def _start(local: str, zone: str) -> str:
    """Return SQL of the instant at which a local time begins: where midnight was skipped, the end of the gap."""
    return _moved(f"to_utc_timestamp({_moved(local, '-1')}, {zone})", "1")


def _distance(known: str, latitude: str, cosine: str, longitude: str) -> str:
    north = f"sin(radians({_LATITUDE} - {latitude}) / 2)"
    east = f"sin(radians({_LONGITUDE} - {longitude}) / 2)"
    half = f"power({north}, 2) + cos(radians({_LATITUDE})) * {cosine} * power({east}, 2)"
    return f"(CASE WHEN {known} THEN 2 * 6371008.8D * asin(sqrt(least(1D, {half}))) END)"


def _sum(terms: str) -> str:
    return f"aggregate({terms}, 0D, (s, x) -> s + x)"


def _product(left: str, right: str) -> str:
    return _sum(f"zip_with({left}, {right}, (x, y) -> x * y)")


def _regex(pattern: str, ignore_case: bool) -> str:  # as `Dialect.regex` is called
    """Return the expression of Java's that fits the same texts."""
    from metaquery.language.java_regex import Untranslatable, java_regex  # few filters have one

    try:
        return java_regex(pattern, ignore_case=ignore_case)
    except Untranslatable as error:
        raise Unsaid(error.reason, (error.start, error.end)) from error


SPARK = Dialect(
    "spark",
    MappingProxyType(
        {
            **{name: DUCKDB.templates[name] for name in _SAME},
            **{
                f"in many {kind}": "CASE WHEN {0} IS NOT NULL "
                f"THEN {{0}} IN (SELECT explode({_items('{1}', kind)})) END"
                for kind in _KINDS
            },
            **{  # NOT IN would compare each row with each item
                f"not in many {kind}": f"CASE WHEN {{0}} IN (SELECT explode({_items('{1}', kind)})) THEN FALSE "
                "WHEN {0} IS NOT NULL THEN TRUE END"
                for kind in _KINDS
            },
            **{name: f"({DUCKDB.templates[name]})" for name in ("some", "misfit")},  # else `IS TRUE` cannot follow
            "to_uuid": "{0}",
            "like escaped": "{0} LIKE {1}",  # a backslash is what escapes where nothing else is said
            "ilike": f"{_lower('{0}')} LIKE {_lower('{1}')}",
            "ilike escaped": f"{_lower('{0}')} LIKE {_lower('{1}')}",
            "matches": "({0} RLIKE {1})",
            "matches holding": "({0} RLIKE {1} AND contains({0}, {2}))",
            "imatches": "({0} RLIKE {1})",
            "contains": "contains({0}, {1})",
            "starts with": "startswith({0}, {1})",
            "ends with": "endswith({0}, {1})",
            "has": "array_contains({0}, {1})",
            "has value": "CASE WHEN {1} IS NOT NULL THEN array_contains({0}, {1}) END",
            "any": "arrays_overlap({0}, {1})",
            "all": "(array_size(array_except({1}, {0})) = 0)",
            "only": "(array_size(array_except({0}, {1})) = 0)",
            "none": "NOT arrays_overlap({0}, {1})",
            "list": "array({0})",
            "known list": "(CASE WHEN array_size(filter(array({0}), x -> x IS NULL)) = 0 THEN array({0}) END)",
            "texts": _items("{0}", "texts"),
            "tags": "coalesce((SELECT sort_array(collect_list(t.tag)) FROM tags AS t WHERE t.data_hash = {0}), "
            "CAST(array() AS ARRAY<STRING>))",
            "tags has": "(EXISTS (SELECT 1 FROM tags AS t WHERE t.data_hash = {0} AND t.tag = {1}))",
            "tags any": "(EXISTS (SELECT 1 FROM tags AS t WHERE t.data_hash = {0} AND array_contains({1}, t.tag)))",
            "tags none": "NOT EXISTS (SELECT 1 FROM tags AS t WHERE t.data_hash = {0} AND array_contains({1}, t.tag))",
            "tags only": "NOT EXISTS "
            "(SELECT 1 FROM tags AS t WHERE t.data_hash = {0} AND NOT array_contains({1}, t.tag))",
            "tags all": "((SELECT count(DISTINCT t.tag) FROM tags AS t WHERE t.data_hash = {0} "  # noqa: S608
            f"AND array_contains({_items('{1}', 'texts')}, t.tag)) = {{2}})",
            "collection": "(EXISTS (SELECT 1 FROM members AS m WHERE m.data_hash = {0} AND m.collection IN ({1})))",
            "div": _whole("({0} / {1})"),
            "^": "power({0}, {1})",
            "instant": "timestamp_micros({0})",
            "to_instant": "timestamp_micros({0})",
            "no DATETIME": "CAST(NULL AS TIMESTAMP)",
            "microseconds": "unix_micros({0})",
            "microseconds between": "try_subtract(unix_micros({0}), unix_micros({1}))",
            "plus months": "try_add({0}, make_ym_interval(0, CAST(greatest(least({1}, 9999999), -9999999) AS INT)))",
            "plus microseconds": _moved("{0}", "{1}"),
            "plus duration": _moved("{0}", _duration("{1}")),
            "minus duration": _moved("{0}", _duration("{1}", "-")),
            "plus moment": _moved("{1}", _duration("{0}")),
            "lower": _lower("{0}"),
            "casei": _lower("{0}"),
            "length of list": "array_size({0})",
            "floor": _rounded("floor", "{0}"),
            "ceil": _rounded("ceil", "{0}"),
            "round": "round({0})",
            "negative": "-({0})",  # a parameter is put in as a text, and -1 behind a minus begins a comment
            "round to": "(CASE WHEN {1} < 0 THEN round({0} / power(10D, -({1}))) * power(10D, -({1})) "
            "ELSE coalesce(nullif(nullif(round({0} * power(10D, {1})) / power(10D, {1}), CAST('Infinity' AS DOUBLE)), "
            "CAST('-Infinity' AS DOUBLE)), {0}) END)",
            "substr": f"substr({{0}}, {_short('{1}')}, {_short('{2}')})",
            "substr on": f"substr({{0}}, {_short('{1}')})",
            "substr from": f"CAST(nullif(least(greatest({_whole('{0}')}, 0D), 2147483647D), 0D) AS BIGINT)",
            "substr many": f"CAST(nullif(least(greatest({_whole('{0}')} + 1D, 0D), 2147483647D), 0D) - 1D AS BIGINT)",
            "a_contains": "(array_size(array_except({1}, {0})) = 0)",
            "a_overlaps": "arrays_overlap({0}, {1})",
            "a_containedby": "(array_size(array_except({0}, {1})) = 0)",
            "a_equals": "(array_size(array_except({1}, {0})) = 0 AND array_size(array_except({0}, {1})) = 0)",
            "latitude": _LATITUDE,
            "longitude": _LONGITUDE,
            "within box": f"({_LATITUDE} BETWEEN {{1}} AND {{2}} AND {_LONGITUDE} BETWEEN {{3}} AND {{4}})",
            "within box across": f"({_LATITUDE} BETWEEN {{1}} AND {{2}} "
            f"AND ({_LONGITUDE} >= {{3}} OR {_LONGITUDE} <= {{4}}))",
            "at point": f"({_LATITUDE} = {{1}} AND {_LONGITUDE} = {{2}})",
            "distance": _distance(
                "{0} IS NOT NULL AND {1} IS NOT NULL", "{1}.latitude", "cos(radians({1}.latitude))", "{1}.longitude"
            ),
            "distance from": _distance("{0} IS NOT NULL", "{1}", "{2}", "{3}"),
            "vector": "CAST({0} AS ARRAY<DOUBLE>)",
            "numbers": _items("{0}", "numbers"),
            "cosine_similarity": f"element_at(transform(array({_product('{0}', '{1}')} "
            f"/ nullif(sqrt({_product('{0}', '{0}')} * {_product('{1}', '{1}')}), 0D)), "
            "x -> CASE WHEN x > 1D THEN 1D WHEN x < -1D THEN -1D ELSE x END), 1)",
            "l2_distance": f"sqrt({_sum('zip_with({0}, {1}, (x, y) -> (x - y) * (x - y))')})",
            "day of": f"CAST({_at('{0}', '{1}')} AS DATE)",
            "moved day": "date_add(add_months({0}, CAST({1} AS INT)), CAST({2} AS INT))",
            "day start": _start("CAST({0} AS TIMESTAMP)", "{1}"),
            **{
                f"local {unit}": f"date_trunc('{unit}', {_at('{0}', '{1}')})"
                for unit in TRUNCATED
                if unit not in {"hour", "minute", "second"}
            },
            "local start": _start("{0}", "{1}"),
            **{f"utc {unit}": f"date_trunc('{unit}', {{0}})" for unit in TRUNCATED},
            **{
                f"clock {unit}": f"timestamp_micros(unix_micros({{0}}) - (unix_micros({_at('{0}', '{1}')}) "
                f"- unix_micros(date_trunc('{unit}', {_at('{0}', '{2}')}))))"
                for unit in ("hour", "minute")
            },
            **{unit: f"{unit}({_at('{0}', '{1}')})" for unit in ("year", "month", "day", "hour", "minute", "second")},
            "weekday": f"(weekday({_at('{0}', '{1}')}) + 1)",
            "elements": "explode({0})",
            "distinct elements": "explode(array_distinct({0}))",
            "top": "SELECT a, b, c, d FROM "
            "(SELECT sum(n) AS a, sum(n) FILTER (WHERE g0 IS NOT NULL) AS b, count(g0) AS c FROM ({0}) AS e) AS e "
            "CROSS JOIN (SELECT sort_array(collect_list(struct(-n AS rows, g0 AS value))) AS d FROM (SELECT g0, n "
            "FROM ({0}) AS most_ WHERE g0 IS NOT NULL ORDER BY n DESC, g0 LIMIT {1}) AS most_) AS most_",
            "limit": "CAST(least({0}, 2147483647) AS INT)",
            "sharing": "WITH {0} AS ({1}) {2}",
            "sample": "({0}) TABLESAMPLE ({1} PERCENT) REPEATABLE (42)",
            "grouping": "grouping_id({0})",
        }
    ),
    placeholder=":p{0}",
    quote_mark="`",
    regex=_regex,
    binds_lists=False,
    binds_instants=False,
    correlates_deep=False,
    sorts_by_subqueries=False,
    qualifies=True,
)


def refuse_variables(text: str) -> None:
    """See that no name in a statement has what is a variable there; values are parameters, and no part of it.

    Raises
    ------
    UsageError
        One has.
    """
    if _VARIABLE in text:
        raise UsageError(
            f"Spark would read a part of a name in this query, {_VARIABLE}…, as a variable of its session",
            hint="name the fields that are wanted without that key, or ask DuckDB: open the lake without Spark",
        )
