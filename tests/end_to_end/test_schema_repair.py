"""A wrong schema is seen, corrected and applied, without reading anything again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from metaquery.sandbox import SandboxProcess, start

from .conftest import Terminal

PROJECT = ("--project", "Street scenes Europe")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("repair")


@pytest.fixture
def server(home: Path) -> Iterator[SandboxProcess]:
    """A sandbox for one test, which may stop it."""
    with start(units=400, key_out=home / "key", schema_out=home / "schema.json") as process:
        yield process


@pytest.fixture
def terminal(server: SandboxProcess, tmp_path: Path) -> Terminal:
    """A workspace synced under the seed's schema, whose city is a datetime."""
    terminal = Terminal(tmp_path)
    schema = json.loads(server.key_file.with_name("schema.json").read_text())
    (tmp_path / "good.json").write_text(json.dumps(schema))
    (tmp_path / "seed.json").write_text(json.dumps({**schema, "city": "datetime"}))
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("schema", "set", "seed.json", "--yes")
    terminal.run("sync", *PROJECT)
    return terminal


def city(report: str) -> list[str]:
    """Return type, valid, missing and invalid of `city`, as a table of keys has them."""
    (line,) = (line for line in report.splitlines() if line.startswith("city "))
    return line.split()[1:5]


def test_a_schema_set_here_alone_is_applied_with_the_server_gone(terminal: Terminal, server: SandboxProcess) -> None:
    server.stop()
    terminal.environ["METAQUERY_RETRY_BUDGET_S"] = "0"
    terminal.run("schema", "set", "good.json", exits=3)
    told = terminal.run("schema", "set", "--local", "good.json").stdout
    assert "~ city: datetime becomes string" in told
    assert "in this workspace alone" in told
    report = terminal.run("rematerialise").stdout
    assert "Typed 400 data units anew, without the network" in report
    kind, valid, _, invalid = city(report)
    assert (kind, int(valid) > 300, int(invalid) < 20) == ("STRING", True, True)
    assert int(terminal.run("count", "-q", "city = 'Oslo'").stdout) > 0


def test_the_next_sync_applies_a_corrected_schema_and_reads_no_row(terminal: Terminal) -> None:
    before = city(terminal.run("rematerialise").stdout)
    assert before[:2] == ["DATETIME", "0"]
    told = terminal.run("schema", "set", "good.json", "--yes").stdout
    assert "Next: metaquery rematerialise" in told
    report = terminal.run("sync", *PROJECT).stdout
    assert report.count("expected 100 data units, got 100 (100 unchanged)") == 4
    assert "0 added, 0 changed, 0 removed" in report
    assert city(report)[0] == "STRING"


def test_the_organisations_schema_comes_back_with_the_next_sync(terminal: Terminal) -> None:
    terminal.run("schema", "set", "--local", "good.json")
    terminal.run("rematerialise")
    assert city(terminal.run("sync", *PROJECT).stdout)[0] == "DATETIME"


def test_there_is_nothing_to_type_before_a_sync(tmp_path: Path) -> None:
    assert "nothing has been synced" in Terminal(tmp_path).run("rematerialise", exits=1).stderr
