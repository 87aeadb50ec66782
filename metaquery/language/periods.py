"""`Clock`: the calendar in one time zone. Days, months and years as bounds in UTC, and steps of durations.

Everything is whole microseconds since 1970 in UTC, as in `moments`.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from metaquery.errors import UsageError
from metaquery.language.moments import DAY, FIRST, HOUR, LAST, MINUTE, SECOND, day_of, midnight
from metaquery.language.query import Length, PeriodValue

if TYPE_CHECKING:
    from metaquery.language.options import BindOptions
    from metaquery.language.syntax import Duration, Instant

__all__ = ["Clock", "compare_periods", "length_of", "scaled"]

_UNITS = {"ms": SECOND // 1_000, "s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def length_of(duration: Duration) -> Length:
    """Return what `7d` is."""
    match duration.unit:
        case "y":
            return Length(int(duration.amount), 0, 0)
        case "mo":
            return Length(0, int(duration.amount), 0)
        case unit:
            return Length(0, 0, round(duration.amount * _UNITS[unit]))


def scaled(op: str, length: Length, factor: float) -> Length:
    """Return `length * factor` or `length / factor`; years and months that do not stay whole become 365 and 30 days."""

    def by(part: float) -> float:
        return part / factor if op == "/" else part * factor

    years, months = by(length.years), by(length.months)
    if float(years).is_integer() and float(months).is_integer():
        return Length(int(years), int(months), by(length.micros))
    return Length(0, 0, by(length.total))


def compare_periods(op: str, left: PeriodValue, right: PeriodValue) -> bool:
    """Compare two periods as §5.5 says; op is one of `= != < <= > >=`."""
    same = (left.start, left.end) == (right.start, right.end)
    return {
        "=": same,
        "!=": not same,
        "<": left.end <= right.start,
        ">": left.start >= right.end,
        "<=": left.end <= right.end,
        ">=": left.start >= right.start,
    }[op]


@dataclass(frozen=True, slots=True)
class Clock:
    """A time zone, and what time it is."""

    zone: tzinfo
    now: int

    @classmethod
    def of(cls, options: BindOptions) -> Clock:
        """Return the clock of a query.

        Raises
        ------
        UsageError
            The time zone is unknown, or `now` has none.
        """
        zone: tzinfo = UTC
        if options.time_zone != "UTC":
            try:
                zone = ZoneInfo(options.time_zone)
            except (OSError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError
                raise _no_zone(options.time_zone) from error
            except KeyError as error:
                raise _no_zone(options.time_zone) from error
        now = options.now or datetime.now(UTC)
        if now.tzinfo is None:
            raise UsageError("the option now has no time zone", hint="pass datetime.now(UTC)")
        return cls(zone, (now - _EPOCH) // timedelta(microseconds=1))

    def _offset(self, local: int) -> int:
        if self.zone is UTC:
            return 0
        reachable = min(max(local, FIRST + DAY), LAST - DAY)
        moment = _EPOCH.replace(tzinfo=None) + timedelta(microseconds=reachable)
        offset = moment.replace(tzinfo=self.zone).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)

    def instant(self, written: Instant) -> int:
        """Return a date-time in UTC."""
        return written.micros if written.zoned else written.micros - self._offset(written.micros)

    def period(self, unit: str, year: int, month: int = 1, day: int = 1) -> PeriodValue:
        """Return a day, month or year.

        Raises
        ------
        ValueError
            There is none, or it is not in the years 1 to 9999.
        """
        start = midnight(year, month, day)
        end = start + DAY if unit == "day" else _month_on(year, month, day, 1 if unit == "month" else 12)
        if not FIRST <= start < LAST:
            raise ValueError("not in the years 1 to 9999")
        return PeriodValue(unit, year, month, day, start - self._offset(start), end - self._offset(end))

    def today(self) -> PeriodValue:
        """Return the current day."""
        local = datetime.fromtimestamp(self.now // SECOND, self.zone) if self.zone is not UTC else None
        day = local.date() if local else day_of(self.now)
        return self.period("day", day.year, day.month, day.day)

    def moved(self, period: PeriodValue, by: Length, sign: int) -> PeriodValue | int:
        """Move a period; a duration that is not of whole days moves its start, an instant.

        Raises
        ------
        ValueError
            The result is not in the years 1 to 9999.
        """
        if by.micros % DAY:
            return self.step(period.start, by, sign)
        first = _add_months(date(period.year, period.month, period.day), sign * (by.years * 12 + by.months))
        try:
            first += timedelta(days=sign * int(by.micros // DAY))
        except OverflowError as error:
            raise ValueError("not in the years 1 to 9999") from error
        return self.period(period.unit, first.year, first.month, first.day)

    def step(self, micros: int, by: Length, sign: int) -> int:
        """Move an instant; months by the calendar of UTC, clipped to the month's end.

        Raises
        ------
        ValueError
            The result is not in the years 1 to 9999.
        """
        months = by.years * 12 + by.months
        if months:
            day = _add_months(day_of(micros), sign * months)
            micros = midnight(day.year, day.month, day.day) + micros % DAY
        micros += sign * round(by.micros)
        if not FIRST <= micros < LAST:
            raise ValueError("not in the years 1 to 9999")
        return micros


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("not in the years 1 to 9999")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _month_on(year: int, month: int, day: int, months: int) -> int:
    """Return the day so many months later, clipped to the month's end; it may be the first of the year 10,000."""
    years, month = divmod(month - 1 + months, 12)
    year, month = year + years, month + 1
    return midnight(year, month, day if year > 9999 else min(day, calendar.monthrange(year, month)[1]))


def _no_zone(name: str) -> UsageError:
    return UsageError(f"there is no time zone {name!r}", hint="time zones have names like Europe/Paris and UTC")
