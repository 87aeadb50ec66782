"""docs/exploring.md and docs/exporting.md are real: their commands print what they show, and their Python runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from .conftest import Terminal
from .pages import commands

PAGES = {"exploring.md": 9, "exporting.md": 6}
"""Each page, and how many commands it has."""


def text_of(page: str) -> str:
    return (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")


def told(text: str) -> str:
    """Return a text without what differs from run to run."""
    text = re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", re.sub(r"in [\d,]+ ms", "in TIME ms", text))
    return re.sub(r"\S+ \S+  SNAPSHOT", "AT  SNAPSHOT", re.sub(r"[\d,]+ bytes", "N bytes", text))


@pytest.mark.parametrize("page", PAGES)
def test_the_page_prints_what_it_shows(terminal: Terminal, page: str) -> None:
    shown = commands(text_of(page))
    assert len(shown) == PAGES[page]
    terminal.environ["COLUMNS"] = "80"
    for command, printed in shown:
        done = terminal.run(*shlex.split(command)[1:])
        assert told(done.stdout + done.stderr) == told(printed), command
        assert not (done.stdout and done.stderr), command


def test_the_pages_python_runs(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(terminal.home)
    names: dict[str, Any] = {}
    for page in PAGES:
        for text in re.findall(r"^```python\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE):
            exec(text, names)  # noqa: S102  # the page's own
    assert names["facet"].matched == names["view"].count()
    assert (names["written"].rows, names["written"].left_out) == (
        names["ws"].labels.filter("class = 'car'").count(),
        {},
    )
    assert names["judged"].stats[1] > 0.1
