"""`Operands`: the types of what stands on the parser's stack; they are `bind`'s."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metaquery.errors import FilterError
from metaquery.frozen import dataclass
from metaquery.language import query, syntax
from metaquery.language.bind import bind
from metaquery.language.complete.stack import chain_start, flat
from metaquery.language.complete.wanted import alike
from metaquery.language.functions import FUNCTIONS
from metaquery.language.limits import check_tree
from metaquery.language.literal_types import Literals, is_literal
from metaquery.language.operators import family
from metaquery.language.options import BindOptions
from metaquery.language.periods import Clock

if TYPE_CHECKING:
    from metaquery.language.complete.stack import Stack
    from metaquery.schema import Field, Relation, Schema

__all__ = ["Operand", "Operands", "chained"]


class _AnySaved(dict[str, str]):
    """Every name is one of a saved filter: which there are, the caller of `complete` knows, and types need not."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return "true"


_OPTIONS = BindOptions(now=datetime(2000, 1, 1, tzinfo=UTC), saved=lambda _: _AnySaved())
"""Only types are asked for, so the time is of no matter."""

_LITERALS = Literals(Clock.of(_OPTIONS), "")

_TESTS = (
    syntax.Or | syntax.And | syntax.Not | syntax.Compare | syntax.Between | syntax.In | syntax.Like | syntax.Matches
    | syntax.Text | syntax.Has | syntax.IsNull | syntax.IsMissing | syntax.IsInvalid | syntax.Is | syntax.IsUnknown
    | syntax.InCollection | syntax.Quantified | syntax.Saved
)  # fmt: skip
"""Conditions whatever they say; a list of 10,000 items need not be bound to know."""


@dataclass(frozen=True, slots=True)
class Operand:
    """What stands before the cursor, or opposite.

    Attributes
    ----------
    type
        Its family of types; None where it means nothing.
    field
        The field, where it is one.
    others
        Families that it takes opposite one of them: a text may be a UUID or a date.
    size
        Of a VECTOR, how many numbers it has.
    is_text
        Whether it is a text that is written out.
    """

    type: str | None = None
    field: Field | None = None
    others: frozenset[str] = frozenset()
    size: int | None = None
    is_text: bool = False

    def fits(self, types: frozenset[str] | None) -> bool:
        """Whether it may stand where one of these families is wanted; None wants any."""
        return types is None or self.type in types or bool(self.others & types)


@dataclass(frozen=True, slots=True)
class Operands:
    """Types expressions at one place.

    Attributes
    ----------
    schema, relation
        What names mean there.
    text
        Where they are written.
    """

    schema: Schema
    relation: Relation
    text: str

    def of(self, node: object) -> Operand:
        """Return the family and the field of an expression, as it would be bound here."""
        if not isinstance(node, syntax.Node):
            return Operand()
        known = Operand("BOOLEAN") if isinstance(node, _TESTS) else _argument_only(node)
        bound = self._bound(node) if known is None else None
        if bound is None:
            return known or Operand()
        field = bound.field if isinstance(bound, query.Column) else None
        return Operand(
            family(bound.type),
            field,
            _others(bound),
            field.size if field else None,
            is_text=isinstance(node, syntax.String),
        )

    def _bound(self, node: syntax.Node) -> query.Value | None:
        try:
            check_tree(node)  # type: ignore[arg-type]  # every node on the stack is an expression
            bound = bind(syntax.IsNull(node), self.schema, self.relation, options=_OPTIONS, source=self.text)  # type: ignore[arg-type]
        except FilterError:
            return None
        return bound.x if isinstance(bound, query.IsNull) else None

    def ending(self, stack: Stack) -> Operand:
        """Return the operand that a chain of signs at the end of the stack comes to."""
        if not stack:
            return Operand()
        return self.of(chained(list(flat(stack[chain_start(stack) :]))))


def chained(parts: Stack) -> object:
    """Return operands and the signs between them as one expression; None inside of a geometry, which has none."""
    node, *rest = parts
    if not all(isinstance(operand, syntax.Node) for operand in (node, *rest[1::2])):
        return None
    for sign, right in zip(rest[::2], rest[1::2], strict=False):
        node = syntax.Arith(str(sign).lower(), node, right)
    return node


def _argument_only(node: syntax.Node) -> Operand | None:
    """Return what an interval and a list of numbers are, which stand nowhere but in a call."""
    if isinstance(node, syntax.Call) and node.name in FUNCTIONS and FUNCTIONS[node.name].gives == "INTERVAL":
        return Operand("INTERVAL")
    if isinstance(node, syntax.ListOf) and node.items and all(map(_is_number, node.items)):
        return Operand("VECTOR", size=len(node.items))
    return None


def _is_number(node: syntax.Node) -> bool:
    return isinstance(node.arg if isinstance(node, syntax.Neg) else node, syntax.Number)


def _others(value: query.Value) -> frozenset[str]:
    """Return the families that a literal has opposite one of them, besides its own."""
    if not is_literal(value):
        return frozenset()
    found: set[str] = set()
    for type_ in ("DATETIME", "UUID"):
        with suppress(FilterError):  # of the form of the type, and not one: it has its own type alone
            fitted = _LITERALS.fit(value, query.Constant(type_, None, syntax.Null()))
            found |= alike(fitted.type) if fitted.type != value.type else frozenset()
    return frozenset(found)
