"""Command lines in this process, over a workspace that was made from a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import metaquery
from metaquery.cli.root import _run

CITIES = ("Oslo", "Paris", "Rome")
UNITS = 60


class Done(NamedTuple):
    """How a command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty data units, twenty of each city, ten without a boolean; not to be changed."""
    home = tmp_path_factory.mktemp("made")
    rows = [
        {
            "data_hash": f"unit-{n:02}",
            "title": f"scene_{n:02}.jpg",
            "dataset_title": "North" if n % 2 else "South",
            "client_metadata": {"city": CITIES[n % 3], "speed": n, **({"dark": n % 2 == 0} if n < 50 else {})},
        }
        for n in range(UNITS)
    ]
    (home / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    workspace = metaquery.open(home)
    workspace.sync_files(units=home / "units.ndjson", schema={"city": "string", "dark": "boolean", "speed": "number"})
    workspace.data.filter("dark").collect("Night drives")
    workspace.labels.collect('It\'s "quoted" $HOME')
    workspace.save_filter("night", "dark = true")
    return home


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the current directory."""
    home = tmp_path / "workspace"
    shutil.copytree(made, home)
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def here(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """It as the current directory, for what only reads."""
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run one command line in this process; as in a pipe."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = _run(arguments)
        return Done(code, *capsys.readouterr())

    return run
