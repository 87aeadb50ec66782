"""Ctrl-C while a statement runs; here the statement presses the key itself, so that it is known to run."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread

import duckdb
import pytest

from metaquery.engines.duckdb import DuckDBEngine, DuckDBPair
from metaquery.interruptible import interruptible
from metaquery.store.session import Interruptible

PRESSES = """SELECT count(*) AS n FROM (SELECT press() AS p) a, range(30_000_000) b
    WHERE regexp_matches(md5((b.range + p)::VARCHAR), '(a|b)+c.*d.*e.*f')"""
"""Ten seconds' work for two threads, of which DuckDB's main one waits most of the time."""


def press() -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return 1


@pytest.fixture
def keys() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.duckdb"
    duckdb.connect(path).close()
    return path


def test_a_statement_ends_when_the_key_is_pressed_twenty_times_of_twenty(
    keys: None, file: Path, tmp_path: Path
) -> None:
    engine, pair = DuckDBEngine(file, threads=2), DuckDBPair(file, file, threads=2)
    made = Interruptible(duckdb.connect(config={"threads": 2}))
    for connection in (engine._connection, pair._connection, made.connection):
        connection.create_function("press", press, [], "BIGINT", side_effects=True)
    ways: list[Callable[[], object]] = [
        lambda: engine.rows(PRESSES, ()),
        lambda: engine.stream(PRESSES, ()).read_all(),
        lambda: engine.write_parquet(PRESSES, (), tmp_path / "rows.parquet"),
        lambda: pair.rows(PRESSES),
        lambda: made.execute(PRESSES),
    ]
    for way in ways * 4:
        with pytest.raises(KeyboardInterrupt):
            way()
        assert engine.rows("SELECT 42", ()) == pair.rows("SELECT 42") == made.execute("SELECT 42").fetchall() == [(42,)]
    engine.close()
    made.connection.close()
    pair.close()


def test_rows_that_are_handed_over_in_batches_end_within_one(keys: None, file: Path) -> None:
    engine = DuckDBEngine(file, threads=1)
    engine._connection.create_function("press", press, [], "BIGINT", side_effects=True)
    late = "SELECT CASE WHEN range = 1_000_000 THEN press() ELSE 0 END AS n FROM range(30_000_000)"
    reader = engine.stream(late, ())
    assert reader.read_next_batch().num_rows == 100_000
    with pytest.raises(KeyboardInterrupt):
        reader.read_all()
    assert engine.rows("SELECT 42", ()) == [(42,)]
    engine.close()


def test_the_second_key_leaves_at_once_whatever_the_work_does(keys: None) -> None:
    begun, let_go, told = Event(), Event(), []

    def deaf() -> None:
        begun.set()
        press()
        let_go.wait()

    def stop() -> None:
        told.append("stop")
        press()

    with pytest.raises(KeyboardInterrupt):
        interruptible(deaf, stop)
    assert (begun.is_set(), told) == (True, ["stop"])
    let_go.set()
    assert interruptible(lambda: "next", stop) == "next"


def test_what_comes_of_the_work_comes_to_who_asked_for_it() -> None:
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0, lambda: None)
    assert interruptible(current_thread, lambda: None) is not main_thread()
    seen: list[Thread] = []
    other = Thread(target=lambda: seen.append(interruptible(current_thread, lambda: None)))
    other.start()
    other.join()
    assert seen == [other]
