"""What a process that died was writing is removed; what a living one writes is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from metaquery.store.durable import clear_leftovers


def test_files_and_folders_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    died = subprocess.Popen([sys.executable, "-c", ""])
    died.wait()
    for pid in (died.pid, os.getpid()):
        (tmp_path / f".page.{pid}.tmp").touch()
        (tmp_path / f".fits.x.{pid}.tmp").mkdir()
        (tmp_path / f".fits.x.{pid}.tmp" / "fits.duckdb").touch()
    clear_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f".page.{os.getpid()}.tmp", f".fits.x.{os.getpid()}.tmp"}
