"""`OPERATIONS`: one row an operator of CQL2-JSON: its name, what it takes, and the node that it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from metaquery.errors import FilterError, Span
from metaquery.language import syntax
from metaquery.language.functions import FUNCTIONS
from metaquery.language.limits import CHAIN
from metaquery.language.literals import duration
from metaquery.language.moments import read_moment
from metaquery.language.periods import length_of_iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.language.cql2_json.document import Document, Place
    from metaquery.language.syntax import Expr

__all__ = ["CALLS", "OPERATIONS", "PRECEDENCE", "WITHOUT_OPERATOR", "Operation", "Row"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document, its arguments read."""

    name: str
    args: tuple[Expr, ...]
    place: Place
    document: Document

    def error(self, message: str, index: int | None = None, *, code: str = "bad-arguments") -> FilterError:
        """Return the error that the operation, or its argument number `index`, is wrong."""
        place = self.place if index is None else self.place.at("args", index)
        return self.document.error(code, message, place, f"write {OPERATIONS[self.name].form}")

    def text(self, index: int) -> str:
        """Return an argument that has to be a text."""
        arg = self.args[index]
        if not isinstance(arg, syntax.String):
            raise self.error(f"{self.name} takes a text here", index)
        return arg.value


@dataclass(frozen=True, slots=True)
class Row:
    """One operator.

    Attributes
    ----------
    name
        What stands behind `op`.
    build
        Makes the node.
    fewest, most
        How many arguments it takes; `most` of None is any number.
    form
        As help shows it.
    """

    name: str
    build: Callable[[Operation], Expr]
    fewest: int
    most: int | None
    form: str


_SAME = {"sum": ("+", "-"), "product": ("*", "/", "%", "div"), "power": ("^",)}
PRECEDENCE = {op: name for name, ops in _SAME.items() for op in ops}
"""Which operators of arithmetic chain with each other."""


def _all_of(call: Operation) -> Expr:
    flat = tuple([a for arg in call.args for a in (arg.args if isinstance(arg, syntax.And) else (arg,))])
    return flat[0] if len(flat) == 1 else syntax.And(flat)


def _any_of(call: Operation) -> Expr:
    flat = tuple([a for arg in call.args for a in (arg.args if isinstance(arg, syntax.Or) else (arg,))])
    return flat[0] if len(flat) == 1 else syntax.Or(flat)


def _not(call: Operation) -> Expr:
    return syntax.Not(call.args[0])


def _compare(call: Operation) -> Expr:
    return syntax.Compare("!=" if call.name == "<>" else call.name, *call.args)


def _arith(call: Operation) -> Expr:
    return syntax.Arith(call.name, *call.args)


def _between(call: Operation) -> Expr:
    return syntax.Between(*call.args)


def _in(call: Operation) -> Expr:
    x, items = call.args
    if not isinstance(items, syntax.ListOf):
        raise call.error("in takes an array of values", 1)
    return syntax.In(x, items.items)


def _like(call: Operation) -> Expr:
    x, pattern = call.args
    return syntax.Like(x, pattern, ci=False)


def _matches(call: Operation, *, ci: bool) -> Expr:
    x, pattern = call.args
    return syntax.Matches(x, pattern, ci)


def _text(call: Operation, *, kind: str) -> Expr:
    x, y = call.args
    return syntax.Text(kind, x, y, ci=False)


def _is_null(call: Operation) -> Expr:
    return syntax.IsNull(call.args[0])


def _is_missing(call: Operation) -> Expr:
    return syntax.IsMissing(call.args[0])


def _is_invalid(call: Operation) -> Expr:
    return syntax.IsInvalid(call.args[0])


def _is_unknown(call: Operation) -> Expr:
    p = call.args[0]
    return syntax.IsNull(p) if isinstance(p, syntax.Field) else syntax.IsUnknown(p)


def _is(call: Operation) -> Expr:
    x, v = call.args
    return syntax.IsNull(x) if isinstance(v, syntax.Null) else syntax.Is(x, v)


def _call(call: Operation) -> Expr:
    return syntax.Call(call.name.removeprefix("mq_").lower(), call.args)


_MIRRORED = {"a_contains": "a_containedBy", "a_containedBy": "a_contains"}


def _lists(call: Operation) -> Expr:
    """Read the relation of two lists; the one that is written out may stand on either side."""
    name, (x, items) = call.name, call.args
    if isinstance(x, syntax.ListOf) and not isinstance(items, syntax.ListOf):
        name, x, items = _MIRRORED.get(name, name), items, x
    if not isinstance(items, syntax.ListOf):
        return syntax.Call(call.name.lower(), call.args)
    match name:
        case "a_contains":
            return syntax.Has("all", x, items.items)
        case "a_containedBy":
            return syntax.Has("only", x, items.items)
        case "a_overlaps":
            return syntax.Has("any", x, items.items)
        case _:
            return syntax.And((syntax.Has("all", x, items.items), syntax.Has("only", x, items.items)))


def _in_collection(call: Operation) -> Expr:
    return syntax.InCollection(tuple([syntax.String(call.text(i)) for i in range(len(call.args))]))


def _relation(call: Operation) -> tuple[str, Expr | None]:
    name = call.text(0)
    if name not in {"label", "prediction"}:
        raise call.error(f"{call.name} goes over 'label' or 'prediction'", 0)
    return name, call.args[1] if len(call.args) > 1 else None


def _quantified(call: Operation) -> Expr:
    return syntax.Quantified(call.name.removeprefix("mq_"), *_relation(call))


def _count(call: Operation) -> Expr:
    return syntax.Count(*_relation(call))


