"""`FUNCTIONS`: one row a function: what it takes and what it gives. How it is spelt in SQL is the dialect's.

`now`, `today`, `date` and `timestamp` of a text, and `duration` are computed at bind; `exists(f)` and `count(…)` are
syntax of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FUNCTIONS", "PARTS", "FunctionRow"]


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
    """

    name: str
    takes: tuple[str, ...]
    gives: str
    signature: str
    optional: int = 0
    repeats: bool = False

    def accepts(self, count: int) -> bool:
        """Whether it may be called with so many arguments."""
        return count >= len(self.takes) - self.optional and (self.repeats or count <= len(self.takes))


PARTS = ("year", "month", "day", "hour", "minute", "second", "weekday")
"""Functions that take a part of a DATETIME, in the query's time zone."""

FUNCTIONS: dict[str, FunctionRow] = {
    row.name: row
    for row in (
        FunctionRow("now", (), "DATETIME", "now()"),
        FunctionRow("today", (), "PERIOD", "today()"),
        FunctionRow("lower", ("STRING",), "STRING", "lower(text)"),
        FunctionRow("upper", ("STRING",), "STRING", "upper(text)"),
        FunctionRow("casei", ("STRING",), "STRING", "casei(text)"),
        FunctionRow("accenti", ("STRING",), "STRING", "accenti(text)"),
        FunctionRow("trim", ("STRING",), "STRING", "trim(text)"),
        FunctionRow("length", ("STRING",), "NUMBER", "length(text) or length(list)"),
        FunctionRow("substr", ("STRING", "NUMBER", "NUMBER"), "STRING", "substr(text, start[, length])", optional=1),
        FunctionRow("concat", ("STRING",), "STRING", "concat(text, …)", repeats=True),
        FunctionRow("abs", ("NUMBER",), "NUMBER", "abs(number)"),
        FunctionRow("floor", ("NUMBER",), "NUMBER", "floor(number)"),
        FunctionRow("ceil", ("NUMBER",), "NUMBER", "ceil(number)"),
        FunctionRow("sqrt", ("NUMBER",), "NUMBER", "sqrt(number)"),
        FunctionRow("coalesce", ("any",), "any", "coalesce(value, …)", repeats=True),
        FunctionRow("exists", ("field",), "BOOLEAN", "exists(field)"),
        FunctionRow("raw", ("field",), "STRING", "raw(field)"),
        *(FunctionRow(part, ("DATETIME",), "NUMBER", f"{part}(time)") for part in PARTS),
    )
}
"""Every function that is bound, by name."""
