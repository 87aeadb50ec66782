"""Faults in values: numbers, and time."""

from __future__ import annotations

from metaquery.language import arithmetic, fold, periods
from metaquery.language.arithmetic import Arithmetic
from metaquery.language.bind import _Binder
from metaquery.language.expressions import Expressions
from metaquery.language.literal_types import Literals
from metaquery.language.periods import Clock

from .seeding import Fault, Spelt, Tabled, Written

NUMBERS = (
    Fault("`/` and `%` by zero are left to the engine", "oracle", Spelt("not zero", "{0}")),
    Fault("a result may be infinite", "oracle", Spelt("finite", "{0}")),
    Fault("`(a + b) * c` loses its brackets", "oracle", Tabled(arithmetic._LEVELS, "*", 1)),
    Fault(
        "`a - (b - c)` loses its brackets",
        "oracle",
        Written(Arithmetic._arith, 'return f"({text})" if', "return text if"),
    ),
    Fault("`div` rounds down", "oracle", Spelt("div", "floor({0} / {1})")),
    Fault("`div` of constants rounds down", "oracle", Tabled(fold._NUMBERS, "div", lambda x, y: float(x // y))),
    Fault("`%` of constants has the divisor's sign", "oracle", Tabled(fold._NUMBERS, "%", lambda x, y: x % y)),
    Fault(
        "a negative constant loses its sign", "oracle", Written(fold.negative, '"NUMBER", -number', '"NUMBER", number')
    ),
    Fault("a negative number has a root", "oracle", Spelt("sqrt", "sqrt(abs({0}))")),
)
TIME = (
    Fault(
        "`> day` begins on that day",
        "oracle",
        Written(Expressions._within_bounds, 'else ">=", end)', 'else ">=", start)'),
    ),
    Fault(
        "`<= day` ends before that day",
        "oracle",
        Written(
            Expressions._within_bounds,
            '"<" if op == "<=" else ">=", end',
            '*(("<", start) if op == "<=" else (">=", end))',
        ),
    ),
    Fault(
        "a day holds the next midnight",
        "oracle",
        Written(Expressions._within_bounds, "AND {edge('<', end)}", "AND {edge('<=', end)}"),
    ),
    Fault(
        "`!= day` leaves out the next midnight",
        "oracle",
        Written(Expressions._within_bounds, "OR {edge('>=', end)}", "OR {edge('>', end)}"),
    ),
    Fault(
        "`between` ends as its last day begins",
        "oracle",
        Written(Expressions._between, "high.value.end if", "high.value.start if"),
    ),
    Fault("days are those of UTC", "oracle", Written(Clock._offset, "if self.zone is UTC", "if True")),
    Fault(
        "hours are those of UTC", "oracle", Spelt("hour", "extract(hour FROM {0} AT TIME ZONE coalesce('UTC', {1}))")
    ),
    Fault(
        "`today()` is the day of UTC",
        "oracle",
        Written(Clock.today, "self.day(self.now)", "Clock(UTC, self.now).day(self.now)"),
    ),
    Fault("a week begins on Sunday", "oracle", Spelt("weekday", "extract(dow FROM {0} AT TIME ZONE {1})")),
    Fault(
        "a month has 30 days",
        "oracle",
        Written(
            Arithmetic._moved,
            'self.say("plus months", left, self.param(sign * months))',
            'self.say("plus microseconds", left, self.param(sign * months * 30 * 86_400_000_000))',
        ),
    ),
    Fault(
        "a month later there is no 29th",
        "oracle",
        Written(periods._add_months, "min(day.day, _days_in(year, month + 1))", "min(day.day, 28)"),
    ),
    Fault("`- 1y` adds a year", "oracle", Written(Arithmetic._moved, '-1 if step.op == "-" else 1', "1")),
    Fault("20230101 is the first of the month", "oracle", Written(Literals._numbered, "{text[6:]}", "01")),
    Fault(
        "`year(x) = 2023` is its January", "oracle", Written(_Binder._in_years, '"year", n, 1, 1', '"month", n, 1, 1')
    ),
    Fault(
        "a month is later than its days",
        "oracle",
        Written(periods.compare_periods, '"<": left.end <= right.start', '"<": left.start < right.end'),
    ),
)

FAULTS = {"numbers": NUMBERS, "time": TIME}
"""By the section of the corpus that shows them."""
