"""Random conditions of functions: on days, intervals, lists, places and vectors."""

from __future__ import annotations

from collections.abc import Callable

from metaquery.language import syntax as s

from .writing import ORDERS, WRITTEN, minus
from .writing_values import ValueWriter

INSTANTS_TOO = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
INTERVALS_ONLY = (
    "t_contains", "t_during", "t_finishedby", "t_finishes", "t_meets", "t_metby", "t_overlappedby", "t_overlaps",
    "t_startedby", "t_starts",
)  # fmt: skip
LISTS = ("a_contains", "a_overlaps", "a_containedby", "a_equals")
PLACES = ("s_intersects", "s_within", "s_disjoint")

BOXES = [
    (2.2, 48.8, 2.5, 48.9), (-180, -90, 180, 90), (170, -20, -170, 20), (0, 0, 0, 0), (2.35, 48.85, 151.21, 50),
    (10, -10, -10, 60),
]  # fmt: skip
"""West, south, east, north; bounds on which places lie, and two across the antimeridian."""

METRES = [0.5, 4_321.1, 1_234_567.8, 9_876_543.2, 20_015_000.1]
VECTORS = [(1, 0, 0), (0.5, -1, 2), (0, 0, 0), (-3, 4, 1)]
NEARNESS = [-0.8765, -0.1234, 0.3217, 0.7654, 0.9321, 1.2345, 3.4567]
"""Far from every value that vectors of few figures have: sums of doubles depend on their order."""


class FunctionWriter(ValueWriter):
    """Writes the conditions that functions are, or that compare what only a function gives."""

    def function_tests(self) -> list[Callable[[int], s.Expr]]:
        """Return what writes the conditions for which there are functions and fields."""
        tests: list[Callable[[int], s.Expr]] = []
        tests += [self.of_days] if self.known("date") else []
        tests += [self.related, self.related] if self.known("interval") else []
        tests += [self.of_sets] if self.known(*LISTS) and self.words.of("LIST") else []
        if self.words.of("POINT"):
            tests += [self.placed] if self.known(*PLACES) else []
            tests += [self.far] if self.known("distance") else []
        if self.words.of("VECTOR") and self.known("l2_distance"):
            tests.append(self.near)
        return tests

    def of_days(self, depth: int) -> s.Expr:
        options = [self.date, self.written, lambda: self.moment(1), self.one_day]
        other = self.pick(options)
        return self.compared(lambda: self.day(depth - 1), other)

    def written(self) -> s.Expr:
        return self.pick(WRITTEN)

    def one_day(self) -> s.Expr:
        return self.day(0)

    def compared(self, one: Callable[[], s.Expr], other: Callable[[], s.Expr]) -> s.Expr:
        """Write any test that takes every ordered type."""
        raise NotImplementedError

    # ------------------------------------------------------------------ intervals

    def related(self, depth: int) -> s.Expr:
        name = self.pick(self.known(*INSTANTS_TOO, *INTERVALS_ONLY))
        operand = self.instant_or_interval if name in INSTANTS_TOO else self.interval
        first, second = operand(), operand()
        return self.call(name, first, second)

    def instant_or_interval(self) -> s.Expr:
        return self.interval() if self.chance() else self.end()

    def interval(self) -> s.Expr:
        """Write an interval, or a period, which is one too."""
        if self.chance(5):
            return self.pick([s.Period(2023, 1), s.Period(2023, 1, 31), self.call("today")])
        return self.call("interval", self.open_end(), self.open_end())

    def open_end(self) -> s.Expr:
        return s.String("..") if self.chance(6) else self.end()

    def end(self) -> s.Expr:
        options = [
            lambda: self.moment(1),
            lambda: self.moment(0),
            self.date,
            lambda: self.pick(WRITTEN),
            lambda: self.day(0),
        ]
        return self.pick(options)()

    # ------------------------------------------------------------------ lists, places, vectors

    def items(self) -> tuple[s.Expr, ...]:
        return self.several(self.item)

    def item(self) -> s.Expr:
        return self.text(0) if self.chance(6) else self.constant_item()

    def constant_item(self) -> s.Expr:
        return s.String(self.pick(self.words.values.items))

    def of_sets(self, depth: int) -> s.Expr:
        written = self.constant_item() if self.chance(3) else s.ListOf(self.items())
        sides = [self.name("LIST"), written if self.chance(3) is False else self.name("LIST")]
        self.dice.shuffle(sides)
        return self.call(self.pick(self.known(*LISTS)), *sides)

    def point(self) -> s.Expr:
        longitude, latitude = self.pick(self.words.values.points)
        return s.Wkt("POINT", ((float(longitude), float(latitude)),))

    def placed(self, depth: int) -> s.Expr:
        name = self.pick(self.known(*PLACES))
        box = s.Wkt("BBOX", tuple((float(number),) for number in self.pick(BOXES)))
        shape = self.pick([lambda: box, lambda: box, self.point, lambda: self.name("POINT")])()
        sides = [self.name("POINT"), shape]
        if name != "s_within" and self.chance():
            sides.reverse()
        return self.call(name, *sides)

    def far(self, depth: int) -> s.Expr:
        sides = [self.name("POINT"), self.point() if self.chance() else self.name("POINT")]
        self.dice.shuffle(sides)
        return s.Compare(self.pick(["<", ">", "<=", ">="]), self.call("distance", *sides), s.Number(self.pick(METRES)))

    def near(self, depth: int) -> s.Expr:
        written = s.ListOf(tuple(minus(number) for number in self.pick(VECTORS)))
        sides = [self.name("VECTOR"), self.name("VECTOR") if self.chance(3) else written]
        self.dice.shuffle(sides)
        name = self.pick(self.known("cosine_similarity", "l2_distance"))
        return s.Compare(self.pick(ORDERS[2:]), self.call(name, *sides), minus(self.pick(NEARNESS)))
