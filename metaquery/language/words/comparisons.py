"""Comparisons in words: with one value, with a range, with a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import query
from metaquery.language.operators import OPERATORS, family
from metaquery.language.query import Column, Constant, PeriodValue, Value
from metaquery.language.words.joining import Clause, listed
from metaquery.language.words.moments import moves
from metaquery.language.words.values import Values, is_known

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Comparisons"]

_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

_VERBS = {
    "NUMBER": {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least"},
    "DURATION": {"<": "shorter than", "<=": "at most", ">": "longer than", ">=": "at least"},
    "DATETIME": {"<": "before", "<=": "at or before", ">": "after", ">=": "at or after"},
    "BOOLEAN": {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least"},
    "STRING": {"<": "before", "<=": "at or before", ">": "after", ">=": "at or after"},
    "UUID": {"<": "before", "<=": "at or before", ">": "after", ">=": "at or after"},
}
"""How orders are said behind "is", by what they compare."""

_HOW = {"STRING": "by character code", "UUID": "by character code", "BOOLEAN": "false is less than true"}
"""What has to be known of an order."""

_AMOUNTS = {"=": "exactly", "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least"}

_IGNORED = {"casei": "case", "accenti": "accents"}


class Comparisons(Values):
    """Says comparisons."""

    def compare(self, op: str, left: Value, right: Value, *, so: bool, whether: bool) -> Clause:
        """Say `left op right`, or its opposite."""
        op = op if so else _OPPOSITE[op]
        if isinstance(left, Constant) and not isinstance(right, Constant):
            op, left, right = OPERATORS[op].mirror, right, left
        if isinstance(right, Constant) and isinstance(right.value, PeriodValue):
            return Clause(f"{self.value(left)} {self._in_period(op, right, right.value, whether=whether)}")
        if isinstance(right, Constant) and isinstance(right.value, bool) and op in {"=", "!="}:
            return self.clause(left, so=right.value is (op == "="), whether=whether)
        if isinstance(left, query.Count) and isinstance(right, Constant) and op != "!=" and is_known(right):
            return Clause(f"the data unit has {self._amount(op, left, right)}")
        if op in {"=", "!="}:
            return self._equal(op, left, right, whether=whether)
        (left, right), ignored = self.folded(left, right)
        kind = family(left.type)
        verb = _VERBS[kind][op]
        return Clause(f"{self.side(left)} is {verb} {self.side(right, left)}{remarks(ignored, _HOW.get(kind, ''))}")

    def side(self, node: Value, other: Value | None = None) -> str:
        """Say one side of a comparison; a condition there stands in brackets."""
        if isinstance(node, Column):
            return self.value(node)
        if node.type == "BOOLEAN" and not isinstance(node, Constant):
            return f"({self.clause(node, whether=True).text})"
        return self.value(node) if other is None else self.beside(node, other)

    def folded(self, *sides: Value) -> tuple[list[Value], str]:
        """Take `casei` and `accenti` off values where that is to ignore case or accents, and return what is ignored."""
        values = list(sides)
        ignored: list[str] = []
        while isinstance(values[0], query.Function) and values[0].name in _IGNORED:
            name = values[0].name
            bare = [_without(name, value) for value in values]
            found = [value for value in bare if value is not None]
            if len(found) < len(values):
                break
            values, ignored = found, [*ignored, _IGNORED[name]]
        return values, f"ignoring {' and '.join(sorted(set(ignored), reverse=True))}" if ignored else ""

    def _equal(self, op: str, left: Value, right: Value, *, whether: bool) -> Clause:
        (left, right), ignored = self.folded(left, right)
        x, end = self.side(left), remarks(ignored)
        if left.type == "BOOLEAN":
            y = self.side(right)
            if op == "=":
                return Clause(f"{x} and {y} are both true or both false")
            return Clause(f"one of {x} and {y} is true and the other is false")
        if left.type == "LIST":
            order = ", in this order" * (not isinstance(right, query.ListOf) or len(right.items) > 1)
            return Clause(f"{x} is {'not ' * (op == '!=')}the list {self.value(right)}{order}")
        if not is_known(right):
            return Clause(
                f"{x} and {self.value(right)} have {'the same value' if op == '=' else 'different values'}{end}"
            )
        y = self.beside(right, left)
        if op == "=":
            return Clause(f"{x} is {'exactly ' * (left.type == 'DATETIME')}{y}{end}")
        plainly = whether or is_known(left)
        return Clause(f"{x} {'is not' if plainly else 'has a value other than'} {y}{end}")

    def _amount(self, op: str, count: query.Count, right: Constant) -> str:
        which, one = self.which(count.relation, count.where), count.relation.singular
        match op, right.value:
            case (("=" | "<="), 0) | ("<", 1):
                return f"no {one}{which}"
            case (">", 0) | (">=", 1):
                return f"at least one {one}{which}"
            case _:
                noun = one if right.value == 1 else count.relation.name
                return f"{_AMOUNTS[op]} {self.value(right)} {noun}{which}"

    def _in_period(self, op: str, constant: Constant, period: PeriodValue, *, whether: bool) -> str:
        calendar, label = self.calendar, self.calendar.label(constant)
        match op:
            case "=":
                return f"is {calendar.within(period)} {label}"
            case "!=":
                return f"{'is' if whether else 'has a value that is'} not {calendar.within(period)} {label}"
            case "<":
                return f"is {calendar.before(period)} {label}"
            case ">=":
                return f"is {calendar.since(period)} {label}"
            case "<=":
                return f"is {calendar.until(period)} {label}"
            case _:
                return f"is {calendar.after(period, named=moves(constant))} {label}"

    # ------------------------------------------------------------------ ranges

    def between(self, node: query.Between, *, so: bool) -> Clause:
        """Say that a value is in a range, or that it is outside; the latter is known of one bound alone, too."""
        (x, low, high), ignored = self.folded(node.x, node.low, node.high)
        dated = [b for b in (low, high) if isinstance(b, Constant) and b.type in {"DATETIME", "PERIOD"} and is_known(b)]
        label = f" {self.calendar.label(*dated)}" if dated else ""
        how = _HOW.get(family(x.type), "")
        if not so:
            below, above = self._outside("<", low, x), self._outside(">", high, x)
            return Clause(f"{self.side(x)} is either {below} or {above}{label}{remarks(ignored, how)}")
        included = "" if isinstance(high, Constant) and isinstance(high.value, PeriodValue) else "both included"
        first, last = self._bound(low, x, last=False), self._bound(high, x, last=True)
        return Clause(f"{self.side(x)} is from {first} to {last}{label}{remarks(included, ignored, how)}")

    def _outside(self, op: str, bound: Value, x: Value) -> str:
        if isinstance(bound, Constant) and isinstance(bound.value, PeriodValue):
            return self.calendar.before(bound.value) if op == "<" else self.calendar.after(bound.value)
        return f"{_VERBS[family(x.type)][op]} {self._bound(bound, x, last=op == '>')}"

    def _bound(self, node: Value, x: Value, *, last: bool) -> str:
        match node:
            case Constant(value=PeriodValue() as period):
                return self.calendar.closing(period) if last else self.calendar.opening(period)
            case Constant(type="DATETIME", value=int() as micros):
                return self.calendar.instant(micros)
            case _:
                return self.beside(node, x)

    # ------------------------------------------------------------------ lists

    def among(self, node: query.In, *, so: bool, whether: bool) -> Clause:
        """Say that a value is in a list, or not."""
        if not node.items:
            always = "never" if so else "always"
            return Clause(f"{self.value(node.x)} is {'' if so else 'not '}in an empty list (which is {always} so)")
        if len(node.items) == 1:
            return self.compare("=", node.x, node.items[0], so=so, whether=whether)
        (x, *items), ignored = self.folded(node.x, *node.items)
        said, label = self._items(items, x)
        end = f"{said}{label}{remarks(ignored)}"
        if so:
            return Clause(f"{self.side(x)} is {self._one_of(items)} {end}")
        needed = [] if whether else [self.side(item) for item in items if not is_known(item)]
        if needed:
            return Clause(
                f"{listed([self.side(x), *needed])} have values, and {self.side(x)} is none of {end}", single=False
            )
        plainly = whether or is_known(x)
        return Clause(
            f"{self.side(x)} {'is' if plainly else 'has a value that is'} {self._one_of(items, 'none of')} {end}"
        )

    def _one_of(self, items: Sequence[Value], word: str = "one of") -> str:
        periods = [item.type == "PERIOD" for item in items]
        return f"within {word}" if all(periods) else f"at or within {word}" if any(periods) else word

    def _items(self, items: Sequence[Value], x: Value) -> tuple[str, str]:
        dated = [i for i in items if isinstance(i, Constant) and i.type in {"DATETIME", "PERIOD"} and is_known(i)]
        said = [self._item(item, x) for item in dict.fromkeys(items)]
        return listed(said), f" {self.calendar.label(*dated)}" if dated else ""

    def _item(self, node: Value, x: Value) -> str:
        match node:
            case Constant(value=PeriodValue() as period):
                return self.calendar.within(period).removeprefix("on ").removeprefix("in ")
            case Constant() if is_known(node):
                return self._bound(node, x, last=False)
            case Column():
                return self.beside(node, x)
            case _:
                return self.part(node)


def remarks(*found: str) -> str:
    """Write remarks in brackets behind a condition."""
    said = "; ".join(filter(None, found))
    return f" ({said})" if said else ""


def _without(name: str, node: Value) -> Value | None:
    """Return what `name`, `casei` or `accenti`, is of; a constant that it does not change; else None."""
    match node:
        case query.Function() if node.name == name:
            return node.args[0]
        case Constant(value=str() as text) if name == "casei":
            return node if all(char.lower() == char for char in text) else None
        case Constant(value=str() as text):
            return node if text.isascii() else None
        case _:
            return None
