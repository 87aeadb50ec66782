"""The forms in which times cross the wire (encord-wire-protocol.md §9), all of them UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache

__all__ = ["iso", "legacy", "now", "read_time", "rfc1123"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def now() -> float:
    """Seconds since the epoch."""
    return time.time()


@lru_cache(maxsize=65536)
def _minute(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:")


@lru_cache(maxsize=65536)
def _legacy_minute(minute: int) -> str:
    return _minute(minute).replace("T", " ")


def iso(seconds: float) -> str:
    """Write `2024-05-01T12:00:07.250000Z`, the form of v2."""
    whole = int(seconds)
    micros = round((seconds - whole) * 1e6)
    return f"{_minute(whole // 60)}{whole % 60:02d}.{min(micros, 999_999):06d}Z"


def legacy(seconds: float) -> str:
    """Write `2024-05-01 12:00:07`, the form of the legacy protocol."""
    whole = int(seconds)
    return f"{_legacy_minute(whole // 60)}{whole % 60:02d}"


def rfc1123(seconds: float) -> str:
    """Write `Wed, 01 May 2024 12:00:07 UTC`, the form inside labels (encord-wire-protocol.md §6.3)."""
    t = datetime.fromtimestamp(int(seconds), UTC)
    return f"{_DAYS[t.weekday()]}, {t.day:02d} {_MONTHS[t.month - 1]} {t.year} {t:%H:%M:%S} UTC"


def read_time(text: str) -> float | None:
    """Read an ISO 8601 time as sent in a filter; no zone means UTC; None where it is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
