"""docs/history.md is real: its commands, run in order, print what the page shows."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from metaquery.sandbox import start

from .conftest import Terminal
from .pages import commands, comparable, settled

PAGE = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
SNAPSHOT = re.compile(r"\d{8}T\d{6}-\d{9}")


def told(text: str) -> list[str]:
    """Return the lines, without what differs from run to run: times, sizes, and the widths of their columns."""
    text = re.sub(r"(?<=Workspace  ).*|(?<=last answered ).*|(?<=SNAPSHOT, ).* old", "…", comparable(text))
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME", text)
    text = re.sub(r"^Disk .*|[0-9.]+ MB", "SIZE", text, flags=re.MULTILINE)
    return sorted(" ".join(line.split()) for line in text.splitlines() if line)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A workspace that was synced and edited as the page says."""
    here = Terminal(tmp_path)
    (edits,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    with start(units=400, key_out=tmp_path / "encord-key", with_schema=True) as server:
        here.run("connect", "--domain", server.url, "--key", "encord-key")
        here.run("sync", "--project", "Street scenes Europe")
        for command in edits.splitlines():
            here.run(*shlex.split(command)[1:])
    return here


def test_the_page_prints_what_it_shows_without_a_server(terminal: Terminal) -> None:
    shown = commands(PAGE)
    assert len(shown) == 18
    ours: dict[str, str] = {}
    for command, printed in shown:
        name, *arguments = (ours.get(argument, argument) for argument in shlex.split(command))
        if name != "metaquery":
            subprocess.run([name, *arguments], cwd=terminal.home, check=True)
            continue
        done = terminal.run(*arguments, exits=1 if printed.startswith("error:") else 0)
        shown = done.stdout + done.stderr
        assert told(shown) == told(printed), command
        found = SNAPSHOT.findall(printed), SNAPSHOT.findall(settled(shown))
        for theirs, here in zip(*found, strict=True):
            assert ours.setdefault(theirs, here) == here, command
