"""`_`: the last result in the next filter. `_ and city = 'x'`, `not _`, and `and city = 'x'` refine it.

`_` stands for the canonical text of the last filter, in brackets. It is put in before the text is read, and what is
said about the whole is told in places of what was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import FilterError, Span
from metaquery.language.tokens import tokens

if TYPE_CHECKING:
    from metaquery.language.tokens import Piece

__all__ = ["Refined", "refers_to_last", "refined"]


@dataclass(frozen=True, slots=True)
class Refined:
    """A text with the last filter put in.

    Attributes
    ----------
    typed
        As it was typed.
    text
        With the filter in place of each `_`.
    pieces
        Of each part that was put in: where it stands in `typed`, and how long it is in `text`.
    """

    typed: str
    text: str
    pieces: tuple[tuple[Span, int], ...] = ()

    def place(self, at: int) -> int:
        """Return the place in `text` of one in `typed`."""
        return at + sum(length - (span.end - span.start) for span, length in self.pieces if span.end <= at)

    def typed_span(self, span: Span) -> Span:
        """Return the place in `typed` of one in `text`; a part that was put in is told as a whole."""
        return Span(self._typed_place(span.start, last=False), self._typed_place(span.end, last=True))

    def retold(self, error: FilterError) -> FilterError:
        """Return an error about `text` as one about `typed`."""
        if not self.pieces or error.source != self.text:
            return error
        return type(error)(
            error.code, error.message, self.typed, self.typed_span(error.span), error.hint, error.suggestions
        )

    def _typed_place(self, at: int, *, last: bool) -> int:
        grown = 0
        for span, length in self.pieces:
            start = span.start + grown
            if at <= start:
                break
            if at < start + length:
                return span.end if last else span.start
            grown += length - (span.end - span.start)
        return at - grown


def refers_to_last(text: str) -> bool:
    """Whether a text says something about the last result."""
    return bool(_places(text))


def refined(text: str, last: str | None, *, touched: int | None = None) -> Refined:
    """Put the last filter in.

    Parameters
    ----------
    text
        As it is typed.
    last
        Canonical text of the last filter; None puts nothing in.
    touched
        Where the cursor is: a `_` that ends there may be the beginning of a name, and stays.
    """
    places = [] if last is None else [span for span in _places(text) if span.end != touched or span.start == span.end]
    made, pieces, begin = "", [], 0
    for span in places:
        put = f"({last})" if span.end > span.start else f"({last}) "
        made += text[begin : span.start] + put
        pieces.append((span, len(put)))
        begin = span.end
    return Refined(text, made + text[begin:], tuple(pieces))


def _places(text: str) -> list[Span]:
    """Return where the last filter stands; an empty span where it is left out before `and` or `or`."""
    if "_" not in text and not text.lstrip().lower().startswith(("and", "or", "&&", "||")):
        return []
    read = tokens(text)
    before = [Span(read[0].start, read[0].start)] if read and _joins(read[0], text) else []
    return before + [
        Span(piece.start, piece.end) for piece in read if piece.kind == "name" and text[piece.start : piece.end] == "_"
    ]


def _joins(piece: Piece, text: str) -> bool:
    return piece.kind == "word" and text[piece.start : piece.end].lower() in {"and", "or", "&&", "||"}
