"""A filter that fails, made smaller as long as it still fails: filters of a batch are not drawn choice by choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from metaquery.language import syntax as s


def smallest(tree: s.Expr, fails: Callable[[s.Expr], bool]) -> s.Expr:
    """Return a filter of which no part can be left out, or put in the place of the whole, and that still fails."""
    while True:
        found = next((smaller for smaller in _smaller(tree) if fails(smaller)), None)
        if found is None:
            return tree
        tree = found


def _smaller(node: s.Expr) -> Iterator[s.Expr]:
    yield from s.children(node)
    for part in fields(node):
        value = getattr(node, part.name)
        if isinstance(value, s.Node):
            for less in _smaller(value):  # type: ignore[arg-type]
                yield replace(node, **{part.name: less})
        elif isinstance(value, tuple) and value and isinstance(value[0], s.Node):
            yield from (replace(node, **{part.name: less}) for less in _fewer(node, value))


def _fewer(node: s.Expr, items: tuple[s.Expr, ...]) -> Iterator[tuple[s.Expr, ...]]:
    least = 2 if isinstance(node, s.And | s.Or | s.Call) else 1
    for at, item in enumerate(items):
        if len(items) > least:
            yield items[:at] + items[at + 1 :]
        for less in _smaller(item):
            yield (*items[:at], less, *items[at + 1 :])
