"""The hand that writes random filters: its dice, its words, and what it writes whatever the rows are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from metaquery.language import syntax as s

from .vocabulary import Vocabulary

WRITTEN: list[s.Expr] = [
    s.Number(20230101, 8),
    s.Number(2023, 4),
    s.String("2023-01"),
    s.String("2023-01-02"),
    s.String("2023-01-02 10:00"),
]
"""Dates in forms that are dates only opposite a DATETIME."""

DURATIONS: list[s.Expr] = [
    s.Duration(7, "d"),
    s.Duration(1.5, "h"),
    s.Duration(1, "mo"),
    s.Duration(1, "y"),
    s.Duration(30, "min"),
    s.Duration(2, "w"),
    s.Duration(250, "ms"),
]
ORDERS = ["=", "!=", "<", "<=", ">", ">="]
PARTS = ["year", "month", "day", "hour", "minute", "second", "weekday"]
LIKES = ["par%", "%is", "_a%", "50\\%", "%\\", "p%\\i_", "", "%", "%É%", "_", "%\n%"]
PATTERNS = ["^P", "is$", "a.b", "o", "^$", "[0-9]+", "(?:é|É)", "^.$"]

_T = TypeVar("_T")


class Hand:
    """Throws dice for words.

    The dice are Hypothesis's where it is to make a failing filter smaller, else plain ones, ten times as fast. In
    typical filters, what is tested stands before what it is compared with.
    """

    def __init__(self, dice: Random, vocabulary: Vocabulary, *, typical: bool = False) -> None:
        self.dice = dice
        self.words = vocabulary
        self.typical = typical

    def pick(self, options: Sequence[_T]) -> _T:
        return self.dice.choice(options)

    def chance(self, of: int = 2) -> bool:
        """Return true once in so many times."""
        return self.dice.randrange(of) == 0

    def several(self, one: Callable[[], s.Expr], *, least: int = 0) -> tuple[s.Expr, ...]:
        return tuple(one() for _ in range(self.dice.randint(least, 3)))

    def name(self, *types: str) -> s.Expr:
        """Write a field; client metadata more often, as its values are of more kinds."""
        names = [name for type_ in types for name in self.words.of(type_)]
        metadata = [name for name in names if name in self.words.metadata]
        return self.pick(names if self.chance(4) or not metadata else metadata)

    def call(self, function: str, *args: s.Expr) -> s.Expr:
        return s.Call(function, args)

    def known(self, *functions: str) -> list[str]:
        return [name for name in functions if name in self.words.functions]


def minus(value: float) -> s.Expr:
    return s.Neg(s.Number(-value)) if value < 0 else s.Number(value)
