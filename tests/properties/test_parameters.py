"""A value that is given for a parameter means what it means where it is written into the text."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metaquery.language import BindOptions, canonical, compile_filter, parse
from metaquery.language import syntax as s
from metaquery.language.parameters import fill
from metaquery.language.printing import to_text
from metaquery.schema import DATA
from tests.budget import cases

from .filters import COLLECTIONS, FILTERS
from .schemas import SCHEMA
from .strategies import TREES

OPTIONS = BindOptions(now=datetime(2024, 6, 15, 12, tzinfo=UTC), collections=tuple(COLLECTIONS))

PLAIN = (s.String, s.Number, s.Bool, s.Instant)


class Lifting:
    """Takes literals out of a filter, and keeps their values."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.values: dict[str, Any] = {}

    def lifted(self, node: Any) -> Any:
        if isinstance(node, PLAIN) or (isinstance(node, s.Period) and node.day):
            return self.parameter(value_of(node)) if self.dice.random() < 0.7 else node
        if isinstance(node, tuple):
            return tuple(self.lifted(part) for part in node)
        if not isinstance(node, s.Node):
            return node
        listed = isinstance(node, s.In) or (isinstance(node, s.Has) and node.kind != "has")
        if listed and all(isinstance(item, PLAIN) for item in node.items) and self.dice.random() < 0.5:
            name = self.parameter([value_of(item) for item in node.items]).name
            return replace(node, x=self.lifted(node.x), items=(s.Parameter(name, many=True),))
        parts = {f.name: self.lifted(getattr(node, f.name)) for f in fields(node) if f.name not in {"span", "body"}}
        return replace(node, **parts)

    def parameter(self, value: Any) -> s.Parameter:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return s.Parameter(name)


def named(node: Any) -> set[str]:
    """Return the names of the parameters in a filter; in its text, a field may be called `:city`, too."""
    if isinstance(node, s.Parameter):
        return {node.name}
    return set().union(*map(named, s.children(node)))


def value_of(node: Any) -> Any:
    match node:
        case s.Instant():
            epoch = datetime(1970, 1, 1, tzinfo=UTC if node.zoned else None)
            return epoch + timedelta(microseconds=node.micros)
        case s.Period():
            return date(node.year, node.month, node.day)
    return node.value


@given(FILTERS, st.randoms(use_true_random=False))
@cases(150)
def test_a_filter_with_parameters_is_the_filter_with_their_values_written(tree: s.Expr, dice: Random) -> None:
    lifting = Lifting(dice)
    text = to_text(lifting.lifted(tree))
    written = compile_filter(to_text(tree), SCHEMA, DATA, options=OPTIONS)
    bound = compile_filter(text, SCHEMA, DATA, options=replace(OPTIONS, parameters=lifting.values))
    assert bound.where == written.where, text
    assert canonical(bound) == canonical(written)


@given(TREES, st.randoms(use_true_random=False))
@cases(100)
def test_values_are_in_their_places_before_anything_is_bound(tree: s.Expr, dice: Random) -> None:
    """Also in what would not bind."""
    lifting = Lifting(dice)
    lifted = lifting.lifted(tree)
    own = dict.fromkeys(("city", "n_2", "größe", "true"), 1) | {"title": "night", "cities": [1]}
    used = {name: value for name, value in own.items() if name in named(lifted)}
    (whole,) = fill((lifted,), lifting.values | used, "")
    (straight,) = fill((tree,), {name: own[name] for name in used}, "")
    assert whole == straight
    assert parse(to_text(whole)) == whole
