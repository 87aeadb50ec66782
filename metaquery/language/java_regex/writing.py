r"""A tree → Java's syntax, and how long Java may take for it.

Java's engine tries one way after the other, so the writer counts the ways that a pattern leaves open. One character of
what is ahead decides most of them (`first`): such repetitions are written possessive (`\d++-`), which changes nothing
and tries nothing twice. Where it does not decide, the repetition is written lazy, as Java's lazy loops need no stack.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from metaquery.frozen import dataclass
from metaquery.language.java_regex.code_points import (
    ALL,
    END,
    LAST,
    SURROGATES,
    Points,
    complement,
    meet,
    span,
    union,
    within,
)
from metaquery.language.java_regex.searching import fits
from metaquery.language.java_regex.tree import Chars, Choice, Edge, Node, Repeat, Run, Untranslatable, stretch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.java_regex.tree import Place

__all__ = ["Written", "written"]

_MOST_WAYS = 10_000
"""Ways to match from one place that are tried at the most, loops without bound apart."""

_MOST_COPIES = 20
"""Times that a group is written out, one in another, where Java's own loop would need stack for each."""

_MOST_RESTS = 2
"""Loops in what follows a group that is repeated until that fits: it is written twice each time."""

ANYTHING: Points = union([((0, LAST),), END])

_NEVER = "(?!)"

_WORD = "[0-9A-Z_a-z]"
_EDGES = {
    "start": r"\A",
    "end": r"\z",
    "line end": r"(?![^\n])",
    "word edge": f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    # The last range: Java would look between the two halves of a character beyond U+FFFF.
    "no word edge": f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?![0-9A-Z_a-z\\x{{DC00}}-\\x{{DFFF}}]))",
}


class Follow(NamedTuple):
    """What may come next: characters (or the end of the text), and whether the pattern may be over here."""

    points: Points
    over: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A part of a pattern on Java.

    Attributes
    ----------
    text
        The pattern.
    ways
        How many ways there are, at the most, to match it from one place on, but for the loops.
    loops
        Places of the repetitions without bound whose end is not decided by the next character: each may end anywhere.
    """

    text: str
    ways: int = 1
    loops: tuple[Place, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether there is one way at the most."""
        return self.ways == 1 and not self.loops


def written(node: Node) -> Written:
    """Write a whole pattern.

    Raises
    ------
    Untranslatable
        Where Java may take exponential time, or more stack than it has.
    """
    return _write(node, Follow((), over=True), last=True)


def first(node: Node, follow: Follow) -> Follow:
    """Return what a text may begin with that a node and what follows it match."""
    match node:
        case Chars():
            return Follow(node.points, over=False)
        case Edge():
            return _beside_edge(node, follow)
        case Run():
            for item in reversed(node.items):
                follow = first(item, follow)
            return follow
        case Choice():
            branches = [first(branch, follow) for branch in node.branches]
            return Follow(union([each.points for each in branches]), any(each.over for each in branches))
        case Repeat():
            inside = first(node.body, follow)
            return _either(inside, follow) if node.low == 0 else inside


def _either(one: Follow, other: Follow) -> Follow:
    return Follow(union([one.points, other.points]), one.over or other.over)


def _beside_edge(node: Edge, follow: Follow) -> Follow:
    match node.kind:
        case "end":
            return Follow(END, over=False)
        case "line end":
            after = union([span(10, 10), END])
            return Follow(after, over=False) if follow.over else Follow(_common(after, follow.points), over=False)
        case _:
            # Whether the pattern is over here hangs on what was before: nothing of what follows is sure.
            return Follow(ANYTHING, over=True) if follow.over else follow


def _common(ends: Points, points: Points) -> Points:
    return tuple(end for end in ends if meet((end,), points))


