"""`docs/collections.md` is real: its commands, run in order, print what it shows; and what scripts need."""

from __future__ import annotations

import getpass
import json
import re
import shlex
from pathlib import Path

import metaquery

from .conftest import Terminal
from .pages import commands, comparable

PAGE = (Path(__file__).parents[2] / "docs" / "collections.md").read_text(encoding="utf-8")


def told(text: str) -> list[str]:
    """Return the lines of an output, without what differs from run to run: when, and by whom."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME", comparable(text))
    text = re.sub(rf"\bby (?:ines|{re.escape(getpass.getuser())})\b", "by NAME", text)
    return sorted(filter(None, text.splitlines()))


def test_the_page_prints_what_it_shows(terminal: Terminal) -> None:
    shown = commands(PAGE)
    assert len(shown) == 27
    for command, printed in shown:
        wrong = printed.startswith("error:")
        done = terminal.run(*shlex.split(command)[1:], exits=(2 if "--of" in command else 1) if wrong else 0)
        assert told(done.stdout + done.stderr) == told(printed), command
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code.replace('open(".")', f"open({str(terminal.home)!r})"), "collections.md", "exec"), {})  # noqa: S102
    assert metaquery.open(terminal.home).collections.get("Snow at night").members == 14 + 10


def test_scripts_get_json_and_ids(terminal: Terminal) -> None:
    (terminal.home / "ids.csv").write_text("title,data_hash\nx,nowhere\n")
    refused = terminal.run("collection", "new", "ids", "--ids", "ids.csv", exits=1).stderr
    assert "1 of 1 ids are not in the snapshot" in refused
    assert "--skip-unknown" in refused
    terminal.run("collection", "new", "Cars", "--on", "labels", "--where", "class = 'car'")
    keys = terminal.run("collection", "show", "Cars", "--ids").stdout
    assert keys.startswith("data_hash,project_hash,label_hash,annotation_id,frame\n")
    made = terminal.run("collection", "new", "Cars again", "--on", "labels", "--ids", "-", stdin=keys).stdout
    shown = json.loads(terminal.run("collection", "show", "Cars", "--json").stdout)
    assert f"{shown['members']:,} labels" in made
    assert (shown["kind"], shown["provenance"]["filter"]) == ("static", "class = 'car'")
    same = json.loads(terminal.run("collection", "diff", "Cars", "Cars again", "--json").stdout)
    assert (same["only_a"], same["only_b"], same["both"]) == (0, 0, shown["members"])
    assert terminal.run("collection", "diff", "Cars", "Cars again", "--ids", "a").stdout.count("\n") == 1
    assert [c["title"] for c in json.loads(terminal.run("collection", "list", "--json").stdout)][-2:] == [
        "Cars", "Cars again",
    ]  # fmt: skip
    assert (
        "give one of them"
        in terminal.run("collection", "new", "x", "--where", "dark", "--live", "--as-of", "2026-01-01", exits=2).stderr
    )
    assert "say which rows, in one way" in terminal.run("collection", "new", "x", exits=2).stderr
    assert "is for --ids" in terminal.run("collection", "show", "Cars", "-o", "x", exits=2).stderr
