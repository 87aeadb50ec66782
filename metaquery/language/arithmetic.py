"""Values → SQL: columns, constants, arithmetic. Functions are `function_sql`, conditions `expressions`."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self, cast

from metaquery.language import query
from metaquery.language.dialects import instant_param, mark
from metaquery.language.query import Column, Constant, Length, PeriodValue, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.dialects import Dialect, Param

__all__ = ["OF_NUMBERS", "Arithmetic"]

_SAFE = 1e290
"""A finite double plus or minus less than this is finite."""

_DIVIDING = frozenset({"/", "%", "div"})

_CLOSED = (Column, Constant, query.Arith, query.Count, query.Raw, query.ListOf, query.Or, query.And, query.Between)
_CALLS = (query.Function, query.Quantified, query.Matches, query.Text)
"""Nodes whose SQL holds together as it is; those that do where they are written as calls."""

_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}
_ATOM = 3
"""How tightly SQL binds; other operators are function calls there."""

OF_NUMBERS = frozenset({"abs", "floor", "ceil", "sqrt", "round"})
"""Functions of numbers, whose results are doubles."""


class Arithmetic(ABC):
    """Writes values, and collects their parameters.

    Parameters
    ----------
    dialect
        How the engine spells.
    row
        What stands before the columns of the row: `""`, or an alias with its period.
    unit_row
        The same for the columns of the row's data unit.
    unit
        SQL of the `data_hash` of the row's unit.
    params
        Where the parameters go.
    depth
        How many quantifiers stand around.
    """

    def __init__(
        self, dialect: Dialect, *, row: str, unit_row: str, unit: str, params: list[Param] | None = None, depth: int = 0
    ) -> None:
        self.dialect = dialect
        self.row = row
        self.unit_row = unit_row
        self.unit = unit
        self.params: list[Param] = [] if params is None else params
        self.depth = depth
        self.say = dialect.say

    @property
    def number(self) -> str:
        """SQL of the number of the row's unit: relations are joined by it, in a third of the time of `data_hash`."""
        return f"{self.unit.rpartition('.')[0]}.unit"

    def inside(self, alias: str) -> Self:
        """Return the writer for what stands inside a quantifier; it adds to the same parameters."""
        return type(self)(
            self.dialect,
            row=f"{alias}.",
            unit_row=self.unit_row,
            unit=f"{alias}.data_hash",
            params=self.params,
            depth=self.depth + 1,
        )

    @abstractmethod
    def value(self, node: Value) -> str:
        """Write anything."""

    @abstractmethod
    def function(self, node: query.Function) -> str:
        """Write the call of a function."""

    @abstractmethod
    def day(self, node: Value) -> str:
        """Write the day, on the local calendar, that a PERIOD of the row is."""

    @abstractmethod
    def start(self, node: query.Start) -> str:
        """Write the instant at which a day begins."""

    def atom(self, node: Value) -> str:
        """Write anything, in brackets where it would not hold together beside an operator."""
        text = self.value(node)
        closed = isinstance(node, _CALLS) and text.endswith(")") and not _negates(node)
        return text if closed or isinstance(node, _CLOSED) else f"({text})"

    def operand(self, node: Value) -> str:  # noqa: PLR0911  # one case a node
        """Write what is no condition."""
        match node:
            case Column():
                return self.column(node)
            case Constant():
                return self._constant(node)
            case query.ListOf():
                return self._list(node)
            case query.Arith():
                return self._arith(node)
            case query.Negative():
                return self.say("negative", self.atom(node.arg))
            case query.Function():
                return self.function(node)
            case query.Start():
                return self.start(node)
            case query.Raw():
                return self.say("raw", self.unit, self.param(node.column.field.name))
            case _:
                raise AssertionError(node)

    def param(self, value: Param) -> str:
        """Add a parameter; return its mark, which becomes a placeholder when the statement is whole."""
        self.params.append(value)
        return mark(len(self.params) - 1)

    def many(self, values: Sequence[Param]) -> str:
        """Add a list, or its JSON where the engine takes no list; the template says how it is read."""
        if self.dialect.binds_lists:
            return self.param(cast("Param", list(values)))
        return self.param(json.dumps(values, ensure_ascii=False))

    def instant(self, micros: int) -> str:
        """Add an instant."""
        value = self._instant_param(micros)
        return self.say("to_instant" if isinstance(value, str) else "instant", self.param(value))

    def column(self, node: Column) -> str:
        """Write a column; the tags of a unit lie in a table of their own."""
        field = node.field
        if field.name == "data_hash" and field.qualifier != "meta":
            return self.unit
        if field.name == "tags" and field.qualifier == "unit":
            return self.say("tags", self.unit)
        row = self.unit_row if field.qualifier in {"meta", "unit"} else self.row
        return row + self.dialect.quote(field.column)

    def plain(self, node: Constant) -> Param:
        """Return the parameter that a constant is."""
        match node.value:
            case Length() as length:
                return round(length.total)
            case PeriodValue() as period:
                return self._instant_param(period.start)
            case value if node.type == "DATETIME":
                return self._instant_param(cast("int", value))
            case value:
                return cast("Param", value)

    def _instant_param(self, micros: int) -> Param:
        return instant_param(micros) if self.dialect.binds_instants else micros

    def _constant(self, node: Constant) -> str:
        if node.value is None:
            return self.say(f"no {node.type}")
        match node.type:
            case "DATETIME":
                return self.instant(cast("int", node.value))
            case "PERIOD":
                return self.instant(cast("PeriodValue", node.value).start)
            case "UUID":
                return self.say("to_uuid", self.param(cast("str", node.value)))
            case "VECTOR":
                numbers = cast("tuple[float, ...]", node.value)
                return self.say("numbers", self.many(numbers), str(len(numbers)))
            case _:
                return self.param(self.plain(node))

    def _list(self, node: query.ListOf) -> str:
        """Write a list; one in which a value of the row is null is null itself, as nothing can be told of it."""
        if all(isinstance(item, Constant) for item in node.items):
            texts = [str(cast("Constant", item).value) for item in node.items]
            return self.say("texts", self.many(texts))
        return self.say("known list", ", ".join([self.value(item) for item in node.items]))

    def double(self, node: Value) -> str:  # noqa: PLR0911  # one case a node
        """Write a NUMBER so that it computes as a double."""
        match node:
            case Constant(value=None):
                return self._constant(node)
            case Constant(value=Length() as length):
                return self.param(float(length.total))
            case Constant():
                return self.param(float(cast("float", node.value)))
            case Column() if node.field.qualifier == "meta":
                return self.column(node)
            case query.Arith() | query.Negative():
                return self.atom(node)
            case query.Function() if node.name in OF_NUMBERS:
                return self.atom(node)
            case _:
                return self.say("to_number", self.value(node))

    def _arith(self, node: query.Arith) -> str:
        """Write a chain; brackets and the guard against infinity once, not at every step: engines limit depth."""
        if node.type == "PERIOD":
            return self.day(node)
        kind, level, finite = node.first.type, _ATOM, True
        text = self.atom(node.first) if kind == "DATETIME" else self.double(node.first)
        for step in node.steps:
            if step.op == "^" and not finite:
                text, level, finite = self.say("finite", text), _ATOM, True
            wanted = _LEVELS.get(step.op, 0)
            text = self._step(step, kind, f"({text})" if level < wanted else text)
            level = wanted or _ATOM
            finite = step.type == "DATETIME" or (kind == "DATETIME") or (finite and _stays_finite(step, node))
            kind = step.type
        return f"({text})" if finite else self.say("finite", text)

    def _step(self, step: query.Step, kind: str, left: str) -> str:
        """Write one step; `left` is the text so far, of type `kind`."""
        if step.type == "DATETIME":
            return self._moved(step, kind, left)
        if kind == "DATETIME":
            return self.say("to_number", self.say("microseconds between", left, self.value(step.right)))
        right = self.double(step.right)
        if step.op in _DIVIDING and not _known(step.right):
            right = self.say("not zero", right)
        return self.say(step.op, left, right)

    def _moved(self, step: query.Step, kind: str, left: str) -> str:
        """Write DATETIME ± DURATION; years and months go by the calendar where they are constant."""
        if kind == "DURATION":
            return self.say("plus moment", left, self.atom(step.right))
        by, sign = step.right, -1 if step.op == "-" else 1
        if not isinstance(by, Constant) or not isinstance(by.value, Length):
            return self.say("minus duration" if sign < 0 else "plus duration", left, self.double(by))
        months = by.value.years * 12 + by.value.months
        if months:
            left = self.say("plus months", left, self.param(sign * months))
        if by.value.micros or not months:
            left = self.say("plus microseconds", left, self.param(sign * round(by.value.micros)))
        return left


def _negates(node: Value) -> bool:
    """Whether SQL of a node that is else a call begins with a `not`."""
    match node:
        case query.Quantified():
            return node.which != "any"
        case query.Function():
            return node.name == "s_disjoint"
        case _:
            return False


def _known(node: Value) -> bool:
    """Whether a divisor is a constant other than 0."""
    return isinstance(node, Constant) and bool(node.value)


def _stays_finite(step: query.Step, chain: query.Arith) -> bool:
    """Whether a step on finite numbers has a finite result, whatever the row holds."""
    sides = [step.right] if step is not chain.steps[0] else [step.right, chain.first]
    for side in sides:
        if isinstance(side, Constant) and isinstance(side.value, int | float):
            size = abs(side.value)
            if step.op in {"+", "-"} and size < _SAFE:
                return True
            if step.op == "*" and size <= 1:
                return True
            if step.op == "/" and side is step.right and size >= 1:
                return True
    return step.op == "%"
