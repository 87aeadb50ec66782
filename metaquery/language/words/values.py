"""Values in words: fields, constants, arithmetic, functions. Conditions are `conditions`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from metaquery.language import query, syntax
from metaquery.language.printing import string_text, to_text
from metaquery.language.query import Column, Constant, Length, PeriodValue, Predicate, Value
from metaquery.language.words.joining import ANYTHING, Clause
from metaquery.language.words.moments import Calendar, length_text

if TYPE_CHECKING:
    from metaquery.schema import Relation

__all__ = ["Values", "is_condition", "is_known", "number_text"]

_NAMES = {
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
"""Parts of a date whose numbers have names."""

_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "div": 2, "^": 3}
"""How tightly operators bind."""

_SIGNS = {"*": "×", "/": "÷"}

_OF_TEXTS = frozenset({"lower", "upper", "casei", "accenti", "trim", "concat", "length"})
"""Functions that have a value wherever their arguments have."""


def is_known(node: Value) -> bool:
    """Whether a value is there in every row: a constant that has one, a count, a list."""
    match node:
        case Constant():
            return node.value is not None
        case query.Function() if node.name in _OF_TEXTS:
            return all(map(is_known, node.args))
        case _:
            return isinstance(node, query.Count) or node.type == "LIST"


def is_condition(function: query.Function) -> bool:
    """Whether a function is a condition itself, and not one that returns what it is given."""
    return function.type == "BOOLEAN" and function.name != "coalesce"


class Values(ABC):
    """Says values.

    Parameters
    ----------
    calendar
        On which dates are said.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    @abstractmethod
    def clause(self, node: Predicate, *, so: bool = True, whether: bool = False) -> Clause:
        """Say a condition.

        Parameters
        ----------
        node
            The condition.
        so
            False says the opposite.
        whether
            Whether it stands behind "whether", where a row without a value makes it unknown; else it is said that there
            is a value, if that does not go without saying.
        """

    @abstractmethod
    def function(self, node: query.Function) -> str:
        """Say what a function gives that is no condition."""

    def value(self, node: Value) -> str:  # noqa: C901, PLR0911  # one case a node
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
            case query.Function() if not is_condition(node):
                return self.function(node)
            case query.Start():
                return f"the start of {self._end(node.day)}"
            case query.Raw():
                return f"the raw text of {self.value(node.column)} (kept where it is invalid)"
            case query.Count():
                return f"the data unit's number of {node.relation.name}{self.which(node.relation, node.where)}"
            case _ if node.type == "BOOLEAN":
                return f"whether {self.clause(node, whether=True).whole}"
            case _:
                raise AssertionError(node)

    def part(self, node: Value) -> str:
        """Say a value inside of another: what is more than a name, a number or a text, in brackets."""
        text = self.value(node)
        match node:
            case Column() | query.ListOf():
                return text
            case Constant() if node.type not in {"DATETIME", "PERIOD"} and node.value is not None:
                return text
            case _:
                return f"({text})"

    def beside(self, node: Value, other: Value) -> str:
        """Say a value that `other` is compared with: weekdays and months have names, a field has a value."""
        names = _NAMES.get(other.name, ()) if isinstance(other, query.Function) else ()
        if isinstance(node, Constant) and node.value in range(1, len(names) + 1):
            return f"{self.value(node)} ({names[int(str(node.value)) - 1]})"
        return f"the value of {self.value(node)}" if isinstance(node, Column) else self.value(node)

    def which(self, relation: Relation, where: Predicate | None) -> str:
        """Say what is asked of rows that belong to the unit: ` with class 'car'`, ` where (…)`; nothing of all."""
        if where is None:
            return ""
        simple = self.simple(relation, where)
        if simple:
            return f" with {simple}"
        clause = self.clause(where)
        return "" if clause == ANYTHING else f" where ({clause.text})"

    def simple(self, relation: Relation, where: Predicate) -> str | None:
        """Say the simplest of conditions on a row that belongs to the unit: `class 'car'`."""
        match where:
            case query.Compare(op="=", left=Column() as column, right=Constant(type="STRING" | "NUMBER") as constant):
                own = column.field.qualifier == relation.qualifier and is_known(constant)
                return f"{self.value(column)} {self.value(constant)}" if own else None
            case _:
                return None

    def _constant(self, node: Constant) -> str:  # noqa: PLR0911  # one case a type
        match node.value:
            case None:
                return f"{to_text(node.written)} (which has no value)"
            case bool() as truth:
                return "true" if truth else "false"
            case str() as text:
                return string_text(text)
            case Length() as length:
                return length_text(length, node.written)
            case PeriodValue() as period:
                return f"{self.calendar.within(period)} ({self.calendar.label(node)})"
            case tuple() as numbers:
                return _SHAPES[node.type](numbers)
            case number if node.type == "DATETIME":
                return f"{self.calendar.instant(int(number))} ({self.calendar.label(node)})"
            case number:
                return number_text(number)

    def _arith(self, node: query.Arith) -> str:
        """Say a chain from left to right; brackets where the usual order of operators is another."""
        text, level, steps = self.part(node.first), _LEVELS["^"] + 1, node.steps
        if node.first.type == "DATETIME" and steps[0].type == "DURATION":
            text, level, steps = f"the time from {self._end(steps[0].right)} to {self._end(node.first)}", 0, steps[1:]
        for step in steps:
            wanted = _LEVELS[step.op]
            if level < wanted or step.op == "^" or not level:
                text = text if level > _LEVELS["^"] else f"({text})"
            text, level = f"{text} {_SIGNS.get(step.op, step.op)} {self._operand(step.right)}", wanted
        return text

    def _end(self, node: Value) -> str:
        return self.part(node) if isinstance(node, query.Arith) else self.value(node)

    def _operand(self, node: Value) -> str:
        text = self.part(node)
        return f"({text})" if text.startswith(("-", "minus")) else text


def number_text(number: float) -> str:
    """Write a number as canonical text does."""
    return f"{'-' * (number < 0)}{to_text(syntax.Number(abs(number)))}"


def _point(numbers: tuple[float, ...]) -> str:
    longitude, latitude = map(number_text, numbers)
    return f"(longitude {longitude}, latitude {latitude})"


def _box(numbers: tuple[float, ...]) -> str:
    west, south, east, north = map(number_text, numbers)
    across = " across the antimeridian" * (numbers[0] > numbers[2])
    return f"the box of longitude {west} to {east}{across} and latitude {south} to {north} (borders included)"


def _vector(numbers: tuple[float, ...]) -> str:
    shown = ", ".join(map(number_text, numbers[:_ELEMENTS]))
    return f"[{shown}]" if len(numbers) <= _ELEMENTS else f"[{shown}, …] ({len(numbers):,} numbers)"


_ELEMENTS = 10
"""Elements of a vector that are said."""

_SHAPES = {"POINT": _point, "BBOX": _box, "VECTOR": _vector}
