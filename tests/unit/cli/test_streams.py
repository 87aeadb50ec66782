"""What goes to which stream, and what comes from standard input."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metaquery.cli.colour import has_colour
from metaquery.cli.progress import Reporter
from metaquery.cli.switches import SWITCHES, forget_switches
from metaquery.formats import FORMATS

Cli = Callable[..., Any]


@pytest.mark.parametrize("option", [["--format", "csv"], ["--csv"], ["-f", "csv"]])
def test_a_quiet_run_writes_data_to_standard_output_and_nothing_else_anywhere(
    cli: Cli, here: Path, option: list[str]
) -> None:
    told = cli("query", "dark", "-q", *option)
    assert (told.code, told.err) == (0, "")
    assert len(list(csv.DictReader(io.StringIO(told.out)))) == 25


def test_remarks_go_to_standard_error(cli: Cli, here: Path) -> None:
    told = cli("query", "dark", "--json")
    assert len(json.loads(told.out)) == 25
    assert "25 of 60 data units match." in told.err


def test_the_formats_name_wins_over_its_shorthand_and_over_the_files(cli: Cli, workspace: Path) -> None:
    assert cli("query", "dark", "--json", "--format", "csv").out.startswith('"data_hash",')
    cli("query", "dark", "-o", "a.ndjson")
    assert len((workspace / "a.ndjson").read_text().splitlines()) == 25
    cli("query", "dark", "-o", "b.ndjson", "--csv")
    assert (workspace / "b.ndjson").read_text().startswith('"data_hash",')
    assert cli("query", "dark", "-o", "c.xls").code == 2


@pytest.mark.parametrize("format_", [name for name, form in FORMATS.items() if not (form.for_people or form.binary)])
def test_a_format_for_machines_is_never_cut(cli: Cli, here: Path, format_: str) -> None:
    told = cli("query", "-f", format_)
    assert "Showing" not in told.err
    assert told.out.count("scene_") == 60


@pytest.mark.parametrize("quiet", [[], ["-q"]])
def test_a_table_that_is_cut_says_so(cli: Cli, here: Path, quiet: list[str]) -> None:
    told = cli("query", *quiet)
    assert told.out.count("scene_") == 50
    assert "Showing 50 of 60 that match; --limit 0 for all." in told.err
    assert "Showing" not in cli("query", "--limit", "0", *quiet).err


@pytest.mark.parametrize("command", [["query"], ["query", "-q"], ["count"], ["count", "-q"], ["count", "--json"]])
def test_nothing_found_is_no_failure_unless_that_is_asked_for(cli: Cli, here: Path, command: list[str]) -> None:
    name, *options = command
    assert cli(name, "city = 'Bonn'", *options).code == 0
    assert cli(name, "city = 'Bonn'", *options, "--fail-empty").code == 1
    assert cli(name, "city = 'Oslo'", *options, "--fail-empty").code == 0


def given(monkeypatch: pytest.MonkeyPatch, text: str, *, terminal: bool = False) -> None:
    stream = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdin", stream)


@pytest.mark.parametrize("arguments", [["-"], ["--where-file", "-"], ["--where-file", "night.filter"]])
@pytest.mark.parametrize("command", ["query", "count", "explain"])
def test_a_filter_is_read_from_standard_input_or_a_file(
    cli: Cli, workspace: Path, monkeypatch: pytest.MonkeyPatch, command: str, arguments: list[str]
) -> None:
    text = "# at night\ndark = true\nand city = 'Oslo'\n"
    (workspace / "night.filter").write_text(text)
    given(monkeypatch, text)
    told = cli(command, *arguments)
    assert told == cli(command, "dark = true and city = 'Oslo'")


def test_collections_take_filters_from_files_and_ids_from_standard_input(
    cli: Cli, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "night.filter").write_text("dark")
    assert cli("collection", "new", "From a file", "--where-file", "night.filter").out.startswith(
        "Collection 'From a file': 25 data units"
    )
    given(monkeypatch, "data_hash\nunit-01\nunit-02\n")
    assert cli("collection", "new", "By ids", "--ids", "-").out.startswith("Collection 'By ids': 2 data units")


def test_a_mistake_in_a_file_is_shown_with_its_line(cli: Cli, workspace: Path) -> None:
    (workspace / "wrong.filter").write_text("dark\nand drak\n")
    told = cli("count", "--where-file", "wrong.filter")
    assert told.code == 2
    assert "line 2, column 5:" in told.err
    assert cli("count", "dark", "--where-file", "wrong.filter").code == 2
    assert "cannot be read: No such file" in cli("count", "--where-file", "absent").err


@pytest.mark.parametrize(
    "command",
    [
        ["query", "-"],
        ["count", "--where-file", "-"],
        ["count", "--cql2-json", "-"],
        ["collection", "new", "x", "--ids", "-"],
        ["schema", "set", "-"],
        ["sync", "--from", "-"],
    ],
)
def test_who_waits_for_a_terminal_to_be_piped_in_says_so(
    cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    given(monkeypatch, "", terminal=True)
    told = cli(*command)
    assert told.code == 2
    assert "reads standard input, and that is a terminal: give a file, or pipe it in" in told.err


class _Stream:
    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("environ", "terminal", "colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_for_terminals_unless_the_environment_says_otherwise(
    environ: dict[str, str], terminal: bool, colour: bool
) -> None:
    forget_switches()
    assert has_colour(_Stream(terminal), environ) is colour


def test_errors_are_coloured_by_force_and_never_with_no_color(
    cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in cli("count", "drak").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert cli("count", "drak").err.startswith("\x1b[1;31merror:\x1b[0m unknown field")
    assert "\x1b" not in cli("count", "drak", "--no-color").err


def test_on_a_pipe_progress_is_a_line_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("metaquery.cli.progress.time.monotonic", lambda: clock[0])
    for quiet in (False, True):
        with Reporter(quiet=quiet) as reporter:
            reporter.stage("reading")
            for second in range(25):
                clock[0] += 1
                reporter.members(second, 25)
    assert capsys.readouterr() == ("", "reading: 10 of 25\nreading: 21 of 25\n")


def test_a_reader_that_has_seen_enough_is_no_error(here: Path) -> None:
    for command in ("query --limit 0 -f ndjson", "collection list", "query --limit 0"):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; '{sys.executable}' -m metaquery {command} | true"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "Broken" in done.stderr, "Traceback" in done.stderr) == (0, False, False)


@pytest.mark.parametrize("command", ["count dark", "query -f csv", "facet city", "--help"])
def test_an_output_that_cannot_be_written_is_told_and_is_no_fault_of_ours(here: Path, command: str) -> None:
    line = f"'{sys.executable}' -m metaquery {command} > /dev/full"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1, "error: standard output could not be written: No space left on device\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("closed", "code", "out"), [(">&-", 0, ""), ("2>&-", 0, "25\n"), ("<&-", 0, "25\n"), ("<&- >&- 2>&-", 0, "")]
)
def test_a_stream_that_is_closed_is_written_to_by_nobody(here: Path, closed: str, code: int, out: str) -> None:
    line = f"'{sys.executable}' -m metaquery count dark -q {closed}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, "")


def test_the_switches_stand_anywhere(cli: Cli, here: Path) -> None:
    for name in SWITCHES:
        flag = f"--{name.replace('_', '-')}"
        assert cli(flag, "filter", "list").code == 0
        assert cli("filter", flag, "list").code == 0
        assert cli("filter", "list", flag).code == 0
