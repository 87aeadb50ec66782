"""`PHRASES`: the words and signs of the language as they are offered, one row each.

The grammar says where a row may stand: its `terminal` has to be among those that the parser accepts. The type of the
operand before it says whether it fits: `OPERATORS` and `ARITHMETIC` know what each operator takes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.language.operators import ARITHMETIC, OPERATORS
from metaquery.schema import FIELD_TYPES

if TYPE_CHECKING:
    from metaquery.language.complete.candidate import Kind

__all__ = ["OPENING", "PHRASES", "Phrase", "phrases_for"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One word, sign, or several words of the language.

    Attributes
    ----------
    text
        As it is put in.
    terminal
        What the parser calls its beginning.
    detail
        What it does, in few words.
    takes
        Families of types of the operand before it; None where there is none, or where the type is of no matter.
    kind
        As of candidates.
    meta
        Whether it is about fields of the client metadata only.
    """

    text: str
    terminal: str
    detail: str = ""
    takes: frozenset[str] | None = None
    kind: Kind = "operator"
    meta: bool = False

    def __post_init__(self) -> None:
        if not set(self.takes or ()) <= _TYPES:
            raise ValueError(self.takes)


_TYPES = frozenset({*FIELD_TYPES, "DURATION", "PERIOD"})
_ANY = _TYPES
_BOOLEAN = frozenset({"BOOLEAN"})


def _both(text: str, terminal: str, takes: frozenset[str], detail: str) -> tuple[Phrase, Phrase]:
    return Phrase(text, terminal, detail, takes), Phrase(f"not {text}", "NOT", f"not: {detail}", takes)


def _computing(op: str, terminal: str, detail: str) -> Phrase:
    return Phrase(op, terminal, detail, frozenset(left for sign, left, _ in ARITHMETIC if sign == op))


_EQUAL, _ORDERED = OPERATORS["="].takes, OPERATORS["<"].takes
_TEXT, _LIST = OPERATORS["contains"].takes, OPERATORS["has"].takes

PHRASES: tuple[Phrase, ...] = (
    Phrase("=", "COMPARE", "equals", _EQUAL),
    Phrase("!=", "COMPARE", "known, and another", _EQUAL),
    Phrase("<", "COMPARE", "below; of dates, before", _ORDERED),
    Phrase("<=", "COMPARE", "at most", _ORDERED),
    Phrase(">", "COMPARE", "above; of dates, after", _ORDERED),
    Phrase(">=", "COMPARE", "at least", _ORDERED),
    *_both("between", "BETWEEN", _ORDERED, "from … to …, both included"),
    *_both("in (", "IN", _EQUAL, "one of a list"),
    *_both("contains", "TEXT", _TEXT, "has this text in it"),
    Phrase("contains", "TEXT", "has this element", _LIST),
    *_both("icontains", "TEXT", _TEXT, "contains, upper or lower case"),
    *_both("starts with", "TEXT", _TEXT, "begins with this text"),
    *_both("ends with", "TEXT", _TEXT, "ends with this text"),
    *_both("istarts with", "TEXT", _TEXT, "starts with, upper or lower case"),
    *_both("iends with", "TEXT", _TEXT, "ends with, upper or lower case"),
    *_both("like", "LIKE", _TEXT, "% any text, _ one character"),
    *_both("ilike", "LIKE", _TEXT, "like, upper or lower case"),
    *_both("matches", "LIKE", _TEXT, "regular expression"),
    *_both("imatches", "LIKE", _TEXT, "matches, upper or lower case"),
    Phrase("~", "MATCH", "regular expression", _TEXT),
    Phrase("!~", "MATCH", "not: regular expression", _TEXT),
    Phrase("has", "HAS", "has this element", _LIST),
    Phrase("has any (", "HAS_EACH", "has one of these", _LIST),
    Phrase("has all (", "HAS_EACH", "has all of these", _LIST),
    Phrase("has only (", "HAS_EACH", "has no others", _LIST),
    Phrase("has none (", "HAS_EACH", "has none of these", _LIST),
    Phrase("is true", "IS", "never unknown", _BOOLEAN),
    Phrase("is not true", "IS", "false, or no value", _BOOLEAN),
    Phrase("is false", "IS", "never unknown", _BOOLEAN),
    Phrase("is not false", "IS", "true, or no value", _BOOLEAN),
    Phrase("is null", "IS", "no usable value", _ANY),
    Phrase("is not null", "IS", "a usable value", _ANY),
    Phrase("is missing", "IS", "nothing is there", _ANY, meta=True),
    Phrase("is not missing", "IS", "something is there", _ANY, meta=True),
    Phrase("is invalid", "IS", "something that does not fit the type", _ANY, meta=True),
    Phrase("is not invalid", "IS", "it fits the type, or nothing is there", _ANY, meta=True),
    Phrase("is unknown", "IS", "neither true nor false", _BOOLEAN),
    Phrase("is not unknown", "IS", "true or false", _BOOLEAN),
    Phrase("is", "IS", "=, but never unknown", _EQUAL),
    Phrase("is not", "IS", "another, or no value", _EQUAL),
    Phrase("is distinct from", "IS", "as is not", _EQUAL),
    Phrase("is not distinct from", "IS", "as is", _EQUAL),
    _computing("+", "PLUS", "plus"),
    _computing("-", "MINUS", "minus"),
    _computing("*", "STAR", "times"),
    _computing("/", "STAR", "divided by"),
    _computing("%", "STAR", "remainder"),
    _computing("div", "DIV", "whole quotient"),
    _computing("^", "CARET", "to the power of"),
    Phrase("and", "AND", "both", kind="keyword"),
    Phrase("or", "OR", "one, or both", kind="keyword"),
    Phrase("where", "WHERE", "only rows with", kind="keyword"),
    Phrase(",", "COMMA", kind="keyword"),
    Phrase(")", "RPAR", kind="keyword"),
    Phrase("]", "RBRACKET", kind="keyword"),
    Phrase("asc", "DIRECTION", "smallest first", kind="keyword"),
    Phrase("desc", "DIRECTION", "largest first", kind="keyword"),
    Phrase("nulls first", "NULLS", "rows without a value first", kind="keyword"),
    Phrase("nulls last", "NULLS", "rows without a value last", kind="keyword"),
    Phrase("order by", "ORDER_BY", "smallest first", kind="keyword"),
    Phrase("limit 10", "LIMIT", "the first 10 rows", kind="keyword"),
    Phrase("limit 20", "LIMIT", "the first 20 rows", kind="keyword"),
    Phrase("limit 100", "LIMIT", "the first 100 rows", kind="keyword"),
)
"""What may stand after something."""

