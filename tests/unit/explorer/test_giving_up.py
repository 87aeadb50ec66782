"""A request that its client gives up is stopped in the engine, and so is everything when the server ends."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

import metaquery
from metaquery.explorer import app
from metaquery.explorer.asking import Parameters
from metaquery.explorer.desk import Desk
from metaquery.explorer.routes import ENDPOINTS, Endpoint
from tests.unit.python_workspace import made
from tests.unit.test_interruption import LONG

from .conftest import Served, serving


def request(served: Served, path: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{served.port}", f"Authorization: Bearer {served.token}")
    return "\r\n".join((*lines, "", "")).encode()


def until(condition: Any) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end


def test_what_nobody_waits_for_is_not_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desks: list[Desk] = []

    def slow(desk: Desk, _given: Parameters) -> Any:
        desks.append(desk)
        return desk.moment().data.engine.rows(LONG, ())

    monkeypatch.setattr(app, "ENDPOINTS", (*ENDPOINTS, Endpoint("GET", "/api/slow", slow)))
    with serving(made(tmp_path)) as served:
        head = request(served, "/api/slow")
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.sendall(head)
                until(lambda: desks and desks[0].moment().data.engine._running)
            until(lambda: not desks[0].interruptions and not desks[0].moment().data.engine._running)
        assert served.get("/api/counts", filter="dark")["matched"] == 2
        connection = socket.create_connection(("127.0.0.1", served.port))
        connection.sendall(head)
        until(lambda: desks[0].moment().data.engine._running)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    connection.close()


def test_a_download_that_nobody_reads_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    endless = {
        "before its first row": "SELECT i FROM range(1_000_000_000_000) t(i) WHERE i % 7 = 9",
        "in the middle": "SELECT i FROM range(1_000_000_000_000) t(i)",
    }

    def writing() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name == "metaquery-download"]

    with serving(made(tmp_path)) as served:
        for place, statement in endless.items():
            monkeypatch.setattr(metaquery.View, "batches", lambda view, sql=statement: view.engine.stream(sql, ()))
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.sendall(request(served, "/data.csv"))
                if place == "in the middle":
                    assert b"200 OK" in connection.recv(4096)
                    until(writing)
            until(lambda: not writing())
        assert served.get("/api/counts")["total"] == 5
    assert not list(tmp_path.rglob("metaquery-crash-*.txt"))


def test_a_download_that_breaks_off_does_not_look_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(view: metaquery.View) -> Any:
        batch = view.to_arrow().to_batches()[0]

        def batches() -> Any:
            yield batch
            raise ZeroDivisionError

        return pa.RecordBatchReader.from_batches(batch.schema, batches())

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving(made(tmp_path)) as served:
        original = metaquery.View.batches
        monkeypatch.setattr(metaquery.View, "to_arrow", lambda view: original(view).read_all())
        monkeypatch.setattr(metaquery.View, "batches", breaking)
        with pytest.raises(httpx.RemoteProtocolError):
            served.client.get("/data.csv")
    assert len(list((tmp_path / "state").rglob("metaquery-crash-*.txt"))) == 1
