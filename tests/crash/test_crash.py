"""A writer that is killed at any durable step leaves one consistent moment; the next run leaves no trace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Scene

_EVERY = "10"
"""Of the places where a job changes the disk, every tenth: the soak takes all of them."""


@pytest.mark.parametrize("job", ["first sync", "second sync", "rematerialise", "file sync"])
def test_a_killed_writer_loses_nothing_and_leaves_nothing(job: str, scene: Scene, tmp_path: Path) -> None:
    before = {"first sync": scene.empty, "file sync": scene.filed}.get(job, scene.synced)
    command = [sys.executable, "-m", "tests.crash.driver", scene.server.url, str(scene.server.key_file)]
    done = subprocess.run(
        [*command, job, str(before), str(tmp_path), _EVERY],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["points"] >= 1
