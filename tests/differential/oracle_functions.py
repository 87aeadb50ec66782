"""What the oracle's functions give for values that are all there; on null they give null."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .oracle_calendar import DAY
from .oracle_logic import holds_all, holds_any, holds_only, same_set
from .oracle_texts import lower, read_date, upper, without_accents
from .oracle_values import Lasting, Moment, Place, begin, day_of, finite, period, truncated, wall


def substr(text: str, start: float, length: float | None = None) -> str | None:
    """Count from 1, in code points; fractions are cut off."""
    first, most = math.trunc(start), len(text) if length is None else math.trunc(length)
    return None if first < 1 or most < 0 else text[first - 1 : first - 1 + most]


def half_away(x: float) -> float:
    whole = math.floor(abs(x))
    return math.copysign(whole + 1 if abs(x) - whole >= 0.5 else whole, x)


def rounded(x: float, places: float = 0) -> float | None:
    power = 10.0 ** abs(int(places))
    if places < 0:
        return finite(half_away(x / power) * power)
    return finite(half_away(x * power) / power) if math.isfinite(x * power) else None


def cosine(v: tuple[float, ...], w: tuple[float, ...]) -> float | None:
    lengths = math.hypot(*v) * math.hypot(*w)
    return math.fsum(a * b for a, b in zip(v, w, strict=True)) / lengths if lengths else None


def haversine(a: Place, b: Place) -> float:
    """Return metres on a sphere with the Earth's mean radius."""
    p, q = math.radians(a.latitude), math.radians(b.latitude)
    chord = math.sin((q - p) / 2) ** 2
    chord += math.cos(p) * math.cos(q) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(min(1.0, math.sqrt(chord)))


_UNITS = {"W": 7 * DAY, "D": DAY, "TH": DAY // 24, "TM": DAY // 1440, "TS": 1_000_000}


def read_duration(text: str) -> Lasting:
    """Read ISO 8601, `P1Y2M3DT4H5M6.5S`."""
    steps = {"Y": 0, "M": 0}
    length, number, clock = 0.0, "", ""
    for char in text[1:]:
        if char == "T":
            clock = "T"
        elif char in "0123456789.":
            number += char
        elif clock + char in steps:
            steps[char], number = int(number), ""
        else:
            length, number = length + float(number) * _UNITS[clock + char], ""
    return Lasting(steps["Y"], steps["M"], length)


PLAIN: dict[str, Callable[..., Any]] = {
    "lower": lower,
    "casei": lower,
    "upper": upper,
    "accenti": without_accents,
    "trim": lambda text: text.strip(" "),
    "concat": lambda *texts: "".join(texts),
    "substr": substr,
    "length": lambda x: float(len(x)),
    "abs": abs,
    "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)),
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else None,
    "round": rounded,
    "duration": read_duration,
    "a_contains": holds_all,
    "a_overlaps": holds_any,
    "a_containedby": holds_only,
    "a_equals": same_set,
    "latitude": lambda place: place.latitude,
    "longitude": lambda place: place.longitude,
    "distance": haversine,
    "cosine_similarity": cosine,
    "l2_distance": math.dist,
}
"""Functions of their arguments alone."""


PARTS = ("year", "month", "day", "hour", "minute", "second", "weekday")


def part_of(part: str) -> Callable[..., Any]:
    return lambda zone, x: wall(begin(x), zone)[part]


def to_day(zone: str, x: Any) -> Any:
    """Read CQL2's constructor, or find the day that an instant is on."""
    return read_date(x, zone) if isinstance(x, str) else period(day_of(begin(x), zone), "day", zone)


TIMED: dict[str, Callable[..., Any]] = {
    **{part: part_of(part) for part in PARTS},
    "date": to_day,
    "timestamp": lambda zone, text: read_date(text, zone),
    "date_trunc": lambda zone, unit, x: Moment(truncated(unit, begin(x), zone)),
}
"""Functions of the query's time zone, and their arguments."""
