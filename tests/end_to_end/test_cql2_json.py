"""Filters from other tools, and for them: CQL2-JSON on the command line and in Python."""

import json
from typing import Any

import pytest

import metaquery

from .conftest import Terminal

FILTER = "dark = true and captured_at > 2023-01-01 and not city in ('Oslo', 'Paris')"
DOCUMENT: dict[str, Any] = {
    "op": "and",
    "args": [
        {"op": "=", "args": [{"property": "dark"}, True]},
        {"op": ">", "args": [{"property": "captured_at"}, {"date": "2023-01-01"}]},
        {"op": "not", "args": [{"op": "in", "args": [{"property": "city"}, ["Oslo", "Paris"]]}]},
    ],
}


def test_explain_writes_the_document_and_nothing_else(terminal: Terminal) -> None:
    done = terminal.run("explain", "--to-cql2-json", FILTER)
    assert json.loads(done.stdout) == DOCUMENT
    assert done.stderr == ""


def test_a_document_selects_what_its_text_selects(terminal: Terminal) -> None:
    (terminal.home / "night.json").write_text(json.dumps(DOCUMENT, indent=2))
    for command in (["count", "--json"], ["query", "-f", "ndjson", "--order-by", "city desc"], ["explain"]):
        by_text = terminal.run(*command, FILTER).stdout
        assert terminal.run(*command, "--cql2-json", "night.json").stdout == by_text
        assert terminal.run(*command, "--cql2-json", "-", stdin=json.dumps(DOCUMENT)).stdout == by_text
    assert int(terminal.run("count", "-q", FILTER).stdout) > 0


def test_a_document_of_labels_is_about_labels(terminal: Terminal) -> None:
    text = "class = 'car' and dark"
    document = terminal.run("explain", "--to-cql2-json", "--on", "labels", text).stdout
    counted = terminal.run("count", "-q", "--on", "labels", "--cql2-json", "-", stdin=document)
    assert counted.stdout == terminal.run("count", "-q", "--on", "labels", text).stdout


def test_a_document_with_a_byte_order_mark_is_read(terminal: Terminal) -> None:
    (terminal.home / "bom.json").write_bytes(b"\xef\xbb\xbftrue")
    assert terminal.run("count", "-q", "--cql2-json", "bom.json").stdout == "400\n"


def test_what_is_explained_is_exactly_one_filter(terminal: Terminal) -> None:
    assert "--cql2-json FILE" in terminal.run("explain", exits=2).stderr
    assert "give one of them" in terminal.run("explain", "dark", "--cql2-json", "-", exits=2, stdin="true").stderr


@pytest.mark.parametrize("command", ["count", "query"])
def test_a_question_needs_no_filter_and_takes_no_two(terminal: Terminal, command: str) -> None:
    answer = terminal.run(command)
    assert {"count": "400 data units.", "query": "Showing 50 of 400"}[command] in answer.stdout + answer.stderr
    assert "give one of them" in terminal.run(command, "dark", "--cql2-json", "-", exits=2, stdin="true").stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "standard input, line 1, column 1"),
        ('{"op": "=",\n "args": [1,, 1]}', "line 2, column 13"),
        ('{"op": "=", "op": "<"}', "'op' occurs twice"),
        ("[" * 100_000, "nested too deep"),
        ("1" * 5_000, "thousands of digits"),
        ("null", "null is no filter, at $"),
        ('"dark"', "it is an object"),
        ('{"op": "=", "args": [NaN, 1]}', "no finite number, at $.args[0]"),
        ('{"op": "equals", "args": []}', "at $.op"),
        ('{"op": "\\ud800\\u202e", "args": []}', 'unknown operator "\\ud800\\u202e"'),
        ('{"op": "isNull", "args": [{"property": "ctiy"}]}', "did you mean 'city'"),
        ('{"op": "=", "args": [{"property": "dark"}, "x"]}', "dark = 'x'"),
    ],
)
def test_a_mistake_in_a_document_is_told_with_its_place(terminal: Terminal, text: str, words: str) -> None:
    done = terminal.run("count", "--cql2-json", "-", exits=2, stdin=text)
    assert words in done.stderr
    assert done.stdout == ""


def test_a_file_that_cannot_be_read_is_named(terminal: Terminal) -> None:
    (terminal.home / "latin.json").write_bytes(b'{"op": "\xe9"}')
    for file, words in [("nowhere.json", "no file nowhere.json"), (".", "cannot be read"), ("latin.json", "utf-8")]:
        assert words in terminal.run("count", "--cql2-json", file, exits=2).stderr


def test_an_order_cannot_be_written_as_a_document(terminal: Terminal) -> None:
    told = terminal.run("explain", "--to-cql2-json", "dark order by city limit 3", exits=2).stderr
    assert "export the filter alone" in told


def test_views_are_narrowed_by_documents_and_written_as_such(terminal: Terminal) -> None:
    data = metaquery.open(terminal.home).data
    assert data.to_cql2_json() is True
    view = data.filter_cql2_json(DOCUMENT)
    assert view.canonical == data.filter(FILTER).canonical
    assert view.to_cql2_json() == DOCUMENT
    narrowed = view.filter("speed > 50")
    assert narrowed.count() == data.filter_cql2_json(narrowed.to_cql2_json()).count() > 0
    with pytest.raises(metaquery.MetaqueryError, match="no limit"):
        view.limit(5).to_cql2_json()


def test_a_name_that_a_document_has_wrong_is_shown_in_its_text(terminal: Terminal) -> None:
    wrong = {"op": "and", "args": [DOCUMENT, {"op": "=", "args": [{"property": "ctiy"}, "Oslo"]}]}
    with pytest.raises(metaquery.FilterError) as raised:
        metaquery.open(terminal.home).data.filter_cql2_json(wrong)
    error = raised.value
    assert error.source[error.span.start : error.span.end] == "ctiy"
    assert error.source.endswith("and ctiy = 'Oslo'")
