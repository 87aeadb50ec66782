"""Instants, periods and durations in words, on the clock of one time zone."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from metaquery.language import syntax
from metaquery.language.moments import DAY, HOUR, MINUTE, SECOND
from metaquery.language.options import BindOptions
from metaquery.language.periods import Clock
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
        Of the time zone.
    zone
        The time zone.
    """

    name: str
    zone: tzinfo

    @classmethod
    def of(cls, time_zone: str) -> Calendar:
        """Return the calendar of a time zone.

        Raises
        ------
        UsageError
            There is no such time zone.
        """
        return cls(time_zone, Clock.of(BindOptions(time_zone=time_zone, now=_EPOCH)).zone)

    def instant(self, micros: int) -> str:
        """Say an instant: `10:00 on 1 January 2023`."""
        moment = self._local(micros)
        if moment is None:
            return "a time outside of the years 1 to 9999"
        clock = f"{moment.hour:02d}:{moment.minute:02d}"
        if moment.second or moment.microsecond:
            clock += f":{moment.second:02d}" + f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
        return f"{clock} on {_day_text(moment.date())}"

    def _local(self, micros: int) -> datetime | None:
        try:
            return (_EPOCH + timedelta(microseconds=micros)).astimezone(self.zone)
        except OverflowError:
            return None

    def label(self, *constants: Constant) -> str:
        """Return what stands behind dates: the time zone, and how those were written that move with the present."""
        written = dict.fromkeys([to_text(constant.written) for constant in constants if moves(constant)])
        return f"({self.name}{'; ' * bool(written)}{', '.join(written)})"

    def within(self, period: PeriodValue) -> str:
        """Say what lies in a period: `on 1 January 2023`, `in January 2023`, `in 2023`."""
        match period.unit:
            case "day":
                return f"on {self.first(period)}"
            case "month" if period.day == 1:
                return f"in {calendar.month_name[period.month]} {period.year}"
            case "year" if (period.month, period.day) == (1, 1):
                return f"in {period.year}"
            case _:
                return f"from {self.first(period)} to {self.last(period)}"

    def first(self, period: PeriodValue) -> str:
        """Say the first day of a period."""
        return _day_text(date(period.year, period.month, period.day))

    def last(self, period: PeriodValue) -> str:
        """Say the last day of a period."""
        return _day_text(_last(period))

    def after(self, period: PeriodValue) -> str | None:
        """Say the first day behind a period; None behind the calendar's end."""
        last = _last(period)
        return None if last == date.max else _day_text(last + timedelta(days=1))


def _last(period: PeriodValue) -> date:
    match period.unit:
        case "day":
            return date(period.year, period.month, period.day)
        case "month":
            return date(period.year, period.month, calendar.monthrange(period.year, period.month)[1])
        case _:
            return date(period.year, 12, 31)


def _day_text(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def length_text(length: Length, written: syntax.Expr) -> str:
    """Say a duration: `7 days`, in the unit it was written in."""
    if isinstance(written, syntax.Duration):
        return _counted(written.amount, _UNITS[written.unit])
    micros = abs(round(length.micros))
    parts = [_counted(abs(length.years), "year"), _counted(abs(length.months), "month")]
    for unit, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        parts.append(_counted(micros // size, unit))
        micros %= size
    parts.append(_counted(micros / SECOND, "second"))
    said = " ".join([part for part in parts if not part.startswith("0 ")]) or "0 seconds"
    return f"minus {said}" if length.total < 0 else said


def _counted(amount: float, unit: str) -> str:
    number = int(amount) if float(amount).is_integer() else amount
    return f"{number} {unit}{'s' * (number != 1)}"
