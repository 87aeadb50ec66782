"""Random filters that bind: typed from the outside in, of the names and values of a vocabulary."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from metaquery.language import syntax as s
from metaquery.schema import DATA, LABELS, Relation, Schema

from .schemas import SCHEMA
from .strategies import flat
from .vocabulary import Values, Vocabulary, vocabulary
from .writing import LIKES, ORDERS, PATTERNS
from .writing_functions import FunctionWriter

TEXTS = ["Paris", "paris", "Lyon", "São Paulo", "", "50%", "a_b", "O'Brien", "Éa", "par\\is", "seq_001/x.mp4"]
NUMBERS = [0, 1, -1, 2, 3.5, 50, 1e300, -7, 0.1]
TAGS = ["night", "dusk", "Night drives"]
CLASSES = ["car", "person", "bus"]
UUIDS = ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "00000000-0000-4000-8000-000000000001"]
COLLECTIONS = ["night", "Paris review"]
DATES: list[s.Expr] = [
    s.Period(2023, 1, 1),
    s.Period(2023, 1),
    s.Period(2023, 3, 26),
    s.Period(2024, 2, 29),
    s.Period(2023, 12),
    s.Instant(1672531200000000, True),
    s.Instant(1672567200000000, False),
]


class Writer(FunctionWriter):
    """Writes one filter."""

    # ------------------------------------------------------------------ conditions on one value

    def condition(self, depth: int) -> s.Expr:
        if depth == 0 or self.chance():
            return self.test(2)
        chained = [self.chained] * 4
        return self.pick([*chained, self.negated, self.negated, self.unknown, self.truth, self.same])(depth - 1)

    def chained(self, depth: int) -> s.Expr:
        args = [self.condition(depth) for _ in range(self.dice.randint(2, 3))]
        return flat(self.pick([s.And, s.Or]), args)

    def negated(self, depth: int) -> s.Expr:
        return s.Not(self.condition(depth))

    def unknown(self, depth: int) -> s.Expr:
        return unknown(self.condition(depth))

    def truth(self, depth: int) -> s.Expr:
        return s.Is(self.condition(depth), s.Bool(self.chance()))

    def same(self, depth: int) -> s.Expr:
        return s.Compare(self.pick(["=", "!="]), self.condition(depth), self.condition(depth))

    def test(self, depth: int) -> s.Expr:
        tests: list[Callable[[int], s.Expr]] = [
            self.of_numbers, self.of_numbers, self.of_texts, self.of_texts, self.of_moments, self.of_moments,
            self.of_spans, self.like, self.matches, self.search, self.null, self.collection,
            self.constant,
        ]  # fmt: skip
        by_type = {"BOOLEAN": self.of_booleans, "UUID": self.of_uuids, "ENUM": self.of_choices}
        tests += [method for type_, method in by_type.items() if self.words.of(type_)]
        if self.words.of("LIST"):
            tests += [self.has, self.of_lists]
        tests += self.function_tests()
        if self.words.metadata:
            tests.append(self.state)
        if self.words.inside:
            tests += [self.quantified, self.quantified]
        if self.words.saved:
            tests.append(self.saved)
        return self.pick(tests)(depth)

    def compared(self, one: Callable[[], s.Expr], other: Callable[[], s.Expr]) -> s.Expr:
        """Write any test that takes every ordered type."""
        match self.pick(["compare", "compare", "between", "in", "is"]):
            case "between":
                return s.Between(one(), other(), other())
            case "in":
                return s.In(one(), self.several(other))
            case "is":
                return s.Is(one(), other())
        left, right = (one(), other()) if self.typical or self.chance() else (other(), one())
        return s.Compare(self.pick(ORDERS), left, right)

    def of_numbers(self, depth: int) -> s.Expr:
        def other() -> s.Expr:
            return self.number_literal() if self.chance() else self.number(depth - 1)

        return self.compared(lambda: self.number(depth), other)

    def of_texts(self, depth: int) -> s.Expr:
        def other() -> s.Expr:
            return self.text_literal() if self.chance() else self.text(depth - 1)

        return self.compared(lambda: self.text(depth), other)

    def of_moments(self, depth: int) -> s.Expr:
        return self.compared(lambda: self.moment(depth - 1), lambda: self.when(depth - 1))

    def of_spans(self, depth: int) -> s.Expr:
        if self.chance():
            return self.compared(self.span, self.span)
        return s.Compare(self.pick(ORDERS), self.date(), self.date())

    def of_booleans(self, depth: int) -> s.Expr:
        field = self.name("BOOLEAN")
        if self.chance():
            return field
        return self.compared(lambda: field, lambda: s.Bool(self.chance()) if self.chance() else self.name("BOOLEAN"))

    def of_uuids(self, depth: int) -> s.Expr:
        def other() -> s.Expr:
            uuid = self.pick(self.words.values.uuids)
            return s.String(uuid.upper() if self.chance() else uuid) if self.chance() else self.name("UUID")

        return self.compared(lambda: self.name("UUID"), other)

    def of_choices(self, depth: int) -> s.Expr:
        field = self.pick(list(self.words.choices))
        return self.compared(lambda: field, lambda: s.String(self.pick(self.words.choices[field])))

    def of_lists(self, depth: int) -> s.Expr:
        def other() -> s.Expr:
            return s.ListOf(self.items()) if self.chance() else self.name("LIST")

        if self.chance():
            return s.Compare(self.pick(["=", "!="]), self.name("LIST"), other())
        return s.Is(self.name("LIST"), other()) if self.chance() else s.In(self.name("LIST"), self.several(other))

    def searched(self) -> s.Expr:
        return self.name("ENUM") if self.words.of("ENUM") and self.chance() else self.text(1)

    def like(self, depth: int) -> s.Expr:
        return s.Like(self.searched(), s.String(self.pick(LIKES)), self.chance())

    def matches(self, depth: int) -> s.Expr:
        return s.Matches(self.searched(), s.String(self.pick(PATTERNS)), self.chance())

    def search(self, depth: int) -> s.Expr:
        kind = self.pick(["contains", "starts with", "ends with"])
        return s.Text(kind, self.searched(), self.text_literal() if self.chance() else self.text(1), self.chance())

    def has(self, depth: int) -> s.Expr:
        kind = self.pick(["has", "any", "all", "only", "none"])
        items = (self.item(),) if kind == "has" else self.items()
        return s.Has(kind, self.name("LIST"), items)

    def null(self, depth: int) -> s.Expr:
        tested = [lambda: self.name(*self.words.names), lambda: self.number(depth), lambda: self.text(depth)]
        return s.IsNull(self.pick(tested)())

    def state(self, depth: int) -> s.Expr:
        return self.pick([s.IsMissing, s.IsInvalid])(self.pick(self.words.metadata))

    def constant(self, depth: int) -> s.Expr:
        return s.Bool(self.chance())

    def collection(self, depth: int) -> s.Expr:
        names = [s.String(self.pick(self.words.values.collections)) for _ in range(self.dice.randint(1, 2))]
        return s.InCollection(tuple(names))

    def saved(self, depth: int) -> s.Expr:
        return s.Saved(self.pick(self.words.saved))

    # ------------------------------------------------------------------ labels and predictions

    def quantified(self, depth: int) -> s.Expr:
        which, relation = self.pick(["any", "no", "every"]), self.pick(["label", "prediction"])
        return s.Quantified(which, relation, self.row(relation) if which == "every" or self.chance() else None)

    def row(self, relation: str) -> s.Expr:
        inner = Writer(self.dice, self.words.inside[relation], typical=self.typical)
        return inner.condition(1) if self.chance() else inner.test(1)


def unknown(p: s.Expr) -> s.Expr:
    return s.IsNull(p) if isinstance(p, s.Field) else s.IsUnknown(p)


def filters(words: Vocabulary, depth: int = 2, *, typical: bool = False) -> st.SearchStrategy[s.Expr]:
    """Return filters of a vocabulary."""
    dice = st.randoms(use_true_random=False)
    return dice.map(lambda dice: Writer(dice, words, typical=typical).condition(depth))


VALUES = Values(
    numbers=tuple(NUMBERS),
    texts=(*TEXTS, *CLASSES),
    dates=tuple(DATES),
    uuids=tuple(UUIDS),
    items=tuple(TAGS),
    collections=tuple(COLLECTIONS),
)
"""Values that the rows of the fixed world have too."""

FILTERS = filters(vocabulary(SCHEMA, DATA, VALUES))
"""Filters on data of the schema of `schemas`."""

_BARE = Schema(tuple(field for field in SCHEMA.fields if field.name.isidentifier() and field.name != "in"))

TYPICAL = filters(vocabulary(_BARE, DATA, VALUES, typical=True), typical=True)
"""The same as people type them: names without quotes and qualifiers."""


def rows(relation: Relation = LABELS) -> st.SearchStrategy[s.Expr]:
    """Return filters on labels, or on predictions."""
    return filters(vocabulary(SCHEMA, relation, VALUES), depth=1)
