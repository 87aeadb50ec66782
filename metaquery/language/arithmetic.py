"""Values → SQL: columns, constants, functions, arithmetic. Conditions are `expressions`."""

from __future__ import annotations

from typing import Self, cast

from metaquery.language import query
from metaquery.language.dialects import Dialect, Param
from metaquery.language.operators import family
from metaquery.language.query import Column, Constant, Length, PeriodValue, Value

__all__ = ["Arithmetic"]

_SAFE = 1e290
"""A finite double plus or minus less than this is finite."""

_OF_NUMBERS = frozenset({"abs", "floor", "ceil", "sqrt"})


class Arithmetic:
    """Writes values, and collects their parameters in the order of the text.

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

    def value(self, node: Value) -> str:
        """Write anything."""
        raise NotImplementedError

    def atom(self, node: Value) -> str:
        """Write anything, in brackets where it would not hold together beside an operator."""
        text = self.value(node)
        if isinstance(
            node, Column | Constant | query.Count | query.Raw | query.ListOf | query.Or | query.And | query.Between
        ):
            return text
        if (
            isinstance(node, query.Function | query.Quantified | query.Matches | query.Text)
            and text.endswith(")")
            and text[0] != "N"
        ):
            return text
        return f"({text})"

    def operand(self, node: Value) -> str:
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
                return self._function(node)
            case query.Raw():
                return self.say("raw", self.unit, self.param(node.column.field.name))
            case _:
                raise AssertionError(node)

    def param(self, value: Param) -> str:
        """Add a parameter; return its placeholder."""
        self.params.append(value)
        return self.dialect.placeholder

    def instant(self, micros: int) -> str:
        """Add an instant."""
        text, value = self.dialect.instant(micros)
        self.params.append(value)
        return text

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
                return self.dialect.instant(period.start)[1]
            case value if node.type == "DATETIME":
                return self.dialect.instant(cast("int", value))[1]
            case value:
                return cast("Param", value)

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
            case _:
                return self.param(self.plain(node))

    def _list(self, node: query.ListOf) -> str:
        if all(isinstance(item, Constant) for item in node.items):
            texts = [str(cast("Constant", item).value) for item in node.items]
            return self.say("texts", self.param(texts))
        return self.say("list", ", ".join([self.value(item) for item in node.items]))

    def double(self, node: Value) -> str:
        """Write a NUMBER so that it computes as a double."""
        match node:
            case Constant(value=None):
                return self._constant(node)
            case Constant():
                return self.param(float(cast("float", node.value)))
            case Column() if node.field.qualifier == "meta":
                return self.column(node)
            case query.Arith() | query.Negative():
                return self.atom(node)
            case query.Function() if node.name in _OF_NUMBERS:
                return self.atom(node)
            case _:
                return self.say("to_number", self.value(node))

    def _arith(self, node: query.Arith) -> str:
        spine: list[query.Arith] = []
        left: Value = node
        while isinstance(left, query.Arith):
            spine.append(left)
            left = left.left
        innermost = spine[-1]
        text = self._first(innermost, left)
        for step in reversed(spine):
            text = self._step(step, text)
            if step is not node:
                text = f"({text})"
        return text

    def _first(self, step: query.Arith, left: Value) -> str:
        """Write the left end of a chain, as its first step wants it."""
        if step.type == "NUMBER":
            return self.double(left)
        if step.type == "DATETIME":
            return "" if left.type == "DURATION" else self.atom(left)
        if step.left.type == "NUMBER":
            return self.double(left)
        return self._micros(left)

    def _micros(self, node: Value) -> str:
        if node.type == "DATETIME":
            if isinstance(node, Constant):
                return self.param(cast("int", node.value))
            return self.say("microseconds", self.value(node))
        return self.say("to_whole", self.value(node))

    def _step(self, step: query.Arith, left: str) -> str:
        match step.type:
            case "NUMBER":
                return self._number_step(step, left)
            case "DATETIME":
                return self._moved(step, left)
            case _:
                return self._duration_step(step, left)

    def _number_step(self, step: query.Arith, left: str) -> str:
        right = self.double(step.right)
        if step.op in {"/", "%", "div"} and not _known(step.right):
            right = self.say("not zero", right)
        text = self.say(step.op, left, right)
        return text if _stays_finite(step) else self.say("finite", text)

    def _duration_step(self, step: query.Arith, left: str) -> str:
        if step.left.type == "DATETIME" and isinstance(step.left, query.Arith):
            left = self.say("microseconds", left)
        if "NUMBER" in {step.left.type, step.right.type}:
            right = self.double(step.right) if step.right.type == "NUMBER" else self._micros(step.right)
            left = self.say("to_number", left) if step.left.type == "DURATION" else left
            if step.op == "/" and not _known(step.right):
                right = self.say("not zero", right)
            return self.say("finite", self.say(step.op, left, right))
        return self.say(step.op, left, self._micros(step.right))

    def _moved(self, step: query.Arith, left: str) -> str:
        """Write DATETIME ± DURATION; months go by the calendar where they are constant."""
        at, by = (step.right, step.left) if step.left.type == "DURATION" else (step.left, step.right)
        sign = -1 if step.op == "-" else 1
        if isinstance(by, Constant) and isinstance(by.value, Length):
            text = left or self.atom(at)
            months = by.value.years * 12 + by.value.months
            if months:
                text = self.say("plus months", text, self.param(sign * months))
            if by.value.micros or not months:
                text = self.say("plus microseconds", text, self.param(sign * round(by.value.micros)))
            return text
        text = left or self.atom(at)
        span = self.say("span", f"({self.value(by)})") if not isinstance(by, Constant) else self.value(by)
        return self.say("plus microseconds", text, self.say("negative", f"({span})") if sign < 0 else span)

    def _function(self, node: query.Function) -> str:
        match node.name:
            case "coalesce":
                return f"coalesce({', '.join([self.value(arg) for arg in node.args])})"
            case "concat":
                return " || ".join([self.atom(arg) for arg in node.args])
            case "sqrt":
                return self.say("sqrt", self.double(node.args[0]), self.double(node.args[0]))
            case name if name in _OF_NUMBERS:
                return self.say(name, self.double(node.args[0]))
            case name:
                text = self.atom(node.args[0])
                return self.say(name, text, self.param(node.zone)) if node.zone else self.say(name, text)


def _known(node: Value) -> bool:
    """Whether a divisor is a constant other than 0."""
    return isinstance(node, Constant) and bool(node.value)


def _stays_finite(step: query.Arith) -> bool:
    for side in (step.right, step.left):
        if isinstance(side, Constant) and isinstance(side.value, int | float):
            size = abs(side.value)
            if step.op in {"+", "-"} and size < _SAFE:
                return True
            if step.op == "*" and size <= 1:
                return True
            if step.op == "/" and side is step.right and size >= 1:
                return True
    return step.op == "%"
