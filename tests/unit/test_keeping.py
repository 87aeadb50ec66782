"""An engine keeps the rows of a query in memory, once, where they fit; who stops it has lost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.errors import EngineError
from metaquery.interruption import Interruption

from .python_workspace import made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    """One with little memory."""
    one = DuckDBEngine(made(tmp_path).data.snapshot.path, memory_mb=20)
    one._connection.execute("SET max_temp_directory_size = '1MB'")
    yield one
    one.close()


def test_rows_are_kept_once_for_every_statement_from_then_on(engine: DuckDBEngine) -> None:
    assert engine.keep("some", "SELECT ? AS unit", (1,))
    assert engine.keep("some", "SELECT ? AS unit", (2,))
    assert engine.rows("SELECT unit FROM kept.some", ()) == [(1,)]


def test_what_does_not_fit_is_asked_for_each_time(engine: DuckDBEngine) -> None:
    assert not engine.keep("some", "SELECT hash(range) AS unit FROM range(5_000_000)", ())
    assert engine.keep("some", "SELECT 1 AS unit", ())


def test_who_stops_it_has_lost_nothing(engine: DuckDBEngine) -> None:
    stopped = Interruption()
    stopped.stop()
    with stopped, pytest.raises(EngineError, match="interrupted"):
        engine.keep("some", "SELECT 1 AS unit", ())
    assert engine.keep("some", "SELECT 1 AS unit", ())
