"""A workspace of somebody else, which this user may read and not write to."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import metaquery
from metaquery.store.durable import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AS_ANYBODY = """
import ctypes, sys
libc = ctypes.CDLL(None)
# Root may write everywhere: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER are given up. Others have none.
libc.capset(ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), ctypes.byref((ctypes.c_uint32 * 6)()))
from metaquery.cli.root import main
main(sys.argv[1:])
"""
"""Runs a command line as a user who may do to a file what its mode says."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A workspace with a live Collection whose members in the newest snapshot nobody has asked for yet."""
    (tmp_path / "ws").mkdir()
    workspace = metaquery.open(tmp_path / "ws")
    rows = "".join(json.dumps({"data_hash": f"u{n}", "n": n}) + "\n" for n in range(5))
    (tmp_path / "units.ndjson").write_text(rows)
    workspace.sync_files(units=tmp_path / "units.ndjson")
    workspace.data.filter("n > 1").collect("Big", live=True)
    every = [workspace.layout.home, *workspace.layout.home.rglob("*")]
    for path in every:
        path.chmod(path.stat().st_mode & ~0o222)
    yield tmp_path / "ws"
    for path in every:
        path.chmod(path.stat().st_mode | 0o200)


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "XDG_CACHE_HOME": str(home.parent / "cache")}
    command = [sys.executable, "-c", _AS_ANYBODY, *arguments, "-w", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)


def test_queries_need_no_right_to_write_those_of_live_collections_included(home: Path) -> None:
    assert run(home, "count", "n > 1").stdout == "3 of 5 data units match.\n"
    assert run(home, "count", "in collection 'Big'").stdout == "3 of 5 data units match.\n"
    assert run(home, "count", "tags has 'Big'").stdout == "3 of 5 data units match.\n"
    assert run(home, "verify").returncode == 0
    assert "Big" in run(home, "collection", "list").stdout


@pytest.mark.parametrize(
    "command",
    [
        ("collection", "new", "More", "--where", "n > 2"),
        ("filter", "save", "few", "n < 2"),
        ("rematerialise",),
        ("prune", "--keep", "1", "--yes"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_what_has_to_write_says_that_it_may_not_and_is_no_fault_of_ours(home: Path, command: tuple[str, ...]) -> None:
    told = run(home, *command)
    assert told.returncode == 1
    assert told.stderr.startswith(f"error: this user may not use {home}")
    assert "Permission denied" in told.stderr
    assert "get the right to write" in told.stderr
    assert "report" not in told.stderr


def test_the_words_of_another_library_are_understood() -> None:
    denied = unwritable('IO Error: Cannot open file "/there/x.tmp": Permission denied')
    assert str(denied).startswith("this user may not use /there/x.tmp: Permission denied")
    full = unwritable('IO Error: Could not write file "/there/x.tmp": No space left on device')
    assert str(full).startswith("the disk is full: /there/x.tmp could not be written")
    assert unwritable("Binder Error: no such column") is None


def test_giving_up_rights_is_understood_by_this_system() -> None:
    """Else the tests above would prove nothing where they are run by root."""
    assert hasattr(ctypes.CDLL(None), "capset")
