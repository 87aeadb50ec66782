"""The laws of the language, each as one call over the corpus: it returns, or it fails.

Where a test of a law takes any filter, the law is that very test, called with the filters of the corpus.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import duckdb

from metaquery.language import DUCKDB, BindOptions, Query, bind, compile_view, key_sql, parse, to_sql
from metaquery.language import syntax as s
from metaquery.language.cql2_json import from_cql2_json, to_cql2_json
from metaquery.schema import DATA
from tests.differential import test_language as differential
from tests.differential.oracle import Unit
from tests.differential.test_language import NOW, Case
from tests.golden.language import DIRECTORY, read, run
from tests.properties import filters
from tests.properties import test_language as properties
from tests.properties.schemas import SCHEMA

from .corpus import FILTERS, ORDERS, PAGES, TREES, Key

ZONE = "America/St_Johns"
"""Of the corpus: no whole hours from UTC, so that a zone that is forgotten shows."""
OPTIONS = BindOptions(time_zone=ZONE, now=NOW, collections=tuple(filters.COLLECTIONS))
TRUE, FALSE = s.Bool(value=True), s.Bool(value=False)


class Bench(Case):
    """The rows of the differential tests, and once more, lying the other way round."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        connection.execute("CREATE SCHEMA reversed")
        connection.execute("CREATE TABLE reversed.data AS SELECT * FROM main.data ORDER BY data_hash DESC")
        self.reversed = connection.cursor()
        self.reversed.execute("SET schema = 'reversed'")

    def selected(self, tree: s.Expr) -> tuple[set[str], set[str]]:
        """Return the units for which a filter is true, and those for which it is unknown."""
        true, unknown = (self.rows(key_sql(bound(x), DUCKDB)) for x in (tree, s.IsUnknown(s.And((tree, TRUE)))))
        return {row[0] for row in true}, {row[0] for row in unknown}


Law = Callable[[Bench], None]


def given(test: Any) -> Callable[..., None]:
    """Return what a test of Hypothesis does with one example."""
    inner: Callable[..., None] = test.hypothesis.inner_test
    return inner


def bound(tree: s.Expr) -> Query:
    return Query(DATA, bind(tree, SCHEMA, DATA, options=OPTIONS))


def golden_cases(bench: Bench) -> None:
    """Each golden case comes out as it is written down."""
    for path in sorted(DIRECTORY.glob("*.cases")):
        for block in read(path):
            assert run(block) == block.outcome, block.text


def oracle(bench: Bench) -> None:
    """SQL selects, counts and does not know the rows that an independent reading of the specification does."""
    agree = given(differential.test_sql_selects_what_the_oracle_selects)
    for text in FILTERS:
        agree(bench, parse(text), ZONE)


def partition(bench: Bench) -> None:
    """Each row is among those of P, of `not P` or of `P is unknown`, and among one of them alone."""
    share_out = given(differential.test_true_false_and_unknown_share_the_rows_out)
    for text in FILTERS:
        share_out(bench, parse(text))


def de_morgan(bench: Bench) -> None:
    """`not (P and Q)` is `not P or not Q`, `not (P or Q)` is `not P and not Q`, where unknown too."""
    for p, q in pairwise(map(parse, FILTERS)):
        assert bench.selected(s.Not(s.And((p, q)))) == bench.selected(s.Or((s.Not(p), s.Not(q)))), (p, q)
        assert bench.selected(s.Not(s.Or((p, q)))) == bench.selected(s.And((s.Not(p), s.Not(q)))), (p, q)


def neutral(bench: Bench) -> None:
    """`P and true` and `P or false` are P."""
    for text in FILTERS:
        p = parse(text)
        expected = bench.selected(p)
        assert bench.selected(s.And((p, TRUE))) == expected, text
        assert bench.selected(s.Or((p, FALSE))) == expected, text


def printing(bench: Bench) -> None:
    """What is printed is read back as the same tree, and printing it again changes nothing."""
    read_back = given(properties.test_what_is_printed_is_read_back)
    for tree in (*map(parse, FILTERS), *TREES):
        read_back(tree)


def cql2_json(bench: Bench) -> None:
    """A filter that was written as CQL2-JSON and read again selects the same rows, and is written the same."""
    for text in FILTERS:
        query = bound(parse(text))
        document = json.loads(json.dumps(to_cql2_json(query)))
        again = bound(from_cql2_json(document))
        assert to_cql2_json(again) == document, text
        assert set(bench.rows(key_sql(again, DUCKDB))) == set(bench.rows(key_sql(query, DUCKDB))), text


def stable_pages(bench: Bench) -> None:
    """The first rows of an order are the same however many are taken and however they lie; ties go by `data_hash`."""
    for order in ORDERS:
        expected = [unit.hash for unit in in_order(bench.units, order)]
        for size in PAGES:
            query = compile_view(f"{written(order)} limit {size}", SCHEMA, DATA, options=OPTIONS)
            sql = to_sql(query, DUCKDB, columns=(DATA.fields[0],))
            for rows in (bench.connection, bench.reversed):
                assert [key for (key,) in rows.execute(sql.text, sql.params).fetchall()] == expected[:size], order


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
    for law in (golden_cases, oracle, partition, de_morgan, neutral, printing, cql2_json, stable_pages)
}
"""Every law of the language, by name."""
