"""Tokens → literals and names: what `'O''Brien'`, `1_000`, `7d` and `"frame rate"` stand for. No schema, no zone."""

from __future__ import annotations

import math
import re
from unicodedata import normalize

from metaquery.errors import FilterLimitError, FilterSyntaxError, Span
from metaquery.language.moments import read_moment
from metaquery.language.syntax import Duration, Field, Instant, Number, Parameter, Period, Saved, String

__all__ = [
    "DATETIME_FORMS",
    "LARGEST",
    "duration",
    "field_of",
    "is_too_long",
    "moment",
    "nfc",
    "number",
    "parameter",
    "saved",
    "shortened",
    "string",
]

LARGEST = "the largest number is about 1.8e308"

DATETIME_FORMS = "dates are written 2023-01-31, 2023-01 or 2023-01-31T10:00:00Z"

_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "\\": "\\",
    "'": "'",
}

_QUALIFIED = re.compile(r"(?:meta|unit|label|prediction)\.")


def nfc(text: str) -> str:
    """Return the text in Unicode's form NFC, as the store has it."""
    return str(text) if text.isascii() else normalize("NFC", text)  # str: of a token, the text


def shortened(text: str) -> str:
    """Return a text as messages show it: at most 40 characters."""
    return text if len(text) <= 40 else text[:39] + "…"


def unquoted(text: str) -> str:
    """Return what stands between delimiters that are doubled inside."""
    return nfc(text[1:-1].replace(text[0] * 2, text[0]))


def field_of(name: str, span: Span, *, qualifier: str | None = None) -> Field:
    """Return the field that a bare or quoted name is."""
    if name[0] not in '"`':
        return Field(qualifier, nfc(name), span=span)
    whole = unquoted(name)
    return Field(qualifier, whole, quoted=qualifier is None and _QUALIFIED.match(whole) is not None, span=span)


def saved(text: str, span: Span) -> Saved:
    """Return `@name` or `@"a name"`."""
    name = text[1:]
    return Saved(unquoted(name) if name[0] in '"`' else nfc(name), span=span)


def parameter(text: str, span: Span, *, many: bool = False) -> Parameter:
    """Return `:name`."""
    return Parameter(nfc(text[1:]), many, span=span)


def string(text: str, span: Span) -> String:
    """Return the text of `'…'` or `E'…'`."""
    if text[0] == "'":
        return String(unquoted(text), span=span)
    parts, at = [], 2
    while at < len(text) - 1:
        char = text[at]
        if char == "\\":
            at += 1
            if text[at] not in _ESCAPES:
                where = Span(span.start + at - 1, span.start + at + 1)
                hint = r"E'…' knows \a \b \t \n \v \f \r \\ \'; in '…' a backslash is an ordinary character"
                raise FilterSyntaxError("bad-escape", f"\\{text[at]} is no escape", "", where, hint)
            char = _ESCAPES[text[at]]
        elif char == "'":
            at += 1
        parts.append(char)
        at += 1
    return String(nfc("".join(parts)), span=span)


def number(text: str, span: Span) -> Number:
    """Return a number; an integer up to 2^53 exactly, everything else as the nearest double."""
    plain = text.replace("_", "")
    if plain.isdecimal() and len(plain) < 16:
        return Number(int(plain), len(text) if "_" not in text else 0, span=span)
    value = float(plain)
    if not math.isfinite(value):
        message = f"{shortened(text)} is larger than a number can be"
        raise FilterLimitError("number-range", message, "", span, LARGEST)
    return Number(int(value) if value.is_integer() and abs(value) <= 2**53 else value, span=span)


def moment(text: str, span: Span) -> Instant | Period:
    """Return an unquoted date-time, day or month."""
    try:
        found = read_moment(text)
    except ValueError:
        found = None
    if found is None:
        raise FilterSyntaxError("bad-datetime", f"{text} is not in the calendar", "", span, DATETIME_FORMS)
    match found:
        case Instant():
            return Instant(found.micros, found.zoned, span=span)
        case Period():
            return Period(found.year, found.month, found.day, span=span)


def is_too_long(amount: float, unit: str) -> bool:
    """Whether a duration is longer than the calendar, by far."""
    return amount * (1 if unit in {"ms", "s", "min", "h"} else 365) > 1e11


def duration(text: str, span: Span) -> Duration:
    """Return `7d`, `1.5h`, `3mo`."""
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    amount, unit = float(digits.replace("_", "")), text[len(digits) :]
    if unit in {"mo", "y"} and not amount.is_integer():
        message = f"{text}: months and years are whole"
        raise FilterSyntaxError("bad-duration", message, "", span, "write the part in days: 1mo + 15d")
    if is_too_long(amount, unit):
        raise FilterLimitError("number-range", f"{text} is longer than the calendar", "", span, None)
    return Duration(int(amount) if amount.is_integer() else amount, unit, span=span)
