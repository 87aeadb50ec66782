"""SQL and the oracle select the same rows of the fixed world, hold the same to be unknown, and `not` loses none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.language import (
    DUCKDB,
    BindOptions,
    canonical,
    compile_filter,
    count_sql,
    key_sql,
    parse,
    tally_sql,
    to_sql,
)
from metaquery.language import syntax as s
from metaquery.language.printing import to_text
from metaquery.schema import DATA, LABELS, PREDICTIONS
from tests.budget import cases
from tests.properties import filters
from tests.properties.schemas import SCHEMA

from .fixed_world import NOW, ROWS, ZONES, Case, make_world
from .oracle import Oracle

__all__ = ["NOW", "ZONES", "Case", "make_world"]


@pytest.fixture(scope="module")
def case() -> Iterator[Case]:
    with duckdb.connect() as connection:
        yield Case(connection)


@given(tree=filters.FILTERS, zone=st.sampled_from(ZONES))
@cases(100)
def test_sql_selects_what_the_oracle_selects(case: Case, tree: s.Expr, zone: str) -> None:
    world, units = case.world, case.units
    world.zone = zone
    text = to_text(tree)
    options = BindOptions(time_zone=zone, now=NOW, collections=tuple(filters.COLLECTIONS))
    query = compile_filter(text, SCHEMA, DATA, options=options)
    written = parse(text)
    verdicts = {unit.hash: Oracle(world, unit).value(written) for unit in units}
    expected = {key for key, verdict in verdicts.items() if verdict is True}
    sql = key_sql(query, DUCKDB)
    found = {row[0] for row in case.rows(sql)}
    assert found == expected, (text, sql)
    tally = tally_sql(query, DUCKDB).sql
    matched, unknown, total, *gaps = case.rows(tally)[0]
    assert (matched, unknown, total) == (len(expected), list(verdicts.values()).count(None), ROWS), text
    assert all(0 <= gap <= unknown for gap in gaps)
    count = count_sql(query, DUCKDB)
    assert case.rows(count) == [(len(expected),)]
    again = compile_filter(canonical(query), SCHEMA, DATA, options=options)
    assert key_sql(again, DUCKDB).params == sql.params, (text, canonical(query))


@given(tree=filters.FILTERS)
@cases(50)
def test_true_false_and_unknown_share_the_rows_out(case: Case, tree: s.Expr) -> None:
    counts = []
    for text in (tree, s.Not(tree), s.IsUnknown(s.And((tree, s.Bool(value=True))))):
        query = compile_filter(to_text(text), SCHEMA, DATA, options=BindOptions(now=NOW))
        sql = count_sql(query, DUCKDB)
        counts.append(case.rows(sql)[0][0])
    assert sum(counts) == ROWS, to_text(tree)


@pytest.mark.parametrize("relation", [LABELS, PREDICTIONS], ids=lambda r: r.name)
@given(data=st.data())
@cases(30)
def test_rows_of_units_are_selected_as_inside_a_quantifier(case: Case, relation: Any, data: st.DataObject) -> None:
    tree = data.draw(filters.rows(relation))
    world, units = case.world, case.units
    world.zone = "UTC"
    query = compile_filter(to_text(tree), SCHEMA, relation, options=BindOptions(now=NOW))
    sql = to_sql(query, DUCKDB, columns=(relation.get("class"), SCHEMA.get("city")))
    found = case.rows(sql)
    expected = [
        (row["class"], unit.values["city"])
        for unit in units
        for row in world.related[relation.qualifier][unit.hash]
        if Oracle(world, unit, relation.name, row).value(parse(to_text(tree))) is True
    ]
    assert sorted(map(str, found)) == sorted(map(str, expected))
