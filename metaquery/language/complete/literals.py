"""Values and dates as they are written in a filter."""

from __future__ import annotations

import re
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from unicodedata import normalize
from uuid import UUID

from metaquery.language.complete.candidate import Candidate
from metaquery.language.functions import TRUNCATED
from metaquery.language.literals import shortened
from metaquery.language.printing import string_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from metaquery.language.complete.wanted import Role
    from metaquery.schema import Field

__all__ = ["LITERALS", "PERIODS", "WRITTEN", "counted", "days", "durations", "literal", "writable"]

_LONGEST = 1_000
"""Characters from which on a text is no value that somebody would pick from a menu."""

_LARGEST = sys.float_info.max

_NEVER = re.compile("[\x00\ud800-\udfff]")

_UUID = re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

_ROWS: dict[str, str] = {"unit": "unit", "meta": "unit", "label": "label", "prediction": "prediction"}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _literal(text: str, detail: str, caret: int = 0) -> Candidate:
    return Candidate(text, "literal", text, detail, caret=caret)


def _text(text: str, detail: str = "") -> Candidate:
    return Candidate(f"'{text}'", "literal", text, detail)


LITERALS: dict[str, tuple[Candidate, ...]] = {
    "NUMBER": (_literal("1", "a number"),),
    "STRING": (_literal("''", "a text", 1),),
    "UUID": (_literal("''", "a UUID", 1),),
    "BOOLEAN": (_literal("true", ""), _literal("false", "")),
    "LIST": (_literal("['']", "a list of texts", 2),),
    "DATETIME": (
        _literal("today()", "the whole day"),
        _literal("now() - 24h", "24 hours ago"),
        _literal("now() - 7d", "7 days ago"),
        _literal("now() - 1mo", "a month ago"),
        _literal("today() - 1d", "yesterday"),
    ),
    "DURATION": (
        _literal("1h", "an hour"),
        _literal("24h", "24 hours"),
        _literal("7d", "7 days"),
        _literal("1mo", "a month"),
        _literal("1y", "a year"),
    ),
}
"""What may be written where a type is wanted, whatever the data are."""

PERIODS = tuple(row for row in LITERALS["DATETIME"] if row.text.startswith("today"))
"""Those of a DATETIME that are whole days."""

WRITTEN: dict[Role, tuple[Candidate, ...]] = {
    "pattern": (_literal("''", "a pattern", 1),),
    "collection": (_literal("''", "a title", 1),),
    "unit": tuple(_text(unit) for unit in TRUNCATED),
    "timestamp": (_text("2024-01-31T10:00:00Z", "a date and time"),),
    "duration": (_text("P7D", "7 days"), _text("PT1H", "an hour"), _text("P1M", "a month"), _text("P1Y", "a year")),
    "end": (_text("..", "open: no end"),),
    "days": (_literal("1d", "a day"), _literal("7d", "7 days"), _literal("1mo", "a month"), _literal("1y", "a year")),
    "digits": (_literal("0", "to a whole number"), _literal("1", "0.1"), _literal("2", "0.01")),
    "component": (_literal("0.5", "a number"),),
    "list": (_literal("['']", "a list of texts", 2),),
    "point": (Candidate("POINT(", "literal", "POINT(…)", "longitude latitude"),),
    "geometry": (
        Candidate("BBOX(", "literal", "BBOX(…)", "west, south, east, north"),
        Candidate("POINT(", "literal", "POINT(…)", "longitude latitude"),
    ),
    "vector": (Candidate("[", "literal", "[…]", "numbers"),),
}
"""What may be written where something has a role of its own."""

UNITS = ("d", "h", "min", "s", "ms", "w", "mo", "y")


def durations(typed: str) -> tuple[Candidate, ...]:
    """Return the durations that begin with the number typed: `7` → `7d`, `7h` and so on."""
    digits = re.match(r"[0-9]+(?:\.[0-9]+)?", typed)
    if digits is None:
        return LITERALS["DURATION"]
    units = [unit for unit in UNITS if "." not in digits.group() or unit not in {"mo", "y"}]
    return tuple(_literal(digits.group() + unit, "") for unit in units)


def writable(text: str) -> bool:
    """Whether a text can stand in a filter at all."""
    return len(text) <= _LONGEST and _NEVER.search(text) is None


def literal(value: object, field: Field) -> str | None:
    """Return how a value of a field is written; None where it has no literal, or is of another type."""
    match value:
        case bool():
            return ("true" if value else "false") if field.type == "BOOLEAN" else None
        case int() | float() if field.type == "NUMBER":
            return repr(float(value)).removesuffix(".0") if -_LARGEST <= value <= _LARGEST else None
        case str() if field.type in {"STRING", "ENUM", "LIST"}:
            return string_text(normalize("NFC", value)) if writable(value) else None
        case str() | UUID() if field.type == "UUID":
            return string_text(str(value)) if _UUID.fullmatch(str(value)) else None
        case _:
            return None


def counted(value: object, count: int | None, field: Field) -> Candidate | None:
    """Return the candidate of a value that `count` rows have."""
    text = literal(value, field)
    if text is None:
        return None
    label = shortened(value) if isinstance(value, str) else text
    return Candidate(text, "value", label, rows(count, field), count)


def rows(count: int | None, field: Field) -> str:
    """Return how many rows that is, in words."""
    if count is None:
        return ""
    return f"{count:,} {_ROWS[field.qualifier]}{'s' * (count != 1)}"


def days(values: Sequence[tuple[object, int | None]], field: Field) -> tuple[Candidate, ...]:
    """Return the days that the data have: the latest, the earliest, then by frequency."""
    found: Counter[date] = Counter()
    for day, number in _days(values):
        found[day] += number or 0
    is_counted = all(number is not None for _, number in values)
    if not found:
        return ()
    ends = {max(found): "latest", min(found): "earliest"}
    made = []
    for day in dict.fromkeys((*ends, *(day for day, _ in found.most_common()))):
        text, count = day.isoformat(), found[day] if is_counted else None
        made.append(Candidate(text, "value", text, ", ".join(filter(None, (ends.get(day), rows(count, field)))), count))
    return tuple(made)


def _days(values: Iterable[tuple[object, int | None]]) -> Iterable[tuple[date, int | None]]:
    for value, count in values:
        if isinstance(value, datetime):
            yield (value if value.tzinfo in {None, UTC} else value.astimezone(UTC)).date(), count
        elif isinstance(value, date):
            yield value, count
        elif isinstance(value, str) and _DAY.match(value):
            with suppress(ValueError):  # not in the calendar, and so no day
                yield date.fromisoformat(value[:10]), count
