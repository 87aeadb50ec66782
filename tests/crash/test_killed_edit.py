"""An edit that is killed at any durable step and repeated is done once, and its undo knows what was there before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_EVERY = "20"
"""Of the places where an edit changes the disk, every twentieth: the soak takes all of them."""


def test_a_killed_edit_is_gone_on_with_and_can_be_undone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.crash.edit_driver", str(tmp_path), _EVERY]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["points"] >= 1
