"""What a search can leave out of a pattern, and where it has to begin: `.*a+` is found where `a` is.

A match may begin and end anywhere, so what may be empty at either end of a pattern adds nothing to a yes or no, and
what is repeated there is found as soon as its least number is. `foo.*bar` is looked for from the beginning of each line
alone: for `bar`, the first `foo` of a line is as good as any later one. So most patterns take one pass over the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language.java_regex.code_points import LAST, Points, meet, within
from metaquery.language.java_regex.tree import (
    Chars,
    Choice,
    Edge,
    Node,
    Repeat,
    Run,
    choice,
    edge,
    repeat,
    run,
    stretch,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["anchored", "fits", "from_few_places", "trimmed"]

_BEYOND: Points = ((0x10000, LAST),)


def trimmed(node: Node) -> Node:
    """Return a pattern that is found in the same texts, without what is idle at its ends."""
    return _without(_without(node, at_end=False), at_end=True)


def _without(node: Node, *, at_end: bool) -> Node:
    """Trim one end."""
    if node.nullable:
        return run((), node.place)
    match node:
        case Choice():
            return choice([_without(branch, at_end=at_end) for branch in node.branches], node.place)
        case Repeat() if node.low == 1:
            return _without(node.body, at_end=at_end)
        case Repeat():
            return repeat(node.body, node.low, node.low, node.place)
        case Run():
            return _without_in_run(node, at_end=at_end)
        case _:
            return node


def _without_in_run(node: Run, *, at_end: bool) -> Node:
    items = list(node.items)
    while True:  # not all are nullable, or the whole would be
        rest = _without(items.pop(-1 if at_end else 0), at_end=at_end)
        if not (isinstance(rest, Run) and not rest.items):
            break
    again = run([*items, rest] if at_end else [rest, *items], node.place)
    return again if again == node else _without(again, at_end=at_end)


def from_few_places(node: Node) -> Node:
    """Return a pattern that is found in the same texts, and that fewer places of them are tried for.

    `word x*` with a word of x alone can only be within some x in a row, and there the first word is the best: it is as
    good as `x*word x*` after what is no x.
    """
    if isinstance(node, Choice):
        return choice([from_few_places(branch) for branch in node.branches], node.place)
    if not isinstance(node, Run) or anchored(node):
        return node
    for at, item in enumerate(node.items):
        loop = stretch(item)
        if loop is None or loop[2] is not None:
            continue
        points = loop[0]
        halves = meet(points, _BEYOND) and not within(_BEYOND, points)  # Java looks back at half a character
        if halves or not fits(node.items[:at], points):
            return node
        here = node.place[0], item.place[0]
        skipped = repeat(Chars(points, here), 0, None, here)
        return run([edge("not after", here, points), skipped, *node.items], node.place)
    return node


def fits(word: Sequence[Node], points: Points) -> bool:
    """Tell whether what some nodes match is of one length, one character at the least, and of a set alone."""
    return (
        all(item.shortest == item.longest and _made_of(item, points) for item in word)
        and sum(item.shortest for item in word) > 0
    )


def _made_of(node: Node, points: Points) -> bool:
    match node:
        case Chars():
            return within(node.points, points)
        case Edge():
            return True
        case Run():
            return all(_made_of(item, points) for item in node.items)
        case Choice():
            return all(_made_of(branch, points) for branch in node.branches)
        case Repeat():
            return _made_of(node.body, points)


def anchored(node: Node) -> bool:
    """Tell whether a pattern is tried from few places: the beginning, or that of a run of some characters."""
    if isinstance(node, Choice):
        return all(anchored(branch) for branch in node.branches)
    head = node.items[0] if isinstance(node, Run) and node.items else node
    return isinstance(head, Edge) and head.kind in {"start", "not after"}
