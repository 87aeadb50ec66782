"""A prune that is killed at any durable step loses no snapshot that is kept, and the next run leaves no trace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from metaquery.sandbox import start

_EVERY = "30"
"""Of the steps by which a prune changes the disk, whole and torn, every thirtieth: the soak takes all of them."""


def test_a_killed_prune_loses_nothing_that_is_kept_and_leaves_nothing(tmp_path: Path) -> None:
    with start(units=12, key_out=tmp_path / "key", with_schema=True) as process:
        command = [sys.executable, "-m", "tests.crash.prune_driver", process.url, str(process.key_file)]
        done = subprocess.run(
            [*command, str(tmp_path), _EVERY],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["points"] > 1
