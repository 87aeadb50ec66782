"""`docs/sending.md` is real: its commands, run in order, print what it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import SandboxProcess, start
from tests.end_to_end.conftest import Terminal
from tests.end_to_end.pages import commands, told

PAGE = (Path(__file__).parents[3] / "docs" / "sending.md").read_text(encoding="utf-8")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(units=400, key_out=tmp_path / "encord-key", with_schema=True) as process:
        yield process


def test_the_page_prints_what_it_shows(server: SandboxProcess, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("connect", "--domain", server.url, "--key", "encord-key")
    terminal.run("sync", "--project", "Street scenes Europe")
    workspace = metaquery.open(tmp_path)
    shown = commands(PAGE)
    assert len(shown) == 14
    undone = None
    for command, printed in shown:
        arguments = shlex.split(command)[1:]
        if arguments[:2] == ["push", "undo"]:
            undone = undone or next(p.id for p in workspace.pushes.log() if p.to == "project")
            arguments[2] = undone
        done = terminal.run(*arguments)
        assert told(done.stdout + done.stderr) == told(printed), command
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    exec(compile(code, "sending.md", "exec"), {"ws": workspace, "print": lambda *_: None})  # noqa: S102
    assert [p.state for p in workspace.pushes.log()[:2]] == ["finished", "undone"]
