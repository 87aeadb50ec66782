"""The parser's own stack: what a text has open where it stops. Nothing is parsed a second time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from metaquery.errors import FilterError
from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.limits import check_text
from metaquery.language.literals import unquoted
from metaquery.language.names import ROWS
from metaquery.language.parse import _parser

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser

    from metaquery.schema import Relation

__all__ = ["Reading", "Stack", "chain_start", "commas", "flat", "is_token", "opening", "read", "scope", "text_of"]

Stack = Sequence[Any]
"""Tokens, nodes of the syntax, and trees of what repeats: the rest of a chain of signs, the items of a list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the parser has of a text that begins a filter.

    Attributes
    ----------
    stack
        What is read and not yet put together.
    ended
        The same with the operand that ends here put together; None where none does.
    accepts
        The terminals that may come next.
    """

    stack: Stack
    ended: Stack | None
    accepts: frozenset[str]


def read(text: str, start: str) -> Reading | None:
    """Return what the parser has at the end of a text; None where no filter begins like this."""
    try:
        check_text(text)
        parser = _parser().parse_interactive(text, start=start)
        parser.exhaust_lexer()
        accepts = frozenset(parser.accepts())  # type: ignore[no-untyped-call]
        ended = _put_together(parser) if "PLUS" in accepts and "NAME" not in accepts else None
    except (FilterError, UnexpectedInput):
        return None
    return Reading(parser.parser_state.value_stack, ended, accepts)


def _put_together(parser: InteractiveParser) -> Stack:
    """Return the stack as it would be before a plus sign."""
    probe = parser.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    probe.feed_token(Token("PLUS", "+"))
    return cast("Stack", probe.parser_state.value_stack[:-1])


def is_token(part: object, *kinds: str) -> bool:
    """Whether a part is a token of one of these terminals."""
    return isinstance(part, Token) and part.type in kinds


def opening(stack: Stack) -> int:
    """Return the index of the innermost open bracket, -1 where none is open."""
    closed = 0
    for at in range(len(stack) - 1, -1, -1):
        if is_token(stack[at], "RPAR", "RBRACKET"):
            closed += 1
        elif is_token(stack[at], "LPAR", "LBRACKET"):
            if not closed:
                return at
            closed -= 1
    return -1


def commas(stack: Stack, at: int) -> int:
    """Return how many commas the bracket at `at`, which is open, has already."""
    count = depth = 0
    for part in flat(stack[at + 1 :]):
        depth += is_token(part, "LPAR", "LBRACKET") - is_token(part, "RPAR", "RBRACKET")
        count += is_token(part, "COMMA") and not depth
    return count


def chain_start(stack: Stack) -> int:
    """Return the index where the chain of signs, or the operand, begins that ends the stack."""
    at = len(stack) - 1
    while at > 0 and isinstance(stack[at], Tree):
        at -= 1
    return at


def flat(parts: Stack) -> Iterator[Any]:
    """Return the parts, and in place of what repeats its own parts."""
    for part in parts:
        if isinstance(part, Tree):
            yield from part.children
        else:
            yield part


def text_of(part: object) -> str | None:
    """Return the text that a part is, as a token or put together; None where it is something else."""
    if isinstance(part, Token) and part.type == "STRING":
        return unquoted(part)
    return part.value if isinstance(part, syntax.String) else None


def scope(stack: Stack, relation: Relation) -> Relation:
    """Return the relation that bare names are of at the end of the stack."""
    for i in range(len(stack) - 1, 0, -1):
        before = stack[i - 1]
        if is_token(stack[i], "LPAR") and is_token(before, "QUANTIFIER"):
            return ROWS[before.lower().split()[-1]]
        if is_token(stack[i], "WHERE"):
            return ROWS.get(str(before).lower(), relation)
    return relation
