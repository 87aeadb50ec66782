"""The oracle's values, and what is computed with them; plain Python, nothing of the product.

None is unknown or absent; else bool, float, str, list of str; an instant is a `Moment`, a day, month or year a
`Period`, a duration a `Lasting`, an interval a `Span`, a place a `Place`, a vector a tuple of floats.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .oracle_calendar import DAY, Local, civil, days, local, plus_months, plus_months_utc, start_of_day, utc


@dataclass(frozen=True, order=True)
class Moment:
    micros: int


@dataclass(frozen=True)
class Period:
    """From `start` up to `end`, without it; `unit` and `first`, its first day on the wall, are for moving it."""

    start: int
    end: int
    unit: str = field(compare=False)
    first: int = field(compare=False)


@dataclass(frozen=True)
class Lasting:
    years: int
    months: int
    micros: float

    def total(self) -> float:
        """Return microseconds, for comparisons: a month counts as 30 days and a year as 365."""
        return self.micros + (self.months * 30 + self.years * 365) * DAY


class Place(NamedTuple):
    latitude: float
    longitude: float


def period(first: int, unit: str, zone: str) -> Period:
    """Return the day, month or year that begins on a day of the local calendar."""
    last = first + 1 if unit == "day" else plus_months(first, 1 if unit == "month" else 12)
    return Period(start_of_day(first, zone), start_of_day(last, zone), unit, first)


def moved(base: Moment | Period, by: Lasting, sign: int, zone: str) -> Moment | Period:
    months, length = sign * (by.years * 12 + by.months), sign * by.micros
    if isinstance(base, Period) and length % DAY == 0:
        return period(plus_months(base.first, months) + int(length // DAY), base.unit, zone)
    at = base.start if isinstance(base, Period) else base.micros
    return Moment(plus_months_utc(at, months) + round(length))


def begin(x: Moment | Period) -> int:
    return x.start if isinstance(x, Period) else x.micros


_RANKS = {"day": 0, "month": 1, "year": 2}


def compare(op: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, Period) and (not isinstance(right, Period) or _RANKS[left.unit] > _RANKS[right.unit]):
        # What is longer is the period, and what is shorter is compared with it, whichever is written first.
        return compare({"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op), right, left)
    if isinstance(left, Period) and isinstance(right, Period):
        return {
            "=": left == right,
            "!=": left != right,
            "<": left.end <= right.start,
            ">": left.start >= right.end,
            "<=": left.end <= right.end,
            ">=": left.start >= right.start,
        }[op]
    if isinstance(right, Period):
        x = left.micros
        return {
            "=": right.start <= x < right.end,
            "!=": x < right.start or x >= right.end,
            "<": x < right.start,
            "<=": x < right.end,
            ">": x >= right.end,
            ">=": x >= right.start,
        }[op]
    if isinstance(left, Lasting):
        left, right = left.total(), right.total()
    if isinstance(left, str):
        left, right = left.encode(), right.encode()
    if op in {"=", "!="}:
        return (left == right) is (op == "=")
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def compute(op: str, x: float, y: float) -> float | None:
    try:
        return finite(
            {
                "+": lambda: x + y,
                "-": lambda: x - y,
                "*": lambda: x * y,
                "/": lambda: x / y,
                "%": lambda: math.fmod(x, y),
                "div": lambda: float(math.trunc(x / y)),
                "^": lambda: math.pow(x, y),
            }[op]()
        )
    except (ZeroDivisionError, OverflowError, ValueError):
        return None


def scale(by: Lasting, op: str, factor: float) -> Lasting | None:
    """Multiply or divide; calendar steps that do not come out whole become the days that they compare as."""
    if op == "/" and factor == 0:
        return None
    years, months, length = (x / factor if op == "/" else x * factor for x in (by.years, by.months, by.micros))
    if not (float(years).is_integer() and float(months).is_integer()):
        years, months, length = 0, 0, by.total() / factor if op == "/" else by.total() * factor
    return Lasting(int(years), int(months), length) if math.isfinite(length) and math.isfinite(years) else None


def wall(at: int, zone: str) -> dict[str, float]:
    """Return the parts of a date and time on the wall."""
    shown = local(at, zone)
    since = days(shown.year, shown.month, shown.day)
    seconds = shown.micros // 1_000_000
    parts = {
        "year": shown.year,
        "month": shown.month,
        "day": shown.day,
        "hour": seconds // 3600,
        "minute": seconds // 60 % 60,
        "second": seconds % 60,
        "weekday": (since + 3) % 7 + 1,
    }
    return {name: float(value) for name, value in parts.items()}


def day_of(at: int, zone: str) -> int:
    """Return the day on the local calendar, in days since 1970."""
    shown = local(at, zone)
    return days(shown.year, shown.month, shown.day)


def truncated(unit: str, at: int, zone: str) -> int:
    """Return the instant at which the unit around an instant begins on the wall; weeks begin on Monday."""
    shown = local(at, zone)
    fine = {"hour": 3600, "minute": 60, "second": 1}
    if unit in fine:
        length = fine[unit] * 1_000_000
        return utc(Local(shown.year, shown.month, shown.day, shown.micros // length * length), zone)
    since = days(shown.year, shown.month, shown.day)
    first = {
        "day": since,
        "week": since - (since + 3) % 7,
        "month": days(shown.year, shown.month, 1),
        "quarter": days(shown.year, (shown.month - 1) // 3 * 3 + 1, 1),
        "year": days(shown.year, 1, 1),
    }[unit]
    return utc(Local(*civil(first), 0), zone)


def like(pattern: str) -> str:
    """Return the regular expression of a `like` pattern."""
    pieces = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and pattern[at + 1 : at + 2] in {"%", "_", "\\"}:
            at += 1
            pieces.append(re.escape(pattern[at]))
        else:
            pieces.append({"%": ".*", "_": "."}.get(char, re.escape(char)))
        at += 1
    return "".join(pieces)
