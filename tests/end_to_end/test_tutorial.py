"""`docs/tutorial.md` is real: its commands, run in order, print what it shows, and so does its Python."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import start

from .conftest import Terminal
from .pages import commands, told

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")


def lasting(text: str) -> list[str]:
    """Leave out, too, how old and how large things are, and how long they took."""
    text = re.sub(r"(?<=Workspace    ).*|(?<=Disk         ).*|(?<=last answered ).*|(?<=SNAPSHOT, ).* old", "…", text)
    return told(re.sub(r"in [\d,]+ ms|, less than a minute old|by \w+, with", "…", text))


def test_the_page_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (served,) = re.findall(r"^metaquery sandbox serve (.*)$", PAGE, re.MULTILINE)
    assert served == "--units 2000 --port 8765 --key-out encord-key --schema-out schema.json"
    terminal = Terminal(tmp_path, {"COLUMNS": "100"})
    shown = commands(PAGE)
    assert len(shown) >= 20
    with start(units=2000, key_out=tmp_path / "encord-key", schema_out=tmp_path / "schema.json") as server:
        for command, printed in shown:
            arguments = [server.url if word.startswith("http://") else word for word in shlex.split(command)[1:]]
            done = terminal.run(*arguments, exits=2 if printed.startswith("error:") else 0)
            assert lasting(done.stdout + done.stderr) == lasting(printed), command
        sent = metaquery.open(tmp_path).pushes.read_back("Fast in bad sight")
    assert len(sent.found) == 32
    assert not sent.missing | sent.extra
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (printed,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "tutorial.md", "exec"), {})  # noqa: S102  # the page's own
    assert capsys.readouterr().out == printed
