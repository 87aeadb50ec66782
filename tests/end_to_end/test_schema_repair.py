"""A wrong schema is seen, named as the cause, corrected and applied, without reading anything again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import SandboxProcess, start

from .conftest import Terminal
from .pages import commands, comparable

PROJECT = ("--project", "Street scenes Europe")
PAGE = (Path(__file__).parents[2] / "docs" / "schema-repair.md").read_text(encoding="utf-8")


def synced(server: SandboxProcess, home: Path) -> Terminal:
    """Return a workspace synced under a schema whose city is a datetime, as in the seed."""
    terminal = Terminal(home)
    schema = json.loads(server.key_file.with_name("schema.json").read_text())
    (home / "good.json").write_text(json.dumps(schema))
    (home / "seed.json").write_text(json.dumps({**schema, "city": "datetime"}))
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("schema", "set", "seed.json", "--yes")
    terminal.run("sync", *PROJECT)
    return terminal


@pytest.fixture
def terminal(server: SandboxProcess, tmp_path: Path) -> Terminal:
    """A workspace for one test, which may change it."""
    return synced(server, tmp_path)


@pytest.fixture(scope="module")
def asked(server: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A workspace that tests ask, and do not change."""
    return synced(server, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def stopping(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A sandbox that a test may stop."""
    with start(units=400, key_out=tmp_path / "encord-key") as process:
        yield process


def city(report: str) -> list[str]:
    """Return type, valid, missing and invalid of `city`, as a table of keys has them."""
    line = next(line for line in report.splitlines() if line.startswith("city "))
    return line.split()[1:5]


def test_the_page_prints_what_it_shows_with_the_server_stopped_before_it_types_anew(
    stopping: SandboxProcess, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("connect", "--domain", stopping.url, "--key", "encord-key")
    (written,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "seed.json").write_text(written)
    shown = commands(PAGE)
    assert len(shown) == 9
    for command, printed in shown:
        if "--local" in command:
            stopping.stop()
        exits = 2 if printed.startswith("error:") else 1 if command.endswith("schema check") else 0
        done = terminal.run(*shlex.split(command)[1:], exits=exits)
        lines = comparable(done.stdout + done.stderr).splitlines()
        assert sorted(filter(None, lines)) == sorted(filter(None, comparable(printed).splitlines())), command


def test_the_next_sync_applies_a_corrected_schema_and_reads_no_row(terminal: Terminal) -> None:
    assert city(terminal.run("rematerialise").stdout)[:2] == ["DATETIME", "0"]
    told = terminal.run("schema", "set", "good.json", "--yes").stdout
    assert "Next: metaquery rematerialise" in told
    assert "Next: metaquery rematerialise" in terminal.run("schema", "check", exits=1).stdout
    report = terminal.run("sync", *PROJECT).stdout
    assert report.count("expected 100 data units, got 100 (100 unchanged)") == 4
    assert "0 added, 0 changed, 0 removed" in report
    kind, valid, _, invalid = city(report)
    assert (kind, int(valid) > 300, int(invalid) < 20) == ("STRING", True, True)
    assert "No key's type is in doubt" in terminal.run("schema", "check").stdout


def test_a_schema_set_here_alone_lasts_until_the_next_sync(terminal: Terminal) -> None:
    told = terminal.run("schema", "set", "--local", "good.json").stdout
    assert "~ city: datetime becomes string" in told
    assert "in this workspace alone" in told
    assert city(terminal.run("rematerialise").stdout)[0] == "STRING"
    assert city(terminal.run("sync", *PROJECT).stdout)[0] == "DATETIME"


def test_check_and_count_tell_scripts_what_misfits(asked: Terminal) -> None:
    report = json.loads(asked.run("schema", "check", "--json", exits=1).stdout)
    assert (report["failing"], report["schema_is_applied"], report["units"]) == (["city"], True, 400)
    assert report["keys"]["city"]["valid"] == 0
    for key in report["keys"].values():
        assert key["valid"] + key["missing"] + key["invalid"] == 400
        assert sum(key.get("looks_like", {}).values()) == key["invalid"]
    strict = json.loads(asked.run("schema", "check", "--json", "--invalid", "0", exits=1).stdout)
    assert set(strict["failing"]) == {name for name, key in report["keys"].items() if key["invalid"]}
    counted = json.loads(asked.run("count", "--json", "city > 2023 and dark").stdout)
    assert list(counted["misfits"]) == ["city"]
    assert "values of 'city' are not datetimes" in counted["misfits"]["city"]["remark"]
    assert json.loads(asked.run("count", "--json", "dark").stdout)["misfits"] == {}
    assert asked.run("count", "-q", "city > 2023").stderr == ""


def test_only_the_condition_that_fails_is_explained_by_the_schema(asked: Terminal) -> None:
    view = metaquery.open(asked.home).data
    for text in (
        "city = 'Oslo'", "dark and city in ('Oslo', 'Paris')", "lower(city) = 'oslo'", "meta.city contains 'O'",
        "not (city ~ 'O')", "any label(city = 'Oslo')", "dark order by lower(city)", "city between 'A' and 'B'",
    ):  # fmt: skip
        with pytest.raises(metaquery.FilterError, match="values of 'city' are not datetimes") as raised:
            view.query(text)
        assert "metaquery rematerialise" in str(raised.value)
    for text in ("city > 2023 and dark = 'yes'", "city > 2023 and drak", "speed = 'fast' or city is null"):
        with pytest.raises(metaquery.FilterError) as raised:
            view.filter(text)
        assert "not datetimes" not in str(raised.value)
    assert [str(m.key.name) for m in view.query("dark order by city").misfits()] == ["city"]
    assert view.filter("dark").misfits() == ()


def test_the_proposal_goes_to_a_file_that_is_replaced_only_when_asked(asked: Terminal) -> None:
    told = asked.run("schema", "infer")
    proposed = json.loads(told.stdout)
    assert proposed["city"] == {"ty": "variant", "hint": "varchar"}
    assert proposed["weather"]["ty"] == "enum"
    assert "city" in told.stderr
    assert asked.run("schema", "infer", "-o", "fixed.json").stdout == ""
    assert json.loads((asked.home / "fixed.json").read_text()) == proposed
    (asked.home / "fixed.json").write_text("mine")
    assert "Replace fixed.json?" in asked.run("schema", "infer", "-o", "fixed.json", exits=2).stderr
    assert (asked.home / "fixed.json").read_text() == "mine"
    asked.run("schema", "infer", "-o", "fixed.json", "--yes")
    assert json.loads((asked.home / "fixed.json").read_text()) == proposed
    assert "no directory" in asked.run("schema", "infer", "-o", "nowhere/fixed.json", exits=2).stderr


def test_there_is_nothing_to_type_before_a_sync(tmp_path: Path) -> None:
    for command in (("rematerialise",), ("schema", "check"), ("schema", "infer")):
        assert "nothing has been synced" in Terminal(tmp_path).run(*command, exits=1).stderr
