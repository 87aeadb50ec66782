"""What stands in a JSON document, by the rules of §5.1 read a second time: valid, missing or invalid, never guessed."""

from __future__ import annotations

import json
import math
import re
import struct
import unicodedata
from dataclasses import dataclass
from typing import Any

from .oracle_calendar import DAY, SECOND, civil, days
from .oracle_texts import offset_micros
from .oracle_values import Moment, Place

MISSING = object()
INVALID = object()


@dataclass(frozen=True)
class Kind:
    """A type with what belongs to it: an ENUM's values, a VECTOR's size."""

    type: str
    values: tuple[str, ...] = ()
    size: int = 0


def read_value(text: str | None, kind: Kind) -> Any:
    """Return the value of a JSON text, or `MISSING`, or `INVALID`."""
    value = None if text is None else json.loads(text, parse_int=_number, parse_float=_number)
    if value is None:
        return MISSING
    fits = {
        "NUMBER": _finite,
        "STRING": lambda x: unicodedata.normalize("NFC", x) if isinstance(x, str) else INVALID,
        "BOOLEAN": lambda x: x if isinstance(x, bool) else INVALID,
        "DATETIME": lambda x: _instant(x) if isinstance(x, str) else INVALID,
        "ENUM": lambda x: _choice(x, kind.values),
        "UUID": _uuid,
        "POINT": _place,
        "VECTOR": lambda x: _vector(x, kind.size),
    }
    return fits[kind.type](value)


def _number(text: str) -> float:
    return float(text)


def _finite(x: Any) -> Any:
    return x if isinstance(x, float) and math.isfinite(x) else INVALID


def _choice(x: Any, values: tuple[str, ...]) -> Any:
    known = {unicodedata.normalize("NFC", value) for value in values}
    return (
        next((n for n in [unicodedata.normalize("NFC", x)] if n in known), INVALID) if isinstance(x, str) else INVALID
    )


def _uuid(x: Any) -> Any:
    form = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    return x.lower() if isinstance(x, str) and re.fullmatch(form, x) else INVALID


def _place(x: Any) -> Any:
    if not isinstance(x, dict):
        return INVALID
    place = Place(x.get("latitude"), x.get("longitude"))
    fits = all(_finite(number) is not INVALID for number in place)
    return place if fits and abs(place.latitude) <= 90 and abs(place.longitude) <= 180 else INVALID


def _vector(x: Any, size: int) -> Any:
    """Return the numbers as the column has them, in single precision."""
    if not isinstance(x, list) or len(x) != size or any(_finite(n) is INVALID for n in x):
        return INVALID
    try:
        return struct.unpack(f"<{size}f", struct.pack(f"<{size}f", *x))
    except OverflowError:
        return INVALID


_INSTANT = re.compile(
    r"(?a:(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)"
)


def _instant(text: str) -> Any:
    """Read `yyyymmdd`, `yyyy-mm-dd`, `yyyy-mm-dd(T or blank)hh:mm[:ss[.f{1,12}]][zone]`; no zone is UTC."""
    if re.fullmatch("[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _INSTANT.fullmatch(text)
    if found is None:
        return INVALID
    year, month, day = (int(part) for part in found.groups()[:3])
    hour, minute, second = (int(part or 0) for part in found.groups()[3:6])
    offset = found[8] or "Z"
    if not 1 <= month <= 12 or civil(days(year, month, day)) != (year, month, day):
        return INVALID
    if hour > 23 or minute > 59 or second > 59 or int(offset[1:3] or 0) > 23 or int(offset[3:].strip(":") or 0) > 59:
        return INVALID
    clock = (hour * 3600 + minute * 60 + second) * SECOND + int((found[7] or "").ljust(6, "0")[:6])
    at = days(year, month, day) * DAY + clock - offset_micros(offset)
    return Moment(at) if year >= 1 and 1 <= civil(at // DAY)[0] <= 9999 else INVALID
