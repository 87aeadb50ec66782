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


# Searching

OWN = "title icontains '{0}' or dataset_title icontains '{0}' or projects has '{0}' or tags has '{0}'"


def stands_for(text: str) -> str:
    return f"({OWN.format(text)} or city icontains '{text}' or note icontains '{text}') is true"


def test_a_search_is_shown_as_the_filter_that_it_stands_for(home: Path) -> None:
    done = run(home, "count", "--search", "wet road")
    assert done.stderr == f"--search 'wet road' is: {stands_for('wet road')}\n"
    assert done.stdout == "1 of 5 data units match.\n"
    assert metaquery.open(home).data.search(" wet road ").canonical == stands_for("wet road")


def test_a_search_finds_a_phrase_in_any_text_in_any_case(home: Path) -> None:
    data = metaquery.open(home).data
    assert {text: data.search(text).count() for text in ("OSLO", "ROAD", "road wet", "UNIT", "unit 3", "50%", "_")} == {
        "OSLO": 1, "ROAD": 1, "road wet": 0, "UNIT": 5, "unit 3": 1, "50%": 1, "_": 0,
    }  # fmt: skip


def test_a_search_is_never_unknown(home: Path) -> None:
    """A text is not found in what has no value, and its opposite has every other row."""
    data = metaquery.open(home).data
    found = data.search("oslo")
    assert (found.counts().matched, found.counts().unknown) == (1, 0)
    assert data.filter(f"not {found.canonical}").count() == 4
    assert data.filter(found.canonical).canonical == found.canonical


def test_searches_and_a_filter_narrow_each_other_down(home: Path) -> None:
    assert counted(home, "--search", "unit", "--search", "wet") == 1
    assert counted(home, "not dark", "--search", "unit") == 1
    done = run(home, "query", "--search", "aquila", "--select", "city", "-f", "csv")
    assert done.stdout.splitlines() == ['"city"', '"L\'Aquila"']


def test_a_tag_is_found_by_its_whole_title(home: Path) -> None:
    metaquery.open(home).data.filter("city = 'Paris'").collect("To review")
    assert (counted(home, "--search", "To review"), counted(home, "--search", "review")) == (1, 0)


def test_a_name_that_two_fields_have_is_qualified(tmp_path: Path) -> None:
    (tmp_path / "units.ndjson").write_text('{"data_hash": "u", "title": "a", "client_metadata": {"title": "Wet"}}\n')
    workspace = metaquery.open(tmp_path)
    workspace.sync_files(units=tmp_path / "units.ndjson", schema={"title": "string", "site id": "string"})
    found = workspace.data.search("wet")
    assert found.count() == 1
    assert 'unit."title" icontains' in found.canonical
    assert 'meta."title" icontains' in found.canonical
    assert '"site id" icontains' in found.canonical


def test_labels_are_searched_by_class_and_by_the_texts_of_their_unit(home: Path) -> None:
    text = metaquery.open(home).labels.search("car").canonical
    assert text.startswith("(class icontains 'car' or answer icontains 'car' or annotator icontains 'car'")
    assert text.endswith("city icontains 'car' or note icontains 'car') is true")


def test_an_empty_search_is_refused(home: Path) -> None:
    with pytest.raises(metaquery.MetaqueryError, match="no text to search for"):
        metaquery.open(home).data.search("  ")
