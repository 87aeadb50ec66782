"""What is for a person at a terminal: the pager, the bar, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from metaquery.sandbox import SandboxProcess, start

from .terminal import Terminal

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_", "NO_COLOR"))}
PYTHON = [sys.executable, "-m", "metaquery"]


def environ(**more: str) -> dict[str, str]:
    return {**CLEAN, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", **more}


def test_a_table_that_is_longer_than_the_screen_goes_through_the_pager_and_remarks_do_not(
    made: Path, tmp_path: Path
) -> None:
    pager = tmp_path / "my pager"
    pager.write_text('#!/bin/sh\nsed "s/^/PAGED /"\necho "LESS=$LESS"\n')
    pager.chmod(0o755)
    variables = environ(METAQUERY_PAGER=f"'{pager}' -x", PAGER="false")
    with Terminal(*PYTHON, "query", cwd=made, environ=variables) as terminal:
        seen = terminal.rest().splitlines()
    assert seen[0].startswith("PAGED \x1b[1mtitle")
    assert sum(line.startswith("PAGED ") for line in seen) == 52
    assert "LESS=-SRXF" in seen
    assert any(line.startswith("Showing 50 of 60") for line in seen)
    with Terminal(*PYTHON, "query", "--limit", "5", "--no-color", cwd=made, environ=variables) as terminal:
        short = terminal.rest()
    assert short.startswith("title ")
    assert "PAGED" not in short
    assert all(len(line) <= 80 for line in short.splitlines()[:7])


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A server that after two answers takes a minute for each."""
    with start(units=30, key_out=tmp_path / "key") as process:
        rule = {"kind": "delay", "delay_s": 60, "match": "datarows", "after": 2}
        httpx.post(f"{process.url}/sandbox/faults", json={"rules": [rule]}).raise_for_status()
        yield process


def synced(server: SandboxProcess, home: Path) -> list[str]:
    """Connect a workspace, and return the command that syncs it so slowly that one can look on."""
    connect = [*PYTHON, "connect", "--domain", server.url, "--key", str(server.key_file)]
    subprocess.run(connect, cwd=home, env=environ(), check=True, capture_output=True)
    return [*PYTHON, "sync", "--all"]


def test_a_long_sync_shows_a_bar_on_a_terminal_and_ctrl_c_stops_it_within_a_second(
    slow: SandboxProcess, tmp_path: Path
) -> None:
    command = synced(slow, tmp_path)
    with Terminal(*command, cwd=tmp_path, environ=environ(METAQUERY_PAGE_ROWS="5")) as terminal:
        terminal.until("━")  # the bar
        started = time.monotonic()
        terminal.process.send_signal(signal.SIGINT)
        told = terminal.rest()
        assert terminal.process.wait() == 130
        assert time.monotonic() - started < 10  # a second, on a machine that does nothing else
    assert "what was finished is kept; run the same command again to go on" in told
    assert "Traceback" not in told


def test_ctrl_c_ends_a_statement_that_runs(made: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.cli.endless", "count", "city = 'Endless'"]
    with Terminal(*command, cwd=made, environ=environ()) as terminal:
        terminal.until("RUNNING")
        terminal.type("\x03")
        told = terminal.rest()
        assert terminal.process.wait() == 130
    assert told.splitlines()[-1] == "interrupted: what was finished is kept; run the same command again to go on"
    assert "Traceback" not in told


def test_the_second_ctrl_c_leaves_at_once_though_the_statement_goes_on(made: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.cli.endless", "count", "city = 'Endless'"]
    with Terminal(*command, cwd=made, environ=environ(DEAF="yes")) as terminal:
        terminal.until("RUNNING")
        terminal.type("\x03")
        terminal.until("STOPPING")
        terminal.type("\x03")
        told = terminal.rest()
        assert terminal.process.wait() == 130
    assert "Traceback" not in told
