"""The cases of `grammar/cases`, one test each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.language import DUCKDB, canonical, count_sql, to_sql
from metaquery.schema import DATA

from .blocks import DIRECTORY, Block, read, write
from .language import compiled, ids, run, schema_of

FILES = sorted(DIRECTORY.glob("*.cases"))
BLOCKS = [(f"{path.stem}-{serial}", block) for path in FILES for serial, block in enumerate(read(path), start=1)]
CASES = [pytest.param(block, id=name) for name, block in BLOCKS]
ACCEPTED = [pytest.param(block, id=name) for name, block in BLOCKS if "code" not in block.outcome]


@pytest.mark.parametrize("block", CASES)
def test_a_case_comes_out_as_written(block: Block, engine: DuckDBEngine) -> None:
    assert run(block, engine) == block.outcome, block.text


@pytest.mark.parametrize("block", ACCEPTED)
def test_canonical_text_stays_as_it_is_and_selects_the_same(block: Block, engine: DuckDBEngine) -> None:
    again = compiled(block, block.outcome["canonical"])
    assert canonical(again) == block.outcome["canonical"]
    assert ids(again, engine, ordered=block.is_view) == json.loads(block.outcome["ids"])
    sql = count_sql(again, DUCKDB)
    (matched,) = engine.rows(sql.text, sql.params)[0]
    assert min(matched, again.limit or matched) == len(json.loads(block.outcome["ids"]))


@pytest.mark.parametrize("block", [param for param in ACCEPTED if param.values[0].given.get("on")])
def test_every_column_can_be_shown_beside_a_label_or_prediction(block: Block, engine: DuckDBEngine) -> None:
    query = compiled(block)
    sql = to_sql(query, DUCKDB, columns=(*query.relation.fields, *DATA.fields, *schema_of(block).fields))
    assert engine.stream(sql.text, sql.params).read_all().num_rows == len(json.loads(block.outcome["ids"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_written_as_it_was_read(path: Path, tmp_path: Path) -> None:
    write(tmp_path / path.name, read(path))
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()
