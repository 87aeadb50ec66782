"""A filter's text that is edited by clicks says what is meant, and keeps what its user wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.language import syntax
from metaquery.language.editing import Clauses, alternatives
from metaquery.language.parse import parse
from metaquery.language.printing import to_text

CONDITIONS = (
    "dark",
    "not dark",
    "city = 'Paris'",
    "(city = 'a) and (b' or dark)",
    "dark or speed > 5",
    "speed between 1 and 5",
    "( speed > 5   and  dark )",
    "any label(class = 'car' and frame > 3)",
    "((x))",
    "a and b or c and d",
)


@pytest.mark.parametrize(
    ("text", "put", "at", "edited"),
    [
        ("", "a = 1", (), "a = 1"),
        ("a = 1", "b = 2", (), "a = 1 and b = 2"),
        ("a = 1 or c", "b = 2", (), "(a = 1 or c) and b = 2"),
        ("(a) or (c)", "b", (), "((a) or (c)) and b"),
        ("a  AND  b = 2 and c", "", (1,), "a  AND  c"),
        ("a  AND  b = 2 and c", "", (2,), "a  AND  b = 2"),
        ("a  AND  b = 2 and c", "x or y", (0, 2), "(x or y)  AND  b = 2"),
        ("(a and b) and c", "", (2,), "a and b"),
        ("a and b", "x or y", (0, 1), "x or y"),
        ("a", "", (0,), ""),
    ],
)
def test_a_click_changes_its_clause_and_leaves_all_else_as_it_was_written(
    text: str, put: str, at: tuple[int, ...], edited: str
) -> None:
    assert Clauses.of(text).with_(put, at=at) == edited


@given(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4), st.data())
def test_an_edit_says_what_is_meant(parts: list[str], data: st.DataObject) -> None:
    joined = " and ".join(f"({part})" if " or " in part else part for part in parts)
    clauses = Clauses.of(joined)
    at = data.draw(st.sets(st.integers(0, len(clauses.parts) - 1)))
    put = data.draw(st.sampled_from(("", *CONDITIONS)))
    kept = [part for place, part in enumerate(clauses.parts) if place not in at]
    added = Clauses.of(put).parts
    before = sum(1 for place in range(min(at)) if place not in at) if at else len(kept)
    meant = [*kept[:before], *added, *kept[before:]]
    edited = clauses.with_(put, at=at)
    if not meant:
        assert edited == ""
    else:
        assert parse(edited) == (meant[0] if len(meant) == 1 else syntax.And(tuple(meant)))


def test_a_list_is_so_many_conditions_of_which_one_has_to_hold() -> None:
    condition = parse("city in ('a', 'b') or tags has any ('c') or dark or not wet or speed > 3")
    assert [to_text(each) for each in alternatives(condition)] == [
        "city = 'a'",
        "city = 'b'",
        "tags has 'c'",
        "dark = true",
        "wet = false",
        "speed > 3",
    ]
