"""The picture of a filter's error: filter-language.md §8."""

import pickle
from copy import deepcopy

from metaquery.errors import FilterError, FilterTypeError, Span, UsageError, picture


def test_carets_stand_under_the_span() -> None:
    assert picture("dark and drak", Span(9, 13)) == "  dark and drak\n           ^^^^"


def test_an_empty_span_at_the_end_draws_one_caret() -> None:
    assert picture("dark and", Span(8, 8)) == "  dark and\n          ^"


def test_wide_characters_count_by_their_width() -> None:
    assert picture("'東京' = x", Span(7, 8)) == "  '東京' = x\n           ^"


def test_several_lines_name_line_and_column() -> None:
    drawn = picture("dark\nand drak", Span(9, 13)).splitlines()
    assert drawn == ["line 2, column 5:", "  and drak", "      ^^^^"]


def test_tabs_are_kept() -> None:
    assert picture("a\t= b", Span(4, 5)) == "  a\t= b\n   \t  ^"


def test_hidden_characters_are_shown_by_code_point() -> None:
    assert picture("a\u200bb = 1", Span(1, 2)) == "  a\\u{200B}b = 1\n   ^^^^^^^^"


def test_a_long_line_is_cut_around_the_caret() -> None:
    text = "a" * 500 + "!" + "b" * 500
    line, carets = picture(text, Span(500, 501)).splitlines()
    assert line.startswith("  …")
    assert line.endswith("…")
    assert line[carets.index("^")] == "!"
    assert len(line) <= 104


def test_an_error_is_message_picture_and_hint() -> None:
    error = FilterError("unknown-field", "unknown field 'drak'", "drak", Span(0, 4), "did you mean 'dark'?", ("dark",))
    assert str(error) == "unknown field 'drak'\n  drak\n  ^^^^\ndid you mean 'dark'?"
    assert error.exit_code == 2


def test_an_error_comes_whole_from_another_process() -> None:
    """One that cannot be read there takes the pool of processes down with it."""
    error = FilterTypeError("not-boolean", "'city' is no condition", "city", Span(0, 4), "city = 'Paris'", ("dark",))
    for copied in (pickle.loads(pickle.dumps(error)), deepcopy(error)):
        assert type(copied) is FilterTypeError
        assert str(copied) == str(error)
        assert (copied.code, copied.span, copied.suggestions) == ("not-boolean", (0, 4), ("dark",))
    plain = UsageError("a limit is 0 or more", hint="leave it out")
    assert str(pickle.loads(pickle.dumps(plain))) == str(plain)
