"""Colour of what is typed, from the tokens of the language's own lexer; what the parser refuses is underlined."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from metaquery.language.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples

__all__ = ["STYLE", "FilterLexer", "styled"]

STYLE = Style.from_dict({
    "word": "bold",
    "sign": "bold",
    "text": "ansigreen",
    "number": "ansicyan",
    "time": "ansicyan",
    "constant": "ansicyan",
    "saved": "ansimagenta",
    "parameter": "ansimagenta",
    "comment": "ansibrightblack",
    "command": "bold",
    "wrong": "underline ansired",
    "prompt": "bold",
    "bottom-toolbar": "noreverse ansibrightblack",
})  # fmt: skip
"""Names are as the terminal has them; colours are the terminal's own sixteen, which fit a light and a dark ground."""


class FilterLexer(Lexer):
    """Gives each line of a filter its styles."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return what returns a line's parts."""
        lines = _lines(styled(document.text))
        return lambda number: lines[number] if number < len(lines) else []


def styled(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text, each behind its style; together they are the text."""
    if text.lstrip().startswith("\\"):
        return [("class:command", text)]
    parts: list[tuple[str, str]] = []
    pieces = tokens(text)
    at = 0
    for piece in pieces:
        parts += _between(text[at : piece.start])
        wrong = " class:wrong" if piece.wrong and piece.end < len(text.rstrip()) else ""  # at the end, more may come
        parts.append((f"class:{piece.kind}{wrong}", text[piece.start : piece.end]))
        at = piece.end
    return parts + _between(text[at:])


def _between(text: str) -> list[tuple[str, str]]:
    return [("class:comment" if text.strip() else "", text)] if text else []


def _lines(parts: list[tuple[str, str]]) -> list[StyleAndTextTuples]:
    lines: list[StyleAndTextTuples] = [[]]
    for style, text in parts:
        breaks = [-1, *(at for at, char in enumerate(text) if char == "\n"), len(text)]
        for number, (before, after) in enumerate(pairwise(breaks)):
            if number:
                lines.append([])
            lines[-1].append((style, text[before + 1 : after]))
    return lines
