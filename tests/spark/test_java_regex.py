"""A pattern written for Java finds on Spark what RE2 finds on DuckDB, or is refused. In bulk: a job for each test."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from metaquery.language.java_regex import Untranslatable, java_regex
from metaquery.language.java_regex.case_orbits import _orbits
from metaquery.language.java_regex.code_points import ALL, complement, span, union
from metaquery.language.java_regex.reading import read
from metaquery.language.java_regex.tree import Chars

from .patterns import ONE, characters, pattern, repetitive, repetitive_text, text

SEED = 20_260
PATTERNS = 2_500
TEXTS = 8


def digests(spark: Any, patterns: list[str], among: str) -> list[str]:
    """Return, of each pattern, what is left of a text when all that it finds is taken away, as its SHA-256."""
    numbered = pa.table({"n": range(len(patterns)), "pattern": patterns})
    texts = spark.createDataFrame(pa.table({"among": [among]}))
    left = (
        spark.createDataFrame(numbered)
        .repartition(2)
        .crossJoin(texts)
        .selectExpr("n", "sha2(regexp_replace(among, pattern, ''), 256) AS left")
    )
    return [row.left for row in sorted(left.collect(), key=lambda row: row.n)]


def digest(written: str) -> str:
    return sha256(written.encode()).hexdigest()


def test_a_set_is_the_same_of_all_characters(spark: Any) -> None:
    """Against the sets that `tests/unit/language/test_java_regex.py` holds against DuckDB's RE2.

    Java is given ranges alone, so not each name of a class is asked; and `++` makes it faster.
    """
    expected = {}
    for written, ignore_case in [(each, place % 2 == 1) for place, each in enumerate(ONE) if "[[:" not in each]:
        node = read(written, ignore_case=ignore_case)
        assert isinstance(node, Chars)
        expected[java_regex(written, ignore_case=ignore_case) + "++"] = digest(characters(complement(node.points)))
    assert digests(spark, list(expected), characters(ALL)) == list(expected.values())


def test_case_is_ignored_alike_for_every_character_that_has_one(spark: Any) -> None:
    cased, orbits = _orbits()
    everything = characters(union([span(point, point) for point in cased]))
    patterns = [java_regex(chr(point), ignore_case=True) for point in cased]
    expected = [digest("".join(each for each in everything if ord(each) not in orbit)) for orbit in orbits]
    assert digests(spark, patterns, everything) == expected


def test_what_stands_beside_a_character_is_asked_alike_of_all(spark: Any) -> None:
    among = "a".join(characters(ALL))
    patterns = [r"\ba", r"a\b", r"\Ba", r"a\B", "(?m)^a", "(?m)a$"]
    with duckdb.connect() as engine:
        found = engine.execute("SELECT sha256(regexp_replace(?, p, '', 'g')) FROM unnest(?) t(p)", [among, patterns])
        expected = [left for (left,) in found.fetchall()]
    assert len(set(expected)) == len(patterns)
    assert digests(spark, [java_regex(each, ignore_case=False) for each in patterns], among) == expected


@pytest.mark.parametrize(
    ("patterns", "texts"), [(pattern, text), (repetitive, repetitive_text)], ids=["of all", "repetitive"]
)
def test_random_patterns_find_the_same_in_random_texts(
    spark: Any, patterns: Callable[[Random], str], texts: Callable[[Random], str]
) -> None:
    random = Random(SEED)  # noqa: S311
    cases: list[tuple[str, bool, str]] = []
    refused: Counter[str] = Counter()
    with duckdb.connect() as engine:
        while len(cases) < PATTERNS:
            written, ignore_case = patterns(random), random.random() < 0.3
            if not _valid(engine, written):
                continue
            try:
                cases.append((written, ignore_case, java_regex(written, ignore_case=ignore_case)))
            except Untranslatable as error:
                refused[error.reason] += 1
        rows = [(*case, texts(random)) for case in cases for _ in range(TEXTS)]
        columns: Any = zip(*rows, strict=True)
        table = pa.table([range(len(rows)), *columns], names=["n", "written", "ignore_case", "java", "among"])
        expected = engine.execute(
            """SELECT CASE WHEN ignore_case THEN regexp_matches(among, written, 'i') ELSE regexp_matches(among, written)
            END FROM "table" ORDER BY n"""
        ).fetchall()
    found = spark.createDataFrame(table.select(["n", "java", "among"])).selectExpr("n", "among RLIKE java AS found")
    answers = [row.found for row in sorted(found.collect(), key=lambda row: row.n)]
    assert [(row, one, other) for row, (one,), other in zip(rows, expected, answers, strict=True) if one != other] == []
    assert 0.2 < sum(answers) / len(answers) < 0.8
    assert refused.total() < PATTERNS / 3


def _valid(engine: duckdb.DuckDBPyConnection, written: str) -> bool:
    try:
        engine.execute("SELECT regexp_matches('', ?)", [written]).fetchall()
    except duckdb.Error:
        return False
    return True


LONG = [
    ("^(a+)+$", "a"),
    ("(a|aa)+$", "a"),
    ("^(a|b)*c", "ab"),
    ("(a*)*b", "a"),
    ("(.*)*x", "a"),
    ("^a*a*a*a*a*a*a*b", "a"),
    (".*.*.*.*.*.*x", "a"),
    ("(a?){30}a{30}b", "a"),
    ("((a{1,30}){1,30})!", "a"),
    ("foo.*bar", "foo "),
    ("(?s)foo.*bar.*baz", "foo bar\n"),
    ("a.*b.*c.*d.*e", "abcd"),
    ("<[^>]*>", "<"),
    (r"^([a-z]+/)*[a-z]+$", "a/"),
    (r"^(\d+,)*\d+x", "1,22,"),
    (r"^(?:[^/]+/)*frame_\d+\.png$", "frame_1/"),
    (r"^(\w+\s?)*$!", "aa "),
    ("^(?:ab)*abc", "ab"),
    ("^(?:abc)*abd", "abc"),
    ("^(?:a[b😀]){2,}ac", "a😀"),
    ("^(?:foo|bar| )*x", "foo "),
    ("^(?:ab?)*x", "aab"),
    ("^(?:a(?:b(?:ca)?)?)*x", "abca"),
    ("^(a?😀?)*x", "a😀"),
    ("^[a😀]*a😀x", "a😀"),
    ("^[a😀]{2,}a😀x", "a😀"),
    ("^[a😀]{1,1000}a😀x", "a😀"),
    ("^(?:ab){1,1000}abx", "ab"),
    (r"\ba.*x\b", "a "),
    (r"[\w.]+@[\w.]+\.\w+$", "a.a@"),
    ("(?i)k.*ſ.*İ", "KſK"),
]
"""Pattern, and what a text of a million characters is made of, so that there is much to try."""


def test_a_text_of_a_million_characters_takes_neither_stack_nor_time(spark: Any) -> None:
    rows = [(java_regex(written, ignore_case=False), unit, 1_000_000 // len(unit)) for written, unit in LONG]
    columns: Any = zip(*rows, strict=True)
    table = pa.table([range(len(rows)), *columns], names=["n", "java", "unit", "times"])
    frame = spark.createDataFrame(table).repartition(2)
    started = time.monotonic()
    found = frame.selectExpr("n", "repeat(unit, int(times)) RLIKE java AS found").collect()
    assert time.monotonic() - started < 20
    with duckdb.connect() as engine:
        expected = [
            engine.execute("SELECT regexp_matches(repeat(?, ?), ?)", [unit, 1_000_000 // len(unit), written]).fetchall()
            for written, unit in LONG
        ]
    assert [[(row.found,)] for row in sorted(found, key=lambda row: row.n)] == expected


WORST = [
    ("a[^b]*a[^c]*d", "a"),
    ("^a[^b]*a[^c]*d", "a"),
    ("x[ab]*a[ac]*d", "xa"),
    ("a(?:ba)*c", "ab"),
    ("b.{0,20}b.{0,20}b.{0,20}c", "b"),
    ("^(?:a[ab]?){12}c", "ab"),
    ("^(?:[ab]+c)*a[bd]*b", "aaac"),
]
"""What has the most tries that are let through."""


def test_what_is_let_through_answers_soon_for_a_thousand_characters(spark: Any) -> None:
    rows = [(java_regex(written, ignore_case=False), unit) for written, unit in WORST]
    columns: Any = zip(*rows, strict=True)
    frame = spark.createDataFrame(pa.table(list(columns), names=["java", "unit"]))
    started = time.monotonic()
    found = frame.selectExpr("repeat(unit, int(1000 / length(unit))) RLIKE java AS found").collect()
    assert time.monotonic() - started < 10
    assert not any(row.found for row in found)
