"""Random expressions of each type but BOOLEAN: numbers, texts, times, durations, places, vectors, lists."""

from __future__ import annotations

from metaquery.language import syntax as s
from metaquery.language.functions import TRUNCATED

from .writing import DURATIONS, PARTS, WRITTEN, Hand, minus


class ValueWriter(Hand):
    """Each method writes an expression of one type, no deeper than told."""

    def row(self, relation: str) -> s.Expr:
        """Write a condition on the rows of a relation."""
        raise NotImplementedError

    # ------------------------------------------------------------------ numbers and texts

    def number(self, depth: int) -> s.Expr:
        if depth == 0 or self.chance():
            return self.number_literal() if self.chance(3) else self.name("NUMBER")
        options = [self.arithmetic, self.power, self.of_number, self.length, self.filled, self.part]
        options += [self.count] if self.words.inside else []
        options += [self.rounded] if self.known("round") else []
        options += [self.coordinate] if self.known("latitude") and self.words.of("POINT") else []
        return self.pick(options)(depth - 1)

    def number_literal(self) -> s.Expr:
        return minus(self.pick(self.words.values.numbers))

    def arithmetic(self, depth: int) -> s.Expr:
        return s.Arith(self.pick(["+", "-", "*", "/", "%", "div"]), self.number(depth), self.number(depth))

    def power(self, depth: int) -> s.Expr:
        return s.Arith("^", self.number(depth), s.Number(self.pick([0, 1, 2, 0.5])))

    def of_number(self, depth: int) -> s.Expr:
        function = self.pick(["-", *self.known("abs", "floor", "ceil", "sqrt")])
        x = self.number(depth)
        return s.Neg(x) if function == "-" else self.call(function, x)

    def length(self, depth: int) -> s.Expr:
        lists = self.words.of("LIST") and self.chance()
        return self.call("length", self.name("LIST") if lists else self.text(depth))

    def filled(self, depth: int) -> s.Expr:
        return self.call("coalesce", self.name("NUMBER"), self.number(depth))

    def part(self, depth: int) -> s.Expr:
        return self.call(self.pick(PARTS), self.moment(depth))

    def rounded(self, depth: int) -> s.Expr:
        digits = (minus(self.pick([0, 1, 2, 3, -1, -2])),) if self.chance() else ()
        return self.call("round", self.number(depth), *digits)

    def coordinate(self, depth: int) -> s.Expr:
        return self.call(self.pick(["latitude", "longitude"]), self.name("POINT"))

    def count(self, depth: int) -> s.Expr:
        relation = self.pick(["label", "prediction"])
        return s.Count(relation, self.row(relation) if self.chance() else None)

    def text(self, depth: int) -> s.Expr:
        if depth == 0 or self.chance():
            return self.text_literal() if self.chance(4) else self.name("STRING")
        options = [self.of_text, self.joined, self.filled_text, self.raw]
        return self.pick([*options, self.substr] if self.known("substr") else options)(depth - 1)

    def text_literal(self) -> s.Expr:
        return s.String(self.pick(self.words.values.texts))

    def of_text(self, depth: int) -> s.Expr:
        x = self.name("ENUM") if self.words.of("ENUM") and self.chance() else self.text(depth)
        return self.call(self.pick(self.known("lower", "casei", "upper", "accenti", "trim")), x)

    def substr(self, depth: int) -> s.Expr:
        """Write constants that are no mistake, or a number that a row may not have."""
        start = s.Number(self.pick([1, 2, 3, 7, 1.5])) if self.chance() else self.name("NUMBER")
        if self.chance():
            return self.call("substr", self.text(depth), start)
        length = s.Number(self.pick([0, 1, 3, 2.9])) if self.chance() else self.name("NUMBER")
        return self.call("substr", self.text(depth), start, length)

    def joined(self, depth: int) -> s.Expr:
        return self.call("concat", self.text(depth), self.text(depth))

    def filled_text(self, depth: int) -> s.Expr:
        return self.call("coalesce", self.name("STRING"), self.text(depth))

    def raw(self, depth: int) -> s.Expr:
        return self.call("raw", self.pick(self.words.metadata)) if self.words.metadata else self.text_literal()

    # ------------------------------------------------------------------ time

    def moment(self, depth: int) -> s.Expr:
        if depth == 0 or self.chance():
            return self.name("DATETIME")
        if self.chance():
            return s.Arith(self.pick(["+", "-"]), self.moment(depth - 1), self.length_of_time())
        if self.known("date_trunc") and self.chance():
            return self.call("date_trunc", s.String(self.pick(TRUNCATED)), self.moment(depth - 1))
        return self.call("coalesce", self.name("DATETIME"), self.pick([*self.words.values.dates, *WRITTEN]))

    def date(self) -> s.Expr:
        """Write a constant: an instant or a period, or one moved."""
        constant = self.pick([*self.words.values.dates, s.Call("now", ()), s.Call("today", ()), *self.constructed()])
        return constant if self.chance() else s.Arith(self.pick(["+", "-"]), constant, self.length_of_time())

    def constructed(self) -> list[s.Expr]:
        """Return what CQL2's constructors write."""
        if not self.known("timestamp"):
            return []
        return [
            self.call("date", s.String("2023-01-02")),
            self.call("timestamp", s.String("2023-03-26T01:30:00Z")),
            self.call("timestamp", s.String("2023-01-01T10:00:00.5")),
        ]

    def day(self, depth: int) -> s.Expr:
        """Write the day of an instant, or one near it; with anything finer than days it is an instant."""
        day = self.call("date", self.moment(depth))
        return day if self.chance() else s.Arith(self.pick(["+", "-"]), day, self.length_of_time())

    def length_of_time(self) -> s.Expr:
        """Write a constant duration."""
        if self.known("duration") and self.chance(4):
            return self.call("duration", s.String(self.pick(["P7DT2H", "P1M", "PT90S", "P1Y2M", "P2W", "PT0.5S"])))
        return self.pick(DURATIONS)

    def when(self, depth: int) -> s.Expr:
        """Write what may stand opposite a DATETIME."""
        options = [self.date, self.date, lambda: self.pick([*WRITTEN, *self.words.values.edges])]
        return self.pick([*options, lambda: self.moment(depth)])()

    def span(self) -> s.Expr:
        if self.chance():
            return self.length_of_time()
        options = [self.date, lambda: self.moment(1), lambda: self.moment(0)]
        options += [lambda: self.day(0)] if self.known("date") else []
        difference = s.Arith("-", self.moment(0), self.pick(options)())
        if self.chance():
            return difference
        return s.Arith(self.pick(["*", "/"]), difference, minus(self.pick(self.words.values.numbers)))
