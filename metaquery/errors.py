"""Every exception that metaquery raises on purpose, and `Span`.

::

    MetaqueryError                    exit 1
    ├── UsageError                    exit 2   an argument that cannot be meant
    ├── SettingsError                 exit 2
    ├── SchemaError                   exit 2   a metadata schema that cannot be read
    ├── FilterError                   exit 2   carries code, span, hint, suggestions; str() is the picture
    │   ├── FilterSyntaxError
    │   ├── UnknownField
    │   ├── FilterTypeError
    │   └── FilterLimitError
    ├── WireError
    │   ├── AuthError                 exit 4
    │   ├── Unreachable               exit 3
    │   ├── RateLimited, ServerError, Refused, NotFound, UnexpectedPayload
    ├── StoreError
    │   ├── NoSnapshot, CorruptSpool, WorkspaceLocked, NoSpace
    ├── SyncError, CollectionError, PresetError, PushError, EditError, EngineError

Whether a failure is tried again is `wire.retry.RetryPolicy`'s decision, not a matter of class. Nothing here
imports anything of ours.
"""

from __future__ import annotations

import errno
import os
import unicodedata
from typing import Any, ClassVar, Final, NamedTuple

__all__ = [
    "AuthError",
    "CollectionError",
    "CorruptSpool",
    "EditError",
    "EngineError",
    "FilterError",
    "FilterLimitError",
    "FilterSyntaxError",
    "FilterTypeError",
    "MetaqueryError",
    "NoSnapshot",
    "NoSpace",
    "NotFound",
    "PresetError",
    "PushError",
    "RateLimited",
    "Refused",
    "SchemaError",
    "ServerError",
    "SettingsError",
    "Span",
    "StoreError",
    "SyncError",
    "UnexpectedPayload",
    "UnknownField",
    "Unreachable",
    "UsageError",
    "WireError",
    "WorkspaceLocked",
    "picture",
    "shown",
    "visible",
]


class MetaqueryError(Exception):
    """Root of everything metaquery raises on purpose.

    Parameters
    ----------
    message
        What is wrong and where, one line, no full stop.
    hint
        What to do about it; shown on a line of its own.

    Examples
    --------
    >>> try:
    ...     ws.collections.get("Nihgt")
    ... except metaquery.MetaqueryError as error:
    ...     print(error.message, error.exit_code, sep="; ")
    there is no Collection 'Nihgt'; 1
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return _shortened(self.message if self.hint is None else f"{self.message}\n{self.hint}")


class UsageError(MetaqueryError):
    """An argument that cannot be meant: an unknown format, a select list with an unknown column."""

    exit_code = 2


class SettingsError(MetaqueryError):
    """A setting, in a file, the environment or an argument, that cannot be used."""

    exit_code = 2


class SchemaError(MetaqueryError):
    """A metadata schema that cannot be read; names the key."""

    exit_code = 2


class WireError(MetaqueryError):
    """The conversation with Encord failed."""


class AuthError(WireError):
    """No usable key, or a key that the server does not accept."""

    exit_code = 4


class Unreachable(WireError):
    """No server answered, or the connection broke, after every retry."""

    exit_code = 3


class RateLimited(WireError):
    """HTTP 429 after every retry.

    Parameters
    ----------
    retry_after_s
        Seconds the server asked to be left alone, or None where it did not say.
    """

    def __init__(self, message: str, *, hint: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class ServerError(WireError):
    """The server failed (5xx, or an unknown status) after every retry."""


class Refused(WireError):
    """The server understood and said no (400, 403, 405, 409, 413).

    Parameters
    ----------
    status
        HTTP status; for the legacy protocol the envelope's.
    """

    def __init__(self, message: str, *, hint: str | None = None, status: int = 400) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class NotFound(WireError):
    """What was asked for is not there, or not visible to this key."""


class UnexpectedPayload(WireError):
    """An answer that is not JSON, or not of the protocol's form."""


FORBIDDEN: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Numbers of the system's errors for what this user may not do to a file."""


class StoreError(MetaqueryError):
    """The workspace on disk cannot be used as asked."""

    @classmethod
    def forbidden(cls, error: OSError) -> StoreError | None:
        """Return what it means that the system forbids to write or to read a file; None for any other error."""
        if error.errno is None or error.errno not in FORBIDDEN:
            return None
        return cls(
            f"this user may not use {error.filename or 'a file'}: {os.strerror(error.errno)}",
            hint="a query needs to read alone; to change something here, get the right to write, or work in a copy",
        )


class NoSnapshot(StoreError):
    """Nothing has been synced into this workspace yet."""


class CorruptSpool(StoreError):
    """A spooled page is not what was written."""


class WorkspaceLocked(StoreError):
    """Another process is writing to this workspace."""


class NoSpace(StoreError):
    """The disk is full; what was published before is intact."""


class SyncError(MetaqueryError):
    """A sync that must not be published: units are unaccounted for."""


class CollectionError(MetaqueryError):
    """A Collection that cannot be made, found or changed as asked."""


class PresetError(MetaqueryError):
    """A preset of the server that is not understood as a filter, or cannot be made of one."""


class PushError(MetaqueryError):
    """Sending a Collection failed part-way; the journal knows how far it got."""


class EditError(MetaqueryError):
    """Client metadata that cannot be edited as asked, or an edit that failed part-way; the journal knows how far."""


