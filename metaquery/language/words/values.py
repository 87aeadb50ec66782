"""Values in words: fields, constants, arithmetic, functions. Conditions are `conditions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import query, syntax
from metaquery.language.printing import string_text, to_text
from metaquery.language.query import Column, Constant, Length, PeriodValue, Predicate, Value
from metaquery.language.words.joining import Clause, listed
from metaquery.language.words.moments import Calendar, length_text

if TYPE_CHECKING:
    from metaquery.schema import Relation

__all__ = ["Values"]

_FUNCTIONS = {
    "lower": "{} in lower case",
    "upper": "{} in upper case",
    "casei": "{} (ignoring case)",
    "accenti": "{} (ignoring accents)",
    "trim": "{} without blanks around it",
    "length": "the length of {}",
    "abs": "the absolute value of {}",
    "floor": "{} rounded down",
    "ceil": "{} rounded up",
    "sqrt": "the square root of {}",
}
"""Functions of one argument; `year` and its kin, which have a time zone, are said alike."""

_REMARKS = frozenset({"casei", "accenti"})
"""Functions that are said in brackets behind what they are of."""

_WEEKDAYS = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Values:
    """Says values.

    Parameters
    ----------
    calendar
        On which dates are said.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def clause(self, node: Predicate, *, so: bool = True) -> Clause:
        """Say a condition, or its opposite."""
        raise NotImplementedError

    def value(self, node: Value) -> str:  # noqa: PLR0911  # one case a node
        """Say a value."""
        match node:
            case Column():
                return to_text(node.written)
            case Constant():
                return self._constant(node)
            case query.ListOf():
                return f"[{', '.join([self.value(item) for item in node.items])}]"
            case query.Arith():
                return self._arith(node)
            case query.Negative():
                return f"-{self.part(node.arg)}"
            case query.Function():
                return self._function(node)
            case query.Raw():
                return f"the raw text of {self.value(node.column)}"
            case query.Count():
                return f"the number of {node.relation.name}{self._which(node.relation, node.where)}"
            case _:
                return f"whether {self.clause(node).whole}"

    def part(self, node: Value) -> str:
        """Say a value inside of another: what is more than a name, a number or a text, in brackets."""
        text = self.value(node)
        match node:
            case Column() | query.ListOf():
                return text
            case Constant() if node.type not in {"DATETIME", "PERIOD"} and node.value is not None:
                return text
            case query.Function() if node.name in _REMARKS:
                return text
            case _:
                return f"({text})"

    def beside(self, node: Value, other: Value) -> str:
        """Say a value that is compared with `other`: a weekday has a name."""
        is_weekday = isinstance(other, query.Function) and other.name == "weekday"
        if is_weekday and isinstance(node, Constant) and node.value in range(1, 8):
            return f"{self.value(node)} ({_WEEKDAYS[int(str(node.value))]})"
        return self.value(node)

    def has(self, relation: Relation, where: Predicate) -> str | None:
        """Say the simplest of conditions on a row that belongs to the unit: `class 'car'`."""
        match where:
            case query.Compare(op="=", left=Column() as column, right=Constant(type="STRING" | "NUMBER") as constant):
                own = column.field.qualifier == relation.qualifier
                return f"{self.value(column)} {self.value(constant)}" if own else None
            case _:
                return None

    def _which(self, relation: Relation, where: Predicate | None) -> str:
        if where is None:
            return ""
        simple = self.has(relation, where)
        return f" with {simple}" if simple else f" where ({self.clause(where).text})"

    def _constant(self, node: Constant) -> str:  # noqa: PLR0911  # one case a type
        match node.value:
            case None:
                return f"no value ({to_text(node.written)})"
            case bool() as truth:
                return "true" if truth else "false"
            case str() as text:
                return string_text(text)
            case Length() as length:
                return length_text(length, node.written)
            case PeriodValue() as period:
                return f"{self.calendar.within(period)} {self.calendar.label(node)}"
            case tuple():
                return to_text(node.written)
            case number if node.type == "DATETIME":
                return f"{self.calendar.instant(int(number))} {self.calendar.label(node)}"
            case number:
                return to_text(syntax.Number(number))

    def _arith(self, node: query.Arith) -> str:
        """Say a chain from left to right; brackets where the usual order of operators is another."""
        text, level = self.part(node.first), _LEVELS["^"] + 1
        for step in node.steps:
            wanted = _LEVELS[step.op]
            if level < wanted or step.op == "^":
                text = text if level > _LEVELS["^"] else f"({text})"
            text, level = f"{text} {_SIGNS.get(step.op, step.op)} {self.part(step.right)}", wanted
        return text

    def _function(self, node: query.Function) -> str:
        args = [self.part(arg) for arg in node.args]
        match node.name:
            case "substr":
                end = f" (at most {args[2]})" if len(args) > 2 else ""
                return f"the characters of {args[0]} from number {args[1]} on{end}"
            case "concat":
                return " followed by ".join(args)
            case "coalesce":
                return f"the first of {listed(args)} that has a value"
            case name if node.zone is not None:
                return f"the {name} of {args[0]} ({node.zone})"
            case name if name in _FUNCTIONS:
                return _FUNCTIONS[name].format(*args)
            case name:
                return f"{name}({', '.join(args)})"


_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "div": 2, "^": 3}
"""How tightly operators bind."""

_SIGNS = {"*": "×", "/": "÷"}
