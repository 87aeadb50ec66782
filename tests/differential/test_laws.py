"""Laws that hold whatever the rows are, tried on the rows of random worlds."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from hypothesis import given

from metaquery.language import DUCKDB, canonical, count_sql, key_sql, parse
from metaquery.language import syntax as s
from metaquery.language.printing import to_text
from tests.budget import cases

from .batches import Batch, Case, batches, bound

TRUE = s.Bool(value=True)


def keys(batch: Batch, case: Case, tree: s.Expr) -> Counter[tuple[Any, ...]]:
    return Counter(batch.stored.rows(key_sql(bound(batch, case, tree), DUCKDB)))


def count(batch: Batch, case: Case, tree: s.Expr) -> int:
    return batch.stored.rows(count_sql(bound(batch, case, tree), DUCKDB))[0][0]


@given(batch=batches(12))
@cases(10, shrink=False)
def test_the_laws_of_logic_hold(batch: Batch) -> None:
    for case, other in zip(batch.cases, batch.cases[1:], strict=False):
        p = case.tree
        assert parse(to_text(p)) == p
        parts = [count(batch, case, part) for part in (p, s.Not(p), s.IsUnknown(s.And((p, TRUE))))]
        assert sum(parts) == count(batch, case, TRUE), to_text(p)
        assert keys(batch, case, s.And((p, TRUE))) == keys(batch, case, p), to_text(p)
        if other.relation == case.relation:
            q = other.tree
            both = keys(batch, case, s.Not(s.And((p, q))))
            assert both == keys(batch, case, s.Or((s.Not(p), s.Not(q)))), (to_text(p), to_text(q))


@given(batch=batches(20))
@cases(8, shrink=False)
def test_canonical_text_is_the_same_filter(batch: Batch) -> None:
    for case in batch.cases:
        query = bound(batch, case, case.tree)
        again = bound(batch, case, parse(canonical(query)))
        assert canonical(again) == canonical(query)
        # Not the text: what was one condition may be two of a longer `and`.
        assert key_sql(again, DUCKDB).params == key_sql(query, DUCKDB).params, canonical(query)


@given(batch=batches(20))
@cases(8, shrink=False)
def test_decomposed_text_is_the_same_filter(batch: Batch) -> None:
    for case in batch.cases:
        text = to_text(case.tree)
        assert parse(unicodedata.normalize("NFD", text)) == parse(text), text
