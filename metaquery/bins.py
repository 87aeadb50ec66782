"""Bins with round edges: of numbers by 1, 2 or 5 times a power of ten, of instants by the calendar of a time zone."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from metaquery.language import syntax
from metaquery.language.moments import DAY, FIRST, HOUR, LAST, MINUTE, SECOND, day_of, iso_text, midnight
from metaquery.language.printing import to_text

if TYPE_CHECKING:
    from metaquery.language.periods import Clock

__all__ = ["Bin", "calendar_bins", "instant_of", "number_bins", "plain"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bin:
    """The values from `start` up to, but without, `end`.

    Attributes
    ----------
    start, end
        Numbers, or microseconds since 1970; None where it is open.
    last
        The greatest value in it that there can be.
    label
        As it is shown.
    condition
        The filter that it stands for, canonical, with `{0}` for the field.
    """

    start: float | None
    end: float | None
    last: float
    label: str
    condition: str


def instant_of(micros: float | None) -> datetime | None:
    """Return an instant of microseconds since 1970; None where Python's calendar has none."""
    try:
        return None if micros is None else _EPOCH + timedelta(microseconds=int(micros))
    except OverflowError:
        return None


def plain(value: Any) -> Any:
    """Return a value for scripts: an instant as ISO 8601, all else as it is."""
    return value.isoformat() if isinstance(value, datetime) else value


# Numbers


def number_bins(least: float, greatest: float, most: int) -> list[Bin]:
    """Return bins that hold all numbers from the least to the greatest, as narrow as so many allow, which is 2 or more.

    Edges are whole multiples of the width, rounded to doubles: 0.3, not 0.30000000000000004.
    """
    if least == greatest:
        text = _number(least)
        return [Bin(least, least, least, text, f"{{0}} = {text}")]
    width = _width(Fraction(least), Fraction(greatest), most)
    first, last = math.floor(Fraction(least) / width), math.floor(Fraction(greatest) / width)
    starts = sorted({_double(place * width) for place in range(first, last + 1)})
    end = _double((last + 1) * width)
    ends: list[float | None] = [*starts[1:], end if greatest < end < math.inf else None]
    return [_number_bin(start, stop) for start, stop in zip(starts, ends, strict=True)]


def _width(least: Fraction, greatest: Fraction, most: int) -> Fraction:
    """Return the least width of which no more than `most` bins are needed."""
    span = greatest - least
    power = math.floor(math.log10(span.numerator) - math.log10(span.denominator * most)) - 1  # it may be no double
    while True:
        for digit in (1, 2, 5):
            width = digit * Fraction(10) ** power
            if math.floor(greatest / width) - math.floor(least / width) < most:
                return width
        power += 1


