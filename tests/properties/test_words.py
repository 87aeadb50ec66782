"""Words are found for every filter, and mean what the filter means.

The last tests read the words again, by a grammar of their own that knows "and", "or", brackets and what was asked, and
no more: there is one way to read them, and it selects the rows that the filter selects.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, Tree

from metaquery.language import BindOptions, bind
from metaquery.language import syntax as s
from metaquery.language.printing import to_text
from metaquery.language.words import in_words
from metaquery.schema import DATA

from .filters import COLLECTIONS, FILTERS
from .schemas import SCHEMA

NOW = datetime(2024, 3, 31, 12, 30, tzinfo=UTC)

Truth = bool | None
Row = dict[str, Truth]


def words_of(tree: s.Expr, zone: str = "UTC") -> str:
    options = BindOptions(time_zone=zone, now=NOW, collections=tuple(COLLECTIONS))
    return in_words(bind(tree, SCHEMA, DATA, options=options), time_zone=zone)


@given(tree=FILTERS, zone=st.sampled_from(["UTC", "Europe/Paris", "America/St_Johns"]))
@settings(max_examples=400, deadline=None)
def test_every_filter_has_words_and_always_the_same(tree: s.Expr, zone: str) -> None:
    words = words_of(tree, zone)
    assert words == words_of(tree, zone)
    assert words == words.strip()
    assert words.isprintable()
    assert words.count("(") == words.count(")")


# Three conditions, and what is built of them. A row is whether each is true, false or unknown.

TESTS: dict[str, s.Expr] = {
    "dark": s.Field(None, "dark"),
    "fast": s.Compare(">", s.Field(None, "speed"), s.Number(5)),
    "paris": s.Compare("=", s.Field(None, "city"), s.String("Paris")),
}
ROWS: list[Row] = [dict(zip(TESTS, row, strict=True)) for row in product((True, False, None), repeat=3)]

READING = r"""
?start: plain | several

?several: and_list | or_list | pair | asked
and_list: inner ("," inner)* ", and" last
?last: inner | pair
or_list: "either" choice ("," choice)* ", or" choice
?pair: "either" plain "or" plain -> or_list
?choice: inner | "both" plain "and" plain -> and_list
?inner: plain | "(" several ")"

?asked: "it is unknown whether" inner -> unknown
    | "it is known whether" inner -> known
    | "it is certain that" inner -> certain
    | "it is not certain that" inner -> uncertain
    | truth "and" truth "are both true or both false" -> same
    | "one of" truth "and" truth "is true and the other is false" -> different
    | plain ", or has no value" -> lenient
?truth: "(" start ")" | "dark" -> dark
?plain: "dark is true" -> dark
    | "dark is false" -> not_dark
    | "speed is greater than 5" -> fast
    | "speed is at most 5" -> not_fast
    | "city is 'Paris'" -> paris
    | "city is not 'Paris'" -> not_paris
    | "city has a value other than 'Paris'" -> not_paris
    | "dark has no value (missing or invalid)" -> dark_unknown
    | "dark has a value" -> dark_known

%ignore " "
"""
"""How the words are read. That "not 'Paris'" is unknown without a city matters only behind "whether"."""

READER = Lark(READING, parser="earley", ambiguity="explicit")


def opposite(x: Truth) -> Truth:
    return None if x is None else not x


def every(found: list[Truth]) -> Truth:
    return False if False in found else (None if None in found else True)


def some(found: list[Truth]) -> Truth:
    return opposite(every([opposite(x) for x in found]))


def same(x: Truth, y: Truth) -> Truth:
    return None if x is None or y is None else x == y


MEANING: dict[str, Callable[..., Truth]] = {
    "and_list": lambda *found: every(list(found)),
    "or_list": lambda *found: some(list(found)),
    "unknown": lambda x: x is None,
    "known": lambda x: x is not None,
    "certain": lambda x: x is True,
    "uncertain": lambda x: x is not True,
    "lenient": lambda x: x is not False,
    "same": same,
    "different": lambda x, y: opposite(same(x, y)),
}


def read(node: Tree[Any], row: Row) -> Truth:
    """Return what words say of a row."""
    name = str(node.data)
    assert name != "_ambig"
    test = name.removeprefix("not_")
    if test in TESTS:
        return row[test] if test == name else opposite(row[test])
    if name in {"dark_unknown", "dark_known"}:
        return (row["dark"] is None) is (name == "dark_unknown")
    return MEANING[name](*[read(child, row) for child in node.children])  # type: ignore[arg-type]


def meant(tree: s.Expr, row: Row) -> Truth:  # noqa: PLR0911  # one case a node
    """Return what a filter says of a row (§5.3)."""
    match tree:
        case s.And():
            return every([meant(arg, row) for arg in tree.args])
        case s.Or():
            return some([meant(arg, row) for arg in tree.args])
        case s.Not():
            return opposite(meant(tree.arg, row))
        case s.IsUnknown(p=p) | s.IsNull(x=p):
            return meant(p, row) is None
        case s.Is(v=s.Bool(value=truth)):
            return meant(tree.x, row) is truth
        case s.Compare(op="=", left=left, right=s.Field() | s.And() | s.Or() | s.Not() as right):
            return same(meant(left, row), meant(right, row))
        case _:
            return row[next(name for name, test in TESTS.items() if test == tree)]


def build(random: Random, depth: int, *, testing: bool) -> s.Expr:
    """Return a tree of and, or, not; `testing` also takes tests of what is known."""
    shape = random.random()
    if depth == 0 or shape < 0.15:
        return random.choice(list(TESTS.values()))
    inner = [build(random, depth - 1, testing=testing) for _ in range(random.choice([2, 2, 3]))]
    if shape < 0.65 or not testing:
        if shape < 0.3:
            return s.Not(inner[0])
        kind = random.choice([s.And, s.Or])
        return kind(tuple(part for arg in inner for part in (arg.args if isinstance(arg, kind) else (arg,))))
    if shape < 0.75:
        return s.IsNull(inner[0]) if isinstance(inner[0], s.Field) else s.IsUnknown(inner[0])
    if shape < 0.9:
        return s.Is(inner[0], s.Bool(random.random() < 0.5))
    return s.Compare("=", inner[0], s.Not(inner[1]))


def trees(seed: int, count: int, *, testing: bool) -> list[s.Expr]:
    random = Random(seed)  # noqa: S311  # trees of a test
    return [build(random, 3, testing=testing) for _ in range(count)]


def test_filters_with_the_same_words_have_the_same_meaning() -> None:
    meanings: dict[str, tuple[Truth, ...]] = {}
    for tree in trees(11, 4000, testing=False):
        table = tuple(meant(tree, row) for row in ROWS)
        assert meanings.setdefault(words_of(tree), table) == table, to_text(tree)
    assert len(meanings) > 1000


@pytest.mark.parametrize("testing", [False, True], ids=["and, or, not", "with tests of what is known"])
def test_words_can_be_read_in_one_way_which_selects_the_same_rows(testing: bool) -> None:
    for tree in trees(12, 400, testing=testing):
        words = words_of(tree)
        understood = READER.parse(words)
        assert [read(understood, row) is True for row in ROWS] == [meant(tree, row) is True for row in ROWS], (
            to_text(tree),
            words,
        )
