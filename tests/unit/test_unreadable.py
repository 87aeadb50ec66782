"""What no reader takes is kept beside what they all take."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.unreadable import is_too_deep, mended

DEEP = "[" * 5_000 + "]" * 5_000


def page(value: str, **others: str) -> bytes:
    around = "".join(f', "{name}": {text}' for name, text in others.items())
    return f'[{{"data_hash": "u", "client_metadata": {{"key": {value}, "city": "Oslo"}}{around}}}]'.encode()


def metadata(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(body)[0]["client_metadata"]
    return found


@pytest.mark.parametrize("text", [r'"x\ud83d"', r'"\udc00\ud800"', r'"\\\uDBFF"', "NaN", "-Infinity"])
def test_a_value_is_kept_by_the_text_that_it_was_sent_as(text: str) -> None:
    body = page(text, data_title='"a"')
    assert metadata(mended(body)) == {"key": {"not readable": text}, "city": "Oslo"}
    assert mended(mended(body)) == mended(body)


def test_a_value_that_is_too_deep_is_cut_and_loses_nothing() -> None:
    body = page(DEEP)
    assert is_too_deep(body)
    assert not is_too_deep(mended(body))
    value, levels = metadata(mended(body))["key"], 0
    while isinstance(value, list):
        (value,) = value
        levels += 1
    assert "[" * levels + value["not readable"] + "]" * levels == DEEP


def test_half_a_surrogate_pair_in_a_name_or_outside_of_metadata_is_written_out() -> None:
    body = page("1", data_title=r'"a\ud800"').replace(b"city", rb"\udfff")
    row = msgspec.json.decode(mended(body))[0]
    assert row["data_title"] == r"a\ud800"
    assert row["client_metadata"] == {"key": 1, r"\udfff": "Oslo"}


def test_a_row_of_a_file_may_be_metadata_itself() -> None:
    body = rb'{"data_hash": "u", "speed": NaN, "nested": {"city": "\ud800"}}'
    row = msgspec.json.decode(mended(body, metadata_alone=True))
    assert row == {
        "data_hash": "u",
        "speed": {"not readable": "NaN"},
        "nested": {"city": {"not readable": r'"\ud800"'}},
    }


@pytest.mark.parametrize("body", [b"[NaN]", b'[{"duration": NaN}]', b'{"a": "x', b"]]}", b'"', b'["\\'])
def test_what_is_no_metadata_stays_as_it_is(body: bytes) -> None:
    assert mended(body) == body


_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_DOCUMENTS, st.booleans())
def test_whole_json_is_left_alone(value: Any, escaped: bool) -> None:
    try:
        body = page(json.dumps(value, ensure_ascii=escaped))
        metadata(body)
    except (UnicodeEncodeError, msgspec.DecodeError):
        return  # half a surrogate pair
    assert mended(body) == body
    assert not is_too_deep(body)


@given(st.binary())
def test_any_bytes_come_back(body: bytes) -> None:
    mended(body)
    is_too_deep(body)
