"""`Place`: where a text stops, as the parser sees it: what ends there, and what is wanted there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from metaquery.frozen import dataclass
from metaquery.language.complete.operands import Operand, Operands, chained
from metaquery.language.complete.stack import Stack, chain_start, commas, flat, is_token, opening, read, scope
from metaquery.language.complete.wants import Wants
from metaquery.language.functions import FUNCTIONS

if TYPE_CHECKING:
    from metaquery.language.complete.wanted import Wanted
    from metaquery.schema import Relation, Schema

__all__ = ["Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """The end of a text that begins a filter.

    Attributes
    ----------
    stack
        What the parser has read and not yet put together.
    ended
        The same with the operand that ends here put together; empty where none does.
    accepts
        The terminals that may come next.
    operands
        Types of expressions; has the schema, and the relation of bare names: inside of `any label(…)`, the labels.
    passed
        Texts that the list that is open has, and `stack` has not.
    """

    stack: Stack
    ended: Stack
    accepts: frozenset[str]
    operands: Operands
    passed: frozenset[str] = frozenset()

    @classmethod
    def after(
        cls, text: str, start: str, schema: Schema, relation: Relation, passed: frozenset[str] = frozenset()
    ) -> Self | None:
        """Return the place at the end of `text`; None where no filter begins like this."""
        reading = read(text, start)
        if reading is None:
            return None
        inner = scope(reading.ended or reading.stack, relation)
        return cls(reading.stack, reading.ended or (), reading.accepts, Operands(schema, inner, text), passed)

    @property
    def schema(self) -> Schema:
        """What names mean here."""
        return self.operands.schema

    @property
    def relation(self) -> Relation:
        """Whose built-in fields are bare names here."""
        return self.operands.relation

    def operand(self) -> Operand | None:
        """Return the operand that ends here; None where none does."""
        return self.operands.ending(self.ended) if self.ended else None

    def wanted(self) -> Wanted:
        """Return what is wanted here, where an expression has to begin."""
        wanted = Wants(self.operands).at(self.stack)
        return replace(wanted, taken=wanted.taken | self.passed) if self.passed else wanted

    def goal(self) -> Wanted:
        """Return what was wanted where the operand began that ends here."""
        return Wants(self.operands).at(self.ended[: chain_start(self.ended)])

    def term(self) -> tuple[Operand, Wanted]:
        """Return the last operand of the sum that ends here, and what is wanted in its place."""
        at = chain_start(self.ended)
        *left, term = flat(self.ended[at:])
        if not left:
            return self.operands.of(term), self.goal()
        *left, sign = left
        return self.operands.of(term), Wants(self.operands).at((*self.ended[:at], chained(left), sign))

    def around(self) -> Wanted | None:
        """Return what is wanted of the bracket that is open, once it is closed; None where it groups nothing."""
        stack = self.ended or self.stack
        at = opening(stack)
        if at < 0 or (at and is_token(stack[at - 1], *_HOLDERS)):
            return None
        return Wants(self.operands).at(stack[:at])

    def commas(self) -> int:
        """Return how many commas the bracket that is open has."""
        stack = self.ended or self.stack
        return commas(stack, opening(stack))

    def takes(self, more: int) -> bool:
        """Whether the call that is open takes the arguments that it has, and so many more."""
        stack = self.ended or self.stack
        at = opening(stack)
        row = FUNCTIONS.get(stack[at - 1].lower()) if at > 0 and is_token(stack[at - 1], "NAME") else None
        return row is None or row.accepts(self.commas() + 1 + more)

    def condition_needed(self) -> bool:
        """Whether the operand that ends here has to be a condition, and not what is compared, grouped or passed on."""
        before = self.ended[: chain_start(self.ended)]
        if is_token(before[-1] if before else None, "LPAR", "LBRACKET", "COMMA"):
            return len(before) > 1 and is_token(before[-2], "QUANTIFIER")
        return self.goal().role == "condition"

    def ends_in_null(self) -> bool:
        """Whether `is null` or `is not null` ends here."""
        kinds = [getattr(part, "type", "") for part in self.stack[-3:]]
        return kinds[-2:] in (["IS", "NULL"], ["DISTINCT", "NULL"]) or kinds == ["IS", "NOT", "NULL"]

    def counts_rows(self) -> bool:
        """Whether `count(label` stands here."""
        name, bracket, row = self.stack[-3:] if len(self.stack) > 2 else (None, None, None)
        counted = is_token(name, "NAME") and str(name).lower() == "count"
        return counted and is_token(bracket, "LPAR") and is_token(row, "NAME")


_HOLDERS = ("IN", "HAS_EACH", "IN_COLLECTION", "QUANTIFIER", "WKT_TAG", "NAME")
"""Tokens whose brackets are part of them."""
