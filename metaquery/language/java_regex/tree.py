"""A pattern as a tree that knows no engine's syntax, built in its simplest form.

Only whether a text matches is asked, never where or by which group, so a tree keeps neither groups nor greed: it is a
regular expression of mathematics, over sets of characters. The functions that build it use laws of these, so that
`(a|b)*` is `[ab]*`, `(a+)+` is `a+`, and what is left of a hostile pattern is what is hard about it.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from metaquery.frozen import dataclass
from metaquery.language.java_regex.code_points import ALL, Points, meet, union, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Chars", "Choice", "Edge", "EdgeKind", "Node", "Place", "Repeat", "Run", "Untranslatable",
    "chars", "choice", "edge", "repeat", "run", "stretch",
]  # fmt: skip

Place: TypeAlias = tuple[int, int]

EdgeKind: TypeAlias = Literal["start", "end", "line end", "word edge", "no word edge", "not after"]

_DEEPEST = 40
"""Levels of groups that mean something; Java's own recursion and ours are bounded by it."""

_LARGEST = 10_000
"""Largest number in a repetition that others came together in; RE2 takes no product larger than 1,000."""


class Untranslatable(ValueError):
    """A pattern, or a part of one, has no form on Java that is sure to match the same texts in bounded time.

    Attributes
    ----------
    reason
        Why, in words that continue “this pattern cannot be used on Spark: …”.
    start, end
        The part of the pattern, in code points.
    """

    def __init__(self, reason: str, start: int, end: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set; none at all matches where the set is empty."""

    points: Points
    place: Place = field(compare=False)
    shortest: ClassVar[int] = 1
    longest: ClassVar[int | None] = 1
    nullable: ClassVar[bool] = False
    depth: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A condition on a place between characters.

    Attributes
    ----------
    points
        What may not stand before it, where the kind is “not after”.
    """

    kind: EdgeKind
    points: Points
    place: Place = field(compare=False)
    shortest: ClassVar[int] = 0
    longest: ClassVar[int | None] = 0
    nullable: ClassVar[bool] = False
    depth: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One after the other; without items, the empty text.

    Attributes
    ----------
    shortest, longest
        Characters of what it may match; None where there is no longest.
    nullable
        Whether it matches the empty text at every place.
    depth
        Levels of nodes below.
    """

    items: tuple[Node, ...]
    place: Place = field(compare=False)
    shortest: int = field(compare=False)
    longest: int | None = field(compare=False)
    nullable: bool = field(compare=False)
    depth: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of at least two."""

    branches: tuple[Node, ...]
    place: Place = field(compare=False)
    shortest: int = field(compare=False)
    longest: int | None = field(compare=False)
    nullable: bool = field(compare=False)
    depth: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `low` to `high` times; None is no bound."""

    body: Node
    low: int
    high: int | None
    place: Place = field(compare=False)
    shortest: int = field(compare=False)
    longest: int | None = field(compare=False)
    nullable: bool = field(compare=False)
    depth: int = field(compare=False)


Node: TypeAlias = Chars | Edge | Run | Choice | Repeat


def chars(points: Points, place: Place) -> Node:
    """Return one character of a set."""
    return Chars(points, place)


def edge(kind: EdgeKind, place: Place, points: Points = ()) -> Node:
    """Return a condition on a place."""
    if kind == "not after" and points == ALL:
        return Edge("start", (), place)
    return Edge(kind, points, place)


def run(items: Iterable[Node], place: Place) -> Node:
    """Return one after the other.

    Neighbours that repeat the same are one repetition, one that another has room for is taken in (`a?a*` is `a*`), and
    `(xy)*x` is `x(yx)*`, which says what comes next by its first character.
    """
    todo = [part for item in items for part in (item.items if isinstance(item, Run) else (item,))][::-1]
    done: list[Node] = []
    while todo:
        item = todo.pop()
        if isinstance(item, Run):
            todo += item.items[::-1]
        elif isinstance(item, Chars) and not item.points:
            return Chars((), place)
        elif not (_rotated(item, todo) or _merged(done, item, todo)):
            done.append(item)
    if len(done) == 1:
        return done[0]
    longest: int | None = 0
    for item in done:
        longest = _sum(longest, item.longest)
    return Run(
        tuple(done),
        place,
        sum(item.shortest for item in done),
        longest,
        all(item.nullable for item in done),
        _level(done, place),
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def stretch(node: Node) -> tuple[Points, int, int | None] | None:
    """Return what is one set over and over as that set and how often; None where a node is anything else."""
    if isinstance(node, Chars):
        return node.points, 1, 1
    if isinstance(node, Repeat) and isinstance(node.body, Chars):
        return node.body.points, node.low, node.high
    return None


def _varies(node: Node) -> bool:
    return isinstance(node, Repeat) and node.low != node.high


def _merged(done: list[Node], item: Node, todo: list[Node]) -> bool:
    """Put the last that is done and the next together, if they can be; what comes of it is looked at again."""
    if not done or not (_varies(done[-1]) or _varies(item)):
        return False
    last = done[-1]
    place = last.place[0], item.place[1]
    one, other = _times(last), _times(item)
    if one[0] == other[0]:
        done.pop()
        todo.append(repeat(one[0], one[1] + other[1], _sum(one[2], other[2]), place))
        return True
    first, second = stretch(last), stretch(item)
    if first is None or second is None:
        return False
    if second[2] is None and first[1] != first[2] and within(first[0], second[0]):
        done.pop()
        todo += [item, repeat(Chars(first[0], last.place), first[1], first[1], last.place)]
        return True
    if first[2] is None and second[1] != second[2] and within(second[0], first[0]):
        todo.append(repeat(Chars(second[0], item.place), second[1], second[1], item.place))
        return True
    return False


def _times(node: Node) -> tuple[Node, int, int | None]:
    return (node.body, node.low, node.high) if isinstance(node, Repeat) else (node, 1, 1)


def _rotated(item: Node, todo: list[Node]) -> bool:
    """Turn `(xy)*x` into `x(yx)*`; `item` is the first of it that was taken from what is to do."""
    if not (_varies(item) and isinstance(item, Repeat) and isinstance(item.body, Run)):
        return False
    parts = item.body.items
    turned = 0
    while turned < len(parts) and turned < len(todo) and parts[turned] == todo[-1 - turned]:
        turned += 1
    after = todo[-1 - turned] if turned < len(todo) else None
    if not turned or (turned < len(parts) and not _apart(parts[turned - 1], after)):
        return False
    del todo[-turned:]
    if turned == len(parts):
        todo.append(repeat(item.body, item.low + 1, _sum(item.high, 1), item.place))
        return True
    body = run(parts[turned:] + parts[:turned], item.body.place)
    todo.append(repeat(body, item.low, item.high, item.place))
    todo += parts[:turned][::-1]
    return True


def _apart(last: Node, after: Node | None) -> bool:
    """Tell whether the next character says where the last ends: in `(x+y)*x+z`, that is so between the x and the z."""
    loop = stretch(last) if _varies(last) else None
    following = stretch(after) if after is not None else None
    return loop is None or after is None or isinstance(after, Edge) or not (following and meet(loop[0], following[0]))


def choice(branches: Sequence[Node], place: Place) -> Node:
    """Return one of some.

    Characters among them are one set, an empty one makes the others optional, and what begins alike has one beginning.
    """
    flat: list[Node] = []
    for branch in branches:
        flat += branch.branches if isinstance(branch, Choice) else [branch]
    empty = any(isinstance(branch, Run) and not branch.items for branch in flat)
    single = union([branch.points for branch in flat if isinstance(branch, Chars)])
    one = next((at for at, branch in enumerate(flat) if isinstance(branch, Chars)), None)
    kept = [branch for at, branch in enumerate(flat) if not isinstance(branch, Chars) or (at == one and single)]
    kept = _factored([Chars(single, place) if isinstance(branch, Chars) else branch for branch in kept])
    if empty:
        return repeat(choice(kept, place), 0, 1, place) if kept else run((), place)
    if not kept:
        return Chars((), place)
    if len(kept) == 1:
        return kept[0]
    longest: int | None = 0
    for branch in kept:
        longest = None if longest is None or branch.longest is None else max(longest, branch.longest)
    return Choice(
        tuple(kept),
        place,
        min(branch.shortest for branch in kept),
        longest,
        any(branch.nullable for branch in kept),
        _level(kept, place),
    )


def _factored(branches: Sequence[Node]) -> list[Node]:
    """Turn `xy|xz` into `x(y|z)`; an empty branch is left out."""
    by_head: dict[Node, list[Node]] = {}
    for branch in branches:
        if not (isinstance(branch, Run) and not branch.items):
            by_head.setdefault(branch.items[0] if isinstance(branch, Run) else branch, []).append(branch)
    made: list[Node] = []
    for head, alike in by_head.items():
        if len(alike) == 1:
            made += alike
            continue
        place = alike[0].place[0], alike[-1].place[1]
        tails = [run(each.items[1:] if isinstance(each, Run) else (), each.place) for each in alike]
        made.append(run([head, choice(tails, place)], place))
    return made


def repeat(body: Node, low: int, high: int | None, place: Place) -> Node:
    """Return so many times the same."""
    if body.nullable:
        low = 0  # as often as it takes, it matches nothing
    nothing = isinstance(body, Chars) and not body.points
    if high == 0 or (low == 0 and (nothing or body.longest == 0)):
        return run((), place)
    if nothing or (low, high) == (1, 1) or body.longest == 0 or (body.nullable and high == 1):
        return body
    simpler = _flattened(body, low, high, place) if isinstance(body, Repeat) else None
    if simpler is None and high is None:
        simpler = _within_star(body, low, place)
    if simpler is not None:
        return simpler
    if max(low, high or 0) > _LARGEST:
        raise Untranslatable("it repeats too often", *place)
    longest = None if high is None or body.longest is None else body.longest * high
    return Repeat(body, low, high, place, body.shortest * low, longest, low == 0, _level([body], place))


def _flattened(body: Repeat, low: int, high: int | None, place: Place) -> Node | None:
    """Return a repetition of a repetition as one, where every number of times between is reached."""
    most = None if high is None or body.high is None else body.high * high
    if body.low <= 1:
        return repeat(body.body, low if body.low else 0, most, place)
    # From n times of it to n + 1 times there is no number between that is not reached; and so on, as it grows.
    without_gap = low == high or body.high is None or body.high * low + 1 >= body.low * (low + 1)
    if low > 0 and without_gap:
        return repeat(body.body, body.low * low, most, place)
    return repeat(body, 0, 1, place) if body.high is None and high != 1 else None


def _within_star(body: Node, low: int, place: Place) -> Node | None:
    """Simplify what is repeated without bound."""
    match body:
        case Run() if body.nullable:
            return repeat(choice(body.items, body.place), 0, None, place)
        case Run() if low <= 1:
            return _run_within_star(body, low, place)
        case Choice():
            return _choice_within_star(body, low, place)
        case _:
            return None


def _run_within_star(body: Run, low: int, place: Place) -> Node | None:
    """`(x+y?)*` is `(xy?)*`, as the other x are times of their own."""
    needed = [at for at, item in enumerate(body.items) if not item.nullable]
    item = body.items[needed[0]]
    if len(needed) > 1 or not isinstance(item, Repeat) or item.low > 1:
        return None
    items = [*body.items[: needed[0]], item.body, *body.items[needed[0] + 1 :]]
    return repeat(run(items, body.place), low, None, place)


def _choice_within_star(body: Choice, low: int, place: Place) -> Node | None:
    """`(x+|y)*` is `(x|y)*`; a condition alone adds nothing to what may be left out."""
    bare = [
        branch.body if isinstance(branch, Repeat) and branch.low <= 1 else branch
        for branch in body.branches
        if branch.longest != 0 or low > 0
    ]
    if low == 1 and any(branch.longest == 0 for branch in bare):
        edges = [branch for branch in bare if branch.longest == 0]
        others = [branch for branch in bare if branch.longest != 0]
        return choice([*edges, repeat(choice(others, body.place), 1, None, place)], place)
    if len(bare) == len(body.branches) and all(a is b for a, b in zip(bare, body.branches, strict=True)):
        return None
    return repeat(choice(bare, body.place), low, None, place)


def _level(parts: Iterable[Node], place: Place) -> int:
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > _DEEPEST:
        raise Untranslatable("its groups are nested too deep", *place)
    return depth
