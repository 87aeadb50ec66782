"""The laws of the language, each as one call over the corpus: it returns, or it fails.

Where a test of a law takes any filter, the law is that very test, called with the filters of the corpus.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb

from metaquery.errors import FilterError
from metaquery.language import (
    DUCKDB,
    BindOptions,
    Query,
    bind,
    canonical,
    compile_view,
    key_sql,
    parse,
    parse_view,
    to_sql,
)
from metaquery.language import syntax as s
from metaquery.language.cql2_json import from_cql2_json, to_cql2_json
from metaquery.schema import DATA
from tests.differential import test_language as differential
from tests.differential.oracle import Unit
from tests.differential.test_language import NOW, Case
from tests.golden.blocks import DIRECTORY, Block, json_line, read
from tests.golden.language import compiled, sql_of
from tests.golden.trees import tree_of
from tests.properties import test_language as properties
from tests.properties.filters import COLLECTIONS
from tests.properties.schemas import SCHEMA
from tests.unit.language import test_hostile_input as hostile

from .corpus import ORDERS, PAGES, TREES, Key

ZONES = ("Pacific/Chatham", "UTC")
"""The first is no whole hours from UTC, and a day ahead at `NOW`; in the second, rows lie at midnight."""
OPTIONS = BindOptions(time_zone=ZONES[0], now=NOW, collections=tuple(COLLECTIONS))
BLOCKS = [block for path in sorted(DIRECTORY.glob("*.cases")) for block in read(path)]
TRUE, FALSE = s.Bool(value=True), s.Bool(value=False)


class Bench(Case):
    """The rows of the differential tests, and once more, lying the other way round."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("SET threads = 1")  # for 120 rows, others only wait for each other
        super().__init__(connection)
        connection.execute("CREATE SCHEMA reversed")
        connection.execute("CREATE TABLE reversed.data AS SELECT * FROM main.data ORDER BY data_hash DESC")
        self.reversed = connection.cursor()
        self.reversed.execute("SET schema = 'reversed'")

    def selected(self, tree: s.Expr) -> tuple[set[str], set[str]]:
        """Return the units for which a filter is true, and those for which it is unknown."""
        true, unknown = (self.rows(key_sql(bound(x), DUCKDB)) for x in (tree, s.IsUnknown(s.And((tree, TRUE)))))
        return {row[0] for row in true}, {row[0] for row in unknown}


Law = Callable[[Bench, tuple[str, ...]], None]


def given(test: Any) -> Callable[..., None]:
    """Return what a test of Hypothesis does with one example."""
    inner: Callable[..., None] = test.hypothesis.inner_test
    return inner


def bound(tree: s.Expr) -> Query:
    return Query(DATA, bind(tree, SCHEMA, DATA, options=OPTIONS))


def golden_cases(bench: Bench, filters: tuple[str, ...]) -> None:
    """Each golden case comes out as it is written down; which rows its SQL selects is the oracle's."""
    for block in BLOCKS:
        expected = {key: value for key, value in block.outcome.items() if key not in {"ids", "unknown"}}
        assert said(block) == expected, block.text


def oracle(bench: Bench, filters: tuple[str, ...]) -> None:
    """SQL selects, counts and does not know the rows that an independent reading of the specification does."""
    agree = given(differential.test_sql_selects_what_the_oracle_selects)
    for text in filters:
        for zone in ZONES if "_at" in text else ZONES[:1]:
            agree(bench, parse(text), zone)


def partition(bench: Bench, filters: tuple[str, ...]) -> None:
    """Each row is among those of P, of `not P` or of `P is unknown`, and among one of them alone."""
    share_out = given(differential.test_true_false_and_unknown_share_the_rows_out)
    for text in filters:
        share_out(bench, parse(text))


