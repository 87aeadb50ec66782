"""In random worlds, Spark selects what DuckDB selects, holds the same rows to be unknown, and has the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given

from metaquery.engines.spark import SparkEngine
from metaquery.errors import FilterError, FilterTypeError
from metaquery.language import (
    DUCKDB,
    Dialect,
    Query,
    Sql,
    expressions,
    key_sql,
    parse,
    query,
    require_sayable,
    tally_sql,
    to_sql,
)
from metaquery.language.printing import to_text
from tests.budget import cases
from tests.differential.batches import Batch, Case, batches, bound
from tests.differential.smaller import smallest
from tests.lakes import lake_over

from .asking import Answer, answers, kept
from .sessions import other

Saying = Callable[[Query, Dialect], Sql]

BEYOND = (query.Quantified, query.Count, query.Temporal, query.Constant, query.ListOf, query.Interval)
SORTED = {"NUMBER", "STRING", "ENUM", "BOOLEAN", "DATETIME", "UUID", "DURATION"}
REFUSED = ("accenti has no form on Spark", "upper has no form on Spark", "this regular expression has no form on Spark")


@pytest.fixture(scope="module")
def sessions(spark: Any) -> Iterator[Any]:
    """Sessions that differ in what may change a value: whether errors are NULL, and how rows are joined."""
    return cycle(
        [
            other(spark, **{"ansi.enabled": "true", "autoBroadcastJoinThreshold": "-1"}),
            other(spark, **{"ansi.enabled": "false", "autoBroadcastJoinThreshold": "-1"}),
            other(spark, **{"ansi.enabled": "true"}),
        ]
    )


@pytest.fixture(params=[100, 1], ids=["short lists", "long lists"])
def lists(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a list be long from two items on, which is another statement: random ones have no hundred."""
    monkeypatch.setattr(expressions, "_MANY", request.param)


@pytest.mark.usefixtures("lists")
@given(batch=batches(64))
@cases(1, shrink=False)
def test_spark_selects_what_duckdb_selects(sessions: Iterator[Any], batch: Batch) -> None:
    stored = batch.stored
    lake_over(stored.root / "snapshot.duckdb", stored.made, stored.memberships, stored.root / "lake", parts=2).close()
    with kept(next(sessions), stored.root / "lake") as engine:
        asked = [(case, bound(batch, case, parse(to_text(case.tree)))) for case in batch.cases]
        asked = [(case, query_) for case, query_ in asked if sayable(query_)]
        assert len(asked) > len(batch.cases) // 2
        for saying in (keys, counts):
            wrong = disagreeing(batch, engine, [query_ for _, query_ in asked], saying)
            for at in wrong:
                pytest.fail(explained(batch, engine, asked[at][0], saying))
        ordered = [sorted_by(query_) for _, query_ in asked[::8]]
        wrong = disagreeing(batch, engine, ordered, in_order)
        assert not wrong, in_order(ordered[wrong[0]], DUCKDB)


def keys(asked: Query, dialect: Dialect) -> Sql:
    return key_sql(asked, dialect)


def counts(asked: Query, dialect: Dialect) -> Sql:
    return tally_sql(asked, dialect).sql


def in_order(asked: Query, dialect: Dialect) -> Sql:
    own = tuple(field for field in asked.relation.fields if field.name in asked.relation.key)
    return to_sql(asked, dialect, columns=own)


def sayable(asked: Query) -> bool:
    """Whether Spark has a form for a filter; what it refuses is one of the few things that are known."""
    try:
        require_sayable(asked, SparkEngine.dialect)
    except FilterTypeError as error:
        if error.code == "unsupported-in-dialect" and str(error).startswith(REFUSED):
            return False
        raise
    return True


def sorted_by(asked: Query) -> Query:
    """Return the rows of a filter in the order of the values that it is about, and of the filter itself."""
    assert asked.where is not None
    values = [node for node in outside(asked.where) if node.type in SORTED][:3]
    order = [query.SortKey(node, bool(n % 2), n % 3 == 0) for n, node in enumerate([*values, asked.where])]
    return replace(asked, where=None, order=tuple(order))


def outside(node: query.Value) -> list[query.Value]:
    """Return the parts of a filter that are about its own row."""
    if isinstance(
        node, query.Quantified | query.Count | query.Temporal | query.Constant | query.ListOf | query.Interval
    ):
        return []
    own = [] if isinstance(node, query.And | query.Or | query.Not | query.Step) else [node]
    return [*own, *(part for each in query.parts(node) for part in outside(each))]


def disagreeing(batch: Batch, engine: SparkEngine, asked: list[Query], saying: Saying) -> list[int]:
    """Return the places of the filters of which Spark says something else than DuckDB."""
    theirs = answers(engine, [saying(each, engine.dialect) for each in asked])
    ours = [batch.stored.rows(saying(each, DUCKDB)) for each in asked]
    if saying is keys:
        theirs, ours = list(map(arranged, theirs)), list(map(arranged, ours))
    return [at for at, both in enumerate(zip(theirs, ours, strict=True)) if both[0] != both[1]]


def arranged(found: Answer) -> Answer:
    return found if isinstance(found, str) else sorted(found, key=repr)


def explained(batch: Batch, engine: SparkEngine, case: Case, saying: Saying) -> str:
    """Make a filter smaller for as long as they do not agree on it; show both answers, and what Spark was asked."""

    def disagreed(tree: Any) -> bool:
        try:
            asked = bound(batch, case, parse(to_text(tree)))
        except FilterError:
            return False
        return sayable(asked) and bool(disagreeing(batch, engine, [asked], saying))

    tree = smallest(case.tree, disagreed)
    asked = bound(batch, case, parse(to_text(tree)))
    sql = saying(asked, engine.dialect)
    ours, (theirs,) = batch.stored.rows(saying(asked, DUCKDB)), answers(engine, [sql])
    lines = [f"{to_text(tree)}   (on {case.relation}, {case.zone})", str(sql), f"DuckDB: {ours}", f"Spark: {theirs}"]
    return "\n".join(lines)
