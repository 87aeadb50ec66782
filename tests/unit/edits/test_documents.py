"""Members are set, removed and replaced as plain Python would do it, and nothing else of a document moves."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metaquery.edits.documents import Change, changed, effect, members, same

keys = st.text(st.characters(exclude_categories=("Cs",)), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | keys,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
documents = st.dictionaries(keys, values, max_size=5)


def texts(document: dict) -> dict[str, bytes]:
    return {key: json.dumps(value).encode() for key, value in document.items()}


@given(documents, documents, st.lists(keys, max_size=3), st.booleans())
@example({"city": None}, {}, ["city", "city"], False)  # named twice
def test_a_change_does_what_plain_python_does(old, wanted, remove, replace):
    remove = [key for key in remove if key not in wanted]
    before = json.dumps(old).encode()
    change = Change(texts(wanted), tuple(remove), replace)
    after = changed(before, change)
    kept = {} if replace else {key: value for key, value in old.items() if key not in remove}
    assert same(after, json.dumps(kept | wanted).encode())
    told = effect(before, change)
    assert set(told.added) == set(wanted) - set(old)
    assert set(told.altered) | set(told.unchanged) == set(wanted) & set(old)
    assert sorted(told.removed) == sorted(set(old) - set(kept) - set(wanted))
    assert told.nothing == (after == before)
    assert changed(after, change) == after


@given(documents, documents)
def test_what_stays_keeps_its_bytes_and_its_place(old, wanted):
    before = msgspec.json.encode(old)
    after = members(changed(before, Change(texts(wanted))))
    stayed = [key for key in members(before) if key in after]
    assert list(after)[: len(stayed)] == stayed
    for key, text in members(before).items():
        if key not in wanted:
            assert bytes(after[key]) == bytes(text)


@given(values, values)
def test_two_texts_are_the_same_where_their_values_are(one, other):
    def tagged(value):
        return json.dumps(value, sort_keys=True).replace(".0,", ",")

    first, second = json.dumps(one).encode(), json.dumps(other, indent=2, sort_keys=True).encode()
    assert same(first, json.dumps(one, indent=1).encode())
    if same(first, second):
        assert one == other
    elif tagged(one) == tagged(other):
        raise AssertionError((one, other))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("1", "1.0", True),
        ("1e2", "100", True),
        ("1", "true", False),
        ("0", "false", False),
        ("9007199254740993", "9007199254740992", False),
        ("0.1", "0.10000000000000001", False),
        ('{"a": 1, "b": [2]}', '{"b":[2.0],"a":1}', True),
        ('"\\u00e9"', '"é"', True),
        ('"1"', "1", False),
        ("1e999999999999999999999", "1e999999999999999999999", True),
        ("1e999999999999999999999", "1e999999999999999999998", False),
        ("null", "{}", False),
    ],
)
def test_numbers_are_compared_exactly_and_true_is_no_number(one, other, alike):
    assert same(one.encode(), other.encode()) is alike


def test_large_integers_and_nested_values_survive_untouched():
    old = (
        b'{"id": 9007199254740993, "deep": {"x": [1.10, 1e5, null, "\\u00e9"]}, "huge": 123456789012345678901234567890}'
    )
    after = changed(old, Change({"city": b'"Oslo"'}))
    assert b'"id":9007199254740993' in after
    assert b'{"x": [1.10, 1e5, null, "\\u00e9"]}' in after
    assert b"123456789012345678901234567890" in after


def test_what_is_no_object_becomes_one():
    assert changed(b"[1]", Change({"a": b"1"})) == b'{"a":1}'
    assert changed(b"{}", Change(remove=("a",))) == b"{}"


def test_a_whole_document_is_put_back_byte_for_byte():
    old, was = b'{"a":1,"b":2}', b'{ "b": 2.0,  "c": 3}'
    change = Change(document=was)
    assert changed(old, change) == was
    told = effect(old, change)
    assert (told.added, told.altered, told.unchanged, told.removed) == (("c",), (), ("b",), ("a",))
