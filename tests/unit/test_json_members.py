"""A name that stands in an object twice has its first value, by whichever way the object comes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import metaquery
from metaquery.edits.documents import Change, changed
from metaquery.json_members import members_of

TWICE = '{ "a" : 1 , "x\\":": "\\":", "é": {"a": 2, "b": 3}, "\\u00e9":\n5, "a":[4], "b": {} }'


def test_the_first_of_each_name_is_taken_with_its_bytes() -> None:
    found = {name: bytes(text).decode() for name, text in members_of(TWICE.encode()).items()}
    assert found == {"a": "1", 'x":': '"\\":"', "é": '{"a": 2, "b": 3}', "b": "{}"}
    assert members_of(b' {"a":{"a":1},"b":[{"a":2}]}').keys() == {"a", "b"}
    assert members_of(b"{}") == {}


@pytest.mark.parametrize("what", ["an object", "a text", "columns"])
def test_files_are_typed_by_the_first(tmp_path: Path, what: str) -> None:
    held = '"n": 1, "n": 2'
    metadata = {
        "an object": f'"client_metadata": {{{held}}}',
        "a text": f'"client_metadata": {json.dumps(f"{{{held}}}")}',
    }
    (tmp_path / "units.ndjson").write_text(f'{{"data_hash": "u", {metadata.get(what, held)}}}\n')
    workspace = metaquery.open(tmp_path)
    workspace.sync_files(units=tmp_path / "units.ndjson", schema={"n": "number"})
    assert workspace.data.filter("n = 1").count() == 1


def test_an_edit_of_another_key_keeps_the_first() -> None:
    assert changed(b'{"n":1,"n":2}', Change({"m": b"3"})) == b'{"n":1,"m":3}'
