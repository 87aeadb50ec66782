"""Every filter in `docs/filter-language.md` finds what the page says; every error there is the one that comes."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import start

from .conftest import Terminal
from .pages import commands

GUIDE = (Path(__file__).parents[2] / "docs" / "filter-language.md").read_text(encoding="utf-8")
NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)

ANSWER = re.compile(r"# (?P<matched>\d+)(?:, (?P<unknown>\d+) unknown)?(?=: |$)")


def filters() -> Iterator[tuple[str, str]]:
    """Yield each filter of the page, and what it is on."""
    for relation, block in re.findall(r"^```filter ?(\w*)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            yield line, relation or "data"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """The workspace of the README's session."""
    home = tmp_path_factory.mktemp("guide")
    terminal = Terminal(home)
    with start(units=2000, key_out=home / "encord-key", schema_out=home / "schema.json") as server:
        terminal.run("connect", "--domain", server.url, "--key", "encord-key")
        terminal.run("schema", "set", "schema.json", "--yes")
        terminal.run("sync", "--project", "Street scenes Europe")
    terminal.run("collection", "new", "Night drives", "--where", "dark = true and captured_at > 2023-01-01")
    (save,) = re.findall(r"`metaquery (filter save [^`]*)`", GUIDE)
    terminal.run(*shlex.split(save))
    return terminal


def test_every_filter_finds_what_the_page_says(terminal: Terminal) -> None:
    workspace = metaquery.open(terminal.home)
    wrong = []
    for line, relation in filters():
        answer = ANSWER.search(line)
        assert answer, line
        tally = workspace.view(relation).at(now=NOW).filter(line).counts()
        told = int(answer["matched"]), int(answer["unknown"] or 0)
        if told != (tally.matched, tally.unknown):
            wrong.append((line, tally.matched, tally.unknown))
    assert not wrong
    assert len(list(filters())) > 50


def test_the_page_has_a_filter_for_most_of_what_there_is() -> None:
    page = "\n".join(line for line, _ in filters())
    for word in ("between", "in (", "is missing", "is invalid", "is unknown", "raw(", "any label", "count(label", "@"):
        assert word in page


def test_every_command_prints_what_the_page_shows(terminal: Terminal) -> None:
    shown = commands(GUIDE)
    assert len(shown) >= 7
    for command, printed in shown:
        fails = printed.startswith("error:")
        done = terminal.run(*shlex.split(command)[1:], exits=2 if fails else 0)
        assert (done.stderr if fails else done.stdout).strip() == printed.strip(), command
