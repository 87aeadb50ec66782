"""The Explorer over a small workspace, in a thread; what a process adds is in `end_to_end/test_explorer.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import httpx
import pytest

import metaquery
from metaquery.explorer import Options
from metaquery.explorer.server import Server
from tests.unit.python_workspace import made


@dataclass
class Served:
    """An Explorer, and a client that knows its token."""

    workspace: metaquery.Workspace
    token: str
    client: httpx.Client

    @property
    def port(self) -> int:
        """Where it is served."""
        assert self.client.base_url.port is not None
        return self.client.base_url.port

    def get(self, path: str, status: int = 200, **parameters: Any) -> Any:
        """Ask, and insist on a status; what is no JSON is returned as text."""
        answer = self.client.get(path, params=parameters or None)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.text

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """Change something, and insist on a status."""
        answer = self.client.post(path, json={} if body is None else body)
        assert answer.status_code == status, answer.text
        return answer.json()


@contextmanager
def serving(workspace: metaquery.Workspace, options: Options | None = None) -> Iterator[Served]:
    """Serve until the end of the `with`."""
    addresses: SimpleQueue[str] = SimpleQueue()
    server = Server.of(workspace, options or Options(), ready=lambda address, _once: addresses.put(address))
    thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[server.listener])))
    thread.start()
    address = httpx.URL(addresses.get())
    token = address.params["token"]
    try:
        with httpx.Client(
            base_url=address.copy_with(query=None), headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as client:
            yield Served(workspace, token, client)
    finally:
        server.stop()
        thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for tests that change nothing."""
    with serving(made(tmp_path_factory.mktemp("served"))) as one:
        yield one


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Served]:
    """One that a test may change."""
    with serving(made(tmp_path)) as one:
        yield one
