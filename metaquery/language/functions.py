"""`FUNCTIONS`: one row a function: what it takes and what it gives. How it is spelt in SQL is the dialect's.

`exists(f)` and `count(…)` are syntax of their own; here they have a row for help and completion.
"""

from __future__ import annotations

from metaquery.frozen import dataclass

__all__ = ["FUNCTIONS", "PARTS", "TRUNCATED", "FunctionRow"]


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One function.

    Attributes
    ----------
    name
        In lower case.
    takes
        A family of types an argument; `any` takes every type, the same for all arguments that say `any`.
    gives
        Type of the result; `any` is that of the arguments.
    signature
        As help shows it.
    optional
        How many of the last arguments may be left out.
    repeats
        Whether the last argument may be repeated.
    way
        How it is bound, a method of `calls.Calls`; `plain` checks the types and no more.
    """

    name: str
    takes: tuple[str, ...]
    gives: str
    signature: str
    optional: int = 0
    repeats: bool = False
    way: str = "plain"

    def accepts(self, count: int) -> bool:
        """Whether it may be called with so many arguments."""
        return count >= len(self.takes) - self.optional and (self.repeats or count <= len(self.takes))


PARTS = ("year", "month", "day", "hour", "minute", "second", "weekday")
"""Functions that take a part of a DATETIME, in the query's time zone."""

TRUNCATED = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""What `date_trunc` cuts to."""

_INSTANTS_TOO = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
_INTERVALS_ONLY = (
    "t_contains", "t_during", "t_finishedby", "t_finishes", "t_meets", "t_metby", "t_overlappedby", "t_overlaps",
    "t_startedby", "t_starts",
)  # fmt: skip

FUNCTIONS: dict[str, FunctionRow] = {
    row.name: row
    for row in (
        FunctionRow("now", (), "DATETIME", "now()", way="now"),
        FunctionRow("today", (), "PERIOD", "today()", way="today"),
        FunctionRow("lower", ("STRING",), "STRING", "lower(text)"),
        FunctionRow("upper", ("STRING",), "STRING", "upper(text)"),
        FunctionRow("casei", ("STRING",), "STRING", "casei(text)"),
        FunctionRow("accenti", ("STRING",), "STRING", "accenti(text)"),
        FunctionRow("trim", ("STRING",), "STRING", "trim(text)"),
        FunctionRow("length", ("STRING",), "NUMBER", "length(text) or length(list)"),
        FunctionRow(
            "substr",
            ("STRING", "NUMBER", "NUMBER"),
            "STRING",
            "substr(text, start[, length])",
            optional=1,
            way="substr",
        ),
        FunctionRow("concat", ("STRING",), "STRING", "concat(text, …)", repeats=True),
        FunctionRow("abs", ("NUMBER",), "NUMBER", "abs(number)"),
        FunctionRow("floor", ("NUMBER",), "NUMBER", "floor(number)"),
        FunctionRow("ceil", ("NUMBER",), "NUMBER", "ceil(number)"),
        FunctionRow("sqrt", ("NUMBER",), "NUMBER", "sqrt(number)"),
        FunctionRow("round", ("NUMBER", "NUMBER"), "NUMBER", "round(number[, digits])", optional=1, way="round"),
        FunctionRow("coalesce", ("any",), "any", "coalesce(value, …)", repeats=True, way="coalesce"),
        FunctionRow("exists", ("field",), "BOOLEAN", "exists(field)", way="of_field"),
        FunctionRow("raw", ("field",), "STRING", "raw(field)", way="of_field"),
        *(FunctionRow(part, ("DATETIME",), "NUMBER", f"{part}(time)") for part in PARTS),
        FunctionRow("date", ("DATETIME",), "PERIOD", "date(time) or date('2023-01-31')", way="date"),
        FunctionRow("date_trunc", ("STRING", "DATETIME"), "DATETIME", "date_trunc('month', time)", way="truncated"),
        FunctionRow("timestamp", ("STRING",), "DATETIME", "timestamp('2023-01-31T10:00:00Z')", way="timestamp"),
        FunctionRow("duration", ("STRING",), "DURATION", "duration('P7DT2H')", way="duration"),
        FunctionRow("interval", ("DATETIME", "DATETIME"), "INTERVAL", "interval(start, end)", way="interval"),
        *(
            FunctionRow(name, ("INTERVAL", "INTERVAL"), "BOOLEAN", f"{name}(time or interval, …)", way="temporal")
            for name in _INSTANTS_TOO
        ),
        *(
            FunctionRow(name, ("INTERVAL", "INTERVAL"), "BOOLEAN", f"{name}(interval, interval)", way="temporal")
            for name in _INTERVALS_ONLY
        ),
        *(
            FunctionRow(name, ("LIST", "LIST"), "BOOLEAN", f"{name}(list, list)", way="lists")
            for name in ("a_contains", "a_overlaps", "a_containedby", "a_equals")
        ),
        FunctionRow("latitude", ("POINT",), "NUMBER", "latitude(point)", way="coordinate"),
        FunctionRow("longitude", ("POINT",), "NUMBER", "longitude(point)", way="coordinate"),
        FunctionRow("distance", ("POINT", "POINT"), "NUMBER", "distance(point, POINT(2.35 48.85))", way="spatial"),
        *(
            FunctionRow(
                name, ("POINT", "POINT"), "BOOLEAN", f"{name}(point, BBOX(2.2, 48.8, 2.5, 48.9))", way="spatial"
            )
            for name in ("s_intersects", "s_within", "s_disjoint")
        ),
        *(
            FunctionRow(name, ("VECTOR", "VECTOR"), "NUMBER", f"{name}(vector, [0.1, 0.2])", way="vectors")
            for name in ("cosine_similarity", "l2_distance")
        ),
    )
}
"""Every function, by name."""
