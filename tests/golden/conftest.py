"""The fixture, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metaquery.engines.duckdb import DuckDBEngine

from .fixture import engine_over
from .language import metadata_schema


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    """Open a snapshot of `fixture.json`, made by the store from pages as Encord sends them."""
    made = engine_over(tmp_path_factory.mktemp("golden"), metadata_schema())
    yield made
    made.close()