def _write(node: Node, follow: Follow, *, last: bool = False) -> Written:
    """Write a part; the pattern ends with it where it is the last."""
    match node:
        case Chars():
            return Written(_set(node.points))
        case Edge():
            return Written(f"(?<!{_set(node.points)})" if node.kind == "not after" else _EDGES[node.kind])
        case Run():
            return _run(node, follow, last=last)
        case Choice():
            return _choice(node, follow, last=last)
        case Repeat():
            return _stretch(node, follow) if isinstance(node.body, Chars) else _repeat(node, follow, None)


def _run(node: Run, follow: Follow, *, last: bool) -> Written:
    """Write one after the other, from the end, as each is written by what comes after it."""
    parts: list[Written] = []
    for at in reversed(range(len(node.items))):
        item = node.items[at]
        if last and parts and isinstance(item, Repeat) and not isinstance(item.body, Chars):
            parts.insert(0, _repeat(item, follow, _joined(node.items[at + 1 :], parts, node.place)))
        else:
            parts.insert(0, _write(item, follow, last=last and not parts))
        follow = first(item, follow)
    return _joined(node.items, parts, node.place)


def _joined(items: Sequence[Node], parts: Sequence[Written], place: Place) -> Written:
    parts = _first_is_best(items, parts)
    ways = 1
    for part in parts:
        ways *= part.ways
    return _checked("".join(part.text for part in parts), ways, [p for part in parts for p in part.loops], place)


def _first_is_best(items: Sequence[Node], written_parts: Sequence[Written]) -> list[Written]:
    """Let `.*word` that another `.*` follows stop at the first word for good.

    In `.*word.*` what the first loop and the word take at a later place, the second loop can take at the first: no
    match is lost. The word has to be of one length, and both it and the first loop of what the second loop takes.
    """
    parts = list(written_parts)
    start = 0
    for place, item in enumerate(items):
        loop = stretch(item)
        if loop is None or loop[2] is not None:
            continue
        if place > start + 1 and parts[start].loops and _fits(items[start], items[start + 1 : place], loop[0]):
            word = parts[start + 1 : place]
            parts[start] = Written("(?>" + parts[start].text + "".join(part.text for part in word) + ")")
            parts[start + 1 : place] = [Written("")] * len(word)
        start = place
    return parts


def _fits(loop: Node, word: Sequence[Node], points: Points) -> bool:
    taken = stretch(loop)
    return taken is not None and taken[2] is None and within(taken[0], points) and fits(word, points)


def _choice(node: Choice, follow: Follow, *, last: bool) -> Written:
    branches = [_write(branch, follow, last=last) for branch in node.branches]
    text = f"(?:{'|'.join(branch.text for branch in branches)})"
    ways = [branch.ways for branch in branches]
    loops = max((branch.loops for branch in branches), key=len)
    decided = _apart([first(branch, follow).points for branch in node.branches])
    return _checked(text, max(ways) if decided else sum(ways), loops, node.place)


def _apart(sets: Sequence[Points]) -> bool:
    ranges = sorted(part for points in sets for part in points)
    return all(one[1] < other[0] for one, other in pairwise(ranges))


def _stretch(node: Repeat, follow: Follow) -> Written:
    """Write one character over and over."""
    assert isinstance(node.body, Chars)  # noqa: S101  # for the type checker
    text, times = _set(node.body.points), _times(node.low, node.high)
    if node.low == node.high:
        return Written(text + times)
    decided = not meet(node.body.points, follow.points)
    if node.high is None:
        return Written(text + times + "+") if decided else Written(text + times + "?", 1, (node.place,))
    if decided:
        return Written(text + times + ("" if times == "?" else "+"))
    return _checked(text + times + "?", node.high - node.low + 1, (), node.place)


