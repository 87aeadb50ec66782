"""From one page of a v2 list to the request for the next. Pure.

Source: encord-wire-protocol.md §8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from metaquery.errors import UnexpectedPayload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["PAGE_ROWS", "Cursor", "batches", "follow", "next_cursor"]

T = TypeVar("T")

PAGE_ROWS: Final = 1000
"""The most that Encord gives in one page or is asked for in one batch (§8, §4.3, §5.3)."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page starts: the server's opaque token. None stands for the first page."""

    token: str


def next_cursor(token: str | None, after: Cursor | None) -> Cursor | None:
    """Tell what to ask for next.

    Parameters
    ----------
    token
        ``nextPageToken`` of the page just read; None (or a missing key) is the end, ``""`` is not (§8).
    after
        The cursor that the page was asked for with.

    Raises
    ------
    UnexpectedPayload
        The server hands out the token it was given, which would go on for ever.
    """
    if token is None:
        return None
    if after is not None and token == after.token:
        raise UnexpectedPayload(
            f"Encord sent the same page token twice: {token[:80]!r}",
            hint="the list cannot be read to its end; try again later",
        )
    return Cursor(token)


def follow(fetch: Callable[[Cursor | None], tuple[T, str | None]]) -> Iterator[T]:
    """Yield page after page.

    Parameters
    ----------
    fetch
        Asks for the page at a cursor; gives its content and its ``nextPageToken``.
    """
    cursor: Cursor | None = None
    while True:
        content, token = fetch(cursor)
        yield content
        cursor = next_cursor(token, cursor)
        if cursor is None:
            return


def batches(values: Sequence[T], size: int = PAGE_ROWS) -> Iterator[Sequence[T]]:
    """Cut `values` into runs of at most `size`, in order; nothing for no values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
