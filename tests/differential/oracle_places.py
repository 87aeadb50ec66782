"""Places and intervals of the oracle: `s_…` and `t_…`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from metaquery.language import syntax as s

from .oracle_logic import all_of, either, opposite
from .oracle_values import Moment, Place, day_of


@dataclass(frozen=True)
class Box:
    west: float
    south: float
    east: float
    north: float


def read_shape(node: s.Wkt) -> Place | Box:
    flat = [number for item in node.body for number in item]
    if node.tag.upper() == "POINT":
        longitude, latitude = flat
        return Place(latitude, longitude)
    return Box(*flat)


def intersects(a: Place | Box, b: Place | Box) -> bool:
    """Bounds count; a box whose west is east of its east crosses the antimeridian."""
    if isinstance(a, Box):
        a, b = b, a
    assert isinstance(a, Place)
    if isinstance(b, Place):
        return a == b
    across = b.west <= a.longitude <= b.east if b.west <= b.east else not b.east < a.longitude < b.west
    return across and b.south <= a.latitude <= b.north


SPATIAL = {
    "s_intersects": intersects,
    "s_within": intersects,
    "s_disjoint": lambda a, b: not intersects(a, b),
}

OPEN = ".."


@dataclass(frozen=True)
class Span:
    """`interval(start, end)`; an end may be None or `OPEN`."""

    start: Any
    end: Any


def relate(name: str, first: Any, second: Any, zone: str, *, whole: bool) -> Any:
    """Evaluate a relation of CQL2 (OGC 21-065r2, 7.8; W3C Time Ontology), null ends included.

    If any end is a day, a month or a year, all are cut to whole days on the local calendar, and both ends count.
    """
    ends = [end for x in (first, second) for end in ((x.start, x.end) if isinstance(x, Span) else (x, x))]
    a, b, c, d = (_place(end, zone, last=at % 2 == 1, whole=whole) for at, end in enumerate(ends))
    match name:
        case "t_disjoint":
            return either([_less(b, c), _less(d, a)])
        case "t_intersects":
            return opposite(either([_less(b, c), _less(d, a)]))
    return all_of(
        {
            "t_after": lambda: [_less(d, a)],
            "t_before": lambda: [_less(b, c)],
            "t_equals": lambda: [_same(a, c), _same(b, d)],
            "t_contains": lambda: [_less(a, c), _less(d, b)],
            "t_during": lambda: [_less(c, a), _less(b, d)],
            "t_finishedby": lambda: [_less(a, c), _same(b, d)],
            "t_finishes": lambda: [_less(c, a), _same(b, d)],
            "t_meets": lambda: [_same(b, c)],
            "t_metby": lambda: [_same(a, d)],
            "t_overlaps": lambda: [_less(a, c), _less(c, b), _less(b, d)],
            "t_overlappedby": lambda: [_less(c, a), _less(a, d), _less(d, b)],
            "t_startedby": lambda: [_same(a, c), _less(d, b)],
            "t_starts": lambda: [_same(a, c), _less(b, d)],
        }[name]()
    )


def _place(end: Any, zone: str, *, last: bool, whole: bool) -> float | None:
    if end is None:
        return None
    if end == OPEN:
        return math.inf if last else -math.inf
    if isinstance(end, Moment):
        return day_of(end.micros, zone) if whole else end.micros
    return day_of(end.end - 1, zone) if last else end.first


def _less(x: float | None, y: float | None) -> bool | None:
    return None if x is None or y is None else x < y


def _same(x: float | None, y: float | None) -> bool | None:
    return None if x is None or y is None else x == y
