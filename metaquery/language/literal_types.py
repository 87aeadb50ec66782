"""Literals that take the type of what stands opposite: `20230101` a DATETIME's day, a text an ENUM's value or a UUID.

These, and no other conversions, are allowed (§5.1).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from unicodedata import normalize

from metaquery.errors import FilterError, FilterTypeError, Span
from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.literals import DATETIME_FORMS, shortened
from metaquery.language.moments import read_moment
from metaquery.language.operators import an
from metaquery.language.parse import parse
from metaquery.language.periods import length_of, scaled
from metaquery.language.printing import string_text, to_text
from metaquery.language.query import Column, Constant, Value
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.language.periods import Clock
    from metaquery.schema import Field

__all__ = ["Literals", "is_literal"]

_UUID = r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?"

_TRUTHS = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}


def is_literal(value: Value) -> bool:
    """Whether a value stands in the text as one number or text."""
    return isinstance(value, Constant) and isinstance(value.written, syntax.Number | syntax.String)


@dataclass(frozen=True, slots=True)
class Literals:
    """Types literals; knows the calendar, the text, and what fields have, as `BindOptions.example`."""

    clock: Clock
    source: str
    example: Callable[[Field], str | None] | None = None

    def describe(self, value: Value) -> str:
        """Name a value in a message: its type, and what was written, or what rows have there."""
        if isinstance(value, Column):
            example = self.example(value.field) if self.example is not None else None
            return f"{value.type} {value.field.name!r}{'' if example is None else f' (e.g. {example})'}"
        if isinstance(value, Constant):
            written = shortened(to_text(value.written))
            words = {"STRING": "the text", "NUMBER": "the number", "PERIOD": "the date", "DATETIME": "the time"}
            if isinstance(value.written, syntax.Bool):
                return written
            return f"{words.get(value.type, 'the ' + value.type)} {written}"
        return an(value.type)

    def fit(self, value: Value, beside: Value) -> Value:
        """Return `value` with the type of `beside`, if it is a literal that can have it; else as it is.

        Raises
        ------
        FilterTypeError, UnknownField
            It is a literal of the right form, but not in the calendar, or not among an ENUM's values.
        """
        if not isinstance(value, Constant) or not isinstance(value.written, syntax.Number | syntax.String):
            return value
        match beside.type, value.written:
            case "DATETIME" | "PERIOD", syntax.Number() as number:
                return self._numbered(value, number)
            case "DATETIME" | "PERIOD", syntax.String() as string:
                return self._moment(string.value, string.span)
            case "NUMBER" | "BOOLEAN" | "DURATION", syntax.String(untyped=True) as string:
                return self._untyped(string, beside.type) or value
            case "UUID", syntax.String() as string:
                return self._uuid(value, string)
            case "ENUM", syntax.String() as string if isinstance(beside, Column):
                self._check_enum(string, beside)
        return value

    def _untyped(self, string: syntax.String, wanted: str) -> Constant | None:
        """Return the literal of a type that an untyped text is, as a filter would have it written."""
        try:
            written = parse(string.value)
        except FilterError:
            return None
        node, sign = (written.arg, -1) if isinstance(written, syntax.Neg) else (written, 1)
        match node:
            case syntax.Number() if wanted == "NUMBER":
                return Constant("NUMBER", sign * node.value, replace(written, span=string.span))
            case syntax.Duration() if wanted == "DURATION":
                return Constant("DURATION", scaled("*", length_of(node), sign), replace(written, span=string.span))
            case syntax.Bool() if wanted == "BOOLEAN" and sign > 0:
                return Constant("BOOLEAN", node.value, replace(written, span=string.span))
            case _:
                return None

    def _numbered(self, value: Constant, number: syntax.Number) -> Value:
        if number.digits == 4:
            return self.period("year", int(number.value), 1, 1, number)
        if number.digits != 8:
            return value
        text = f"{int(number.value):08d}"
        return self._moment(f"{text[:4]}-{text[4:6]}-{text[6:]}", number.span)

    def period(self, unit: str, year: int, month: int, day: int, written: syntax.Expr) -> Constant:
        """Return the constant of a day, month or year."""
        try:
            return Constant("PERIOD", self.clock.period(unit, year, month, day), written)
        except ValueError:
            raise self.bad_datetime(written.span) from None

    def moment(self, written: syntax.Instant | syntax.Period) -> Constant:
        """Return the constant of a date-time, day or month."""
        match written:
            case syntax.Instant():
                return Constant("DATETIME", self.clock.instant(written), written)
            case syntax.Period(day=0):
                return self.period("month", written.year, written.month, 1, written)
            case syntax.Period():
                return self.period("day", written.year, written.month, written.day, written)

    def _moment(self, text: str, span: Span) -> Constant:
        try:
            found = read_moment(text.strip())
        except ValueError:
            found = None
        if found is None and len(text) == 4 and text.isascii() and text.isdecimal():
            year = syntax.Number(int(text), 4, span=span)
            return self.period("year", int(text), 1, 1, year)
        if found is None and len(text) == 8 and text.isascii() and text.isdecimal():
            return self._moment(f"{text[:4]}-{text[4:6]}-{text[6:]}", span)
        match found:
            case syntax.Instant():
                return self.moment(syntax.Instant(found.micros, found.zoned, span=span))
            case syntax.Period():
                return self.moment(syntax.Period(found.year, found.month, found.day, span=span))
            case None:
                raise self.bad_datetime(span, text)

    def bad_datetime(self, span: Span, text: str = "this") -> FilterTypeError:
        """Return the error for what is no date; `text` where what is written in its place is a parameter."""
        written = self.source[span.start : span.end]
        if written.startswith(":"):
            written = string_text(text)
        return FilterTypeError("bad-datetime", f"{written} is no date", self.source, span, DATETIME_FORMS)

    def _uuid(self, value: Constant, string: syntax.String) -> Constant:
        if not re.fullmatch(_UUID, string.value):
            message = f"{string_text(string.value)} is no UUID"
            hint = "a UUID is written '3fa85f64-5717-4562-b3fc-2c963f66afa6'"
            raise FilterTypeError("type-mismatch", message, self.source, string.span, hint)
        return Constant("UUID", string.value.lower(), value.written)

    def _check_enum(self, string: syntax.String, column: Column) -> None:
        values = tuple(normalize("NFC", v) for v in column.field.values)
        if string.value in values:
            return
        meant = similar(string.value, values)
        shown = ", ".join(map(string_text, values[:10])) + (", …" if len(values) > 10 else "")
        hint = f"did you mean {' or '.join(map(string_text, meant))}?" if meant else f"values are {shown}"
        message = f"{string_text(string.value)} is none of the values of {column.field.name!r}"
        raise FilterTypeError("unknown-enum-value", message, self.source, string.span, hint, meant)

    def mismatch(self, verb: str, left: Value, right: Value, spans: tuple[Span, Span]) -> FilterError:
        """Return the error for two values that do not go together; the literal of them is to blame."""
        blamed, other, span = (right, left, spans[1])
        if isinstance(left, Constant) and not isinstance(right, Constant):
            blamed, other, span = left, right, spans[0]
        message = f"cannot {verb} {self.describe(other)} with {self.describe(blamed)}"
        return FilterTypeError("type-mismatch", message, self.source, span, self._correction(blamed, other))

    def _correction(self, blamed: Value, other: Value) -> str | None:
        if not isinstance(other, Column):
            return f"both sides must be of one type, not {other.type} and {blamed.type}"
        name = to_text(other.written)
        if not isinstance(blamed, Constant):
            return f"{name} is {an(other.type)}, the other side {an(blamed.type)}: only values of one type compare"
        return f"{name} is {an(other.type)}: write {_corrected(blamed, other, name)}"


def _corrected(blamed: Constant, other: Column, name: str) -> str:  # noqa: PLR0911  # one case a type
    """Return what to write instead of a constant, near to it where that is clear."""
    literal = other.field.field_type.literal
    match other.type:
        case "STRING" if isinstance(blamed.written, syntax.Number | syntax.Bool):
            return string_text(to_text(blamed.written))
        case "ENUM" if other.field.values:
            return string_text(other.field.values[0])
        case "NUMBER" if blamed.type == "PERIOD":
            return f"{literal}; for a subtraction, put blanks round -"
        case "NUMBER" if isinstance(blamed.value, str) and re.fullmatch(_NUMBER, blamed.value.strip()):
            return blamed.value.strip()
        case "BOOLEAN":
            return f"{name} = {_TRUTHS.get(str(blamed.value).lower(), 'true')}"
        case "DATETIME" if isinstance(blamed.written, syntax.Arith):
            return f"{literal}, with two digits for the month and the day"
        case "LIST" if isinstance(blamed.value, str):
            return f"{name} has {string_text(blamed.value)}"
        case _:
            return literal
