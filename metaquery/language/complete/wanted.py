"""`Wants`: what is wanted where an expression has to begin: which role it will have, and which types fit.

It is read off what stands before: the operator and its other operand, the bracket, the function that is called.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from lark import Token, Tree

from metaquery.language import syntax
from metaquery.language.complete.stack import chain_start, commas, flat, is_token, opening, text_of
from metaquery.language.functions import FUNCTIONS
from metaquery.language.operators import ARITHMETIC, OPERATORS
from metaquery.schema import FIELD_TYPES

if TYPE_CHECKING:
    from metaquery.language.complete.operands import Operands
    from metaquery.language.complete.stack import Stack
    from metaquery.schema import Field

__all__ = ["TIMES", "Wanted", "Wants"]

Role = Literal["condition", "operand", "pattern", "sort key", "collection", "field", "rows", "nothing"]

TIMES = frozenset({"DATETIME", "PERIOD"})
"""Families that compare with each other."""

_OPPOSITE = frozenset({"COMPARE", "LIKE", "MATCH", "TEXT", "HAS", "IS", "DISTINCT", "BETWEEN"})
_SIGNS = frozenset({"PLUS", "MINUS", "STAR", "DIV", "CARET"})
_SIGNED = frozenset({"NUMBER", "DURATION"})
_TEXTS = frozenset({"STRING"})
_ALIKE = frozenset(FIELD_TYPES) - {"POINT", "VECTOR", "ENUM"} | {"DURATION", "PERIOD"}
"""Families that `coalesce` takes."""

_TAKEN = {
    "LIKE": _TEXTS,
    "MATCH": _TEXTS,
    "TEXT": _TEXTS | {"LIST"},
    "HAS": OPERATORS["has"].takes,
    "BETWEEN": OPERATORS["between"].takes,
}
"""Families that stand before an operator; before the others, those that `=` takes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted where an expression has to begin.

    Attributes
    ----------
    role
        What it will be.
    types
        Families of types that fit; None for every one.
    field
        Whose values fit.
    taken
        Texts that the list has already.
    also
        Families that what fits may be computed from: the difference of two dates is a duration.
    """

    role: Role
    types: frozenset[str] | None = None
    field: Field | None = None
    taken: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()

    def takes(self, type_: str) -> bool:
        """Whether a family of types fits."""
        return self.types is None or type_ in self.types

    @property
    def is_condition(self) -> bool:
        """Whether a test may stand here, and not only what is tested."""
        return self.takes("BOOLEAN")


_CONDITION = Wanted("condition")
_NOTHING = Wanted("nothing")


@dataclass(frozen=True, slots=True)
class Wants:
    """Reads what is wanted off a stack; `operands` types what stands on it."""

    operands: Operands

    def at(self, stack: Stack) -> Wanted:  # noqa: C901, PLR0911  # one case a token
        """Return what is wanted at the end of a stack."""
        top = stack[-1] if stack else None
        below = stack[-2] if len(stack) > 1 else None
        match top.type if isinstance(top, Token) else "":
            case "NOT" if is_token(below, "IS"):
                return self._opposite(stack[:-2], "IS")
            case "HAS" if not isinstance(below, syntax.Node):
                return Wanted("field")
            case kind if kind in _OPPOSITE:
                return self._opposite(stack[:-1], "MATCH" if str(top).lower().endswith("matches") else kind)
            case "AND" if len(stack) > 3 and is_token(stack[-3], "BETWEEN"):
                return self._opposite(stack[:-3], "BETWEEN")
            case kind if kind in _SIGNS:
                return self._computed(stack)
            case "LPAR" | "LBRACKET" | "COMMA":
                return self._bracketed(stack)
            case "IN_COLLECTION":
                return Wanted("collection")
            case "ORDER_BY":
                return Wanted("sort key", OPERATORS["<"].takes)
            case "DOT":
                return Wanted("field")
            case "" if top is not None:
                return _NOTHING
            case _:
                return _CONDITION

    def _opposite(self, stack: Stack, kind: str) -> Wanted:
        """Return what goes with the last operand of the stack; words such as `is not` may stand after it."""
        operand = self.operands.of(next((part for part in reversed(stack) if isinstance(part, syntax.Node)), None))
        if operand.type not in _TAKEN.get(kind, OPERATORS["="].takes):
            return _NOTHING
        if kind in {"LIKE", "MATCH"}:
            return Wanted("pattern", _TEXTS, operand.field if kind == "LIKE" else None)
        if kind in {"TEXT", "HAS"}:
            return Wanted("operand", _TEXTS, operand.field)
        also = frozenset({"DATETIME"} if operand.type == "DURATION" else ())
        return Wanted("operand", _alike(operand.type), operand.field, also=also)

    def _computed(self, stack: Stack) -> Wanted:
        """Return what may stand after a sign."""
        sign, before = stack[-1], stack[:-1]
        if not before or not isinstance(before[-1], syntax.Node | Tree):
            outer = self.at(before)
            types = _SIGNED if outer.types is None else _SIGNED & outer.types
            return replace(outer, role="operand", types=types, field=None) if types else _NOTHING
        left, goal = self.operands.ending(before).type, self.at(before[: chain_start(before)])
        fits = frozenset(
            right
            for (op, of, right), gives in ARITHMETIC.items()
            if op == sign.lower() and of == left and (goal.types is None or gives in goal.types)
        )
        return Wanted("operand", fits) if fits else _NOTHING

    def _bracketed(self, stack: Stack) -> Wanted:  # noqa: PLR0911  # one case a token
        """Return what is wanted as the next thing in the innermost bracket."""
        at = opening(stack)
        if at < 0:
            return Wanted("sort key", OPERATORS["<"].takes)
        before = stack[at - 1] if at else None
        taken = frozenset(filter(None, map(text_of, flat(stack[at:]))))
        match before.type if isinstance(before, Token) else "":
            case "IN":
                return replace(self._opposite(stack[: at - 1], "IN"), taken=taken)
            case "HAS_EACH":
                return replace(self._opposite(stack[: at - 1], "HAS"), taken=taken)
            case "IN_COLLECTION":
                return Wanted("collection", taken=taken)
            case "QUANTIFIER":
                return _CONDITION
            case "WKT_TAG":
                return _NOTHING
            case "NAME":
                return self._argument(stack, at)
        return self._grouped(stack, at, taken)

    def _grouped(self, stack: Stack, at: int, taken: frozenset[str]) -> Wanted:
        """Return what is wanted in a bracket that puts an expression together, or a list."""
        outer = self.at(stack[:at])
        if is_token(stack[at], "LBRACKET") or commas(stack, at):
            return Wanted("operand", _TEXTS, outer.field, taken) if outer.takes("LIST") else _NOTHING
        if outer.types is not None and outer.takes("LIST") and not outer.is_condition:
            return replace(outer, types=outer.types | _TEXTS)
        return _CONDITION if outer.is_condition else outer

    def _argument(self, stack: Stack, at: int) -> Wanted:
        """Return what is wanted as the next argument of a function."""
        name = stack[at - 1].lower()
        if name == "count":
            return Wanted("rows")
        row = FUNCTIONS.get(name)
        if row is None or not row.takes:
            return _NOTHING
        type_ = row.takes[min(commas(stack, at), len(row.takes) - 1)]
        if type_ == "field":
            return Wanted("field")
        if type_ == "any":
            return self._same(stack, at)
        return Wanted("operand", _alike(type_) | (frozenset({"LIST"}) if name == "length" else frozenset()))

    def _same(self, stack: Stack, at: int) -> Wanted:
        """Return what is wanted as an argument of a function whose arguments are all of one type."""
        if not commas(stack, at):
            outer = self.at(stack[: at - 1])
            return replace(outer, types=_ALIKE & (outer.types or _ALIKE), taken=frozenset())
        first = self.operands.of(next(flat(stack[at + 1 :])))
        return _NOTHING if first.type is None else Wanted("operand", _alike(first.type), first.field)


def _alike(type_: str) -> frozenset[str]:
    return TIMES if type_ in TIMES else frozenset({type_})
