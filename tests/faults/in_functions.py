"""Faults in functions: texts, rounding, days and units of time, intervals, lists."""

from __future__ import annotations

from metaquery.language import temporal
from metaquery.language.expressions import Expressions
from metaquery.language.function_sql import Functions
from metaquery.language.periods import Clock
from metaquery.language.temporal import TemporalCalls

from .seeding import Fault, Spelt, Tabled, Written

FUNCTIONS = (
    Fault(
        "a year on is thirteen months on, for a day of the row",
        "oracle",
        Written(Functions.day, "by.years * 12", "by.years * 13"),
    ),
    Fault("`substr` counts from 0", "oracle", Spelt("substr", "substr({0}, {1} + 1, {2})")),
    Fault("`substr` takes the place of its end for a length", "oracle", Spelt("substr", "{0}[{1}:{2}]")),
    Fault("`accenti` keeps accents", "oracle", Spelt("accenti", "{0}")),
    Fault("`round` goes to the even number", "oracle", Spelt("round", "round_even({0}, 0)")),
    Fault("`round` forgets the digits", "oracle", Spelt("round to", "round({0} + 0 * {1})")),
    Fault(
        "`date(x)` is the day in UTC", "oracle", Spelt("day of", "CAST({0} AT TIME ZONE coalesce('UTC', {1}) AS DATE)")
    ),
    Fault(
        "a day of the row is moved by 30 days for a month",
        "oracle",
        Spelt("moved day", "CAST({0} + to_days(30 * {1}) + to_days({2}) AS DATE)"),
    ),
    Fault(
        "a day of the row begins at its noon",
        "oracle",
        Spelt("day start", "(CAST({0} AS TIMESTAMP) + to_hours(12)) AT TIME ZONE {1}"),
    ),
    Fault(
        "`date(x) + 1mo > month` begins in that month",
        "oracle",
        Written(
            Expressions._with_period, 'first = op in {"<", ">=", "=", "!="}', 'first = op in {"<", ">=", ">", "!="}'
        ),
    ),
    Fault(
        "a week is cut to its Sunday",
        "oracle",
        Spelt("local week", "date_trunc('week', {0} AT TIME ZONE {1}) - to_days(1)"),
    ),
    Fault(
        "what is cut to a unit is rounded down in a comparison",
        "oracle",
        Written(Clock.rounded_up, "if start >= micros:", "if True:"),
    ),
    Fault(
        "hours are cut off by the clock of UTC",
        "oracle",
        Written(Functions._truncated, 'if zone == "UTC" or unit in _KEPT', "if unit in _KEPT or unit in _ON_THE_CLOCK"),
    ),
    Fault(
        "`t_during` may touch the ends", "oracle", Tabled(temporal._TESTS, "t_during", ("start >= start", "end <= end"))
    ),
    Fault("`t_meets` is `t_metby`", "oracle", Tabled(temporal._TESTS, "t_meets", ("start = end",))),
    Fault(
        "`t_overlaps` needs no common time",
        "oracle",
        Tabled(temporal._TESTS, "t_overlaps", ("start < start", "end < end")),
    ),
    Fault("an open end lies at the other side", "oracle", Tabled(temporal._FAR, "end", -1)),
    Fault(
        "the last day of a month is its first",
        "oracle",
        Written(TemporalCalls._cut, "last_day(end.value) if last else", "first_day(end.value) if last else"),
    ),
    Fault(
        "`a_contains` and `a_containedby` are exchanged", "golden_cases", Spelt("a_contains", "list_has_all({1}, {0})")
    ),
)
PLACES = (
    Fault(
        "south and north are taken for west and east",
        "golden_cases",
        Written(Functions._within, "(south, north, west, east)", "(west, east, south, north)"),
    ),
    Fault(
        "a box over the antimeridian is one that is not",
        "golden_cases",
        Written(Functions._within, "if west <= east", "if True"),
    ),
    Fault(
        "longitude and latitude of a point are exchanged",
        "golden_cases",
        Written(Functions._within, "numbers[::-1]", "numbers"),
    ),
    Fault("the earth is a mile wide", "golden_cases", Spelt("distance from", "({1} + {2} + {3} - {0})")),
)

FAULTS = {"functions": (*FUNCTIONS, *PLACES)}
"""By the section of the corpus that shows them."""
