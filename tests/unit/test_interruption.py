"""One of many askers can be stopped: what runs for it fails, and nobody else's statement does."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from metaquery.errors import EngineError
from metaquery.interruption import Interruption

from .python_workspace import made

LONG = "SELECT count(*) FROM range(1_000_000_000_000) t(i) WHERE i % 7 = 3"


def test_one_is_stopped_and_the_others_are_answered(tmp_path: Path) -> None:
    engine = made(tmp_path).data.engine
    mine, begun, told = Interruption(), Event(), []

    def ask() -> None:
        begun.set()
        with mine, pytest.raises(EngineError, match="interrupted") as caught:
            engine.rows(LONG, ())
        told.append(caught.value)

    thread = Thread(target=ask)
    thread.start()
    assert begun.wait(10)
    with Interruption():
        assert engine.rows("SELECT 1", ()) == [(1,)]
    while thread.is_alive():
        mine.stop()
        thread.join(0.01)
    assert len(told) == 1
    assert engine.rows("SELECT 2", ()) == [(2,)]


def test_what_was_stopped_begins_nothing_more(tmp_path: Path) -> None:
    engine = made(tmp_path).data.engine
    stopped = Interruption()
    stopped.stop()
    with stopped, pytest.raises(EngineError, match="interrupted"):
        engine.rows("SELECT 1", ())
    assert engine.rows("SELECT 1", ()) == [(1,)]
