"""`misfit()`: whether a value of a file fits the built-in field that it is for, read as strictly as a metadata key's.

The tables are made by DuckDB's casts, which are for what servers send: they take `infinity` and `epoch` for times, and
round `640.6` to pixels.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import msgspec

__all__ = ["NUMBER", "misfit"]

NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
"""A number as JSON writes it."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII)
_HEADER_TIME = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d UTC", re.ASCII)
"""As times stand in Encord's exports of labels."""

_BIGINT = 2**63


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def _is_whole(text: str) -> bool:
    return _is_number(text) and float(text).is_integer() and abs(float(text)) < _BIGINT


def _is_instant(text: str) -> bool:
    if _HEADER_TIME.fullmatch(text):
        return True
    try:
        return _INSTANT.fullmatch(text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


_FEW_DIGITS = re.compile(rb"null|\d{1,15}|\d{1,15}\.\d{1,15}", re.ASCII).fullmatch
_FEW_WHOLE_DIGITS = re.compile(rb"null|\d{1,15}", re.ASCII).fullmatch
_USUAL_INSTANT = re.compile(
    rb'"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])'
    rb'(?:[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z?)?"',
    re.ASCII,
).fullmatch
"""What fits at a glance: nearly all values. The rest is looked at."""


class _Field(NamedTuple):
    usual: Callable[[bytes], object]
    fits: Callable[[str], bool]
    why: str


_WHOLE = _Field(_FEW_WHOLE_DIGITS, _is_whole, "no whole number")
_FINITE = _Field(_FEW_DIGITS, _is_number, "no number")
_TIME = _Field(_USUAL_INSTANT, _is_instant, "no ISO 8601 date or time")

_FIELDS: dict[str, _Field] = {
    "created_at": _TIME, "last_edited_at": _TIME,
    "width": _WHOLE, "height": _WHOLE, "file_size": _WHOLE,
    "duration": _FINITE, "fps": _FINITE, "frames_per_second": _FINITE,
}  # fmt: skip


def misfit(name: str, raw: bytes | msgspec.Raw) -> tuple[str, str] | None:
    """Return why a value does not fit a built-in field, and what stands there; None where it does, or is missing.

    Parameters
    ----------
    name
        As the file has it.
    raw
        JSON text; a cell of a CSV file is a text.
    """
    field = _FIELDS.get(name)
    if field is None or field.usual(raw):
        return None
    raw = bytes(raw)
    if raw in {b"null", b'""'}:
        return None
    text = raw.decode(errors="replace")
    if raw[:1] == b'"':
        text = text[1:-1]  # what has escapes in it fits nothing
    return None if field.fits(text) else (f"{name} is {field.why}", text)
