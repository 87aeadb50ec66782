"""`docs/repl.md`: its script is run, and its table is that of the commands."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from metaquery.repl.commands import COMMANDS

PAGE = (Path(__file__).parents[3] / "docs" / "repl.md").read_text(encoding="utf-8")


def test_the_script_of_the_page_does_what_the_page_says(
    workspace: Path, cli: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (script,) = re.findall(r"```\n(dark.*?)```", PAGE, re.DOTALL)
    (tmp_path / "script").write_text(script)
    with (tmp_path / "script").open() as lines:
        monkeypatch.setattr(sys, "stdin", lines)
        code, out, err = cli("repl")
    assert code == 0, err
    assert "Showing 2 of 55 that match" in err
    assert "Collection 'Out of Oslo': 55 data units" in out
    assert len((workspace / "out-of-oslo.csv").read_text().splitlines()) == 3


def test_the_table_of_the_page_is_that_of_the_commands() -> None:
    rows = re.findall(r"^\| `\\(.*)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(f"{row.name} {row.takes}".strip().replace("|", "\\|"), row.help) for row in COMMANDS.values()]
