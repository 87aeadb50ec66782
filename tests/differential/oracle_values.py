"""The oracle's values, and what is computed with them; plain Python, nothing of the product but its syntax nodes."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from metaquery.language import syntax as s

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000


@dataclass(frozen=True, order=True)
class Moment:
    micros: int


@dataclass(frozen=True)
class Period:
    start: int
    end: int
    unit: str = field(compare=False, default="day")
    first: datetime = field(compare=False, default=EPOCH)


@dataclass(frozen=True)
class Lasting:
    years: int
    months: int
    micros: float

    def total(self) -> float:
        return self.micros + (self.months * 30 + self.years * 365) * DAY


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def compare(op: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, Period) and isinstance(right, Period):
        return {
            "=": left == right,
            "!=": left != right,
            "<": left.end <= right.start,
            ">": left.start >= right.end,
            "<=": left.end <= right.end,
            ">=": left.start >= right.start,
        }[op]
    if isinstance(left, Period):
        return compare({"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op), right, left)
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
    order = {"=": left == right, "!=": left != right}
    return (
        order[op]
        if op in order
        else {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
    )


def compute(op: str, x: float, y: float) -> float | None:
    try:
        result = {
            "+": lambda: x + y,
            "-": lambda: x - y,
            "*": lambda: x * y,
            "/": lambda: x / y,
            "%": lambda: math.fmod(x, y),
            "div": lambda: float(math.trunc(x / y)),
            "^": lambda: math.pow(x, y),
        }[op]()
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return result if math.isfinite(result) else None


def scale(by: Lasting, op: str, factor: float) -> Lasting | None:
    if op == "/" and factor == 0:
        return None
    years, months, micros_ = (x / factor if op == "/" else x * factor for x in (by.years, by.months, by.micros))
    if not (float(years).is_integer() and float(months).is_integer()):
        total = by.total()
        years, months, micros_ = 0, 0, total / factor if op == "/" else total * factor
    if not math.isfinite(micros_) or not math.isfinite(years):
        return None
    return Lasting(int(years), int(months), micros_)


def add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def parse_moment(text: str) -> s.Expr:
    """Read the forms that the strategies write: `2023-01`, `2023-01-02`, `2023-01-02 10:00`."""
    if len(text) > 10:
        return s.Instant(micros(datetime.fromisoformat(text).replace(tzinfo=UTC)), zoned=False)
    numbers = [int(part) for part in text.split("-")]
    return s.Period(*numbers)


def like(pattern: str) -> str:
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
