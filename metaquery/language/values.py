"""`Values`: binds what tests stand between: fields, literals, arithmetic, `count(…)`. Calls are `calls`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from metaquery.errors import FilterError, FilterTypeError, Span, UnknownField
from metaquery.frozen import dataclass
from metaquery.language import fold, query, syntax
from metaquery.language.functions import FUNCTIONS
from metaquery.language.literal_types import Literals
from metaquery.language.names import ROWS, Scope
from metaquery.language.operators import ARITHMETIC, family
from metaquery.language.periods import Clock, length_of
from metaquery.language.printing import to_text
from metaquery.language.query import Column, Constant, Value
from metaquery.language.saved import Expansion, with_both_texts

if TYPE_CHECKING:
    from metaquery.language.options import BindOptions
    from metaquery.language.syntax import Expr
    from metaquery.schema import Relation, Schema

__all__ = ["Values"]


@dataclass(frozen=True, slots=True)
class Values(ABC):
    """Binds operands at one place of a filter.

    Attributes
    ----------
    scope
        What names mean here.
    literals
        What literals become, and the calendar.
    options
        As given for the query.
    expansion
        The saved filters around this place.
    """

    scope: Scope
    literals: Literals
    options: BindOptions
    expansion: Expansion

    @classmethod
    def of(cls, root: Expr, schema: Schema, relation: Relation, options: BindOptions, source: str) -> Self:
        """Return the binder of a whole filter."""
        scope = Scope(schema, relation, source)
        return cls(scope, Literals(Clock.of(options), source, options.example), options, Expansion(root))

    @property
    def source(self) -> str:
        """The filter's text, for errors."""
        return self.scope.source

    def inside(self, relation: Relation) -> Self:
        """Return the binder inside a quantifier."""
        return type(self)(self.scope.inside(relation), self.literals, self.options, self.expansion)

    def describe(self, value: Value) -> str:
        """Name a value in a message."""
        return self.literals.describe(value)

    @abstractmethod
    def value(self, node: Expr, beside: Expr | None = None) -> Value:
        """Bind anything; `beside` is what stands opposite in a test."""

    @abstractmethod
    def predicate(self, node: Expr) -> Value:
        """Bind what has to be true or false."""

    @abstractmethod
    def call(self, node: syntax.Call) -> Value:
        """Bind the call of a function."""

    def operand(self, node: Expr, beside: Expr | None) -> Value:  # noqa: C901, PLR0911, PLR0912  # one case a node
        """Bind what is no test."""
        match node:
            case syntax.Field():
                return self._column(node, beside)
            case syntax.Number():
                return Constant("NUMBER", node.value, node)
            case syntax.String():
                return Constant("STRING", node.value, node)
            case syntax.Bool():
                return Constant("BOOLEAN", node.value, node)
            case syntax.Instant() | syntax.Period():
                return self.literals.moment(node)
            case syntax.Duration():
                return Constant("DURATION", length_of(node), node)
            case syntax.Arith():
                return self._chain(node)
            case syntax.Neg():
                return self._negative(node)
            case syntax.Call():
                return self.call(node)
            case syntax.Count():
                return self._count(node)
            case syntax.ListOf():
                return self._list(node)
            case syntax.Null():
                raise self.null_comparison(node.span, beside, "=")
            case syntax.Saved():
                return self._saved(node)
            case syntax.Parameter():
                message = f":{node.name} has no value here"
                hint = "a saved filter holds its values"
                raise UnknownField("unknown-parameter", message, self.source, node.span, hint)
            case syntax.Wkt():
                message = f"a geometry {node.tag} does not fit here"
                hint = "geometries stand in s_intersects, s_within, s_disjoint and distance"
                raise FilterTypeError("bad-arguments", message, self.source, node.span, hint)
            case _:
                raise AssertionError(node)

    def _saved(self, use: syntax.Saved) -> Value:
        """Bind a saved filter in the place where it is used."""
        relation = self.scope.relation
        texts = self.options.saved(relation.name) if self.options.saved else None
        try:
            text, inside = self.expansion.open(use, texts, self.source)
            binder = type(self)(
                Scope(self.scope.schema, relation, text), replace(self.literals, source=text), self.options, inside
            )
            return binder.predicate(inside.root)
        except FilterError as error:
            raise error if error.source is self.source else with_both_texts(error, use, self.source) from None

    def null_comparison(self, span: Span, beside: Expr | None, op: str) -> FilterTypeError:
        """Return the error for `null` where no value is."""
        negated = "not " * (op == "!=")
        hint = f"write {to_text(beside)} is {negated}null" if beside is not None else "write is null or is not null"
        return FilterTypeError("null-comparison", "nothing compares with null", self.source, span, hint)

    def _column(self, node: syntax.Field, beside: Expr | None) -> Column:
        beside_text = False
        if not self.scope.find(node):
            beside_text = self._is_text(beside)
        return Column(self.scope.resolve(node, beside_text=beside_text), node)

    def _is_text(self, node: Expr | None) -> bool:
        """Whether a text is what would stand well opposite `node`; never raises."""
        if isinstance(node, syntax.Field):
            return any(family(field.type) == "STRING" for field in self.scope.find(node))
        if isinstance(node, syntax.Call):
            row = FUNCTIONS.get(node.name)
            return row is not None and row.gives == "STRING"
        return False

    def _chain(self, node: syntax.Arith) -> Value:
        """Bind a chain of operators from its left end, without recursion along it."""
        spine: list[syntax.Arith] = []
        left: Expr = node
        while isinstance(left, syntax.Arith):
            spine.append(left)
            left = left.left
        value = self.value(left)
        for step in reversed(spine):
            value = self._arithmetic(step, value, self.value(step.right))
        return value

    def _arithmetic(self, node: syntax.Arith, left: Value, right: Value) -> Value:
        if node.op == "-" and "DATETIME" in {left.type, right.type}:
            left, right = self.literals.fit(left, right), self.literals.fit(right, left)
        if (node.op, left.type, right.type) not in ARITHMETIC:
            raise self._no_arithmetic(node, left, right)
        try:
            return fold.arithmetic(node.op, left, right, node, self.literals.clock)
        except ValueError:
            raise self.off_calendar(node.span) from None

    def off_calendar(self, span: Span) -> FilterTypeError:
        """Return the error for a date that is none."""
        message = "this date is not in the years 1 to 9999"
        return FilterTypeError("bad-datetime", message, self.source, span)

    def _no_arithmetic(self, node: syntax.Arith, left: Value, right: Value) -> FilterTypeError:
        numeric = {"NUMBER", "DURATION", "DATETIME", "PERIOD"}
        blamed, value = (node.left, left) if left.type not in numeric else (node.right, right)
        message = f"cannot compute {self.describe(left)} {node.op} {self.describe(right)}"
        if node.op == "+" and {family(left.type), family(right.type)} == {"STRING"}:
            hint = "texts are joined by concat(a, b)"
        elif "PERIOD" in {left.type, right.type} and "NUMBER" in {left.type, right.type}:
            hint = "for a subtraction, put blanks round -; a duration has a unit: 7d"
        elif "DATETIME" in {left.type, right.type} and value.type == "NUMBER":
            hint = "a duration has a unit: 7d"
        else:
            hint = f"{node.op} takes numbers; {value.type} is none"
        return FilterTypeError("type-mismatch", message, self.source, blamed.span, hint)

    def _negative(self, node: syntax.Neg) -> Value:
        value = self.value(node.arg)
        if value.type not in {"NUMBER", "DURATION"}:
            message = f"cannot negate {self.describe(value)}"
            raise FilterTypeError(
                "type-mismatch", message, self.source, node.span, "the sign - is for numbers and durations"
            )
        return fold.negative(value, node) if isinstance(value, Constant) else query.Negative(value, value.type)

    def _list(self, node: syntax.ListOf) -> Value:
        items = []
        for item in node.items:
            value = self.value(item)
            if family(value.type) != "STRING":
                message = f"lists hold texts, not {self.describe(value)}"
                raise FilterTypeError(
                    "type-mismatch", message, self.source, item.span, "a list is written ['night', 'dusk']"
                )
            items.append(value)
        return query.ListOf(tuple(items))

    def _count(self, node: syntax.Count) -> Value:
        relation = ROWS.get(node.relation.lower())
        if relation is None:
            raise self.no_count(node)
        return query.Count(relation, None if node.p is None else self.inside(relation).predicate(node.p))

    def no_count(self, node: syntax.Call | syntax.Count) -> FilterTypeError:
        """Return the error for a count of something else."""
        hint = "write count(label where …) or count(prediction)"
        message = "count goes over labels or predictions"
        return FilterTypeError("bad-arguments", message, self.source, node.span, hint)
