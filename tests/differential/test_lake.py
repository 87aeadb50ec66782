"""In random worlds, the lake that a snapshot is exported to gives the rows and counts that the snapshot gives."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given

from metaquery.language import DUCKDB, key_sql, parse, tally_sql
from metaquery.language.printing import to_text
from tests.budget import cases
from tests.lakes import lake_over

from .batches import Batch, batches, bound


@given(batch=batches(32))
@cases(2, shrink=False)
def test_a_lake_selects_what_the_snapshot_selects(batch: Batch) -> None:
    stored = batch.stored
    directory = stored.root / "lake"
    engine = lake_over(stored.root / "snapshot.duckdb", stored.made, stored.memberships, directory, parts=2)
    session = engine._session("data labels predictions rejects members tags")

    def rows(sql: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = session.execute(sql.text, sql.params).fetchall()
        return found

    for case in batch.cases:
        query = bound(batch, case, parse(to_text(case.tree)))
        keys, tally = key_sql(query, DUCKDB), tally_sql(query, DUCKDB).sql
        assert Counter(rows(keys)) == Counter(stored.rows(keys)), to_text(case.tree)
        assert rows(tally) == stored.rows(tally), to_text(case.tree)
    engine.close()
