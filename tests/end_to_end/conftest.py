"""A workspace against a real sandbox process, driven as a user drives it."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from metaquery.sandbox import SandboxProcess, start
from tests import forked


@dataclass
class Terminal:
    """Runs `metaquery …` in a directory, as a process of its own."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, exits: int = 0, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command, and insist on its exit code and on there being no traceback."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_"))}
        done = forked.run(arguments, home=self.home, environ={**clean, **self.environ}, stdin=stdin)
        assert done.returncode == exits, f"{arguments} exited with {done.returncode}:\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox of this module's own, with its schema file beside the key."""
    home = tmp_path_factory.mktemp("server")
    with start(units=400, key_out=home / "key", schema_out=home / "schema.json") as process:
        yield process


@pytest.fixture(scope="module")
def terminal(server: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A workspace that is connected, has the schema, and is synced."""
    terminal = Terminal(tmp_path_factory.mktemp("workspace"))
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("schema", "set", str(server.key_file.with_name("schema.json")), "--yes")
    terminal.run("sync", "--project", "Street scenes Europe")
    return terminal
