"""In random worlds, facets of any field account for every matching row, and each bar is what its filter selects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given

from metaquery.facets import Bar, Facet, facets_of
from metaquery.language import DUCKDB, Query, Sql, canonical, compile_filter, count_sql
from metaquery.language.query import And
from metaquery.matching import Matching
from metaquery.schema import DATA, RELATIONS
from tests.budget import cases

from .batches import Batch, Case, batches, bound, options

if TYPE_CHECKING:
    from collections.abc import Callable


@given(batch=batches(1))
@cases(5, shrink=False)
def test_bars_add_up_to_the_rows_that_match_and_count_what_their_filters_count(batch: Batch) -> None:
    (case,) = batch.cases
    matching = of(batch, case)
    relation = RELATIONS[case.relation]
    fields = (*batch.stored.schema.fields, *relation.fields, *(() if relation is DATA else DATA.fields[-2:]))
    facets = facets_of(matching, fields, top=2, bins=4).values()
    for facet in facets:
        check(facet)
    assert list(facets_of(scanned(batch, matching), fields, top=2, bins=4).values()) == list(facets)
    bars = [bar for facet in facets for bar in facet.bars if bar.filter is not None]
    assert [bar.rows for bar in bars] == counted(matching, bars)


def of(batch: Batch, case: Case) -> Matching:
    stored, asked = batch.stored, bound(batch, case, case.tree)
    return Matching(asked, stored.rows, DUCKDB, stored.schema, stored.keys, options(batch, case))


def scanned(batch: Batch, matching: Matching) -> Matching:
    """Return the same rows, counted as many are: by a scan for each question, the misfits by what is kept of them."""

    def keep(name: str, sql: Callable[[], Sql]) -> bool:
        made = sql()
        return batch.stored.engine.keep(name, made.text, made.params)

    return replace(matching, few_rows=0, keep=keep)


def check(facet: Facet) -> None:
    kinds = [bar.kind for bar in facet.bars]
    assert kinds.count("missing") == 1
    assert kinds.count("value") <= 2
    assert kinds.count("bin") <= 11  # millennia
    if facet.type != "LIST":
        assert sum(bar.rows for bar in facet.bars) == facet.matched, facet


def counted(matching: Matching, bars: list[Bar]) -> list[int]:
    """Return the rows that each bar's filter selects, by one statement: one a bar takes ten times as long."""
    counts = [count_sql(narrowed(matching, bar), DUCKDB) for bar in bars]
    text = f"SELECT {', '.join(f'({sql.text})' for sql in counts)}"
    (row,) = matching.run(Sql(text, tuple(param for sql in counts for param in sql.params), ()))
    return list(row)


def narrowed(matching: Matching, bar: Bar) -> Query:
    assert bar.filter is not None
    query = compile_filter(bar.filter, matching.schema, matching.query.relation, options=matching.options)
    assert query.where is not None
    assert canonical(query.where) == bar.filter
    return Query(
        query.relation, And(tuple(where for where in (matching.query.where, query.where) if where is not None))
    )
