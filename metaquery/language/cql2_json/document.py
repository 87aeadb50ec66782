"""Places in a JSON document, and errors that point at them. Nothing here recurses: documents come from anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.errors import FilterError, FilterLimitError, FilterSyntaxError, FilterTypeError, Span, UnknownField

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Document", "Place", "shown"]

_KINDS: dict[str, type[FilterError]] = {
    "unexpected-token": FilterSyntaxError,
    "bad-character": FilterSyntaxError,
    "bad-datetime": FilterSyntaxError,
    "bad-duration": FilterSyntaxError,
    "unknown-function": UnknownField,
    "bad-arguments": FilterTypeError,
    "bad-geometry": FilterTypeError,
    "too-long": FilterLimitError,
    "too-deep": FilterLimitError,
    "too-complex": FilterLimitError,
    "too-many-items": FilterLimitError,
    "number-range": FilterLimitError,
}
"""The class of each code; codes are those of filters."""

_SHOWN = 100_000
"""Characters of a document that an error carries at most."""

_OMITTED = "…"


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a document: where it lies in what it is part of. The whole has no `parent`."""

    parent: Place | None = None
    key: str | int = ""

    def at(self, *keys: str | int) -> Place:
        """Return the place of a part of this part."""
        place = self
        for key in keys:
            place = Place(place, key)
        return place

    def keys(self) -> list[str | int]:
        """Return the keys from the whole document to this part."""
        found: list[str | int] = []
        place = self
        while place.parent is not None:
            found.append(place.key)
            place = place.parent
        return found[::-1]

    def __str__(self) -> str:
        steps = self.keys()
        if len(steps) > 40:
            steps = [*steps[:20], _OMITTED, *steps[-10:]]
        return "$" + "".join([f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps])


@dataclass(frozen=True, slots=True)
class Document:
    """What is being read, for errors."""

    root: Any

    def error(
        self, code: str, message: str, place: Place, hint: str | None = None, suggestions: tuple[str, ...] = ()
    ) -> FilterError:
        """Return the error that something is wrong at `place`; its source is the document as compact JSON."""
        source, span = _compact(self.root, place.keys())
        return _KINDS[code](code, f"{message}, at {place}", source, span, hint, suggestions)


def shown(value: Any) -> str:
    """Return a part of a document as a message shows it."""
    match value:
        case dict():
            return "an empty object" if not value else f"an object with {', '.join(map(_named, list(value)[:3]))}"
        case list():
            return "an array" if value else "an empty array"
        case _:
            text = _scalar(value)
            text = text if len(text) <= 40 else text[:39] + _OMITTED
            return "".join([char if char.isprintable() else f"\\u{ord(char):04x}" for char in text])


def _named(key: Any) -> str:
    return repr(key) if not isinstance(key, str) or len(key) <= 40 else repr(key[:39] + _OMITTED)


def _scalar(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > 10_000:
        return "a number of thousands of digits"  # Python refuses to write it
    if value is None or isinstance(value, str | int | float):
        return json.dumps(value, ensure_ascii=False)
    return f"<{type(value).__name__}>"


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where the part that is wrong ends."""


_END = _Mark()

_ASIDE = -1
"""For parts that are not on the path to what is wrong; else, how many steps of the path lead to them."""


def _compact(root: Any, path: Sequence[str | int]) -> tuple[str, Span]:
    """Return the document as compact JSON, cut where it is long, and the span of the part at `path`."""
    pieces: list[str] = []
    start = end = -1
    length = 0
    waiting: list[tuple[Any, int]] = [(root, 0)]
    while waiting and length <= _SHOWN:
        value, reached = waiting.pop()
        if isinstance(value, _Mark):
            end = length
            continue
        step = None
        if reached == len(path):
            start = length
            waiting.append((_END, _ASIDE))
        elif reached != _ASIDE:
            step = path[reached]
        written = _opened(value, step, reached + 1, waiting)
        pieces.append(written)
        length += len(written)
    text = "".join(pieces)[:_SHOWN] + _OMITTED * bool(waiting)
    if start < 0:
        return text, Span(0, len(text))
    return text, Span(min(start, len(text)), min(length if end < 0 else end, len(text)))


@dataclass(frozen=True, slots=True)
class _Verbatim:
    text: str


def _opened(value: Any, step: str | int | None, reached: int, waiting: list[tuple[Any, int]]) -> str:
    """Return the text that a value starts with; put what comes behind it on the pile."""
    if isinstance(value, _Verbatim):
        return value.text
    if not isinstance(value, dict | list):
        return _scalar(value)
    pairs: list[tuple[Any, Any]] = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    parts: list[tuple[Any, int]] = []
    for number, (key, part) in enumerate(pairs):
        before = "," * bool(number) + (f"{_scalar(str(key))}:" if isinstance(value, dict) else "")
        parts += [(_Verbatim(before), _ASIDE), (part, reached if key == step and step is not None else _ASIDE)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    parts.append((_Verbatim(closing), _ASIDE))
    waiting.extend(reversed(parts))
    return opening
