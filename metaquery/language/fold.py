"""Arithmetic on constants, done once at bind: `1920 * 1080`, `now() - 7d`, `today() - 1mo`.

What has no finite result is None, as it is null in a row (§5.3).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metaquery.language.moments import DAY, FIRST, LAST
from metaquery.language.operators import ARITHMETIC
from metaquery.language.periods import Clock, scaled
from metaquery.language.query import Arith, Constant, Length, PeriodValue, Start, Step, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.language import syntax
    from metaquery.language.query import Scalar

__all__ = ["arithmetic", "finite", "negative"]


def finite(value: float) -> float | None:
    """Return a number as constants hold it: whole where it is, None where it is not finite."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


_NUMBERS: dict[str, Callable[[float, float], float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "%": math.fmod,
    "div": lambda x, y: float(math.trunc(x / y)),
    "^": math.pow,
}


def arithmetic(op: str, left: Value, right: Value, written: syntax.Expr, clock: Clock) -> Value:
    """Return `left op right`, computed where both are constants; the types have been checked.

    Raises
    ------
    ValueError
        A date comes out that is not in the years 1 to 9999, or would from any that is.
    """
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _folded(op, left, right, written, clock)
    if right.type == "PERIOD" and left.type == "DURATION":
        left, right = right, left
    if not (left.type == "PERIOD" and _of_whole_days(right)):
        left, right = _instant(left), _instant(right)
    if isinstance(left, Constant) and left.type == "DURATION" and right.type == "DATETIME":
        left, right = right, left  # months go by the calendar from an instant on
    step = Step(op, right, ARITHMETIC[op, left.type, right.type])
    if step.type in {"DATETIME", "PERIOD"} and isinstance(right, Constant):
        _check_length(right.value)
    return Arith(left.first, (*left.steps, step)) if isinstance(left, Arith) else Arith(left, (step,))


def _check_length(by: Scalar) -> None:
    """Refuse to move by more than all the years there are: engines count no further than some of these."""
    if isinstance(by, Length):
        longest = abs(by.years) * 365 * DAY + abs(by.months) * 30 * DAY + abs(by.micros)
        if longest > LAST - FIRST:
            raise ValueError("longer than the years 1 to 9999")


def negative(value: Constant, written: syntax.Expr) -> Constant:
    """Return `-value` of a NUMBER or a DURATION."""
    match value.value:
        case None:
            return Constant(value.type, None, written)
        case Length() as length:
            return Constant("DURATION", Length(-length.years, -length.months, -length.micros), written)
        case number:
            return Constant("NUMBER", -number, written)  # type: ignore[operator]


def _of_whole_days(value: Value) -> bool:
    """Whether a period that is moved by this stays one."""
    return isinstance(value, Constant) and isinstance(value.value, Length) and value.value.micros % DAY == 0


def _instant(value: Value) -> Value:
    """Return the start of a period, where an instant is wanted."""
    if isinstance(value, Constant) and isinstance(value.value, PeriodValue):
        return Constant("DATETIME", value.value.start, value.written)
    return Start(value) if value.type == "PERIOD" else value


def _folded(op: str, left: Constant, right: Constant, written: syntax.Expr, clock: Clock) -> Constant:  # noqa: PLR0911  # one case a node
    type_ = ARITHMETIC[op, left.type, right.type]
    if left.value is None or right.value is None:
        return Constant("DATETIME" if type_ == "PERIOD" else type_, None, written)
    if left.type == "DURATION" and right.type in {"DATETIME", "PERIOD"}:
        left, right = right, left
    sign = -1 if op == "-" else 1
    match left.value, right.value:
        case PeriodValue() as period, Length() as by:
            moved = clock.moved(period, by, sign)
            return Constant("PERIOD" if isinstance(moved, PeriodValue) else "DATETIME", moved, written)
        case Length() as one, Length() as two:
            years, months = one.years + sign * two.years, one.months + sign * two.months
            return Constant(type_, Length(years, months, one.micros + sign * two.micros), written)
        case instant, Length() as by if left.type == "DATETIME":
            return Constant(type_, clock.step(_start(instant), by, sign), written)
        case Length() as length, factor:
            return _scaled(op, length, _number(factor), written)
        case factor, Length() as length:
            return _scaled(op, length, _number(factor), written)
        case one, two if type_ == "DURATION":
            return Constant(type_, Length(0, 0, _start(one) - _start(two)), written)
        case one, two:
            return Constant(type_, _computed(op, _number(one), _number(two)), written)


def _scaled(op: str, length: Length, factor: float, written: syntax.Expr) -> Constant:
    if op == "/" and factor == 0:
        return Constant("DURATION", None, written)
    result = scaled(op, length, factor)
    return Constant("DURATION", result if math.isfinite(result.total) else None, written)


def _computed(op: str, one: float, two: float) -> float | None:
    try:
        return finite(float(_NUMBERS[op](float(one), float(two))))
    except (ZeroDivisionError, OverflowError, ValueError):
        return None


def _start(value: object) -> int:
    return value.start if isinstance(value, PeriodValue) else int(_number(value))


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(value)
    return value