def _double(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -sys.float_info.max


def _number_bin(start: float, end: float | None) -> Bin:
    low = _number(start)
    if end is None:
        return Bin(start, None, sys.float_info.max, f"from {low}", f"{{0}} >= {low}")
    high = _number(end)
    return Bin(start, end, math.nextafter(end, -math.inf), f"{low} – {high}", f"{{0}} >= {low} and {{0}} < {high}")


def _number(value: float) -> str:
    number = syntax.Number(abs(value))
    return to_text(syntax.Neg(number) if value < 0 else number)


# The calendar


@dataclass(frozen=True, slots=True)
class _Step:
    """A width on the calendar: so many microseconds, or so many months."""

    micros: int = 0
    months: int = 0

    def floor(self, local: int) -> int:
        """Return the start of the step that holds a time of the clock."""
        if self.months:
            return _month_start(_month(local) // self.months * self.months)
        return local - (local + (3 * DAY if self.micros == _WEEK else 0)) % self.micros  # 1970 began on a Thursday

    def next(self, local: int) -> int:
        """Return the start of the step after the one that begins there."""
        if self.months:
            return _month_start((_month(local) // self.months + 1) * self.months)
        return min(local + self.micros, LAST)


_WEEK = 7 * DAY

_STEPS = (
    *(_Step(micros=count * unit) for unit in (SECOND, MINUTE) for count in (1, 5, 15, 30)),
    *(_Step(micros=count * HOUR) for count in (1, 3, 6, 12)),
    _Step(micros=DAY),
    _Step(micros=_WEEK),
    *(_Step(months=months) for months in (1, 3)),
    *(_Step(months=12 * years) for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)
"""Widths of bins, narrowest first."""


def _month(local: int) -> int:
    day = day_of(local)
    return day.year * 12 + day.month - 1


def _month_start(month: int) -> int:
    year, rest = divmod(month, 12)
    if year > 9999:
        return LAST
    return midnight(year, rest + 1, 1) if year else FIRST


def calendar_bins(least: int, greatest: int, clock: Clock, most: int) -> list[Bin]:
    """Return bins that hold all instants from the least to the greatest, as narrow as so many allow.

    They are seconds to centuries on the clock of the time zone; weeks begin on Monday.

    Parameters
    ----------
    least, greatest
        Microseconds since 1970.
    clock
        Of the time zone.
    most
        How many bins at most; only millennia may be more.
    """
    if least == greatest:
        text = f"{iso_text(least)}Z"
        return [Bin(least, least, least, text, f"{{0}} = {text}")]
    for step in _STEPS:
        times = _starts(step, least, greatest, clock, most if step is not _STEPS[-1] else sys.maxsize)
        if times:
            break
    edges: list[_Edge] = []
    for time in times:
        micros = LAST if time >= LAST else _instant(time, clock)
        if not edges or micros > edges[-1].micros:  # a clock that is put forward leaves times out
            edges.append(_Edge(time, micros))
    return [_calendar_bin(step, start, end, clock) for start, end in pairwise(edges)]


@dataclass(frozen=True, slots=True)
class _Edge:
    """What the zone's clock shows, and the instant."""

    local: int
    micros: int


def _starts(step: _Step, least: int, greatest: int, clock: Clock, most: int) -> list[int]:
    """Return the edges on the zone's clock, the one behind the last bin included; none where they are too many."""
    at = step.floor(_within(clock.local(least)))
    while at > FIRST and _instant(at, clock) > least:
        at = step.floor(at - 1)
    found = [at]
    while at < LAST and _instant(at, clock) <= greatest:
        if len(found) > most:
            return []
        at = step.next(at)
        found.append(at)
    return found


def _within(local: int) -> int:
    return min(max(local, FIRST), LAST - 1)


def _instant(local: int, clock: Clock) -> int:
    return clock.instant(syntax.Instant(local, zoned=False))


def _calendar_bin(step: _Step, start: _Edge, end: _Edge, clock: Clock) -> Bin:
    """Return the bin between two edges; it is open where the calendar ends."""
    low = None if start.local <= FIRST else start.micros
    high = None if end.local >= LAST else end.micros
    last = LAST if high is None else high - 1
    written = _period(step, start.local, end.local)
    if written is not None and low is not None and high is not None and _same(written, (low, high), clock):
        return Bin(low, high, last, written.label, written.condition)
    parts = [f"{{0}} {sign} {iso_text(edge)}Z" for sign, edge in ((">=", low), ("<", high)) if edge is not None]
    label = written.label if written else _clock_text(step, _within(clock.local(start.micros)))
    return Bin(low, high, last, label, " and ".join(parts) or "{0} is not null")


@dataclass(frozen=True, slots=True)
class _Written:
    """Whole days, months or years: from the first to the last, both included."""

    first: tuple[str, int, int, int]
    last: tuple[str, int, int, int]
    label: str
    condition: str


def _period(step: _Step, start: int, end: int) -> _Written | None:
    """Return how a step of whole days, months or years is written; None for what is shorter than a day."""
    if not step.months and step.micros < DAY:
        return None
    first, last = day_of(start), day_of(end - 1)
    unit = "day" if not step.months else "month" if step.months < 12 else "year"  # months of a year
    length = {"day": 10, "month": 7, "year": 4}[unit]
    low, high = first.isoformat()[:length], last.isoformat()[:length]
    whole = [(unit, d.year, d.month if unit != "year" else 1, d.day if unit == "day" else 1) for d in (first, last)]
    if low == high:
        return _Written(whole[0], whole[1], low, f"{{0}} = {low}")
    return _Written(whole[0], whole[1], f"{low} – {high}", f"{{0}} between {low} and {high}")


def _same(written: _Written, bounds: tuple[int, int], clock: Clock) -> bool:
    """Whether a filter reads the days, months or years as the bin has them."""
    return (clock.period(*written.first).start, clock.period(*written.last).end) == bounds


def _clock_text(step: _Step, start: int) -> str:
    text = iso_text(start).replace("T", " ")
    return text[:-3] if step.micros >= MINUTE else text
