"""Every accepted filter of the cases, written as CQL2-JSON and read back: the same rows, the same document."""

from __future__ import annotations

import json

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.language import from_cql2_json, to_cql2_json
from metaquery.language.printing import to_text

from .blocks import Block
from .language import compiled, ids, unknown
from .test_language import ACCEPTED

FILTERS = [param for param in ACCEPTED if not param.values[0].is_view]


@pytest.mark.parametrize("block", FILTERS)
def test_a_filter_that_was_written_and_read_selects_the_same(block: Block, engine: DuckDBEngine) -> None:
    document = json.loads(json.dumps(to_cql2_json(compiled(block))))
    again = compiled(block, to_text(from_cql2_json(document)))
    assert to_cql2_json(again) == document
    assert ids(again, engine, ordered=False) == json.loads(block.outcome["ids"])
    assert unknown(again, engine) == int(block.outcome["unknown"])
