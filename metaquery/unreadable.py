r"""What a JSON document may hold that some reader of it does not take, and how it is kept all the same.

Half of a surrogate pair (`"\ud83d"`) is no text, `NaN` is no JSON though Python writes it, and readers stop at some
depth: DuckDB's at 126. One such value of one data unit must not cost the page that it stands in. Inside of client
metadata it becomes `{"not readable": "…"}` with the JSON text that came; no type takes an object of this form, so
that it is counted as a misfit, with its raw text. Elsewhere, and in names, half a surrogate pair is written as
`\\ud83d`, the six characters that it was sent as.
"""

from __future__ import annotations

import json
import re
from typing import Final

__all__ = ["MARK", "is_too_deep", "mended"]

MARK: Final = '{"not readable":'
"""How the JSON text begins that stands for a value that no reader takes."""

_DEEPEST: Final = 100
"""Arrays and objects within each other, those around a row included; DuckDB takes 126."""

_KEPT: Final = 90
"""Of these, inside of client metadata, where the document has to be cut."""

_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN|[][{}]', re.DOTALL)
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_COLON: Final = re.compile(rb"\s*:")
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_METADATA: Final = b'"client_metadata"'
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_NOWHERE: Final = 1 << 60


def is_too_deep(body: bytes) -> bool:
    """Tell whether whole JSON is nested deeper than every reader takes. Fast for what is not."""
    return not _collapses(body) and not _collapses(_STRING.sub(b"", body))


def _collapses(text: bytes) -> bool:
    """Take the innermost brackets away, level by level; brackets inside of texts may leave some over."""
    left = text.translate(None, _NOT_BRACKETS)
    for _ in range(_DEEPEST):
        if not left:
            return True
        before, left = len(left), left.replace(b"{}", b"").replace(b"[]", b"")
        if len(left) == before:
            break
    return not left


def mended(body: bytes, *, metadata_alone: bool = False) -> bytes:
    """Return JSON that every reader takes as far as client metadata goes; the same bytes where nothing is to be done.

    Parameters
    ----------
    body
        JSON, but for what this module is about; UTF-8.
    metadata_alone
        Whether the members of the outermost object are client metadata, and not those of a member of that name.
    """
    pen = _Pen(body, 0 if metadata_alone else _NOWHERE)
    for token in _TOKEN.finditer(body):
        text = token.group()
        if text in {b"{", b"["}:
            pen.open(token.start())
        elif text in {b"}", b"]"}:
            pen.close(token.end())
        elif not pen.cutting:
            pen.value(token.start(), text)
    return pen.whole()


class _Pen:
    """Goes through a body, knows where in it client metadata is, and writes down what has to change."""

    def __init__(self, body: bytes, outside: int) -> None:
        self._body = body
        self._outside = self._least = outside
        self._depth = 0
        self._cut = (-1, 0)
        self._pieces: list[bytes] = []
        self._done = 0

    @property
    def cutting(self) -> bool:
        """Whether all is part of something that is kept as a text."""
        return self._cut[0] >= 0

    def open(self, start: int) -> None:
        """Begin an array or object."""
        self._depth += 1
        if not self.cutting and self._depth - self._outside > _KEPT:
            self._cut = (start, self._depth)

    def close(self, end: int) -> None:
        """End an array or object."""
        self._depth -= 1
        if self.cutting and self._depth < self._cut[1]:
            start, self._cut = self._cut[0], (-1, 0)
            self._replace(start, end, _kept(self._body[start:end]))
        if self._depth < self._outside and self._least:
            self._outside = _NOWHERE

    def value(self, start: int, text: bytes) -> None:
        """Take a text, the name of a member, or what is no JSON."""
        end = start + len(text)
        inside = self._depth > self._outside
        if text[:1] != b'"':
            if inside:
                self._replace(start, end, _kept(text))
            return
        named = _COLON.match(self._body, end) is not None
        if named and text == _METADATA and self._outside == _NOWHERE:
            self._outside = self._depth
        elif (written := _ESCAPE.sub(_doubled, text)) != text:
            self._replace(start, end, _kept(text) if inside and not named else written)

    def _replace(self, start: int, end: int, text: bytes) -> None:
        self._pieces += (self._body[self._done : start], text)
        self._done = end

    def whole(self) -> bytes:
        """Return the body with what was changed."""
        return b"".join([*self._pieces, self._body[self._done :]]) if self._pieces else self._body


def _doubled(escape: re.Match[bytes]) -> bytes:
    return b"\\\\" + escape[1] if escape[1] else escape[0]


def _kept(text: bytes) -> bytes:
    return f"{MARK} {json.dumps(text.decode(errors='replace'), ensure_ascii=False)}}}".encode()
