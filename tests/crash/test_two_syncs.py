"""Two syncs of one workspace at once, as two processes: one after the other, and the second is told about the first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import metaquery

_MORE_THAN_A_PIPE_HOLDS = 300_000


def begin(root: Path, *arguments: str) -> subprocess.Popen[str]:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("METAQUERY_")}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "metaquery", "sync", *arguments],
        cwd=root, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True,
    )  # fmt: skip


@contextmanager
def reading(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a sync from standard input, and give it more than a pipe holds: who reads that has the lock."""
    with begin(root, "--from", "-") as process:
        assert process.stdin is not None
        row = {"data_hash": "a", "client_metadata": {"note": "x" * _MORE_THAN_A_PIPE_HOLDS}}
        process.stdin.write(json.dumps(row) + "\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "units.ndjson").write_text('{"data_hash": "b"}\n{"data_hash": "c"}\n')
    return "units.ndjson"


def test_the_second_says_who_is_writing_and_since_when_and_what_to_do(tmp_path: Path, file: str) -> None:
    with reading(tmp_path) as first:
        second = begin(tmp_path, "--from", file)
        _, told = second.communicate()
        assert second.returncode == 1
        assert re.search(rf"process {first.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\)", told)
        assert "metaquery sync --wait SECONDS" in told
        briefly = begin(tmp_path, "--from", file, "--wait", "0.1")
        assert f"process {first.pid}" in briefly.communicate()[1]
        assert briefly.returncode == 1
        first.communicate()
        assert first.returncode == 0
    assert metaquery.open(tmp_path).data.count() == 1


def test_the_second_waits_when_asked_and_then_works(tmp_path: Path, file: str) -> None:
    with reading(tmp_path) as first, begin(tmp_path, "--from", file, "--wait", "600") as second:
        first.communicate()
        told = second.communicate()
        assert (first.returncode, second.returncode) == (0, 0), told
    assert metaquery.open(tmp_path).data.count() == 3
    assert len(metaquery.open(tmp_path).history.log()) == 2


def test_the_lock_of_a_killed_sync_is_taken_over_and_nothing_of_it_stays(tmp_path: Path, file: str) -> None:
    with reading(tmp_path) as first:
        first.kill()
        first.wait()
        second = begin(tmp_path, "--from", file)
        assert second.communicate()[1] == ""
        assert second.returncode == 0
    workspace = metaquery.open(tmp_path)
    assert workspace.data.count() == 2
    assert not workspace.layout.incoming.exists()
