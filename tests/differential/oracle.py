"""What a filter means, read off the specification a second time: slow, plain Python, row by row.

Takes from the product its syntax tree, and nothing else. What the values are is said in `oracle_values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from metaquery.language import syntax as s

from .oracle_calendar import DAY, days, micros
from .oracle_functions import PARTS, PLAIN, TIMED
from .oracle_logic import all_of, either, holds, holds_all, holds_any, holds_only, opposite
from .oracle_places import OPEN, SPATIAL, Span, read_shape, relate
from .oracle_texts import lower, on_the_wall, read_date
from .oracle_values import Lasting, Moment, Period, begin, compare, compute, day_of, like, moved, period, scale

Row = dict[str, Any]
QUALIFIERS = {"unit": "data", "label": "labels", "prediction": "predictions"}


@dataclass
class World:
    """Everything besides the row.

    `types` are those of client metadata, `built_in` those of each relation's own fields, `related` the labels and
    predictions by unit, `members` the Collections' units, `saved` the saved filters of each relation.
    """

    types: dict[str, str]
    built_in: Mapping[str, Mapping[str, str]]
    related: dict[str, dict[str, list[Row]]]
    members: dict[str, set[str]]
    now: datetime
    zone: str = "UTC"
    saved: Mapping[str, Mapping[str, s.Expr]] = field(default_factory=dict)


@dataclass
class Unit:
    """One data unit: its own fields, the valid values of its client metadata, the raw text of the invalid ones."""

    hash: str
    own: Row
    values: Row
    raw: dict[str, str]


def is_interval(node: s.Expr) -> bool:
    return isinstance(node, s.Call) and node.name == "interval"


class Oracle:
    """Evaluates filters on one row: a data unit, or a label or prediction of it."""

    def __init__(self, world: World, unit: Unit, relation: str = "data", row: Row | None = None) -> None:
        self.world = world
        self.unit = unit
        self.relation = relation
        self.row = unit.own if row is None else row

    # ------------------------------------------------------------------ fields and types

    def meaning(self, node: s.Field) -> tuple[str, str]:
        """Return the relation, or `meta`, and the name of the one field that a name means (§4)."""
        if node.qualifier is not None:
            return QUALIFIERS.get(node.qualifier, "meta"), node.name
        qualifier, dot, rest = node.name.partition(".")
        readings = [("meta", node.name), (self.relation, node.name)]
        if dot and not node.quoted and qualifier in {"meta", *QUALIFIERS}:
            readings.append((QUALIFIERS.get(qualifier, "meta"), rest))
        (found,) = {reading for reading in readings if reading[1] in self.known(reading[0])}
        return found

    def known(self, where: str) -> Mapping[str, str]:
        return self.world.types if where == "meta" else self.world.built_in[where]

    def type_of(self, node: s.Expr) -> str | None:  # one case a node
        """Return the type that a literal opposite would take; literals themselves have none."""
        match node:
            case s.Field():
                where, name = self.meaning(node)
                return self.known(where)[name]
            case s.Instant() | s.Period() | s.Call(name="now" | "today" | "date" | "timestamp" | "date_trunc"):
                return "DATETIME"
            case s.Call(name="coalesce"):
                return next((t for t in map(self.type_of, node.args) if t), None)
            case s.Arith(op="+" | "-"):
                sides = {self.type_of(node.left), self.type_of(node.right)}
                return "DATETIME" if "DATETIME" in sides and sides != {"DATETIME"} else None
            case s.Duration() | s.Call(name="duration"):
                return "DURATION"
        return None

    def pair(self, left: s.Expr, right: s.Expr) -> tuple[Any, Any]:
        return self.read(left, self.type_of(right)), self.read(right, self.type_of(left))

    def read(self, node: s.Expr, beside: str | None) -> Any:
        """Evaluate; a literal takes the type of what stands opposite."""
        if beside == "DATETIME" and isinstance(node, s.Number):
            return read_date(f"{int(node.value):04}", self.world.zone)
        if beside == "DATETIME" and isinstance(node, s.String):
            return read_date(node.value, self.world.zone)
        if beside == "UUID" and isinstance(node, s.String):
            return node.value.lower()
        return self.value(node)

    # ------------------------------------------------------------------ values

    def value(self, node: s.Expr) -> Any:
        method: Callable[[Any], Any] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _field(self, node: s.Field) -> Any:
        where, name = self.meaning(node)
        if where == "meta":
            return self.unit.values.get(name)
        return (self.unit.own if where == "data" else self.row)[name]

    def _saved(self, node: s.Saved) -> Any:
        return self.value(self.world.saved[self.relation][node.name])

    def _number(self, node: s.Number) -> Any:
        return float(node.value)

    def _string(self, node: s.String) -> Any:
        return node.value

    def _bool(self, node: s.Bool) -> Any:
        return node.value

    def _instant(self, node: s.Instant) -> Any:
        return Moment(node.micros if node.zoned else on_the_wall(node.micros, self.world.zone))

    def _period(self, node: s.Period) -> Any:
        return period(days(node.year, node.month, node.day or 1), "day" if node.day else "month", self.world.zone)

    def _duration(self, node: s.Duration) -> Any:
        unit = {"ms": 1_000, "s": 10**6, "min": 60 * 10**6, "h": DAY // 24, "d": DAY, "w": 7 * DAY}
        if node.unit in unit:
            return Lasting(0, 0, round(node.amount * unit[node.unit]))
        return Lasting(*((int(node.amount), 0) if node.unit == "y" else (0, int(node.amount))), 0)

    def _listof(self, node: s.ListOf) -> Any:
        """A list as a value, which is null with any of its items; what looks into a list does so item by item."""
        items = [self.value(item) for item in node.items]
        return None if None in items else items

    def _wkt(self, node: s.Wkt) -> Any:
        return read_shape(node)

    def _neg(self, node: s.Neg) -> Any:
        x = self.value(node.arg)
        if isinstance(x, Lasting):
            return Lasting(-x.years, -x.months, -x.micros)
        return None if x is None else -x

    def _arith(self, node: s.Arith) -> Any:
        left, right = self.pair(node.left, node.right)
        if left is None or right is None:
            return None
        if isinstance(left, float) and isinstance(right, float):
            return compute(node.op, left, right)
        sign = -1 if node.op == "-" else 1
        if isinstance(right, Moment | Period) and isinstance(left, Lasting):
            left, right = right, left
        if isinstance(right, Lasting) and isinstance(left, Moment | Period):
            return moved(left, right, sign, self.world.zone)
        if isinstance(left, Moment | Period):
            return Lasting(0, 0, float(begin(left) - begin(right)))
        if isinstance(left, Lasting) and isinstance(right, Lasting):
            return Lasting(
                left.years + sign * right.years, left.months + sign * right.months, left.micros + sign * right.micros
            )
        if isinstance(left, float):
            left, right = right, left
        return scale(left, node.op, right)

    def _count(self, node: s.Count) -> Any:
        return float(len([row for row in self.rows(node.relation) if node.p is None or self.of(row, node) is True]))

    def _call(self, node: s.Call) -> Any:
        of_its_own: Callable[[s.Call], Any] | None = getattr(self, f"_call_{node.name}", None)
        if of_its_own is not None:
            return of_its_own(node)
        if node.name.startswith("t_"):
            ends = [end for arg in node.args for end in (arg.args if is_interval(arg) else (arg,))]
            first, second = (self.read(arg, "DATETIME") for arg in node.args)
            return relate(node.name, first, second, self.world.zone, whole=any(map(self.is_period, ends)))
        args = [self.items(arg) if node.name.startswith("a_") else self.argument(node, arg) for arg in node.args]
        if any(x is None for x in args):
            return None
        if node.name in TIMED:
            return TIMED[node.name](self.world.zone, *args)
        return {**PLAIN, **SPATIAL}[node.name](*args)

    def argument(self, node: s.Call, arg: s.Expr) -> Any:
        """Evaluate an argument; where a time is expected, a literal is one."""
        times = node.name in PARTS or (node.name == "date_trunc" and arg is node.args[1])
        return self.read(arg, "DATETIME" if times else None)

    def items(self, node: s.Expr) -> Any:
        """Return what is in a list, which may be null; `('x')` is a list of one in CQL2's functions."""
        if isinstance(node, s.ListOf):
            return [self.value(item) for item in node.items]
        return [node.value] if isinstance(node, s.String) else self.value(node)

    def is_period(self, node: s.Expr) -> bool:
        """Whether an expression is a day, a month or a year, also where it is null."""
        match node:
            case s.Call(name="date" | "today"):
                return True
            case s.Arith():
                base, by = (node.left, node.right) if self.is_period(node.left) else (node.right, node.left)
                return self.is_period(base) and self.value(by).micros % DAY == 0
        return node != s.String(OPEN) and isinstance(self.read(node, "DATETIME"), Period)

    def _call_now(self, node: s.Call) -> Any:
        return Moment(micros(self.world.now))

    def _call_today(self, node: s.Call) -> Any:
        return period(day_of(micros(self.world.now), self.world.zone), "day", self.world.zone)

    def _call_raw(self, node: s.Call) -> Any:
        return self.unit.raw.get(self.meaning(node.args[0])[1])  # type: ignore[arg-type]

    def _call_exists(self, node: s.Call) -> Any:
        return self.value(node.args[0]) is not None

    def _call_coalesce(self, node: s.Call) -> Any:
        found = [self.read(arg, self.type_of(node)) for arg in node.args]
        found = [Moment(x.start) if isinstance(x, Period) else x for x in found]
        return next((x for x in found if x is not None), None)

    def _call_interval(self, node: s.Call) -> Any:
        return Span(*(OPEN if arg == s.String(OPEN) else self.read(arg, "DATETIME") for arg in node.args))

    # ------------------------------------------------------------------ conditions

    def _or(self, node: s.Or) -> Any:
        return either([self.value(arg) for arg in node.args])

    def _and(self, node: s.And) -> Any:
        return all_of([self.value(arg) for arg in node.args])

    def _not(self, node: s.Not) -> Any:
        return opposite(self.value(node.arg))

    def _compare(self, node: s.Compare) -> Any:
        return compare(node.op, *self.pair(node.left, node.right))

    def _between(self, node: s.Between) -> Any:
        x, low, high = self.alike(node.x, node.low, node.high)
        return all_of(
            [compare(">=", x, low), compare("<=", x, high)]
        )  # of periods: by where they begin, and end (§5.5)

    def _in(self, node: s.In) -> Any:
        x, *items = self.alike(node.x, *node.items)
        return either([compare("=", x, item) for item in items])

    def alike(self, *nodes: s.Expr) -> list[Any]:
        """Evaluate what is compared with each other: literals take the type of the first that has one."""
        beside = next((type_ for type_ in map(self.type_of, nodes) if type_), None)
        return [self.read(node, beside) for node in nodes]

    def _is(self, node: s.Is) -> Any:
        left, right = self.pair(node.x, node.v)
        return left is right if left is None or right is None else compare("=", left, right)

    def _isnull(self, node: s.IsNull) -> Any:
        return self.value(node.x) is None

    def _isunknown(self, node: s.IsUnknown) -> Any:
        return self.value(node.p) is None

    def _ismissing(self, node: s.IsMissing) -> Any:
        return self.value(node.x) is None and not self._isinvalid(node)

    def _isinvalid(self, node: s.IsInvalid | s.IsMissing) -> Any:
        where, name = self.meaning(node.x)  # type: ignore[arg-type]
        return where == "meta" and name in self.unit.raw

    def _like(self, node: s.Like) -> Any:
        x, pattern = self.value(node.x), self.value(node.pattern)
        if x is None:
            return None
        if node.ci:
            x, pattern = lower(x), lower(pattern)
        return re.fullmatch(like(pattern), x, re.DOTALL) is not None

    def _matches(self, node: s.Matches) -> Any:
        x = self.value(node.x)
        if x is None:
            return None
        pattern = self.value(node.pattern).replace("$", r"\Z")  # RE2's `$` is the end, never before a last line break
        return re.search(pattern, x, re.IGNORECASE * node.ci) is not None

    def _text(self, node: s.Text) -> Any:
        x, y = self.value(node.x), self.value(node.y)
        if isinstance(x, list):
            return holds(x, y)
        if x is None or y is None:
            return None
        if node.ci:
            x, y = lower(x), lower(y)
        return {"contains": y in x, "starts with": x.startswith(y), "ends with": x.endswith(y)}[node.kind]

    def _has(self, node: s.Has) -> Any:
        x, items = self.value(node.x), [self.value(item) for item in node.items]
        if x is None:
            return None
        match node.kind:
            case "has" | "any":
                return holds_any(x, items)
            case "all":
                return holds_all(x, items)
            case "only":
                return holds_only(x, items)
            case _:
                return opposite(holds_any(x, items))

    def _incollection(self, node: s.InCollection) -> Any:
        return any(self.unit.hash in self.world.members.get(name.value, ()) for name in node.names)

    def _quantified(self, node: s.Quantified) -> Any:
        found = [True if node.p is None else self.of(row, node) for row in self.rows(node.relation)]
        match node.which:
            case "any":
                return True in found
            case "no":
                return True not in found
            case _:
                return all(one is True for one in found)

    def rows(self, relation: str) -> list[Row]:
        return self.world.related[relation].get(self.unit.hash, [])

    def of(self, row: Row, node: s.Quantified | s.Count) -> Any:
        """Evaluate the condition inside, where names are those of the label or prediction and its unit's metadata."""
        assert node.p is not None
        return Oracle(self.world, self.unit, QUALIFIERS[node.relation], row).value(node.p)
