"""The fixture, read twice: by the store and the compiled SQL, and by the oracle, agree on every value and every row."""

from __future__ import annotations

import json

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.language import DUCKDB, parse, parse_view
from metaquery.language import syntax as s
from metaquery.schema import DATA

from .blocks import Block
from .language import metadata_schema
from .readings import kinds, units, verdicts
from .test_language import ACCEPTED


def condition(block: Block) -> s.Expr:
    """Return what a block asks of a row; a view without a filter takes every row."""
    text = block.outcome["canonical"] if "parameters" in block.given else block.text  # which has their values
    tree = parse_view(text).where if block.is_view else parse(text)
    return s.Bool(value=True) if tree is None else tree


@pytest.mark.parametrize("block", ACCEPTED)
def test_the_oracle_selects_the_same_rows_and_knows_the_same_to_be_unknown(block: Block) -> None:
    found = verdicts(block, condition(block))
    true = {row for row, verdict in found.items() if verdict is True}
    selected = json.loads(block.outcome["ids"])
    assert set(selected) <= true if "limit" in block.outcome["tree"] else set(selected) == true, block.text
    assert list(found.values()).count(None) == int(block.outcome["unknown"]), block.text


def test_the_store_has_every_value_as_the_oracle_reads_it(engine: DuckDBEngine) -> None:
    for field in metadata_schema().schema().fields:
        found = engine.rows(f"SELECT data_hash FROM data WHERE {DUCKDB.quote(field.column)} IS NOT NULL", ())
        assert {row[0] for row in found} == {unit.hash for unit in units() if field.name in unit.values}
    rejects = set(engine.rows("SELECT data_hash, field, raw FROM rejects WHERE field IS NOT NULL", ()))
    assert rejects == {(unit.hash, field, raw) for unit in units() for field, raw in unit.raw.items()}


def test_every_type_has_values_and_values_that_do_not_fit_it() -> None:
    types = {kind.type for kind in kinds().values()}
    assert {kinds()[field].type for unit in units() for field in unit.values} == types
    assert {kinds()[field].type for unit in units() for field in unit.raw} == types


def test_the_store_makes_of_a_unit_what_the_fixture_says(engine: DuckDBEngine) -> None:
    names = [field.name for field in DATA.fields if field.type in {"STRING", "NUMBER"}]
    columns = ", ".join(DUCKDB.quote(name) for name in ("data_hash", *names))
    by_hash = {unit.hash: unit for unit in units()}
    for data_hash, *values in engine.rows(f"SELECT {columns} FROM data", ()):
        assert values == [by_hash[data_hash].own[name] for name in names]
