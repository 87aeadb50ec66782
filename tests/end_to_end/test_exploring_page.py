"""Pages of docs about looking, exporting, lakes, Spark and Python: commands print what they show, and Python runs."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from .conftest import Terminal
from .pages import commands

PAGES = {"exploring.md": 9, "exporting.md": 6, "scale.md": 4, "spark.md": 3}
"""Each page, and how many commands it has."""


def text_of(page: str) -> str:
    return (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")


def told(text: str) -> str:
    """Return a text without what differs from run to run."""
    text = re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", re.sub(r"in [\d,]+ ms", "in TIME ms", text))
    text = re.sub(r"As of \S+ \S+ UTC", "As of TIME UTC", text)
    return re.sub(r"\S+ \S+ UTC  SNAPSHOT", "AT  SNAPSHOT", re.sub(r"[\d,]+ bytes", "N bytes", text))


@pytest.mark.parametrize("page", PAGES)
def test_the_page_prints_what_it_shows(terminal: Terminal, page: str) -> None:
    shown = commands(text_of(page))
    assert len(shown) == PAGES[page]
    terminal.environ["COLUMNS"] = "80"
    for command, printed in shown:
        done = terminal.run(*shlex.split(command)[1:], exits=2 if printed.startswith("error") else 0)
        assert told(done.stdout + done.stderr) == told(printed), command
        assert not (done.stdout and done.stderr), command


def test_the_pages_python_runs(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(terminal.home)
    names: dict[str, Any] = {}
    for page in [page for page in PAGES if page != "spark.md"]:  # whose Python `make test-spark` runs
        for text in re.findall(r"^```python\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE):
            exec(text, names)  # noqa: S102  # the page's own
    assert names["facet"].matched == names["view"].count()
    assert (names["written"].rows, names["written"].left_out) == (
        names["ws"].labels.filter("class = 'car'").count(),
        {},
    )
    assert names["judged"].stats[1] > 0.1
    lake, night, cars = names["lake"], names["night"], names["cars"]
    assert (len(names["frame"]), night.height) == (lake.data.count(), lake.data.filter("dark").count())
    assert (names["table"].num_rows, cars) == (
        lake.labels.filter("class = 'car'").count(),
        lake.data.filter("any label(class = 'car')").count(),
    )
    assert len(names["fast"]) == names["ws"].data.filter("dark and speed > 78").count()


def test_the_examples_of_the_python_page_are_run(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(terminal.home)
    examples = doctest.DocTestParser().get_doctest(
        text_of("python.md").replace("```\n", "\n"), {}, "python.md", None, 0
    )
    assert len(examples.examples) > 15
    assert doctest.DocTestRunner().run(examples).failed == 0
