"""`docs/sending.md` is real: its commands, run in order, print what it shows."""

import getpass
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import SandboxProcess, start
from tests.end_to_end.conftest import Terminal
from tests.end_to_end.test_readme import comparable

PAGE = (Path(__file__).parents[3] / "docs" / "sending.md").read_text(encoding="utf-8")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(units=400, key_out=tmp_path / "encord-key", with_schema=True) as process:
        yield process


def told(text: str) -> list[str]:
    """Return lines without ids, times and keys; columns that these fill are as wide as they are."""
    text = re.sub(r"SHA256:\S+", "KEY", comparable(text).replace("SNAPSHOT", "ID"))
    text = re.sub(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "TIME", text)
    text = re.sub(rf"\bby {re.escape(getpass.getuser())}\b", "by ana", text)
    return sorted(re.sub(r" +", " ", line).strip() for line in text.splitlines() if line.strip())


def test_the_page_prints_what_it_shows(server: SandboxProcess, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("connect", "--domain", server.url, "--key", "encord-key")
    terminal.run("sync", "--project", "Street scenes Europe")
    workspace = metaquery.open(tmp_path)
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    assert len(parts) == 14
    undone = None
    for command, _, printed in (part.partition("\n") for part in parts):
        arguments = shlex.split(command)[1:]
        if arguments[:2] == ["push", "undo"]:
            undone = undone or next(p.id for p in workspace.pushes.log() if p.to == "project")
            arguments[2] = undone
        done = terminal.run(*arguments)
        assert told(done.stdout + done.stderr) == told(printed), command
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    exec(compile(code, "sending.md", "exec"), {"ws": workspace, "print": lambda *_: None})  # noqa: S102
    assert [p.state for p in workspace.pushes.log()[:2]] == ["finished", "undone"]
