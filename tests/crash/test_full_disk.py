"""A sync that has no more room says so, and the snapshot before is as it was."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .driven import driven

_ALONE = ("unshare", "--map-root-user", "--mount")


def may_mount(folder: Path) -> bool:
    """Whether a process of its own may have a small disk; not everywhere is it allowed."""
    if shutil.which(_ALONE[0]) is None:
        return False
    command = [*_ALONE, "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("way", ["disk", "limit"])
def test_a_sync_without_room_publishes_nothing_and_the_one_with_room_goes_on(way: str, tmp_path: Path) -> None:
    way = way if may_mount(tmp_path) else "limit"
    told = driven("small_disk", tmp_path, way, within=_ALONE if way == "disk" else ())
    for edit, found in told.items():
        assert found["wrong"] == [], edit
        why = "the disk is full" if way == "disk" else "a file may not become so large here (ulimit -f)"
        assert found["told"] == [why], edit
