"""The oracle's calendar and clocks: days and microseconds since 1970 as whole numbers, so that no year is out of reach.

The Gregorian calendar, reckoned backwards too (ISO 8601); the rules of zones are those of `zoneinfo`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
_CYCLE = 146_097
"""Days of 400 years, after which the calendar repeats itself."""


@dataclass(frozen=True)
class Local:
    """What a calendar and a clock on the wall show."""

    year: int
    month: int
    day: int
    micros: int


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def days(year: int, month: int, day: int) -> int:
    """Return the days since 1970; the day may be beyond its month."""
    cycles, within = divmod(year - 1, 400)
    return cycles * _CYCLE + date(within + 1, month, 1).toordinal() - date(1970, 1, 1).toordinal() + day - 1


def civil(since_1970: int) -> tuple[int, int, int]:
    """Return year, month and day."""
    cycles, within = divmod(since_1970 + date(1970, 1, 1).toordinal() - 1, _CYCLE)
    found = date.fromordinal(within + 1)
    return found.year + 400 * cycles, found.month, found.day


def plus_months(since_1970: int, months: int) -> int:
    """Step on the calendar; a day that the month does not have becomes its last."""
    year, month, day = civil(since_1970)
    year, month = divmod(year * 12 + month - 1 + months, 12)
    last = monthrange(2000 + year % 400, month + 1)[1]
    return days(year, month + 1, min(day, last))


def plus_months_utc(at: int, months: int) -> int:
    """Move an instant by months on the calendar of UTC, its time of day kept."""
    return plus_months(at // DAY, months) * DAY + at % DAY


@lru_cache(maxsize=100_000)
def local(at: int, zone: str) -> Local:
    """Return what the wall shows at an instant."""
    shown = at + _offset(at, zone)
    return Local(*civil(shown // DAY), shown % DAY)


@lru_cache(maxsize=100_000)
def utc(wall: Local, zone: str) -> int:
    """Return the instant at which the wall shows this, the first where it does twice, the moment after a gap in one."""
    at = days(wall.year, wall.month, wall.day) * DAY + wall.micros
    if zone == "UTC":
        return at
    moment = (EPOCH + timedelta(microseconds=_near(at))).replace(tzinfo=ZoneInfo(zone))
    return at - _whole(moment.utcoffset())


def start_of_day(since_1970: int, zone: str) -> int:
    return utc(Local(*civil(since_1970), 0), zone)


def _offset(at: int, zone: str) -> int:
    if zone == "UTC":
        return 0
    return _whole((EPOCH + timedelta(microseconds=_near(at))).astimezone(ZoneInfo(zone)).utcoffset())


def _whole(offset: timedelta | None) -> int:
    assert offset is not None
    return offset // timedelta(microseconds=1)


def _near(at: int) -> int:
    """Return an instant of the same rules that `datetime` can hold."""
    year = civil(at // DAY)[0]
    cycles = max(0, 2 - year + 399) // 400 if year < 2 else -((max(0, year - 9998) + 399) // 400)
    return at + cycles * _CYCLE * DAY