def de_morgan(bench: Bench, filters: tuple[str, ...]) -> None:
    """`not (P and Q)` is `not P or not Q`, `not (P or Q)` is `not P and not Q`, where unknown too."""
    trees = [parse(text) for text in filters]
    for p, q in zip(trees[::2], trees[1::2], strict=False):
        assert bench.selected(s.Not(s.And((p, q)))) == bench.selected(s.Or((s.Not(p), s.Not(q)))), (p, q)
        assert bench.selected(s.Not(s.Or((p, q)))) == bench.selected(s.And((s.Not(p), s.Not(q)))), (p, q)


def neutral(bench: Bench, filters: tuple[str, ...]) -> None:
    """`P and true` and `P or false` are P."""
    for text in filters:
        p = parse(text)
        expected = bench.selected(p)
        assert bench.selected(s.And((p, TRUE))) == expected, text
        assert bench.selected(s.Or((p, FALSE))) == expected, text


def printing(bench: Bench, filters: tuple[str, ...]) -> None:
    """What is printed is read back as the same tree, and printing it again changes nothing."""
    read_back = given(properties.test_what_is_printed_is_read_back)
    for tree in (*map(parse, filters), *TREES):
        read_back(tree)


def cql2_json(bench: Bench, filters: tuple[str, ...]) -> None:
    """A filter that was written as CQL2-JSON and read again selects the same rows, and is written the same."""
    for text in filters:
        query = bound(parse(text))
        document = json.loads(json.dumps(to_cql2_json(query)))
        again = bound(from_cql2_json(document))
        assert to_cql2_json(again) == document, text
        assert set(bench.rows(key_sql(again, DUCKDB))) == set(bench.rows(key_sql(query, DUCKDB))), text


def stable_pages(bench: Bench, filters: tuple[str, ...]) -> None:
    """The first rows of an order are the same however many are taken and however they lie; ties go by `data_hash`."""
    for order in ORDERS:
        expected = [unit.hash for unit in in_order(bench.units, order)]
        for size in PAGES:
            query = compile_view(f"{written(order)} limit {size}", SCHEMA, DATA, options=OPTIONS)
            sql = to_sql(query, DUCKDB, columns=(DATA.fields[0],))
            for rows in (bench.connection, bench.reversed):
                assert [key for (key,) in rows.execute(sql.text, sql.params).fetchall()] == expected[:size], order


def limits(bench: Bench, filters: tuple[str, ...]) -> None:
    """What is larger than the language allows is refused as that."""
    for name in ("a list", "a chain", "brackets"):
        hostile.test_limits_are_an_error_of_their_own(name)


def injection(bench: Bench, filters: tuple[str, ...]) -> None:
    """No text of a user becomes SQL."""
    hostile.test_names_and_texts_never_become_sql()


def said(block: Block) -> dict[str, str]:
    """Return what comes out of a golden case, but for the rows."""
    try:
        query = compiled(block)
    except FilterError as error:
        return {"code": error.code, "span": f"{error.span.start}-{error.span.end}", "picture": str(error)}
    tree = json_line(tree_of((parse_view if block.is_view else parse)(block.text)))
    return {"canonical": canonical(query), "tree": tree, **sql_of(query, block)}


def written(order: tuple[Key, ...]) -> str:
    keys = [f"{name}{' desc' * descending}{' nulls first' * first}" for name, descending, first in order]
    return f"order by {', '.join(keys)}" if keys else ""


def in_order(units: list[Unit], order: tuple[Key, ...]) -> list[Unit]:
    """Sort as §9 says, the least important key first: Python's sort keeps the order of ties."""
    units = sorted(units, key=lambda unit: unit.hash)
    for name, descending, nulls_first in reversed(order):
        absent = [unit for unit in units if unit.values[name] is None]
        known = [unit for unit in units if unit.values[name] is not None]
        known.sort(key=lambda unit, name=name: unit.values[name], reverse=descending)
        units = [*absent, *known] if nulls_first else [*known, *absent]
    return units


LAWS: dict[str, Law] = {
    law.__name__: law
    for law in (
        golden_cases,
        oracle,
        partition,
        de_morgan,
        neutral,
        printing,
        cql2_json,
        stable_pages,
        limits,
        injection,
    )
}
"""Every law of the language, by name."""
