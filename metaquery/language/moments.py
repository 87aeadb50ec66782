"""Dates and times as text and as whole microseconds since 1970-01-01; no time zone but a written offset.

Whole microseconds, not `datetime`: the end of the year 9999 is an instant too, and a zone may carry the year 1 out of
Python's calendar.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from metaquery.language.syntax import Instant, Period

__all__ = [
    "DAY",
    "FIRST",
    "HOUR",
    "LAST",
    "MINUTE",
    "SECOND",
    "day_of",
    "iso_text",
    "micros_of",
    "midnight",
    "read_moment",
]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
"""Microseconds."""

_EPOCH = date(1970, 1, 1).toordinal()
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.ASCII,
)


def midnight(year: int, month: int, day: int) -> int:
    """Return the first microsecond of a day; the year may be 10,000.

    Raises
    ------
    ValueError
        There is no such day.
    """
    if (year, month, day) == (10_000, 1, 1):
        return (date.max.toordinal() + 1 - _EPOCH) * DAY
    return (date(year, month, day).toordinal() - _EPOCH) * DAY


FIRST = midnight(1, 1, 1)
"""The first instant there is."""
LAST = midnight(10_000, 1, 1)
"""The first instant that there is no more."""


def read_moment(text: str) -> Instant | Period | None:
    """Read a day, a month or a date-time, as `filter-language.md` §2 writes them; a blank may stand for `T`.

    Returns
    -------
    Instant or Period or None
        Without a span; None where the text has another form.

    Raises
    ------
    ValueError
        The form is right, but the calendar or the clock has no such thing.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
    start = midnight(year, month, day or 1)
    if match[4] is None:
        return Period(year, month, day)
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("the clock has no such time")
    micros = start + hour * HOUR + minute * MINUTE + second * SECOND + int((match[7] or "").ljust(6, "0")[:6])
    if match[8] is None:
        return Instant(micros, zoned=False)
    micros -= _offset(match[8])
    if not FIRST <= micros < LAST:
        raise ValueError("in UTC this is not in the years 1 to 9999")
    return Instant(micros, zoned=True)


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("there is no such offset")
    return (-1 if zone[0] == "-" else 1) * (hours * HOUR + minutes * MINUTE)


def day_of(micros: int) -> date:
    """Return the day of an instant, by the clock that its microseconds count."""
    return date.fromordinal(micros // DAY + _EPOCH)


def micros_of(instant: datetime) -> int:
    """Return the microseconds since 1970 of an instant with a zone; `timestamp()` is a double, and loses some."""
    return (instant - _BEGINNING) // timedelta(microseconds=1)


def iso_text(micros: int) -> str:
    """Write an instant as `2023-01-01T10:00:00.5`, without zone; the fraction as short as it can be."""
    seconds, fraction = divmod(micros % DAY, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    tail = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{day_of(micros).isoformat()}T{hour:02d}:{minute:02d}:{second:02d}{tail}"
