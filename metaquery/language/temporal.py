"""`TemporalCalls`: binds `interval(a, b)` and CQL2's functions `t_…` on instants, periods and intervals.

CQL2 (OGC 21-065r2, tables of temporal functions) defines them by OWL-Time; `_TESTS` has each as comparisons of the ends
of its two operands. Both ends of an interval belong to it. If any end has the precision of a day, all ends are cut to
days (`filter-language.md` §6). An open end, `'..'`, is infinitely far. A comparison with an end that has no value is
unknown.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from metaquery.language import query, syntax
from metaquery.language.calls import Calls
from metaquery.language.periods import first_day, last_day
from metaquery.language.query import Constant, PeriodValue, Predicate, Value

if TYPE_CHECKING:
    from metaquery.language.functions import FunctionRow
    from metaquery.language.syntax import Expr

__all__ = ["TemporalCalls"]

_OPEN = ".."

_TESTS: dict[str, tuple[str, ...]] = {
    "t_after": ("start > end",),
    "t_before": ("end < start",),
    "t_contains": ("start < start", "end > end"),
    "t_disjoint": ("end < start", "start > end"),
    "t_during": ("start > start", "end < end"),
    "t_equals": ("start = start", "end = end"),
    "t_finishedby": ("start < start", "end = end"),
    "t_finishes": ("start > start", "end = end"),
    "t_intersects": ("end >= start", "start <= end"),
    "t_meets": ("end = start",),
    "t_metby": ("start = end",),
    "t_overlappedby": ("start > start", "start < end", "end > end"),
    "t_overlaps": ("start < start", "end > start", "end < end"),
    "t_startedby": ("start = start", "end > end"),
    "t_starts": ("start = start", "end < end"),
}
"""`an end of the first, operator, an end of the second`, all of which have to hold; of `t_disjoint`, one."""


class _Ends(NamedTuple):
    """The ends of an operand; None is infinitely far. An instant is both of its ends."""

    start: Value | None
    end: Value | None


class TemporalCalls(Calls):
    """Binds calls that take intervals."""

    __slots__ = ()

    def _bind_interval(self, row: FunctionRow, node: syntax.Call) -> Value:
        start, end = (self._end(row, arg) for arg in node.args)
        return query.Interval(start, end)

    def _end(self, row: FunctionRow, arg: Expr) -> Value | None:
        if isinstance(arg, syntax.String) and arg.value.strip() == _OPEN:
            return None
        value = self.moment(arg)
        if value.type not in {"DATETIME", "PERIOD"}:
            raise self.unfit(row, "DATETIME", value, arg)
        return value

    def _bind_temporal(self, row: FunctionRow, node: syntax.Call) -> Value:
        left, right = (self._operand(row, arg) for arg in node.args)
        ends = [_ends(left), _ends(right)]
        if any(end is not None and end.type == "PERIOD" for pair in ends for end in pair):
            ends = [_Ends(*[self._cut(end, last=bool(i)) for i, end in enumerate(pair)]) for pair in ends]
        tests = []
        for test in _TESTS[row.name]:
            first, op, second = test.split()
            tests.append(self._compared_ends(op, getattr(ends[0], first), getattr(ends[1], second), (first, second)))
        together = query.Or if row.name == "t_disjoint" else query.And
        meaning = tests[0] if len(tests) == 1 else together(tuple(tests))
        return query.Temporal(row.name, left, right, meaning)

    def _operand(self, row: FunctionRow, arg: Expr) -> Value:
        value = self.moment(arg)
        if value.type not in {"DATETIME", "PERIOD", "INTERVAL"}:
            raise self.unfit(row, "DATETIME", value, arg)
        if value.type == "DATETIME" and row.signature.endswith("(interval, interval)"):
            raise self.misused(row, f"{row.name} takes intervals, and this is an instant", arg)
        return value

    def _cut(self, end: Value | None, *, last: bool) -> Value | None:
        """Return the day of an end: of a month or year its first, or its last."""
        if end is None:
            return None
        if not isinstance(end, Constant) or not isinstance(end.value, PeriodValue):
            return end if end.type == "PERIOD" else self.day_of(end, syntax.Null())
        day = last_day(end.value) if last else first_day(end.value)
        return self.literals.period("day", day.year, day.month, day.day, end.written)

    def _compared_ends(self, op: str, left: Value | None, right: Value | None, names: tuple[str, str]) -> Predicate:
        """Compare two ends; one that is open is before or after every other, and equal to its like."""
        if left is not None and right is not None:
            return self.compared(op, left, right, syntax.Null())
        places = [_FAR[name] if end is None else 0 for end, name in zip((left, right), names, strict=True)]
        holds = {"=": places[0] == places[1], "<": places[0] < places[1], ">": places[0] > places[1]}
        holds |= {"<=": holds["<"] or holds["="], ">=": holds[">"] or holds["="]}
        known = left if left is not None else right
        if known is None:
            return Constant("BOOLEAN", holds[op], syntax.Bool(holds[op]))
        return self.compared("=" if holds[op] else "!=", known, known, syntax.Null())

    @abstractmethod
    def compared(self, op: str, left: Value, right: Value, written: Expr) -> Value:
        """Compare two values whose types go together."""


_FAR = {"start": -1, "end": 1}


def _ends(operand: Value) -> _Ends:
    return _Ends(operand.start, operand.end) if isinstance(operand, query.Interval) else _Ends(operand, operand)
