"""Saved filters: filter-language.md §7."""

from itertools import pairwise

import pytest

from metaquery.errors import FilterError
from metaquery.language import DUCKDB, BindOptions, canonical, compile_filter, count_sql
from metaquery.schema import DATA, LABELS, Field, Relation, Schema

SCHEMA = Schema.of([Field("dark", "BOOLEAN"), Field("city", "STRING"), Field("speed", "NUMBER")])


def bound(text: str, saved: dict[str, str], on_labels: dict[str, str] | None = None, relation: Relation = DATA) -> str:
    known = {"data": saved, "labels": on_labels or {}, "predictions": {}}
    options = BindOptions(saved=lambda name: known[name])
    query = compile_filter(text, SCHEMA, relation, options=options)
    assert count_sql(query, DUCKDB).text
    assert query.where is not None
    return canonical(query.where)


def test_a_saved_filter_stands_in_parentheses() -> None:
    saved = {"night": "dark or city = 'Oslo'"}
    assert bound("@night and speed > 5", saved) == "(dark or city = 'Oslo') and speed > 5"
    assert bound("not @night", saved) == "not (dark or city = 'Oslo')"


def test_names_may_be_quoted_and_nest() -> None:
    saved = {"night in Paris": "@night and city = 'Paris'", "night": "dark", "a-b": "dark"}
    assert bound('@"night in Paris"', saved) == "dark and city = 'Paris'"
    assert bound("@a-b", saved) == "dark"


def test_it_is_bound_for_the_relation_where_it_stands() -> None:
    assert bound("any label(@big)", {"big": "speed > 9"}, {"big": "class = 'bus'"}) == "any label(class = 'bus')"
    assert bound("@big", {}, {"big": "class = 'bus'"}, LABELS) == "class = 'bus'"


@pytest.mark.parametrize(
    ("text", "saved", "code", "span", "words"),
    [
        ("dark and @nigth", {"night": "dark"}, "unknown-saved-filter", (9, 15), "did you mean '@night'"),
        ("@night", {}, "unknown-saved-filter", (0, 6), "no filter is saved"),
        ("@a", {"a": "@b", "b": "not @a"}, "saved-filter-cycle", (0, 2), "@a → @b → @a"),
        ("@a", {"a": "@a"}, "saved-filter-cycle", (0, 2), "@a → @a"),
        ("speed > 1 or @a", {"a": "drak = true"}, "unknown-field", (13, 15), "in the saved filter @a"),
        ("@a", {"a": "dark = "}, "unexpected-end", (0, 2), "dark ="),
        ("@a = 1", {"a": "dark"}, "type-mismatch", None, ""),
    ],
)
def test_mistakes_are_told_where_they_are_used(
    text: str, saved: dict[str, str], code: str, span: tuple[int, int] | None, words: str
) -> None:
    with pytest.raises(FilterError) as caught:
        bound(text, saved)
    assert caught.value.code == code
    assert caught.value.source == text
    assert span is None or caught.value.span == span
    assert words in str(caught.value)


def test_what_is_wrong_is_said_once_however_deep_it_is() -> None:
    for saved, first in (
        ({"a": "@b", "b": "@c", "c": "@a"}, "saved filters go round in a circle: @a → @b → @c → @a"),
        ({"a": "@b", "b": "@c", "c": "drak"}, "unknown field 'drak' (in the saved filter @a → @b → @c)"),
        ({"a": "drak"}, "unknown field 'drak' (in the saved filter @a)"),
    ):
        with pytest.raises(FilterError) as caught:
            bound("@a", saved)
        told = str(caught.value).splitlines()
        assert told[0] == first
        assert str(caught.value).count(first.partition(" (")[0]) == 1
        assert told.count("the saved filter:") == 1


def test_sixteen_levels_are_allowed_and_no_more() -> None:
    chain = {f"f{n}": f"@f{n + 1}" for n in range(20)} | {"f20": "dark"}
    assert bound("@f5", chain) == "dark"
    with pytest.raises(FilterError, match="more than 16 deep"):
        bound("@f4", chain)


def test_filters_that_double_are_refused_and_not_written_out() -> None:
    """Sixteen levels of two uses each would be 65,536 copies."""
    doubling = {f"f{n}": f"@f{n + 1} and @f{n + 1}" for n in range(16)} | {"f15": "dark and speed > 1 or city = 'x'"}
    with pytest.raises(FilterError) as caught:
        bound("@f0", doubling)
    assert caught.value.code in {"too-complex", "too-deep"}


def test_depth_counts_through_saved_filters() -> None:
    def deep(inner: str) -> str:
        text = inner
        for _ in range(60):
            text = f"(dark or (speed > 1 and {text}))"
        return text

    with pytest.raises(FilterError) as caught:
        bound("@a", {"a": deep("@b"), "b": deep("@c"), "c": deep("dark")})
    assert caught.value.code == "too-deep"


def test_a_mistake_sixteen_levels_deep_is_told_in_short() -> None:
    names = [f"{n:02d} " + "x" * 90 for n in range(16)]
    chain = {name: f'@"{after}" or dark' for name, after in pairwise(names)} | {names[-1]: "drak"}
    with pytest.raises(FilterError) as caught:
        bound(f'@"{names[0]}"', chain)
    assert len(str(caught.value)) < 2_000
    assert str(caught.value).startswith("unknown field 'drak'")
    assert "did you mean 'dark'?" in str(caught.value)
