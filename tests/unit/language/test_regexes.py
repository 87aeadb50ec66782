"""What every match of a regular expression holds, so that a plain search can rule rows out."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaquery.language.regexes import required_text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"_00[0-4]\d+", "_00"),
        ("^seq_one", "seq_one"),
        ("abc.def$", "abc"),
        ("abcd+ef", "abcd"),
        ("abcd*", "abc"),
        ("abcd?ef", "abc"),
        ("abcd{0,2}", "abc"),
        (r"a\.b\.c", "a.b.c"),
        ("abc|def", None),
        ("(abc)?", None),
        ("(?i)abc", None),
        ("[abc]def", None),
        (r"\bword", None),
        ("ab", None),
        ("", None),
        (r"abc\x41", "abc"),
        ("größe", "größe"),
    ],
)
def test_the_text_that_a_match_must_hold(pattern: str, text: str | None) -> None:
    assert required_text(pattern) == text


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


PIECES = st.sampled_from(
    [
        "abc",
        "b",
        r"\.",
        ".",
        "^",
        "$",
        "*",
        "+",
        "?",
        "{0,1}",
        "{2}",
        "[ab]",
        "(abc)",
        "(?:b)",
        r"\d",
        r"\w",
        "|",
        r"\Q",
        "é",
    ]
)


@given(
    pattern=st.lists(PIECES, max_size=6).map("".join),
    text=st.text(alphabet="abc.é1 ", max_size=12),
)
@settings(max_examples=1_500, deadline=None)
def test_a_row_that_matches_always_holds_it(engine: duckdb.DuckDBPyConnection, pattern: str, text: str) -> None:
    required = required_text(pattern)
    try:
        (found,) = engine.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchall()[0]
    except duckdb.Error:
        return
    assert not found or required is None or required in text