def _duration(call: Operation) -> Expr:
    text = call.text(0)
    if length_of_iso(text) is not None:
        return syntax.Call("duration", call.args)
    if re.fullmatch(r"[0-9]{1,18}(?:\.[0-9]{1,18})?(?:ms|s|min|h|d|w|mo|y)", text) is None:
        raise call.error("this is no duration", 0, code="bad-duration")
    try:
        return duration(text, Span(0, 0))
    except FilterError as error:
        raise call.error(error.message, 0, code=error.code) from None


def _period(call: Operation) -> Expr:
    text = call.text(0)
    if re.fullmatch(r"[0-9]{4}", text):
        return syntax.Number(int(text), 4)
    try:
        found = read_moment(text) if len(text) == 7 else None
    except ValueError:
        found = None
    if not isinstance(found, syntax.Period):
        raise call.error("this is no month and no year", 0, code="bad-datetime")
    return found


def _chain(call: Operation) -> Expr:
    if len(call.args) // 2 > CHAIN:
        raise call.error(f"more than {CHAIN} operators in one chain", code="too-complex")
    left = call.args[0]
    wanted = PRECEDENCE.get(call.text(1), "power")
    for index in range(1, len(call.args), 2):
        op = call.text(index)
        if wanted == "power" or PRECEDENCE.get(op) != wanted or index + 1 == len(call.args):
            raise call.error("a chain has operators of one precedence, + and - or * / % div, between values", index)
        left = syntax.Arith(op, left, call.args[index + 1])
    return left


def _rows(names: str, build: Callable[[Operation], Expr], fewest: int, most: int | None, args: str) -> tuple[Row, ...]:
    return tuple([Row(name, build, fewest, most, f'{{"op": "{name}", "args": [{args}]}}') for name in names.split()])


_SPATIAL = "s_contains s_crosses s_disjoint s_equals s_intersects s_overlaps s_touches s_within"
_TEMPORAL = (
    "t_after t_before t_contains t_disjoint t_during t_equals t_finishedBy t_finishes t_intersects t_meets t_metBy "
    "t_overlappedBy t_overlaps t_startedBy t_starts"
)
WITHOUT_OPERATOR = {
    "date": '{"date": "2023-01-31"}; of a field, mq_date',
    "timestamp": '{"timestamp": "2023-01-31T10:00:00Z"}',
    "interval": '{"interval": [start, end]}',
    "exists": '{"op": "not", "args": [{"op": "isNull", "args": [field]}]}',
}
"""Functions that documents write without an operator of their name, and how."""

_ROWS = (
    *_rows("and", _all_of, 1, None, "p, q, …"),
    *_rows("or", _any_of, 1, None, "p, q, …"),
    *_rows("not", _not, 1, 1, "p"),
    *_rows("= <> < <= > >=", _compare, 2, 2, "x, y"),
    *_rows("+ - * / % div ^", _arith, 2, 2, "x, y"),
    *_rows("between", _between, 3, 3, "x, low, high"),
    *_rows("in", _in, 2, 2, "x, [y, …]"),
    *_rows("like", _like, 2, 2, "x, pattern"),
    *_rows("isNull", _is_null, 1, 1, "x"),
    *_rows("casei accenti", _call, 1, 1, "text"),
    *_rows("a_contains a_containedBy a_equals a_overlaps", _lists, 2, 2, "x, [y, …]"),
    *_rows(_SPATIAL, _call, 2, 2, "geometry, geometry"),
    *_rows(_TEMPORAL, _call, 2, 2, "time, time"),
    *_rows("mq_matches", partial(_matches, ci=False), 2, 2, "x, pattern"),
    *_rows("mq_imatches", partial(_matches, ci=True), 2, 2, "x, pattern"),
    *_rows("mq_contains", partial(_text, kind="contains"), 2, 2, "x, y"),
    *_rows("mq_starts_with", partial(_text, kind="starts with"), 2, 2, "x, y"),
    *_rows("mq_ends_with", partial(_text, kind="ends with"), 2, 2, "x, y"),
    *_rows("mq_is", _is, 2, 2, "x, y"),
    *_rows("mq_is_missing", _is_missing, 1, 1, "field"),
    *_rows("mq_is_invalid", _is_invalid, 1, 1, "field"),
    *_rows("mq_is_unknown", _is_unknown, 1, 1, "p"),
    *_rows("mq_in_collection", _in_collection, 1, None, '"name", …'),
    *_rows("mq_any mq_no mq_every", _quantified, 1, 2, '"label", p'),
    *_rows("mq_count", _count, 1, 2, '"label", p'),
    *_rows("mq_duration", _duration, 1, 1, '"7d" or "P7D"'),
    *_rows("mq_date", _call, 1, 1, "time"),
    *_rows("mq_period", _period, 1, 1, '"2023-01"'),
    *_rows("mq_chain", _chain, 3, None, 'x, "+", y, "-", z, …'),
)

_SPELT = WITHOUT_OPERATOR.keys() | {row.name.removeprefix("mq_").lower() for row in _ROWS}
_FUNCTIONS = " ".join([f"mq_{name}" for name in FUNCTIONS if name not in _SPELT])

OPERATIONS: dict[str, Row] = {row.name: row for row in (*_ROWS, *_rows(_FUNCTIONS, _call, 0, None, "…"))}
"""Every operator of a document, by name: those of CQL2, our own, and the functions that none of these is."""

CALLS = frozenset([row.name for row in OPERATIONS.values() if row.build is _call])
"""The operators that are functions, which alone take geometries."""
