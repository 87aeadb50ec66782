"""`Wants`: reads what is wanted off the parser's stack: the operator and its other operand, the bracket, the call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lark import Token, Tree

from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.complete.arguments import ALIKE, argument
from metaquery.language.complete.stack import chain_start, commas, flat, is_token, opening, text_of
from metaquery.language.complete.wanted import NOTHING, TEXTS, Role, Wanted, alike
from metaquery.language.functions import FUNCTIONS
from metaquery.language.operators import ARITHMETIC, OPERATORS

if TYPE_CHECKING:
    from metaquery.language.complete.operands import Operands
    from metaquery.language.complete.stack import Stack

__all__ = ["Wants"]

_OPPOSITE = frozenset({"COMPARE", "LIKE", "MATCH", "TEXT", "HAS", "IS", "DISTINCT", "BETWEEN"})
_SIGNS = frozenset({"PLUS", "MINUS", "STAR", "DIV", "CARET"})
_SIGNED = frozenset({"NUMBER", "DURATION"})

_TAKEN = {
    "LIKE": TEXTS,
    "MATCH": TEXTS,
    "TEXT": TEXTS | {"LIST"},
    "HAS": OPERATORS["has"].takes,
    "BETWEEN": OPERATORS["between"].takes,
}
"""Families that stand before an operator; before the others, those that `=` takes."""

_CONDITION = Wanted("condition")


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
                return NOTHING
            case _:
                return _CONDITION

    def _opposite(self, stack: Stack, kind: str) -> Wanted:
        """Return what goes with the last operand of the stack; words such as `is not` may stand after it."""
        operand = self.operands.of(next((part for part in reversed(stack) if isinstance(part, syntax.Node)), None))
        if operand.type not in _TAKEN.get(kind, OPERATORS["="].takes):
            return NOTHING
        if kind in {"LIKE", "MATCH"}:
            return Wanted("pattern", TEXTS, operand.field if kind == "LIKE" else None)
        if kind in {"TEXT", "HAS"}:
            return Wanted("operand", TEXTS, operand.field)
        also = frozenset({"DATETIME"} if operand.type == "DURATION" else ())
        return Wanted("operand", alike(operand.type) | operand.others, operand.field, also=also)

    def _computed(self, stack: Stack) -> Wanted:
        """Return what may stand after a sign."""
        sign, before = stack[-1], stack[:-1]
        if not before or not isinstance(before[-1], syntax.Node | Tree):
            outer = self.at(before)
            types = _SIGNED if outer.types is None else _SIGNED & outer.types
            return replace(outer, role="operand", types=types, field=None) if types else NOTHING
        left, goal = self.operands.ending(before).type, self.at(before[: chain_start(before)])
        fits = frozenset(
            right
            for (op, of, right), gives in ARITHMETIC.items()
            if op == sign.lower() and of == left and (goal.types is None or gives in goal.types)
        )
        if goal.types and goal.takes("PERIOD") and not goal.takes("DATETIME"):
            return Wanted("days", fits)
        return Wanted("operand", fits) if fits else NOTHING

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
                return NOTHING
            case "NAME":
                return self._argument(stack, at)
        return self._grouped(stack, at, taken)

    def _grouped(self, stack: Stack, at: int, taken: frozenset[str]) -> Wanted:
        """Return what is wanted in a bracket that puts an expression together, or a list."""
        outer = self.at(stack[:at])
        if outer.role == "vector":
            return Wanted("component", frozenset({"NUMBER"}))
        if is_token(stack[at], "LBRACKET") or commas(stack, at):
            return Wanted("operand", TEXTS, outer.field, taken) if outer.takes("LIST") else NOTHING
        if outer.types is not None and outer.takes("LIST") and not outer.is_condition:
            return replace(outer, role="operand", types=outer.types | TEXTS)
        if outer.is_condition:
            return _CONDITION
        return replace(outer, also=outer.also | {"DATETIME"}) if outer.takes("DURATION") else outer

    def _argument(self, stack: Stack, at: int) -> Wanted:
        """Return what is wanted as the next argument of a function."""
        name, place = stack[at - 1].lower(), commas(stack, at)
        if name == "count":
            return Wanted("rows")
        row = FUNCTIONS.get(name)
        if row is None or not row.takes:
            return NOTHING
        if row.way == "coalesce" and not place:
            outer = self.at(stack[: at - 1])
            role: Role = "condition" if outer.role == "condition" else "operand"
            return replace(outer, role=role, types=ALIKE & (outer.computed or ALIKE), taken=frozenset())
        first = next(flat(stack[at + 1 :])) if place else None
        return argument(row, place, first, self.operands)
