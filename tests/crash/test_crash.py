"""A writer that is killed at any durable step leaves one consistent moment; the next run leaves no trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Scene
from .driven import driven

_EVERY = "14"
"""Of the places where a job changes the disk, every fourteenth: the soak takes all of them."""


@pytest.mark.parametrize("job", ["first sync", "second sync", "rematerialise", "file sync"])
def test_a_killed_writer_loses_nothing_and_leaves_nothing(job: str, scene: Scene, tmp_path: Path) -> None:
    before = {"first sync": scene.empty, "file sync": scene.filed}.get(job, scene.synced)
    found = driven("driver", scene.server.url, scene.server.key_file, job, before, tmp_path, _EVERY)
    assert found["wrong"] == []
    assert found["points"] >= 1
    assert (found["typings"] > 1) is (job == "first sync")
