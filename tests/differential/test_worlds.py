"""In random worlds, SQL and the oracle select the same rows, and hold the same number to be unknown."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from metaquery.errors import FilterError
from metaquery.language import DUCKDB, count_sql, key_sql, parse, tally_sql
from metaquery.language import syntax as s
from metaquery.language.printing import to_text
from metaquery.schema import RELATIONS
from tests.budget import cases

from .batches import Batch, Case, batches, bound
from .oracle import Oracle, Row, Unit
from .smaller import smallest
from .worlds import RawWorld

Key = tuple[Any, ...]


HELD: set[tuple[RawWorld, Case]] = set()
"""What has held already: Hypothesis likes to repeat parts of a batch."""


@given(batch=batches(64))
@cases(24, shrink=False)
def test_sql_selects_what_the_oracle_selects(batch: Batch) -> None:
    for case in batch.cases:
        if (batch.raw, case) not in HELD and not agreed(batch, case):
            pytest.fail(explained(batch, made_smaller(batch, case)))
        HELD.add((batch.raw, case))


def agreed(batch: Batch, case: Case) -> bool:
    """Compare keys, the three counts of a tally, and the count."""
    tree = parse(to_text(case.tree))
    query = bound(batch, case, tree)
    verdicts = judged(batch, case, tree)
    knows = [verdict for _, verdict in verdicts]
    expected = Counter(place for place, verdict in verdicts if verdict is True)
    matched, unknown, total, *gaps = batch.stored.rows(tally_sql(query, DUCKDB).sql)[0]
    return (
        Counter(batch.stored.rows(key_sql(query, DUCKDB))) == expected
        and (matched, unknown, total) == (knows.count(True), knows.count(None), len(knows))
        and all(0 <= gap <= unknown for gap in gaps)
        and batch.stored.rows(count_sql(query, DUCKDB)) == [(matched,)]
    )


def made_smaller(batch: Batch, case: Case) -> Case:
    return replace(case, tree=smallest(case.tree, lambda tree: disagreed(batch, replace(case, tree=tree))))


def disagreed(batch: Batch, case: Case) -> bool:
    """Whether a part of a filter is a filter too, and the two do not agree on it."""
    try:
        bound(batch, case, parse(to_text(case.tree)))
    except FilterError:
        return False
    return not agreed(batch, case)


def judged(batch: Batch, case: Case, tree: s.Expr) -> list[tuple[Key, Any]]:
    """Return the key of every row of the relation, with what the oracle says of it."""
    batch.world.zone = case.zone
    return [
        (key(case.relation, unit, row), Oracle(batch.world, unit, case.relation, row).value(tree))
        for unit, row in rows(batch, case.relation)
    ]


def rows(batch: Batch, relation: str) -> list[tuple[Unit, Row]]:
    if relation == "data":
        return [(unit, unit.own) for unit in batch.units]
    related = batch.world.related[RELATIONS[relation].qualifier]
    return [(unit, row) for unit in batch.units for row in related.get(unit.hash, [])]


def key(relation: str, unit: Unit, row: Row) -> Key:
    own = {**row, "data_hash": unit.hash}
    return tuple(own[name] for name in RELATIONS[relation].key)


def explained(batch: Batch, case: Case) -> str:
    """Name the rows that they do not agree on, with both verdicts and the text that they were read from."""
    text = to_text(case.tree)
    told = dict.fromkeys((place for place, _ in judged(batch, case, case.tree)), False)
    for verdict, tree in ((True, case.tree), (None, s.IsUnknown(s.And((case.tree, s.Bool(value=True)))))):
        query = bound(batch, case, parse(to_text(tree)))
        told |= dict.fromkeys(batch.stored.rows(key_sql(query, DUCKDB)), verdict)
    lines = [f"{text}   (on {case.relation}, {case.zone})", str(key_sql(bound(batch, case, parse(text)), DUCKDB))]
    texts = {unit.hash: raw for unit, raw in zip(batch.units, batch.raw.units, strict=True)}
    for place, verdict in judged(batch, case, parse(text)):
        if told[place] is not verdict:
            lines.append(f"{place}: the oracle says {verdict}, SQL {told[place]}; {texts[place[0]]}")
    return "\n".join(lines[:8])
