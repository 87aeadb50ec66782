"""docs/exploring.md is real: its commands print what the page shows, and its Python runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from .conftest import Terminal

PAGE = (Path(__file__).parents[2] / "docs" / "exploring.md").read_text(encoding="utf-8")


def told(text: str) -> str:
    """Return a text without what differs from run to run."""
    return re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", re.sub(r"in [\d,]+ ms", "in TIME ms", text))


def test_the_page_prints_what_it_shows(terminal: Terminal) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    assert len(parts) == 8
    terminal.environ["COLUMNS"] = "80"
    for command, _, printed in (part.partition("\n") for part in parts):
        done = terminal.run(*shlex.split(command)[1:])
        assert told(done.stdout) == told(printed), command
        assert not done.stderr, command


def test_the_pages_python_runs(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(terminal.home)
    names: dict[str, object] = {}
    exec(text, names)  # noqa: S102  # the page's own
    assert names["facet"].matched == names["view"].count()  # type: ignore[attr-defined]
