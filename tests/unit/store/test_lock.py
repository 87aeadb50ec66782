"""One writer at a time; a dead one holds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from metaquery.errors import WorkspaceLocked
from metaquery.store.lock import holder, write_lock

HOLD = """
import sys
from pathlib import Path
from metaquery.store.lock import write_lock
with write_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def close(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()


def test_the_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    holder = hold(tmp_path / "lock")
    try:
        with pytest.raises(WorkspaceLocked, match=f"process {holder.pid}"), write_lock(tmp_path / "lock"):
            pass
    finally:
        close(holder)


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    close(hold(tmp_path / "lock"))
    with write_lock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text().startswith(f"{os.getpid()} ")


def test_who_looks_learns_the_holder_and_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert holder(path) is None
    process = hold(path)
    found = holder(path)
    assert found is not None
    assert found.pid == str(process.pid)
    process.communicate("")
    assert holder(path) is None
    with write_lock(path):
        pass
