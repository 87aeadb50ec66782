"""Whatever is typed, a filter binds and runs, or it is refused with its place, within 2 s."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from tests.golden.fixture import engine_over
from tests.golden.language import metadata_schema

from .mutations import mutated
from .target import BLOCKS, attempt

TEXTS = [block.text for block in BLOCKS]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    made = engine_over(tmp_path_factory.mktemp("fuzz"), metadata_schema())
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(8))
def test_a_text_with_mistakes_runs_or_is_refused(engine: DuckDBEngine, seed: int) -> None:
    dice = Random(seed)  # noqa: S311  # the same texts each time
    ran = sum(attempt(mutated(dice, block.text, TEXTS), block, engine) for block in dice.sample(BLOCKS, 60))
    assert 0 < ran < 60
