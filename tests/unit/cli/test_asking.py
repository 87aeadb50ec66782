"""Filters as commands take them: the text, its parameters, and what is said of what cannot be meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import metaquery
from metaquery.cli.root import cli

SCHEMA = {"dark": "boolean", "speed": "number", "city": "string", "note": "string", "seen": "datetime"}

DOCUMENTS = [
    {"dark": True, "speed": 12, "city": "Oslo", "note": "wet Road", "seen": "2023-05-01T10:00:00Z"},
    {"dark": False, "speed": 80, "city": "L'Aquila", "note": "50% dry", "seen": "2024-05-01T10:00:00Z"},
    {"dark": True, "speed": "fast", "city": "12"},
    {"city": "Paris", "note": None},
    {"dark": True},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of five units, from a file."""
    home = tmp_path_factory.mktemp("asking")
    rows = [
        {"data_hash": f"u{n}", "title": f"Unit {n}", "data_type": "image", "client_metadata": document}
        for n, document in enumerate(DOCUMENTS, 1)
    ]
    (home / "units.ndjson").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    metaquery.open(home).sync_files(units=home / "units.ndjson", schema=SCHEMA)
    return home


def run(home: Path, *arguments: str, exits: int = 0) -> Result:
    done = CliRunner().invoke(cli, [*arguments, "--workspace", str(home)])
    assert done.exit_code == exits, done.output
    return done


def counted(home: Path, *arguments: str) -> int:
    return int(run(home, "count", "-q", *arguments).stdout)


def test_a_value_is_given_beside_the_filter(home: Path) -> None:
    assert counted(home, "city = :city", "--param", "city=L'Aquila") == 1
    assert counted(home, "city = :city", "--param", "city=' or true or '") == 0
    assert counted(home, "note = :note", "--param", "note=50% dry") == 1
    assert counted(home, "city = :city", "--param", ":city=Oslo") == 1


def test_a_value_has_the_type_that_it_is_compared_with(home: Path) -> None:
    given = ["--param", "least=12", "--param", "dark=true", "--param", "since=2023-05"]
    assert counted(home, "speed >= :least and dark = :dark and seen >= :since", *given) == 1
    assert counted(home, "city = :least", "--param", "least=12") == 1


def test_a_name_that_is_given_again_is_a_list(home: Path) -> None:
    assert counted(home, "city in :cities", "--param", "cities=Oslo", "--param", "cities=Paris") == 2
    assert counted(home, "speed in :speeds", "--param", "speeds=80") == 1


def test_explain_and_what_is_saved_have_the_value(home: Path) -> None:
    assert "speed > 12" in run(home, "explain", "speed > :least", "--param", "least=12").stdout
    saved = run(home, "filter", "save", "quick", "speed > :least", "--param", "least=12").stdout
    assert saved.startswith("@quick on data is: speed > 12\n")
    run(home, "collection", "new", "Northern", "--where", "city = :city", "--param", "city=Oslo")
    assert "Filter       city = 'Oslo'" in run(home, "collection", "show", "Northern").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["count", "city = :city"], "no value is given for :city"),
        (["count", "city = :city", "--param", "city=a", "--param", "town=b"], "the filter has no parameter :town"),
        (["count", "city = :city", "--param", "city"], "'city' is no NAME=VALUE"),
        (["count", "speed > :least", "--param", "least=fast"], "with the text 'fast' (from :least)"),
        (["query", "--param", "city=Oslo"], "and none is given"),
        (["collection", "new", "x", "--param", "city=Oslo"], "and none is given"),
    ],
)
def test_what_cannot_be_meant_is_refused(home: Path, arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(cli, [*arguments, "--workspace", str(home)])
    assert message in f"{done.output}{done.exception}"
    assert done.exit_code != 0
