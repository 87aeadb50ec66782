"""`Clock`: the calendar in one time zone. Days, months and years as bounds in UTC, and steps of durations.

Everything is whole microseconds since 1970 in UTC, as in `moments`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.frozen import dataclass
from metaquery.language.moments import DAY, FIRST, HOUR, LAST, MINUTE, SECOND, day_of, micros_of, midnight
from metaquery.language.operators import OPERATORS
from metaquery.language.query import Length, PeriodValue

if TYPE_CHECKING:
    from metaquery.language.options import BindOptions
    from metaquery.language.syntax import Duration, Instant

__all__ = ["Clock", "compare_periods", "first_day", "last_day", "length_of", "length_of_iso", "scaled"]

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


_ISO = (
    r"P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)W)?(?:(\d{1,9}(?:[.,]\d{1,9})?)D)?"
    r"(?:T(?!$)(?:(\d{1,12}(?:[.,]\d{1,9})?)H)?(?:(\d{1,12}(?:[.,]\d{1,9})?)M)?(?:(\d{1,12}(?:[.,]\d{1,9})?)S)?)?"
)


def length_of_iso(text: str) -> Length | None:
    """Return what `P1Y2M3DT4H5M6.5S` is (ISO 8601); None where it is no duration. Years and months are whole."""
    match = re.fullmatch(_ISO, text, re.ASCII)  # compiled when it is first used
    if match is None:
        return None
    years, months, *rest = match.groups()
    sizes = (7 * DAY, DAY, HOUR, MINUTE, SECOND)
    micros = sum(round(float(part.replace(",", ".")) * size) for part, size in zip(rest, sizes, strict=True) if part)
    return Length(int(years or 0), int(months or 0), micros)


def scaled(op: str, length: Length, factor: float) -> Length:
    """Return `length * factor` or `length / factor`; years and months that do not stay whole become 365 and 30 days."""

    def by(part: float) -> float:
        return part / factor if op == "/" else part * factor

    years, months = by(length.years), by(length.months)
    if float(years).is_integer() and float(months).is_integer():
        return Length(int(years), int(months), by(length.micros))
    return Length(0, 0, by(length.total))


_RANKS = {"day": 0, "month": 1, "year": 2}


def compare_periods(op: str, left: PeriodValue, right: PeriodValue) -> bool:
    """Compare two periods as §5.5 says; op is one of `= != < <= > >=`.

    Of two of different length the longer is the period and the shorter what is compared with it, whichever is written
    first: `2023-01 <= d` is `d >= 2023-01` of a day, as it is of an instant.
    """
    if _RANKS[left.unit] > _RANKS[right.unit]:
        op, left, right = OPERATORS[op].mirror, right, left
    same = (left.start, left.end) == (right.start, right.end)
    return {
        "=": same,
        "!=": not same,
        "<": left.end <= right.start,
        ">": left.start >= right.end,
        "<=": left.end <= right.end,
        ">=": left.start >= right.start,
    }[op]


def first_day(period: PeriodValue) -> date:
    """Return the first day of a period."""
    return date(period.year, period.month, period.day)


def last_day(period: PeriodValue) -> date:
    """Return the last day of a period."""
    if period.unit == "day":
        return first_day(period)
    return day_of(_month_on(period.year, period.month, period.day, 1 if period.unit == "month" else 12) - 1)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time zone, and what time it is."""

    zone: tzinfo
    now: int

    @classmethod
    def named(cls, zone: str) -> Clock:
        """Return a clock that is asked for days only, not for the time.

        Raises
        ------
        UsageError
            The time zone is unknown.
        """
        return cls(_zone(zone), 0)

    @classmethod
    def of(cls, options: BindOptions) -> Clock:
        """Return the clock of a query.

        Raises
        ------
        UsageError
            The time zone is unknown, or `now` has none.
        """
        zone = _zone(options.time_zone)
        now = options.now or datetime.now(UTC)
        if now.tzinfo is None:
            raise UsageError("the option now has no time zone", hint="pass datetime.now(UTC)")
        return cls(zone, micros_of(now))

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
        return self.day(self.now)

    def day(self, micros: int) -> PeriodValue:
        """Return the day that holds an instant.

        Raises
        ------
        ValueError
            On the zone's clock it is not in the years 1 to 9999.
        """
        day = day_of(self.local(micros))
        return self.period("day", day.year, day.month, day.day)

    def local(self, micros: int) -> int:
        """Return an instant as the zone's clock shows it."""
        if self.zone is UTC:
            return micros
        reachable = min(max(micros, FIRST + DAY), LAST - DAY - 1)
        offset = (_EPOCH + timedelta(microseconds=reachable)).astimezone(self.zone).utcoffset() or timedelta()
        return micros + offset // timedelta(microseconds=1)

    def truncated(self, unit: str, micros: int) -> int:
        """Return the start of the year, quarter, month, week, day, hour, minute or second that holds an instant.

        Raises
        ------
        ValueError
            It is not in the years 1 to 9999.
        """
        local = self.local(micros)
        if unit in _CLOCK_UNITS:
            return micros - local % _CLOCK_UNITS[unit]
        start = _first_day(unit, day_of(local))
        return self.period("day", start.year, start.month, start.day).start

    def rounded_up(self, unit: str, micros: int) -> int:
        """Return the first start of a unit that is not before an instant; behind the calendar's end, that end."""
        try:
            start = self.truncated(unit, micros)
            if start >= micros:
                return start
            if unit in _CLOCK_UNITS:
                return min(start + _CLOCK_UNITS[unit], LAST)
            first = _first_day(unit, day_of(self.local(micros)))
            days = {"week": 7, "day": 1}.get(unit)
            after = first + timedelta(days=days) if days else _add_months(first, _MONTHS[unit])
            return self.period("day", after.year, after.month, after.day).start
        except (ValueError, OverflowError):
            return LAST if micros > FIRST + DAY else self.period("day", 1).start

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


_CLOCK_UNITS = {"hour": HOUR, "minute": MINUTE, "second": SECOND}

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _first_day(unit: str, day: date) -> date:
    """Return the first day of the unit that holds a day; weeks begin on Monday."""
    if unit == "week":
        return date.fromordinal(max(day.toordinal() - day.weekday(), 1))
    if unit == "day":
        return day
    return date(day.year, day.month - (day.month - 1) % _MONTHS[unit], 1)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("not in the years 1 to 9999")
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def _month_on(year: int, month: int, day: int, months: int) -> int:
    """Return the day so many months later, clipped to the month's end; it may be the first of the year 10,000."""
    years, month = divmod(month - 1 + months, 12)
    year, month = year + years, month + 1
    return midnight(year, month, day if year > 9999 else min(day, _days_in(year, month)))


def _days_in(year: int, month: int) -> int:
    """Return the days of a month; `calendar` says so, too, and takes 4 ms to import."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return _zone_info(name)
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise _no_zone(name) from error


def _zone_info(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # 2 ms that filters in UTC need not pay

    return ZoneInfo(name)


def _no_zone(name: str) -> UsageError:
    from zoneinfo import available_timezones  # as in `_zone_info`

    from metaquery.suggestions import similar

    known = sorted(available_timezones())
    small = name.strip().casefold()
    cities = [zone for zone in known if zone.casefold().rpartition("/")[2] == small.replace(" ", "_")]
    meant = cities or similar(name, known)
    hint = f"did you mean {meant[0]!r}?" if meant else "time zones have names like Europe/Paris and UTC"
    return UsageError(f"there is no time zone {name!r}", hint=hint)
