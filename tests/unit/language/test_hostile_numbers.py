"""Numbers and times beyond any table are refused when the filter is bound, or null in a row; no statement fails."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from metaquery.errors import FilterError
from metaquery.language import DUCKDB, BindOptions, compile_filter, tally_sql
from metaquery.schema import DATA
from tests.differential.test_language import NOW, Case
from tests.properties.schemas import SCHEMA

NUMBERS = """
speed = 5e-324
speed * 1.7976931348623157e308 > 1
speed + 1.7976931348623157e308 > 1
speed % 1e308 = 0
speed div 1e-308 = 0
speed / 5e-324 = 0
speed ^ 1e308 > 1
0 ^ -1 > speed
speed ^ -speed > 0
-speed ^ 0.5 > 1
speed = 9007199254740993
speed in (1e308, -1e308, 5e-324)
width = 1e300
width = 9223372036854775808
width in (1e300, 5.5, 9223372036854775807, 18446744073709551616)
width between -1e300 and 2e300
width is not 1e300
coalesce(width, 1e300) = 1e300
count(label) = 99999999999999999999
count(label) in (1e300, 1)
length(city) > 1e300
length(tags) < -1e300
year(captured_at) = 1e300
year(captured_at) in (99999, 2023.5)
hour(captured_at) - 1e300 > 0
substr(city, 1e300) = 'x'
substr(city, 1, 9007199254740993) = 'x'
substr(city, speed * 1e300, speed ^ 9) = 'x'
round(speed, 1e300) = 1
round(speed, -400) = 1
sqrt(speed * 1e308) > 1
distance(loc, POINT(180 90)) < 5e-324
s_intersects(loc, BBOX(-180, -90, 1e308, 90))
cosine_similarity(vector, [1e308, 1e308, 1e308]) > 0
l2_distance(vector, [1e308, -1e308, 0]) > 0
reviewed_at - captured_at > duration('P9999Y')
""".strip().splitlines()

FAR = [
    "captured_at + 9999y",
    "captured_at + 9999y * 29",
    "captured_at - 99999999mo",
    "captured_at - 90000000000h",
    "captured_at + 9998y" + " + 9998y" * 40,
    "captured_at - 9998y" + " - 9998y" * 40,
    "captured_at + (reviewed_at - 0001-01-01) * 90",
    "captured_at + (reviewed_at - captured_at) * 1e300",
    "captured_at - (reviewed_at - captured_at) / 1e-300",
]
"""Instants that no calendar has."""

ASKED = """
(x) > now()
(x) = 9999-12-31
(x) in (2023, 2024-01-01)
(x) is 2023-01
year(x) > 1
hour(x) = 1
weekday(x) = 1
date(x) = 2023-01-01
date(x) + 1y > 2023-01-01
date(x) - 99999999d > 2023-01-01
date(x) = date(reviewed_at)
(x) - reviewed_at > 1d
(captured_at - 9998y) - (x) > 1d
(x) + ((x) - reviewed_at) > now()
coalesce(x, now()) > now()
t_meets(interval(x, '..'), interval('..', x))
date_trunc('week', x) > reviewed_at
date_trunc('year', x) = 2023-01-01
date_trunc('hour', x) = 2023-01-01
""".strip().splitlines()


@pytest.fixture(scope="module")
def case() -> Iterator[Case]:
    with duckdb.connect() as connection:
        connection.execute("SET max_expression_depth = 4000")  # as `DuckDBEngine` has it
        yield Case(connection)


def assert_told_or_run(case: Case, text: str) -> None:
    for zone in ("UTC", "Pacific/Chatham"):
        try:
            query = compile_filter(text, SCHEMA, DATA, options=BindOptions(now=NOW, time_zone=zone))
        except FilterError as error:
            assert error.code in {"number-range", "bad-datetime", "bad-geometry", "bad-arguments"}, error  # noqa: PT017
            continue
        matched, unknown, total, *_ = case.rows(tally_sql(query, DUCKDB).sql)[0]
        assert 0 <= matched + unknown <= total, text


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_of_any_size_runs_or_is_refused(case: Case, text: str) -> None:
    assert_told_or_run(case, text)


@pytest.mark.parametrize("asked", ASKED)
def test_an_instant_off_the_calendar_runs_or_is_refused(case: Case, asked: str) -> None:
    for far in FAR:
        assert_told_or_run(case, asked.replace("x)", f"{far})").replace("x,", f"{far},"))


def test_what_is_moved_by_more_than_all_years_is_refused() -> None:
    for far in ("captured_at + 99999999mo", "captured_at - 9999y * 2", "date(captured_at) + 20000y"):
        with pytest.raises(FilterError) as caught:
            compile_filter(f"{far} > now()", SCHEMA, DATA)
        assert caught.value.code == "bad-datetime"
