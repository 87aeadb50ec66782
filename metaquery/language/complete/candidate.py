"""`Completion` and its `Candidate`s: what `complete()` returns; `Values`: what it asks its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.errors import Span
    from metaquery.schema import Field

__all__ = ["Candidate", "Completion", "Kind", "Values"]

Kind = Literal["field", "operator", "value", "function", "keyword", "collection", "saved", "parameter", "literal"]
"""What a candidate is: `value` is one that the data have, `literal` one that may be written."""


class Values(Protocol):
    """The values that a field has, most frequent first, each with the number of rows that have it, None if not counted.

    Of a LIST, the elements. Values are Python's: `str`, `int`, `float`, `bool`, `date`, `datetime`; others are passed
    over. What is not known yet is an empty sequence: `complete` does not wait.
    """

    def __call__(self, field: Field, /) -> Sequence[tuple[object, int | None]]:
        """Return them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may stand at the cursor.

    Attributes
    ----------
    text
        What to put in place of the completion's span, quoted as it has to be.
    kind
        What it is.
    label
        What a menu shows: without quotes, functions with their signature.
    detail
        Shown beside it: a field's type, a value's number of rows, what an operator does.
    count
        For values, the number of rows that have it.
    caret
        How many characters before the end of `text` the cursor goes: 1 for `''`.
    """

    text: str
    kind: Kind
    label: str
    detail: str = ""
    count: int | None = None
    caret: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand at the cursor, best first.

    Attributes
    ----------
    span
        The part of the text that a candidate replaces; empty where nothing is typed yet.
    candidates
        At most as many as were asked for; none where the text before the cursor cannot begin a filter.
    """

    span: Span
    candidates: tuple[Candidate, ...] = ()

    def apply(self, text: str, candidate: Candidate) -> tuple[str, int]:
        """Return the text with a candidate put in, and where the cursor is then."""
        before = text[: self.span.start] + candidate.text
        return before + text[self.span.end :], len(before) - candidate.caret