def _repeat(node: Repeat, follow: Follow, rest: Written | None) -> Written:
    """Write a group over and over, what is left of the pattern being known or not."""
    body, low, high = node.body, node.low, node.high
    if body.shortest == 0:
        raise Untranslatable(
            "what is repeated may match nothing, and each engine has its own rule for that", *node.place
        )
    ahead = first(body, follow)
    once = (low, high) == (0, 1)
    inner = _write(body, follow if once else _either(ahead, follow))
    group = inner.text if isinstance(body, Choice) else f"(?:{inner.text})"
    decided = not meet(ahead.points, follow.points)
    if once:
        return _checked(f"{group}?", inner.ways + (not decided), inner.loops, node.place)
    if inner.sure and (decided or low == high):
        return Written(f"{group}{_times(low, high)}+")
    if inner.sure and _steady(body):
        if high is None:
            return Written(f"{group}{_times(low, high)}?", 1, (node.place,))
        return _checked(f"{group}{_times(low, high)}?", high - low + 1, (), node.place)
    if inner.sure and rest is not None:
        return _until(node, inner, group, rest)
    if high is None:
        raise Untranslatable(_EXPONENTIAL, *node.place)
    return _copies(node, inner, group)


_EXPONENTIAL = (
    "the next character does not tell whether this group is repeated once more, so Java may take exponential time"
)


def _steady(body: Node) -> bool:
    """Tell whether each time is so many sets of characters: Java repeats these without stack."""
    items = body.items if isinstance(body, Run) else (body,)
    spans = [stretch(item) for item in items]
    return all(each is not None and each[1] == each[2] for each in spans)


def _until(node: Repeat, inner: Written, group: str, rest: Written) -> Written:
    """Write a group that is repeated until what is left of the pattern fits, which takes no stack.

    Each time there is one way for the group alone, so the first time that the rest fits is as good as any.
    """
    if len(rest.loops) >= _MOST_RESTS:
        raise Untranslatable(_EXPONENTIAL, *node.place)
    least = f"{group}{_times(node.low, node.low)}+" if node.low > 1 else group * node.low
    more = _times(0, None if node.high is None else node.high - node.low)
    return Written(f"{least}(?:(?!{rest.text}){inner.text}){more}+", 1, (node.place,))


def _copies(node: Repeat, inner: Written, group: str) -> Written:
    """Write a group out as often as it may occur, the later ones in the earlier."""
    low, high = node.low, node.high
    assert high is not None  # noqa: S101  # for the type checker
    if high > _MOST_COPIES:
        raise Untranslatable(_EXPONENTIAL, *node.place)
    ways = sum(inner.ways**times for times in range(low, high + 1))
    text = group * low + f"(?:{group}" * (high - low) + ")??" * (high - low)
    return _checked(text, ways, inner.loops * high, node.place)


def _checked(text: str, ways: int, loops: Sequence[Place], place: Place) -> Written:
    if ways > _MOST_WAYS:
        raise Untranslatable(
            f"there are more than {_MOST_WAYS:,} ways to match it from one place, and Java may try them all", *place
        )
    return Written(text, ways, tuple(loops))


def _times(low: int, high: int | None) -> str:
    match low, high:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _, None:
            return f"{{{low},}}"
        case _:
            return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


_NAMES = {9: r"\t", 10: r"\n", 12: r"\f", 13: r"\r"}
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_ ,:;=<>!@%/'\"~`")
"""Characters that mean nothing to Java, wherever we write them."""


def _point(point: int) -> str:
    if point in _NAMES:
        return _NAMES[point]
    char = chr(point)
    if char in _PLAIN:
        return char
    return "\\" + char if " " < char <= "~" else f"\\x{{{point:X}}}"


def _set(points: Points) -> str:
    """Write one character of a set."""
    if not points:
        return _NEVER
    if len(points) == 1 and points[0][0] == points[0][1]:
        return _point(points[0][0])
    if points == ALL:
        return r"[\x{0}-\x{10FFFF}]"
    missing = complement(points)
    if not within(((0x10000, LAST),), points):
        missing = union([missing, (SURROGATES,)])
    negated = len(missing) < len(points)
    return f"[{'^' if negated else ''}{''.join(_range(*part) for part in (missing if negated else points))}]"


def _range(low: int, high: int) -> str:
    if high - low < 2:
        return "".join(_point(point) for point in range(low, high + 1))
    return f"{_point(low)}-{_point(high)}"
