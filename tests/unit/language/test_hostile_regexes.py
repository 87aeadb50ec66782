"""Patterns that take other engines for ever cost RE2 a pass over the rows; what RE2 refuses is refused at bind."""

from __future__ import annotations

import time

import duckdb
import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.errors import FilterLimitError, FilterSyntaxError
from metaquery.language import DUCKDB, BindOptions, Query, compile_filter, count_sql
from metaquery.language.regexes import required_text
from metaquery.schema import DATA
from tests.properties.schemas import SCHEMA

ROWS = 100_000
ENDLESS = {
    "(a+)+$": 0,
    "(a|aa)+$": 0,
    "(a*)*b": 0,
    "(.*)*x": 0,
    ".*.*.*.*.*.*x": 0,
    "(a?){30}a{30}$": 0,
    "^(([a-z])+.)+[A-Z]([a-z])+$": 0,
    "(?:(?:(?:a+)+)+)+b": 0,
    "[^!]*[^!]*[^!]*!$": 100,
    "((a{1,30}){1,30})!": 100,
    "aaaa(a+)+$": 0,
    "aaaaa(a|aa)+!$": 100,
    "aaaaa.*(a*)*!": 100,
    "(" * 400 + "a" + ")" * 400: ROWS,
    "(?:a?){1000}": ROWS,
}
"""Pattern → rows that match, of 20 to 59 times `a`, then in one row of a thousand `!`, else a number."""

REFUSED = [
    "(a{1,1000}){1,1000}",
    "((a{1,100}){1,100}){1,10}",
    "a{1001}",
    r"(\pL{1,500}){1,2}",
    r"[\pL\pN]{500}x",
    r"(a+)\1",
    "(?=a)",
    "(?<!a)b",
    "(?>a+)b",
    "a++",
    "(" * 500,
    "[" * 500,
    "*",
    "\\",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDBEngine:
    path = tmp_path_factory.mktemp("rows") / "rows.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            """CREATE TABLE data AS SELECT i AS unit, i::VARCHAR AS data_hash,
            repeat('a', 20 + i % 40) || CASE WHEN i % 1000 = 0 THEN '!' ELSE i::VARCHAR END AS city
            FROM range($rows) r(i)""",
            {"rows": ROWS},
        )
    return DuckDBEngine(path, threads=1)


def matching(pattern: str, engine: DuckDBEngine) -> Query:
    text = pattern.replace("'", "''")
    return compile_filter(f"city ~ '{text}'", SCHEMA, DATA, options=BindOptions(regex_error=engine.regex_error))


@pytest.mark.parametrize("pattern", ENDLESS, ids=lambda pattern: pattern[:30])
def test_a_pattern_that_backtracks_elsewhere_takes_a_pass(engine: DuckDBEngine, pattern: str) -> None:
    started = time.process_time()
    sql = count_sql(matching(pattern, engine), DUCKDB)
    assert engine.rows(sql.text, sql.params) == [(ENDLESS[pattern],)]
    assert time.process_time() - started < 2


def test_such_patterns_are_searched_for_their_sure_text_too() -> None:
    assert [required_text(pattern) for pattern in ENDLESS if required_text(pattern)] == ["aaaa", "aaaaa"]


@pytest.mark.parametrize("pattern", REFUSED, ids=lambda pattern: pattern[:30])
def test_what_re2_refuses_is_no_fault_of_the_engine(engine: DuckDBEngine, pattern: str) -> None:
    started = time.process_time()
    with pytest.raises(FilterSyntaxError) as caught:
        matching(pattern, engine)
    assert caught.value.code == "bad-regex"
    assert len(str(caught.value)) < 2_000
    assert time.process_time() - started < 2


def test_a_pattern_is_refused_by_its_length_before_re2_sees_it() -> None:
    def never(pattern: str) -> str | None:
        raise AssertionError(pattern)

    with pytest.raises(FilterLimitError, match="1,001 characters"):
        compile_filter(f"city ~ '{'a' * 1_001}'", SCHEMA, DATA, options=BindOptions(regex_error=never))


@pytest.mark.parametrize("pattern", [*ENDLESS, *REFUSED], ids=lambda pattern: pattern[:30])
def test_without_an_engine_a_pattern_is_judged_soon(pattern: str) -> None:
    started = time.process_time()
    try:
        compile_filter(f"city ~ '{pattern}'", SCHEMA, DATA)
    except FilterSyntaxError as error:
        assert error.code == "bad-regex"  # noqa: PT017  # either outcome will do
    assert time.process_time() - started < 2
