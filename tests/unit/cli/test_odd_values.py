"""Values as data really has them, at a terminal: ids that are numbers, blanks, times of day, names of all kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import metaquery

Run = Callable[..., tuple[int, str, str]]

SCHEMA = {"id": "number", "at": "datetime", "frame rate": "number"} | dict.fromkeys(
    ("city", "title", "meta.title"), "string"
)
ROWS = [
    {"id": 1711850000123, "at": "2024-03-31T01:30:00Z", "frame rate": 25, "city": "", "title": "a", "meta.title": "b"},
    {"id": 12345678901.5, "at": "2024-03-31T01:30:00Z", "frame rate": "25", "city": " Oslo"},
    {"id": -0.0, "at": "2024-03-31", "city": "Oslo"},
    {"id": 0.1 + 0.2, "at": "2024-03-31T12:00:00Z"},
]


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "odd"
    home.mkdir()
    rows = [{"data_hash": f"unit-{n}", "client_metadata": row} for n, row in enumerate(ROWS)]
    (home / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    metaquery.open(home).sync_files(units=home / "units.ndjson", schema=SCHEMA)
    monkeypatch.chdir(home)
    return home


def test_a_whole_number_is_shown_in_full_so_that_a_filter_finds_it_again(odd: Path, cli: Run) -> None:
    shown = cli("query", "--select", "id", "--order-by", "id")[1].split()[2:]
    assert shown == ["0", "0.3", "12345678901.5", "1711850000123"]
    assert cli("count", f"id = {shown[-1]}", "-q")[1] == "1\n"
    assert "0 – 1711850000123: 0 (1), 0.3 (1)" in cli("describe", "--select", "id", "-q")[1]


def test_a_frequent_instant_is_not_told_as_its_day_which_has_more(odd: Path, cli: Run) -> None:
    top = cli("describe", "--select", "at", "-q")[1].splitlines()[-1].strip()
    assert top.startswith("2024-03-31 – 2024-03-31: 2024-03-31 01:30:00 (2), 2024-03-31 (1)")
    assert cli("count", "at = 2024-03-31", "-q")[1] == "4\n"


def test_a_text_of_blanks_can_be_seen(odd: Path, cli: Run) -> None:
    assert cli("describe", "--select", "city", "-q")[1].splitlines()[-1].strip() == "'' (1), ' Oslo' (1), Oslo (1)"
    labels = [line.split("  ")[0] for line in cli("facet", "city", "-q")[1].splitlines()[1:4]]
    assert labels == ["''", "' Oslo'", "Oslo"]


def test_what_is_unknown_or_invalid_is_found_by_the_filter_that_is_named(
    odd: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert '(… or "frame rate" is null includes them)' in cli("count", '"frame rate" > 1')[1]
    script = odd / "script"
    script.write_text('"frame rate" > 1\n')
    with script.open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert '("frame rate" is invalid finds them)' in cli("repl")[2]
    assert cli("count", '"frame rate" is invalid', "-q")[1] == "1\n"


def test_no_two_columns_of_a_file_have_one_name(odd: Path, cli: Run) -> None:
    """The keys `title` and `meta.title` beside the built-in title; a second column of a name is lost, or no reader."""
    assert cli("export", "-q", "-o", "all.ndjson")[0] == 0
    assert cli("export", "-q", "-o", "all.parquet")[0] == 0
    rows = [json.loads(line) for line in Path("all.ndjson").read_text("utf-8").splitlines()]
    first = next(row for row in rows if row["data_hash"] == "unit-0")
    assert (first["meta.title"], first["meta.meta.title"], first["unit.title"]) == ("a", "b", None)
    assert pq.read_table("all.parquet").column_names == list(first)


def test_titles_and_keys_do_not_steer_a_terminal(tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A character that turns the writing direction stands for all of them: click takes escapes away from a pipe."""
    monkeypatch.chdir(tmp_path)
    turned = "turned\u202e"
    for values in (("x", 1, None), (2, 1, "x")):
        rows = [
            {"data_hash": f"unit-{n}", "title": turned, "dataset_title": turned, "client_metadata": {turned: value}}
            for n, value in enumerate(values)
        ]
        Path("units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
        told = cli("sync", "--from", "units.ndjson")
        assert (told[0], "\u202e" in told[1] + told[2]) == (0, False)
    key = f'"{turned}"'
    for line in (
        ["diff"],
        ["status"],
        ["verify"],
        ["count", f"{key} = 'x'"],
        ["count", f"{key} > 1"],
        ["count", f"{key} = 'nowhere'"],
        ["filter", "save", "one", f"{key} = 'x'"],
        ["open", "unit-1"],
        ["describe"],
        ["facet", key],
    ):
        _, out, err = cli(*line)
        assert "turned" in out + err
        assert "\u202e" not in out + err, line


def test_a_workspace_without_a_server_shows_its_own_schema(odd: Path, cli: Run) -> None:
    code, out, err = cli("schema", "show")
    assert (code, err) == (0, "The schema of this workspace, which is not connected to a server:\n")
    assert [line.split("  ")[0] for line in out.splitlines()] == list(SCHEMA)


def test_an_instant_is_written_in_one_way_everywhere(odd: Path, cli: Run) -> None:
    row = {"data_hash": "unit-0", "created_at": "0987-05-01T02:00:13.5+02:00", "client_metadata": ROWS[0]}
    (odd / "units.ndjson").write_text(json.dumps(row) + "\n")
    assert cli("sync", "--from", "units.ndjson", "-q")[0] == 0
    written = "0987-05-01T00:00:13.5Z"
    assert f"created_at     {written}\n" in cli("open", "unit-0")[1]
    assert written in cli("query", "--select", "created_at", "-f", "csv")[1]
    assert cli("count", f"created_at = {written}", "-q")[1] == "1\n"
