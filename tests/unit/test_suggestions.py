"""Did-you-mean: filter-language.md §4."""

from metaquery.suggestions import similar


def test_the_same_name_in_another_case_comes_first() -> None:
    assert similar("CITY", ["cite", "City", "city2"])[0] == "City"


def test_a_transposition_is_one_step() -> None:
    assert similar("drak", ["day", "dark"])[0] == "dark"


def test_nothing_near_is_nothing() -> None:
    assert similar("xyzzy", ["captured_at", "city"]) == ()


def test_a_short_name_does_not_match_everything() -> None:
    assert similar("a", ["b", "cd"]) == ()


def test_at_most_three_and_ties_keep_their_order() -> None:
    assert similar("cat", ["bat", "hat", "rat", "mat"]) == ("bat", "hat", "rat")
