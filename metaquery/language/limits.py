"""The limits of §10, and the one scan before parsing that guards the parser: length, nesting, hidden characters."""

from __future__ import annotations

import re
import unicodedata

from metaquery.errors import FilterLimitError, FilterSyntaxError, Span
from metaquery.language.syntax import Arith, Expr, children

__all__ = [
    "CHAIN",
    "DEPTH",
    "ITEMS",
    "LENGTH_BYTES",
    "NESTING",
    "NODES",
    "REGEX_LENGTH",
    "WORDS",
    "bad_character",
    "check_text",
    "check_tree",
    "never",
    "too_complex",
]

LENGTH_BYTES = 1_048_576
NESTING = 100
CHAIN = 500
ITEMS = 10_000
NODES = 50_000
REGEX_LENGTH = 1_000
DEPTH = 150
"""Levels of the tree, on which binding and writing recurse. 100 brackets in each other stay below unless many of them
hold several operators of rising precedence."""

_WORTH_A_SCAN = 100_000
"""Characters from which on the parts are counted before parsing: 50,000 of them parse in a second, 300,000 do not."""

WORDS = frozenset({
    "and", "or", "not", "in", "is", "like", "ilike", "between", "contains", "icontains", "matches", "imatches", "has",
    "div", "true", "false", "null",
})  # fmt: skip
"""Reserved words: as names of fields they have to be quoted."""

_OPERATORS = WORDS - {"true", "false", "null"}
_JOINING = frozenset({"and", "or", "is", ""})
"""Words, and signs of one character, that are no part of the tree themselves, or share one with their neighbour."""

# Expressions that most filters do without are texts here, and compiled by `re` when they are first used.

_HIDDEN = (
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001-\U000e007f\ud800-\udfff]"
)
"""Control and format characters that are not white space, and halves of surrogate pairs."""

_NEVER = "[\x00\ud800-\udfff]"

_PIECE = (
    r"""(?P<text>[Ee]'(?:[^'\\]|''|\\[\s\S])*+(?:'|\Z)|'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z))"""
    r"""|(?P<comment>\#[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))"""
    r"""|(?P<word>[\w.:]+)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>[-+]|!(?![=~]))|(?P<other>[^\s\w])"""
)


def check_text(text: str) -> None:
    """Refuse what is too long, nested too deep, or holds a character that no filter may have.

    Raises
    ------
    FilterLimitError, FilterSyntaxError
        Without source; the caller adds it.
    """
    if len(text) * 4 > LENGTH_BYTES:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > LENGTH_BYTES:
            message = f"the filter has {size:,} bytes, more than {LENGTH_BYTES:,}"
            hint = "long lists of ids are better kept as a Collection: in collection 'name'"
            raise FilterLimitError("too-long", message, text, Span(0, 0), hint)
    if not (text.isascii() and text.isprintable()) and re.search(_HIDDEN, text):
        _check_characters(text)
    if len(text) > _WORTH_A_SCAN or _could_nest(text):
        _check_nesting(text)


def _could_nest(text: str) -> bool:
    nesters = sum(map(text.count, "([+-!"))
    return nesters > NESTING or nesters + text.lower().count("not") > NESTING


def _check_characters(text: str) -> None:
    """Refuse hidden characters outside of texts and quoted names, and what cannot be stored anywhere."""
    never = re.search(_NEVER, text)
    stop = never.start() if never else len(text)
    for piece in re.finditer(_PIECE, text):
        if piece.lastgroup != "text":
            hidden = re.compile(_HIDDEN).search(text, piece.start(), piece.end())
            if hidden:
                raise bad_character(text, hidden.start())
        if stop < piece.end():
            raise bad_character(text, stop)