class EngineError(MetaqueryError):
    """The engine failed: on a damaged file, as the message says then, or on SQL of ours, a fault of metaquery.

    Its hint has the way out, or the statement, whole.
    """

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n{self.hint}"


class Span(NamedTuple):
    """Where something stands in the filter's text: code points, half-open, like a Python slice."""

    start: int
    end: int


class FilterError(MetaqueryError):
    """A filter that cannot be run; `str()` is the picture with the caret.

    Parameters
    ----------
    code
        Stable name of the mistake (`unknown-field`, `type-mismatch`, …; `filter-language.md` §8).
    message
        What is wrong, one line.
    source
        The filter's text, whole.
    span
        The part of `source` that is wrong.
    hint
        What to write instead.
    suggestions
        Names or values that may have been meant, best first, at most three.

    Examples
    --------
    >>> try:
    ...     ws.data.filter("dark and ctiy = 'Paris'")
    ... except metaquery.FilterError as error:
    ...     print(error.code, error.span, error.suggestions)
    ...     print(error)
    unknown-field Span(start=9, end=13) ('city',)
    unknown field 'ctiy'
      dark and ctiy = 'Paris'
               ^^^^
    did you mean 'city'?
    """

    exit_code: ClassVar[int] = 2
    kind: ClassVar[str] = "filter"

    def __init__(  # noqa: PLR0917  # in the order in which a picture has them
        self,
        code: str,
        message: str,
        source: str,
        span: Span,
        hint: str | None = None,
        suggestions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.source = source
        self.span = span
        self.suggestions = suggestions

    def __reduce__(self) -> tuple[Any, ...]:
        """Take all it was made of along to another process: `Exception` knows of the message alone."""
        return type(self), (self.code, self.message, self.source, self.span, self.hint, self.suggestions)

    def __str__(self) -> str:
        lines = [self.message, picture(self.source, self.span)]
        if self.hint:
            lines.append(self.hint)
        return _shortened("\n".join(lines))


class FilterSyntaxError(FilterError):
    """The text is not a filter."""

    kind = "syntax"


class UnknownField(FilterError):
    """A name that does not resolve: field, function, saved filter or collection."""

    kind = "unknown_field"


class FilterTypeError(FilterError):
    """Operands that do not go together."""

    kind = "type"


class FilterLimitError(FilterError):
    """Larger, deeper or longer than the language allows."""

    kind = "limit"


_LINE = 400
"""Characters of a line of a message; what users wrote may stand in it, and may be a megabyte."""


def _shortened(told: str) -> str:
    """Leave the middle out of long lines."""
    if len(told) <= _LINE:
        return told
    lines = (
        line if len(line) <= _LINE else f"{line[: _LINE * 3 // 4]} … {line[-_LINE // 5 :]}" for line in told.split("\n")
    )
    return "\n".join(lines)


_WIDTH = 100
"""Columns of source shown around the caret."""


def picture(source: str, span: Span) -> str:
    r"""Draw one line of `source` with carets under `span`.

    Parameters
    ----------
    source
        The whole text, possibly of many lines.
    span
        Code points, half-open; an empty span draws one caret.

    Returns
    -------
    str
        Two lines, indented by two blanks; three when `source` has several lines (the first says which line
        and column, counted from 1). Control and bidi characters are shown as `\u{…}`; a line longer than 100
        columns is cut around the caret.
    """
    start = min(max(span.start, 0), len(source))
    line_start = source.rfind("\n", 0, start) + 1
    line_end = source.find("\n", line_start)
    line = source[line_start : len(source) if line_end < 0 else line_end].rstrip("\r")
    first = start - line_start
    last = max(first + 1, min(span.end - line_start, len(line)))
    cells = [visible(c) for c in line]
    widths = [sum(_columns(c) for c in cell) for cell in cells]
    low, high = _window(widths, first, last)
    head, tail = "…" if low else "", "…" if high < len(cells) else ""
    pad = "".join("\t" if line[i] == "\t" else " " * widths[i] for i in range(low, min(first, len(line)))) + " " * max(
        0, first - len(line)
    )
    carets = "^" * max(1, sum(widths[first : min(last, high)]))
    drawn = f"  {head}{''.join(cells[low:high])}{tail}\n  {' ' * len(head)}{pad}{carets}"
    if "\n" not in source.strip():
        return drawn
    number = source.count("\n", 0, line_start) + 1
    return f"line {number}, column {first + 1}:\n{drawn}"


def _window(widths: list[int], first: int, last: int) -> tuple[int, int]:
    if sum(widths) <= _WIDTH:
        return 0, len(widths)
    low = high = min(first, len(widths))
    room = _WIDTH
    while high < min(last, len(widths)) and widths[high] <= room:
        room -= widths[high]
        high += 1
    while room > 0 and (low > 0 or high < len(widths)):
        if low > 0:
            low -= 1
            room -= widths[low]
        if high < len(widths) and room > 0:
            room -= widths[high]
            high += 1
    return low, high


def visible(char: str) -> str:
    r"""Return a character as it is shown: control and bidi characters, which would steer a terminal, as `\u{…}`."""
    hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char != "\t"
    return f"\\u{{{ord(char):X}}}" if hidden else char


def shown(text: str) -> str:
    """Return a text that others wrote as one line for a terminal: what would steer it, or cannot be seen, as `visible`.

    Titles, names and keys keep every character; where they are printed, a blank of no width or a turn of the writing
    direction would make one pass for another.
    """
    return text if text.isascii() and text.isprintable() else "".join(" " if c == "\t" else visible(c) for c in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
