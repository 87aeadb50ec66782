"""What the oracle does with texts: letters' case and accents, and dates written as texts."""

from __future__ import annotations

import re
import unicodedata

from .oracle_calendar import DAY, SECOND, Local, civil, days, utc
from .oracle_values import Moment, Period, period

_LONG = {"\u0130": "i"}
"""The one letter whose full lower case has two code points; its simple one is `i`."""

_SHARP = {"ß": "\u1e9e"}
"""Unicode recommends it, and it is what DuckDB writes."""


def lower(text: str) -> str:
    """Map each code point to lower case by itself: a final sigma is any sigma (deviation D5)."""
    return "".join(_LONG.get(char) or char.lower() for char in text)


def upper(text: str) -> str:
    """Map each code point to upper case by itself; those whose upper case is several letters stay."""
    return "".join(_SHARP.get(char) or (char.upper() if len(char.upper()) == 1 else char) for char in text)


def without_accents(text: str) -> str:
    """Take the marks off: decompose, drop what is a mark, compose."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.category(c).startswith("M")))


_FORM = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?"
)


def read_date(text: str, zone: str) -> Moment | Period:
    """Read the forms of §2; without an offset they are on the zone's clocks."""
    if text.isdecimal():
        return period(days(int(text[:4]), int(text[4:6] or 1), int(text[6:] or 1)), "day" if text[6:] else "year", zone)
    found = _FORM.fullmatch(text)
    assert found is not None, text
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    if hour is None:
        return period(days(int(year), int(month), int(day or 1)), "day" if day else "month", zone)
    at = (int(hour) * 3600 + int(minute) * 60 + int(second or 0)) * SECOND + int((fraction or "0").ljust(6, "0")[:6])
    if offset is None:
        return Moment(utc(Local(int(year), int(month), int(day), at), zone))
    return Moment(days(int(year), int(month), int(day)) * DAY + at - offset_micros(offset))


def offset_micros(offset: str) -> int:
    """Return how far clocks with this offset are ahead of UTC."""
    if offset == "Z":
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * SECOND * (-1 if offset[0] == "-" else 1)


def on_the_wall(at: int, zone: str) -> int:
    """Return the instant at which clocks of a zone show what those of UTC show at `at`."""
    return utc(Local(*civil(at // DAY), at % DAY), zone)
