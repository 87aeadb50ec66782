"""`tokens()`: the words and signs of a text that is being typed, as the parser's own lexer has them; for highlighting.

Which word a name is depends on where it stands (`limit` is one before digits alone), so the parser reads along as far
as the text is a filter. What follows a mistake is taken word by word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import LexerThread

from metaquery.errors import FilterError
from metaquery.language.limits import check_text
from metaquery.language.parse import _parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark import Token

__all__ = ["Piece", "tokens"]

_KINDS: dict[str, tuple[str, ...]] = {
    "text": ("STRING", "ESCAPED"),
    "number": ("INTEGER", "DECIMAL"),
    "time": ("DATETIME", "DAY", "MONTH", "DURATION"),
    "constant": ("TRUE", "FALSE", "NULL"),
    "name": ("NAME", "QUOTED"),
    "saved": ("SAVED",),
    "parameter": ("PARAMETER",),
    "sign": ("COMPARE", "MATCH", "BANG", "STAR", "PLUS", "MINUS", "CARET"),
    "bracket": ("COMMA", "DOT", "LPAR", "RPAR", "LBRACKET", "RBRACKET"),
}
_KIND = {terminal: kind for kind, terminals in _KINDS.items() for terminal in terminals}
"""What each terminal is called here; all others are words of the language."""

_LONGEST = 20_000
"""Characters from which on reading would be felt at a key press."""


class Piece(NamedTuple):
    """A word or a sign.

    Attributes
    ----------
    kind
        `word`, `sign`, `bracket`, `name`, `text`, `number`, `time`, `constant`, `saved`, `parameter`; `rest` for what
        is none of them, such as a text without an end.
    start, end
        Where it stands, in code points.
    wrong
        Whether it is what the parser refused.
    """

    kind: str
    start: int
    end: int
    wrong: bool = False


def tokens(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a text for `parse_view`, in order; blanks and comments lie between them.

    Never raises because of what is typed; a text of more than 20,000 characters has none.
    """
    if len(text) > _LONGEST:
        return ()
    found: list[Piece] = []
    refused = _read(text, found)
    if refused is not None:
        found += _loose(text, found[-1].end if found else 0, refused)
    return tuple(found)


def _read(text: str, found: list[Piece]) -> int | None:
    """Take what the parser takes; return where it refused, None where it did not."""
    try:
        check_text(text)
        parser = _parser().parse_interactive(text, start="view")
        found.extend(map(_piece, parser.iter_parse()))
    except FilterError as error:  # a day that is not in the calendar, or a text that is too deep
        at = error.span.start
    except UnexpectedToken as error:
        at = error.token.start_pos or 0
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
    except UnexpectedInput:
        return len(text)
    else:
        return None
    while found and found[-1].start >= at:
        found.pop()
    return at


def _loose(text: str, begin: int, refused: int) -> Iterator[Piece]:
    """Return the pieces from a place on, whatever may follow what."""
    root = _parser().parser.lexer.root_lexer
    while begin < len(text):
        try:
            lexer: Any = LexerThread.from_text(root, text[begin:])
            for token in lexer.lex(None):
                piece = _piece(token, begin)
                yield piece._replace(wrong=piece.start == refused)
        except UnexpectedCharacters as error:
            at = begin + (error.pos_in_stream or 0)
            begin = len(text) if text[at] in "'\"`" else at + 1
            yield Piece("rest", at, begin, wrong=at == refused)
        else:
            return


def _piece(token: Token, begin: int = 0) -> Piece:
    start, end = token.start_pos or 0, token.end_pos or 0
    return Piece(_KIND.get(token.type, "word"), begin + start, begin + end)