def _check_nesting(text: str) -> None:
    """Count nesting, and the parts that the tree would have, by a look at each word."""
    outer: list[int] = []
    depth = signs = parts = 0
    operand = False
    for piece in re.finditer(_PIECE, text):
        kind = piece.lastgroup
        if kind == "comment":
            continue
        word = piece.group().lower() if kind == "word" else ""
        if kind == "open":
            outer.append(signs + 1)
            depth, signs, operand = depth + signs + 1, 0, False
        elif kind == "close":
            depth, signs, operand = depth - (outer.pop() if outer else 0), 0, True
        elif word == "not" or (kind == "sign" and not operand):
            signs += 1
        else:
            signs = 0
            operand = kind == "text" or (kind == "word" and word not in _OPERATORS)
            parts += operand or word not in _JOINING
        if depth + signs > NESTING:
            message = f"nested more than {NESTING} deep (brackets, not, signs and calls)"
            raise FilterLimitError("too-deep", message, text, Span(*piece.span()), "write it flatter")
        if parts > NODES:
            raise too_complex(text, Span(*piece.span()))


def never(text: str) -> int | None:
    """Return where a text has a character that nothing may have; None where it has none."""
    found = re.search(_NEVER, text)
    return found.start() if found else None


_STRAIGHT = {
    "‘": "'",
    "’": "'",
    "“": "'",
    "”": "'",
    "‚": "'",
    "„": "'",
    "«": "'",
    "»": "'",
    "`": "'",
    "´": "'",
}

_INSTEAD = {
    "&": "write and",
    "|": "write or",
    ";": "a filter is one expression; nothing ends it",
    "{": "lists are written with ( ) or [ ]",
    "?": "a value that is given beside the text has a name: city = :city",
    "−": "write the minus sign as -",
    "–": "write the minus sign as -",
    "×": "write *",
    "÷": "write /",
    "≠": "write !=",
    "≤": "write <=",
    "≥": "write >=",
    "\\": "a backslash stands inside of a text only",
}


def bad_character(text: str, at: int) -> FilterSyntaxError:
    """Return the error for the character at `at`, by its code point where it cannot be seen."""
    char = text[at]
    name = unicodedata.name(char, "")
    code = f"U+{ord(char):04X}"
    seen = char.isprintable() and not unicodedata.combining(char)
    what = f"{char} ({code}{f' {name}' if name and not char.isascii() else ''})" if seen else f"{code} {name}".rstrip()
    hint = _INSTEAD.get(char)
    if char in _STRAIGHT:
        hint = "write straight quotes: 'Paris'"
    elif "\udc80" <= char <= "\udcff":  # how Python keeps a byte of the command line that it cannot read
        hint = "a byte that is no UTF-8: set the terminal, or its locale, to UTF-8"
    elif not seen:
        hint = "an invisible character, perhaps pasted with the text: delete it"
    return FilterSyntaxError(
        "bad-character", f"a filter cannot have the character {what}", text, Span(at, at + 1), hint
    )


def too_complex(text: str, span: Span) -> FilterLimitError:
    """Return the error for too many fields, values and operators."""
    message = f"the filter has more than {NODES:,} fields, values and operators"
    return FilterLimitError("too-complex", message, text, span, "long lists of ids are better kept as a Collection")


def check_tree(root: Expr) -> tuple[int, int]:
    """Count nodes and levels, and refuse too many. Does not recurse; the left side of an operator is no level.

    Returns
    -------
    tuple of int
        Nodes, and levels.

    Raises
    ------
    FilterLimitError
        Without source; the caller adds it.
    """
    count = deepest = 0
    waiting: list[tuple[Expr, int]] = [(root, 1)]
    while waiting:
        node, level = waiting.pop()
        count += 1
        deepest = max(deepest, level)
        if count > NODES:
            raise too_complex("", root.span)
        if level > DEPTH:
            message = f"operators stand more than {DEPTH} deep in each other"
            raise FilterLimitError("too-deep", message, "", node.span, "write it flatter")
        spine = node.left if isinstance(node, Arith) else None
        waiting.extend((child, level if child is spine else level + 1) for child in children(node))
    return count, deepest
