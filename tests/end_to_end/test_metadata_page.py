"""docs/metadata.md is real: its commands, run in order, print what the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from metaquery.sandbox import start

from .conftest import Terminal
from .pages import commands, comparable

PAGE = (Path(__file__).parents[2] / "docs" / "metadata.md").read_text(encoding="utf-8")


def told(text: str) -> list[str]:
    """Return the lines, without what differs from run to run."""
    return sorted(filter(None, re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d ", "TIME", comparable(text)).splitlines()))


def test_the_page_prints_what_it_shows(tmp_path: Path) -> None:
    (written,) = re.findall(r"^```csv\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "fixes.csv").write_text(written)
    terminal = Terminal(tmp_path)
    with start(units=400, key_out=tmp_path / "encord-key", with_schema=True) as server:
        terminal.run("connect", "--domain", server.url, "--key", "encord-key")
        terminal.run("sync", "--project", "Street scenes Europe")
        shown = commands(PAGE)
        assert len(shown) == 9
        for command, printed in shown:
            done = terminal.run(*shlex.split(command)[1:], exits=1 if printed.startswith("error:") else 0)
            assert told(done.stdout + done.stderr) == told(printed), command
