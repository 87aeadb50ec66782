"""The README's session is real: its commands, run in order, print what it shows."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import SandboxProcess, start
from tests.unit.cli.terminal import Screen

from .conftest import Terminal
from .pages import commands, comparable

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
(CONVERSATION,) = re.findall(r"^```text\n(data> .*?)^```", README, re.DOTALL | re.MULTILINE)

PROMPT = "data>"
STEERING = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]")
"""What steers a terminal: colours, and where to write."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenes")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[SandboxProcess]:
    with start(units=2000, key_out=home / "encord-key", schema_out=home / "schema.json") as process:
        yield process


def conversation(home: Path) -> str:
    """Type the lines of the conversation in a real terminal, and return what stands there in the end."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_", "COLUMNS"))}
    environ |= {"TERM": "xterm", "XDG_STATE_HOME": str(home / "state"), "PAGER": "", "PYTHONPATH": str(ROOT)}
    stood = ""
    with Screen(sys.executable, "-m", "metaquery", cwd=home, environ=environ, columns=120) as screen:
        screen.until(PROMPT)
        for line, answer in turns(CONVERSATION):
            screen.type(f"{line}\r")
            last = answer.splitlines()[-1]
            drawn = STEERING.sub("", screen.until(last) + last + screen.until(PROMPT)).replace("\r", "")
            stood += drawn[drawn.rindex(f"{PROMPT} {line}") :]
        screen.type("\x04")
        screen.rest()
    return stood


def turns(text: str) -> list[tuple[str, str]]:
    """Return each line that is typed, and its answer."""
    parts = re.split(rf"^{PROMPT} ", text, flags=re.MULTILINE)[1:]
    return [(line, answer.strip()) for line, _, answer in (part.partition("\n") for part in parts)]


def lasting(text: str) -> list[str]:
    """Return the lines, without ids and how long an answer took."""
    return [line for line in re.sub(r"[\d,]+ ms", "TIME ms", comparable(text)).splitlines() if line.strip()]


def test_the_session_prints_what_the_readme_shows(server: SandboxProcess, home: Path) -> None:
    terminal = Terminal(home)
    shown = commands(README)
    assert len(shown) >= 10
    for command, printed in shown:
        name, *arguments = shlex.split(command)
        assert name == "metaquery"
        arguments = [server.url if argument.startswith("http://") else argument for argument in arguments]
        done = terminal.run(*arguments, exits=2 if printed.startswith("error:") else 0)
        # A terminal mixes the two streams as they come, so lines are compared in any order.
        lines = comparable(done.stdout + done.stderr).splitlines()
        assert sorted(filter(None, lines)) == sorted(filter(None, comparable(printed).splitlines())), command
    assert lasting(conversation(home)) == lasting(CONVERSATION)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    workspace = metaquery.open(home)
    names: dict[str, object] = {}
    exec(compile(code.replace('open(".")', f"open({str(home)!r})"), "README.md", "exec"), names)  # noqa: S102
    assert workspace.collections.get("Night drives again").members == 392
    assert names["night"].count() == 392  # type: ignore[attr-defined]
    assert names["night"].counts().unknown == 255  # type: ignore[attr-defined]
    assert f"explain().words  # {names['night'].explain().words}\n" in code  # type: ignore[attr-defined]


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = Path(__file__).parents[2] / "Makefile"
    for target in ("demo", "test"):
        assert f"make {target}" in README
        subprocess.run(["make", "--dry-run", "--file", str(makefile), target], check=True, capture_output=True)
