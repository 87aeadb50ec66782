"""What a filter means, read off the specification a second time: slow, plain Python, row by row.

Takes from the product its syntax tree, and nothing else. Values: None (unknown or absent), bool, float, str, list of
str; an instant is `Moment`, a day, month or year a `Period`, a duration a `Lasting`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from metaquery.language import syntax as s

from .oracle_values import (
    DAY,
    EPOCH,
    Lasting,
    Moment,
    Period,
    add_months,
    compare,
    compute,
    like,
    micros,
    parse_moment,
    scale,
)


@dataclass
class World:
    """Everything besides the row: types of fields, labels and predictions by unit, collections, the clock."""

    types: dict[str, str]
    related: dict[str, dict[str, list[dict[str, Any]]]]
    members: dict[str, set[str]]
    now: datetime
    zone: str = "UTC"


@dataclass
class Unit:
    """One data unit: valid values, and the raw text of invalid ones."""

    hash: str
    values: dict[str, Any]
    raw: dict[str, str]


class Oracle:
    """Evaluates filters on one unit."""

    def __init__(self, world: World, unit: Unit, row: dict[str, Any] | None = None) -> None:
        self.world = world
        self.unit = unit
        self.row = row

    # ------------------------------------------------------------------ fields and types

    def field(self, node: s.Field) -> Any:
        if self.row is not None and node.name in self.row:
            return self.row[node.name]
        return self.unit.values.get(node.name)

    def type_of(self, node: s.Expr) -> str | None:  # noqa: PLR0911  # one case a node
        match node:
            case s.Field():
                return self.world.types.get(node.name)
            case s.Instant() | s.Period():
                return "DATETIME"
            case s.Call(name="now" | "today"):
                return "DATETIME"
            case s.Call(name="coalesce"):
                return next((t for t in map(self.type_of, node.args) if t), None)
            case s.Arith(op="+" | "-"):
                sides = {self.type_of(node.left), self.type_of(node.right)}
                return "DATETIME" if "DATETIME" in sides and "DURATION" in sides else None
            case s.Duration():
                return "DURATION"
        return None

    def pair(self, left: s.Expr, right: s.Expr) -> tuple[Any, Any]:
        return self.read(left, self.type_of(right)), self.read(right, self.type_of(left))

    def read(self, node: s.Expr, beside: str | None) -> Any:
        """Evaluate; a literal takes the type of what stands opposite."""
        if beside == "DATETIME" and isinstance(node, s.Number):
            text = f"{int(node.value):04}"
            if len(text) == 4:
                return self.period(int(text), 1, 1, "year")
            return self.period(int(text[:4]), int(text[4:6]), int(text[6:]), "day")
        if beside == "DATETIME" and isinstance(node, s.String):
            return self.value(parse_moment(node.value))
        if beside == "UUID" and isinstance(node, s.String):
            return node.value.lower()
        return self.value(node)

    # ------------------------------------------------------------------ time

    def utc(self, local: datetime) -> int:
        return micros(local.replace(tzinfo=ZoneInfo(self.world.zone)).astimezone(UTC))

    def period(self, year: int, month: int, day: int, unit: str) -> Period:
        first = datetime(year, month, day)  # noqa: DTZ001  # on the local calendar
        if unit == "day":
            last = first + timedelta(days=1)
        elif unit == "month":
            last = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001
            last += timedelta(days=day - 1)
        else:
            last = first.replace(year=year + 1)
        return Period(self.utc(first), self.utc(last), unit, first)

    def moved(self, base: Any, by: Lasting, sign: int) -> Any:
        if isinstance(base, Period) and by.micros % DAY == 0:
            start = add_months(base.first, sign * (by.years * 12 + by.months)) + timedelta(days=sign * by.micros // DAY)
            return self.period(start.year, start.month, start.day, base.unit)
        at = base.start if isinstance(base, Period) else base.micros
        months = by.years * 12 + by.months
        if months:
            at = micros(add_months(EPOCH + timedelta(microseconds=at), sign * months))
        return Moment(at + sign * round(by.micros))

    # ------------------------------------------------------------------ values

    def value(self, node: s.Expr) -> Any:
        method: Callable[[Any], Any] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _field(self, node: s.Field) -> Any:
        return self.field(node)

    def _number(self, node: s.Number) -> Any:
        return float(node.value)

    def _string(self, node: s.String) -> Any:
        return node.value

    def _bool(self, node: s.Bool) -> Any:
        return node.value

    def _instant(self, node: s.Instant) -> Any:
        if node.zoned:
            return Moment(node.micros)
        return Moment(self.utc((EPOCH + timedelta(microseconds=node.micros)).replace(tzinfo=None)))

    def _period(self, node: s.Period) -> Any:
        return self.period(node.year, node.month, node.day or 1, "day" if node.day else "month")

    def _duration(self, node: s.Duration) -> Any:
        unit = {"ms": 1_000, "s": 10**6, "min": 60 * 10**6, "h": 3600 * 10**6, "d": DAY, "w": 7 * DAY}
        if node.unit == "y":
            return Lasting(int(node.amount), 0, 0)
        if node.unit == "mo":
            return Lasting(0, int(node.amount), 0)
        return Lasting(0, 0, round(node.amount * unit[node.unit]))

    def _listof(self, node: s.ListOf) -> Any:
        return [self.value(item) for item in node.items]

    def _neg(self, node: s.Neg) -> Any:
        x = self.value(node.arg)
        if isinstance(x, Lasting):
            return Lasting(-x.years, -x.months, -x.micros)
        return None if x is None else -x

    def _arith(self, node: s.Arith) -> Any:
        left, right = (
            self.pair(node.left, node.right) if node.op == "-" else (self.value(node.left), self.value(node.right))
        )
        if left is None or right is None:
            return None
        if isinstance(left, float) and isinstance(right, float):
            return compute(node.op, left, right)
        sign = -1 if node.op == "-" else 1
        if isinstance(right, Moment | Period) and isinstance(left, Lasting):
            left, right = right, left
        if isinstance(right, Lasting) and isinstance(left, Moment | Period):
            return self.moved(left, right, sign)
        if isinstance(left, Moment | Period):
            start = [x.start if isinstance(x, Period) else x.micros for x in (left, right)]
            return Lasting(0, 0, float(start[0] - start[1]))
        if isinstance(left, Lasting) and isinstance(right, Lasting):
            return Lasting(
                left.years + sign * right.years, left.months + sign * right.months, left.micros + sign * right.micros
            )
        if isinstance(left, float):
            left, right = right, left
        return scale(left, node.op, right)

    def _count(self, node: s.Count) -> Any:
        return float(len([row for row in self.rows(node.relation) if node.p is None or self.of(row, node.p) is True]))

    def _call(self, node: s.Call) -> Any:  # noqa: PLR0911  # one case a function
        if node.name == "now":
            return Moment(micros(self.world.now))
        if node.name == "today":
            local = self.world.now.astimezone(ZoneInfo(self.world.zone))
            return self.period(local.year, local.month, local.day, "day")
        if node.name == "raw":
            return self.unit.raw.get(node.args[0].name)  # type: ignore[union-attr]
        if node.name == "coalesce":
            beside = self.type_of(node)
            found = [self.read(arg, beside) for arg in node.args]
            found = [Moment(x.start) if isinstance(x, Period) else x for x in found]
            return next((x for x in found if x is not None), None)
        args = [self.value(arg) for arg in node.args]
        if any(x is None for x in args):
            return None
        if node.name in {"year", "month", "day", "hour", "minute", "second", "weekday"}:
            at = args[0].start if isinstance(args[0], Period) else args[0].micros
            local = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(self.world.zone))
            return float(local.isoweekday() if node.name == "weekday" else getattr(local, node.name))
        simple: dict[str, Callable[..., Any]] = {
            "lower": str.lower,
            "casei": str.lower,
            "upper": str.upper,
            "concat": lambda *texts: "".join(texts),
            "length": lambda x: float(len(x)),
            "abs": abs,
            "floor": lambda x: float(math.floor(x)),
            "ceil": lambda x: float(math.ceil(x)),
            "sqrt": lambda x: math.sqrt(x) if x >= 0 else None,
        }
        return simple[node.name](*args)

    # ------------------------------------------------------------------ conditions

    def _or(self, node: s.Or) -> Any:
        found = [self.value(arg) for arg in node.args]
        return True if True in found else (None if None in found else False)

    def _and(self, node: s.And) -> Any:
        found = [self.value(arg) for arg in node.args]
        return False if False in found else (None if None in found else True)

    def _not(self, node: s.Not) -> Any:
        found = self.value(node.arg)
        return None if found is None else not found

    def _compare(self, node: s.Compare) -> Any:
        return compare(node.op, *self.pair(node.left, node.right))

    def _between(self, node: s.Between) -> Any:
        first = s.Compare("<=", node.low, node.x)
        return self._and(s.And((first, s.Compare("<=", node.x, node.high))))

    def _in(self, node: s.In) -> Any:
        return self._or(s.Or(tuple(s.Compare("=", node.x, item) for item in node.items)))

    def _is(self, node: s.Is) -> Any:
        left, right = self.pair(node.x, node.v)
        return left is right if left is None or right is None else compare("=", left, right)

    def _isnull(self, node: s.IsNull) -> Any:
        return self.value(node.x) is None

    def _isunknown(self, node: s.IsUnknown) -> Any:
        return self.value(node.p) is None

    def _ismissing(self, node: s.IsMissing) -> Any:
        return self.value(node.x) is None and node.x.name not in self.unit.raw  # type: ignore[union-attr]

    def _isinvalid(self, node: s.IsInvalid) -> Any:
        return node.x.name in self.unit.raw  # type: ignore[union-attr]

    def _like(self, node: s.Like) -> Any:
        x, pattern = self.value(node.x), self.value(node.pattern)
        if x is None:
            return None
        if node.ci:
            x, pattern = x.lower(), pattern.lower()
        return re.fullmatch(like(pattern), x, re.DOTALL) is not None

    def _matches(self, node: s.Matches) -> Any:
        x = self.value(node.x)
        return None if x is None else re.search(self.value(node.pattern), x, re.IGNORECASE * node.ci) is not None

    def _text(self, node: s.Text) -> Any:
        x, y = self.value(node.x), self.value(node.y)
        if isinstance(x, list):
            return None if y is None else y in x
        if x is None or y is None:
            return None
        if node.ci:
            x, y = x.lower(), y.lower()
        return {"contains": y in x, "starts with": x.startswith(y), "ends with": x.endswith(y)}[node.kind]

    def _has(self, node: s.Has) -> Any:
        x, items = self.value(node.x), {self.value(item) for item in node.items}
        if x is None:
            return None
        match node.kind:
            case "has" | "any":
                return not items.isdisjoint(x)
            case "all":
                return items <= set(x)
            case "only":
                return set(x) <= items
            case _:
                return items.isdisjoint(x)

    def _incollection(self, node: s.InCollection) -> Any:
        return any(self.unit.hash in self.world.members.get(name.value, ()) for name in node.names)

    def _quantified(self, node: s.Quantified) -> Any:
        found = [True if node.p is None else self.of(row, node.p) for row in self.rows(node.relation)]
        match node.which:
            case "any":
                return True in found
            case "no":
                return True not in found
            case _:
                return all(one is True for one in found)

    def rows(self, relation: str) -> list[dict[str, Any]]:
        return self.world.related[relation].get(self.unit.hash, [])

    def of(self, row: dict[str, Any], p: s.Expr) -> Any:
        return Oracle(self.world, self.unit, row).value(p)
