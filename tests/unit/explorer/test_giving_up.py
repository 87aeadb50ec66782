"""A request that its client gives up is stopped in the engine, and so is everything when the server ends."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from metaquery.explorer import app
from metaquery.explorer.asking import Parameters
from metaquery.explorer.desk import Desk
from metaquery.explorer.routes import ENDPOINTS, Endpoint
from tests.unit.python_workspace import made
from tests.unit.test_interruption import LONG

from .conftest import serving


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
        head = (
            f"GET /api/slow HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.token}\r\n\r\n"
        )
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.sendall(head.encode())
                until(lambda: desks and desks[0].moment().data.engine._running)
            until(lambda: not desks[0].interruptions and not desks[0].moment().data.engine._running)
        assert served.get("/api/counts", filter="dark")["matched"] == 2
        connection = socket.create_connection(("127.0.0.1", served.port))
        connection.sendall(head.encode())
        until(lambda: desks[0].moment().data.engine._running)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    connection.close()
