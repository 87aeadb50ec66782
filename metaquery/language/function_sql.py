"""Functions → SQL, and the days of the local calendar that `date(x)` and periods are compared as."""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import TYPE_CHECKING, cast

from metaquery.language import query
from metaquery.language.arithmetic import OF_NUMBERS, Arithmetic
from metaquery.language.query import Column, Constant, Length, Value

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Functions"]

_KEPT = frozenset({"second"})
"""Units of time that every offset from UTC is a whole number of."""

_ON_THE_CLOCK = frozenset({"hour", "minute"})
"""Units that are cut off an instant; longer ones begin at a midnight of the zone."""


class Functions(Arithmetic):
    """Writes calls of functions; `Arithmetic` writes the other values."""

    def function(self, node: query.Function) -> str:  # noqa: C901, PLR0911  # one case a kind
        """Write the call of a function."""
        match node.name:
            case "coalesce":
                return self.say("coalesce", ", ".join([self.value(arg) for arg in node.args]))
            case "concat":
                return f"({reduce(partial(self.say, 'join'), [self.atom(arg) for arg in node.args])})"
            case "substr":
                return self._substr(*node.args)
            case "date":
                return self.day(node)
            case "date_trunc":
                return self._truncated(str(cast("Constant", node.args[0]).value), node.args[1], str(node.zone))
            case "s_intersects" | "s_within" | "s_disjoint" | "distance":
                return self._spatial(node)
            case "cosine_similarity" | "l2_distance":
                sides = [self._vector(arg) for arg in node.args]
                return self.say("finite", self.say(node.name, *sides))
            case "length" if node.args[0].type == "LIST":
                return self.say("length of list", self.atom(node.args[0]))
            case name if name in OF_NUMBERS:
                return self._of_number(node)
            case name:
                if not node.zone:
                    return self.say(name, *[self.atom(arg) for arg in node.args])
                return self.say(name, self.atom(node.args[0]), self.param(node.zone))

    def _of_number(self, node: query.Function) -> str:
        number = self.double(node.args[0])
        if node.name == "round" and len(node.args) > 1:
            digits = int(str(cast("Constant", node.args[1]).value))
            number = self.say("round to", number, self.param(digits))
            return self.say("finite", number)
        text = self.say(node.name, number)
        return self.say("finite", text) if node.name == "sqrt" else text

    def _substr(self, text: Value, *bounds: Value) -> str:
        """Write a part of a text; numbers that differ from row to row are cut to whole ones, and null where wrong."""
        parts = [self.value(text)]
        for what, bound in zip(("from", "many"), bounds, strict=False):
            if isinstance(bound, Constant) and isinstance(bound.value, int | float):
                parts.append(self.param(min(math.trunc(bound.value), _LONGEST)))
            else:
                parts.append(self.say(f"substr {what}", self.double(bound)))
        return self.say("substr" if len(parts) == 3 else "substr on", *parts)

    # ------------------------------------------------------------------ time

    def day(self, node: Value) -> str:
        """Write the day, on the local calendar, that a PERIOD of the row is."""
        match node:
            case query.Function(name="date"):
                return self.say("day of", self.atom(node.args[0]), self.param(str(node.zone)))
            case query.Arith(type="PERIOD"):
                text = self.day(node.first)
                for step in node.steps:
                    sign, by = -1 if step.op == "-" else 1, cast("Length", cast("Constant", step.right).value)
                    months, days = by.years * 12 + by.months, round(by.micros / 86_400_000_000)
                    text = self.say("moved day", text, self.param(sign * months), self.param(sign * days))
                return text
            case _:
                raise AssertionError(node)

    def day_constant(self, day: date | None) -> str:
        """Add a day; None is one that no row has."""
        return self.say("to_day", self.param("10000-01-02" if day is None else day.isoformat()))

    def start(self, node: query.Start) -> str:
        """Write the instant at which a day begins."""
        return self.say("day start", self.day(node.day), self.param(zone_of(node.day)))

    def _truncated(self, unit: str, x: Value, zone: str) -> str:
        if zone == "UTC" or unit in _KEPT:
            return self.say(f"utc {unit}", self.atom(x))
        if unit in _ON_THE_CLOCK:
            return self.say(f"clock {unit}", self.value(x), self.param(zone), self.param(zone))
        return self.say("local start", self.say(f"local {unit}", self.atom(x), self.param(zone)), self.param(zone))

    # ------------------------------------------------------------------ points and vectors

    def _spatial(self, node: query.Function) -> str:
        column, other = self.column(cast("Column", node.args[0])), node.args[1]
        if node.name == "distance":
            return self._distance(column, other)
        text = self._within(column, other)
        return self.say("not", text) if node.name == "s_disjoint" else text

    def _within(self, column: str, other: Value) -> str:
        if isinstance(other, Column):
            return self.say("same point", column, self.column(other))
        numbers = cast("tuple[float, ...]", cast("Constant", other).value)
        if other.type == "POINT":
            return self.say("at point", column, *map(self.param, numbers[::-1]))
        west, south, east, north = numbers
        what = "within box" if west <= east else "within box across"
        return self.say(what, column, *map(self.param, (south, north, west, east)))

    def _distance(self, column: str, other: Value) -> str:
        if isinstance(other, Column):
            return self.say("distance", column, self.column(other))
        longitude, latitude = cast("tuple[float, ...]", cast("Constant", other).value)
        numbers = (latitude, math.cos(math.radians(latitude)), longitude)
        return self.say("distance from", column, *map(self.param, numbers))

    def _vector(self, node: Value) -> str:
        if isinstance(node, Column):
            return self.say("vector", self.column(node), str(node.field.size))
        return self.value(node)


_LONGEST = 4_294_967_295
"""Characters that DuckDB's `substr` counts up to."""


def zone_of(day: Value) -> str:
    """Return the time zone of a day that differs from row to row."""
    first = day.first if isinstance(day, query.Arith) else day
    return str(cast("query.Function", first).zone)