OPENING: tuple[Phrase, ...] = (
    Phrase("not", "NOT", "the opposite", kind="keyword"),
    Phrase("has", "HAS", "a field that has a value", kind="keyword"),
    *(
        Phrase(f"{which} {row}{rest}", "QUANTIFIER", detail.format(f"{row}s"), kind="keyword")
        for row in ("label", "prediction")
        for which, rest, detail in (
            ("any", "(", "one of the {} at least"),
            ("any", "", "{} at all"),
            ("no", "(", "none of the {}"),
            ("no", "", "without {}"),
            ("every", "(", "all {}"),
        )
    ),
    Phrase("in collection", "IN_COLLECTION", "a member of a Collection", kind="keyword"),
    Phrase("(", "LPAR", kind="keyword"),
)
"""What may stand before something."""

_FIRST: dict[str, tuple[str, ...]] = {
    "NUMBER": ("=", "!=", "<", "<=", ">", ">=", "between", "in (", "is null", "is not null"),
    "STRING": ("=", "!=", "in (", "not in (", "contains", "icontains", "starts with", "ends with", "like", "~"),
    "BOOLEAN": ("=", "!=", "is null", "is not null", "is not true", "is not false", "is true", "is false", "and", "or"),
    "DATETIME": (">=", ">", "<", "<=", "=", "between", "!=", "is null", "is not null", "in ("),
    "LIST": ("has", "has any (", "has all (", "has only (", "has none ("),
}
"""What is likeliest after an operand of a type; the rest follows in the order of `PHRASES`."""


@cache
def phrases_for(type_: str | None, *, meta: bool) -> tuple[Phrase, ...]:
    """Return what may stand after an operand, likeliest first.

    Parameters
    ----------
    type_
        Family of the operand; None where it is not known, or where nothing stands before that is one.
    meta
        Whether it is a field of the client metadata.
    """
    order = {text: place for place, text in enumerate(_FIRST.get(type_ or "", ()))}
    rows = [
        row for row in PHRASES if (meta or not row.meta) and (type_ is None or row.takes is None or type_ in row.takes)
    ]
    return tuple(sorted(rows, key=lambda row: order.get(row.text, len(order))))
