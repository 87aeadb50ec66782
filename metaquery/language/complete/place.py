"""`Place`: where a text stops, as the parser sees it, and what is wanted there.

The parser's own stack says what is open: the operand opposite, the brackets, the call. Nothing is parsed a second time,
and the types of operands are `bind`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from metaquery.errors import FilterError
from metaquery.language import query, syntax
from metaquery.language.bind import bind
from metaquery.language.functions import FUNCTIONS
from metaquery.language.limits import check_text, check_tree
from metaquery.language.literals import unquoted
from metaquery.language.names import ROWS
from metaquery.language.operators import ARITHMETIC, OPERATORS, family
from metaquery.language.options import BindOptions
from metaquery.language.parse import _parser

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser

    from metaquery.schema import Field, Relation, Schema

__all__ = ["Operand", "Place", "Wanted"]

Role = Literal["condition", "operand", "pattern", "sort key", "collection", "field", "rows", "nothing"]

_OPTIONS = BindOptions(now=datetime(2000, 1, 1, tzinfo=UTC))
"""Only types are asked for, so the time is of no matter."""

_OPPOSITE = frozenset({"COMPARE", "LIKE", "MATCH", "TEXT", "HAS", "IS", "DISTINCT", "BETWEEN"})
_SIGNS = frozenset({"PLUS", "MINUS", "STAR", "DIV", "CARET"})
_TIMES = frozenset({"DATETIME", "PERIOD"})

Stack = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Operand:
    """What stands before the cursor, or opposite: its family of types and, if it is one, its field."""

    type: str | None = None
    field: Field | None = None


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


_CONDITION = Wanted("condition")


@dataclass(frozen=True, slots=True)
class Place:
    """The end of a text that begins a filter.

    Attributes
    ----------
    stack
        What the parser has read and not yet put together.
    ended
        The same with the operand that ends here put together; None where none does.
    accepts
        The terminals that may come next.
    text
        What ends here.
    schema, relation
        What names mean here: inside of `any label(…)`, the labels.
    """

    stack: Stack
    ended: Stack | None
    accepts: frozenset[str]
    text: str
    schema: Schema
    relation: Relation

    @classmethod
    def after(cls, text: str, start: str, schema: Schema, relation: Relation) -> Self | None:
        """Return the place at the end of `text`; None where no filter begins like this."""
        try:
            check_text(text)
            parser = _parser().parse_interactive(text, start=start)
            parser.exhaust_lexer()
            accepts = frozenset(parser.accepts())  # type: ignore[no-untyped-call]
            ended = _put_together(parser) if "PLUS" in accepts and "NAME" not in accepts else None
        except (FilterError, UnexpectedInput):
            return None
        stack = parser.parser_state.value_stack
        return cls(stack, ended, accepts, text, schema, _scope(ended or stack, relation))

    def operand(self) -> Operand | None:
        """Return the operand that ends here; None where none does."""
        return None if self.ended is None else self._chain(self.ended)

    def wanted(self) -> Wanted:
        """Return what is wanted here, where an expression has to begin."""
        return self._wanted(self.stack)

    def holder(self) -> Wanted | None:
        """Return what the innermost bracket takes where the operand stands that ends here; None outside of brackets."""
        stack = self.ended or ()
        stops = ("LPAR", "LBRACKET", "COMMA")
        last = next((i for i in range(len(stack) - 1, -1, -1) if any(_is(stack[i], s) for s in stops)), -1)
        return None if _opening(stack) < 0 else self._wanted(stack[: last + 1])

    def takes(self, more: int) -> bool:
        """Whether the call that is open takes the arguments that it has, and so many more."""
        stack = self.ended or ()
        at = _opening(stack)
        row = FUNCTIONS.get(stack[at - 1].lower()) if at > 0 and _is(stack[at - 1], "NAME") else None
        return row is None or row.accepts(sum(_is(part, "COMMA") for part in _flat(stack[at:])) + 1 + more)

    def condition_needed(self) -> bool:
        """Whether the innermost bracket is one of `any label(…)` or `count(label where …)`."""
        stack = self.ended or ()
        opening = _opening(stack)
        before = stack[opening - 1] if opening > 0 else None
        return _is(before, "QUANTIFIER") or any(_is(part, "WHERE") for part in stack[max(opening, 0) :])

    def counts_rows(self) -> bool:
        """Whether `count(label` stands here."""
        name, bracket, row = self.stack[-3:] if len(self.stack) > 2 else (None, None, None)
        return _is(name, "NAME") and str(name).lower() == "count" and _is(bracket, "LPAR") and _is(row, "NAME")

    def type_of(self, node: object) -> Operand:
        """Return the family and the field of an expression, as it would be bound here."""
        if isinstance(node, syntax.Saved):
            return Operand("BOOLEAN")
        if not isinstance(node, syntax.Node):
            return Operand()
        try:
            check_tree(node)  # type: ignore[arg-type]  # every node on the stack is an expression
            bound = bind(syntax.IsNull(node), self.schema, self.relation, options=_OPTIONS, source=self.text)  # type: ignore[arg-type]
        except FilterError:
            return Operand()
        if not isinstance(bound, query.IsNull):
            return Operand()
        return Operand(family(bound.x.type), bound.x.field if isinstance(bound.x, query.Column) else None)

    def _chain(self, stack: Stack) -> Operand:
        """Return the operand that a chain of signs at the end of the stack comes to."""
        at = len(stack) - 1
        while at > 0 and isinstance(stack[at], Tree):
            at -= 1
        found = self.type_of(stack[at]) if stack else Operand()
        flat = [part for tree in stack[at + 1 :] for part in tree.children]
        for sign, node in zip(flat[::2], flat[1::2], strict=False):
            right = self.type_of(node).type
            found = Operand(ARITHMETIC.get((str(sign).lower(), found.type or "", right or "")))
        return found

    def _wanted(self, stack: Stack) -> Wanted:  # noqa: C901, PLR0911  # one case a token
        top = stack[-1] if stack else None
        below = stack[-2] if len(stack) > 1 else None
        match top.type if isinstance(top, Token) else "":
            case "NOT" if isinstance(below, Token) and below.type == "IS":
                return self._opposite(stack[:-2], "IS")
            case "HAS" if not isinstance(below, syntax.Node):
                return Wanted("field")
            case kind if kind in _OPPOSITE:
                return self._opposite(stack[:-1], "MATCH" if str(top).lower().endswith("matches") else kind)
            case "AND" if len(stack) > 3 and _is(stack[-3], "BETWEEN"):
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
                return Wanted("nothing")
            case _:
                return _CONDITION

    def _opposite(self, stack: Stack, kind: str) -> Wanted:
        """Return what goes with the last operand of the stack; words such as `is not` may stand after it."""
        operand = self.type_of(next((part for part in reversed(stack) if isinstance(part, syntax.Node)), None))
        if kind in {"LIKE", "MATCH"}:
            return Wanted("pattern", frozenset({"STRING"}), operand.field if kind == "LIKE" else None)
        if kind in {"TEXT", "HAS"}:
            return Wanted("operand", frozenset({"STRING"}), operand.field)
        if operand.type is None:
            return Wanted("operand")
        also = frozenset({"DATETIME"} if operand.type == "DURATION" else ())
        return Wanted("operand", _alike(operand.type), operand.field, also=also)

    def _computed(self, stack: Stack) -> Wanted:
        sign = stack[-1]
        if len(stack) < 2 or not isinstance(stack[-2], syntax.Node | Tree):
            outer = self._wanted(stack[:-1])
            return replace(
                outer, role="operand", types=frozenset({"NUMBER", "DURATION"}) & (outer.types or _ALL), field=None
            )
        left = self._chain(stack[:-1]).type
        at = len(stack) - 2
        while at > 0 and isinstance(stack[at], Tree):
            at -= 1
        goal = self._wanted(stack[:at]).types
        fits = frozenset(
            right
            for (op, of, right), gives in ARITHMETIC.items()
            if op == sign.lower() and of == left and (goal is None or gives in goal)
        )
        return Wanted("operand", None if left is None else fits)

    def _bracketed(self, stack: Stack) -> Wanted:  # noqa: PLR0911  # one case a token
        """Return what is wanted as the next thing in the innermost bracket."""
        at = _opening(stack)
        if at < 0:
            return Wanted("sort key", OPERATORS["<"].takes)
        before = stack[at - 1] if at else None
        taken = frozenset(filter(None, map(_text_of, _flat(stack[at:]))))
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
                return Wanted("nothing")
            case "NAME":
                return self._argument(stack, at)
        outer = self._wanted(stack[:at])
        if outer.types is not None and "LIST" in outer.types:
            return replace(outer, types=frozenset({"STRING"}), taken=taken)
        return _CONDITION if outer.types is None or "BOOLEAN" in outer.types else outer

    def _argument(self, stack: Stack, at: int) -> Wanted:
        name = stack[at - 1].lower()
        if name == "count":
            return Wanted("rows")
        row = FUNCTIONS.get(name)
        if row is None:
            return _CONDITION
        if not row.takes:
            return Wanted("nothing")
        parts = list(_flat(stack[at + 1 :]))
        index = sum(_is(part, "COMMA") for part in parts)
        type_ = row.takes[min(index, len(row.takes) - 1)]
        if type_ == "field":
            return Wanted("field")
        if type_ == "any":
            if not parts:
                return replace(self._wanted(stack[: at - 1]), taken=frozenset())
            first = self.type_of(parts[0])
            return Wanted("operand", None if first.type is None else _alike(first.type), first.field)
        return Wanted("operand", _alike(type_) | (frozenset({"LIST"}) if name == "length" else frozenset()))


_ALL = frozenset({"NUMBER", "DURATION"})


def _put_together(parser: InteractiveParser) -> Stack:
    """Return the stack as it would be before a plus sign."""
    probe = parser.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    probe.feed_token(Token("PLUS", "+"))
    return cast("Stack", probe.parser_state.value_stack[:-1])


def _alike(type_: str) -> frozenset[str]:
    return _TIMES if type_ in _TIMES else frozenset({type_})


def _is(part: object, kind: str) -> bool:
    return isinstance(part, Token) and part.type == kind


def _opening(stack: Stack) -> int:
    """Return the index of the innermost open bracket, -1 where none is open."""
    return next((i for i in range(len(stack) - 1, -1, -1) if _is(stack[i], "LPAR") or _is(stack[i], "LBRACKET")), -1)


def _flat(parts: Stack) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, Tree):
            yield from part.children
        else:
            yield part


def _text_of(part: object) -> str | None:
    """Return the text that a part is, as a token or put together."""
    if isinstance(part, Token) and part.type == "STRING":
        return unquoted(part)
    return part.value if isinstance(part, syntax.String) else None


def _scope(stack: Stack, relation: Relation) -> Relation:
    """Return the relation that bare names are of at the end of the stack."""
    for i in range(len(stack) - 1, 0, -1):
        before = stack[i - 1]
        if _is(stack[i], "LPAR") and _is(before, "QUANTIFIER"):
            return ROWS[before.lower().split()[-1]]
        if _is(stack[i], "WHERE"):
            return ROWS.get(str(before).lower(), relation)
    return relation
