"""A small organisation, as it was when the workspace was synced, and as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from metaquery.sandbox import start

from .world import Server, filed


@dataclass
class Scene:
    """A server that was edited after `synced` was synced, a workspace that knows nothing, and one of an edited file."""

    server: Server
    synced: Path
    empty: Path
    filed: Path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("crash")
    with start(units=12, key_out=home / "key", with_schema=True) as process:
        server = Server(process.url, process.key_file)
        for name in ("synced", "empty"):
            (home / name).mkdir()
        server.sync(home / "synced")
        filed(home / "filed")
        server.edit(Random(1))  # noqa: S311 - repeatable on purpose
        yield Scene(server, home / "synced", home / "empty", home / "filed")
