"""Instants, periods and durations in words, on the clock of one time zone."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.moments import DAY, HOUR, MINUTE, SECOND
from metaquery.language.options import BindOptions
from metaquery.language.periods import Clock, first_day, last_day
from metaquery.language.printing import to_text

if TYPE_CHECKING:
    from metaquery.language.query import Constant, Length, PeriodValue

__all__ = ["Calendar", "length_text", "moves"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_UNITS = {
    "ms": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
}


def moves(constant: Constant) -> bool:
    """Whether a constant is computed from the present."""
    waiting: list[syntax.Expr] = [constant.written]
    while waiting:
        part = waiting.pop()
        if isinstance(part, syntax.Call) and part.name in {"now", "today"}:
            return True
        waiting.extend(syntax.children(part))
    return False


@dataclass(frozen=True, slots=True)
class Calendar:
    """Says instants and days in one time zone.

    Attributes
    ----------
    name
        Of the time zone; empty where only days are said, of whatever time zone.
    clock
        Of the time zone; what time it is does not matter.
    """

    name: str
    clock: Clock

    @classmethod
    def of(cls, time_zone: str) -> Calendar:
        """Return the calendar of a time zone.

        Raises
        ------
        UsageError
            There is no such time zone.
        """
        return cls(time_zone, Clock.of(BindOptions(time_zone=time_zone, now=_EPOCH)))

    def label(self, *constants: Constant) -> str:
        """Return what stands in brackets behind dates: the time zone, and how those were written that move."""
        written = dict.fromkeys([to_text(constant.written) for constant in constants if moves(constant)])
        return "; ".join(filter(None, (self.name, ", ".join(written))))

    def of_days(self) -> Calendar:
        """Return the calendar on which days are days, in whatever time zone."""
        return replace(self, name="")

    def instant(self, micros: int) -> str:
        """Say an instant: `10:00 on 1 January 2023`; with its offset where the clock shows this time twice."""
        try:
            moment = (_EPOCH + timedelta(microseconds=micros)).astimezone(self.clock.zone)
        except OverflowError:
            return "a time outside of the years 1 to 9999"
        clock = f"{moment.hour:02d}:{moment.minute:02d}"
        if moment.second or moment.microsecond:
            clock += f":{moment.second:02d}" + f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
        if moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset():
            clock += moment.isoformat()[-6:]
        return f"{clock} on {_day_text(moment.date())}"

    # ------------------------------------------------------------------ periods

    def owns(self, period: PeriodValue) -> bool:
        """Whether a period is one of days of this calendar, and not of another time zone's."""
        if not self.name:
            return True
        own = self.clock.period(period.unit, period.year, period.month, period.day)
        return (own.start, own.end) == (period.start, period.end)

    def within(self, period: PeriodValue) -> str:
        """Say what lies in a period: `on 1 January 2023`, `in January 2023`, `in 2023`."""
        if not self.owns(period):
            return f"from {self.instant(period.start)} until just before {self.instant(period.end)}"
        match period.unit:
            case "day":
                return f"on {_first(period)}"
            case "month" if period.day == 1:
                return f"in {calendar.month_name[period.month]} {period.year}"
            case "year" if (period.month, period.day) == (1, 1):
                return f"in {period.year}"
            case _:
                return f"from {_first(period)} to the end of {_last(period)}"

    def before(self, period: PeriodValue) -> str:
        """Say what lies before a period."""
        return f"before {_first(period) if self.owns(period) else self.instant(period.start)}"

    def since(self, period: PeriodValue) -> str:
        """Say what lies in a period or after it."""
        return f"on or after {_first(period)}" if self.owns(period) else f"at or after {self.instant(period.start)}"

    def until(self, period: PeriodValue) -> str:
        """Say what lies before a period or in it."""
        return f"on or before {_last(period)}" if self.owns(period) else f"before {self.instant(period.end)}"

    def after(self, period: PeriodValue, *, named: bool = False) -> str:
        """Say what lies after a period: `on or after 2 January 2023`.

        Parameters
        ----------
        period
            The period.
        named
            Whether its last day is to be named, and not the next.
        """
        if not self.owns(period):
            return f"at or after {self.instant(period.end)}"
        last = last_day(period)
        if named or last == date.max:
            return f"after {_day_text(last)}"
        return f"on or after {_day_text(last + timedelta(days=1))}"

    def opening(self, period: PeriodValue) -> str:
        """Say where a period begins, behind "from"."""
        return _first(period) if self.owns(period) else self.instant(period.start)

    def closing(self, period: PeriodValue) -> str:
        """Say where a period ends, behind "to"."""
        return f"the end of {_last(period)}" if self.owns(period) else f"just before {self.instant(period.end)}"


def _first(period: PeriodValue) -> str:
    return _day_text(first_day(period))


def _last(period: PeriodValue) -> str:
    return _day_text(last_day(period))


def _day_text(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def length_text(length: Length, written: syntax.Expr) -> str:
    """Say a duration: `7 days`, in the unit it was written in."""
    if isinstance(written, syntax.Duration):
        return _counted(written.amount, _UNITS[written.unit])
    micros = round(length.micros)
    terms = [
        (length.years < 0, _counted(abs(length.years), "year")),
        (length.months < 0, _counted(abs(length.months), "month")),
        (micros < 0, _clock_text(abs(micros))),
    ]
    terms = [(negative, text) for negative, text in terms if not text.startswith("0 ")]
    if len({negative for negative, _ in terms}) > 1:  # a month less 40 days
        said = " ".join([f"{'minus' if negative else 'plus'} {text}" for negative, text in terms])
        return said.removeprefix("plus ")
    return f"{'minus ' * any(n for n, _ in terms)}{' '.join([text for _, text in terms]) or '0 seconds'}"


def _clock_text(micros: int) -> str:
    parts = []
    for unit, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        parts.append(_counted(micros // size, unit))
        micros %= size
    parts.append(_counted(micros / SECOND, "second"))
    return " ".join([part for part in parts if not part.startswith("0 ")]) or "0 seconds"


def _counted(amount: float, unit: str) -> str:
    number = f"{Decimal(repr(amount)).normalize():f}" if amount < 2**53 else repr(float(amount))
    return f"{number} {unit}{'s' * (amount != 1)}"
