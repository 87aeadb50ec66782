"""Comparisons in words: with one value, with a range, with a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import query
from metaquery.language.operators import OPERATORS, family
from metaquery.language.query import Column, Constant, Length, PeriodValue, Value
from metaquery.language.words.functions import Functions
from metaquery.language.words.joining import Clause, listed, remarks
from metaquery.language.words.moments import moves
from metaquery.language.words.values import is_known

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

_ON_DATES = {
    "=": "on",
    "!=": "either before or after",
    "<": "before",
    "<=": "on or before",
    ">": "after",
    ">=": "on or after",
}
"""How something is compared with a date that differs from row to row."""

_HOW = {"STRING": "by character code", "UUID": "by character code", "BOOLEAN": "false is less than true"}
"""What has to be known of an order."""

_AMOUNTS = {"=": "exactly", "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least"}

_IGNORED = {"casei": "case", "accenti": "accents"}


class Comparisons(Functions):
    """Says comparisons."""

    def compare(self, op: str, left: Value, right: Value, *, so: bool, whether: bool) -> Clause:
        """Say `left op right`, or its opposite."""
        op = op if so else _OPPOSITE[op]
        if isinstance(left, Constant) and not isinstance(right, Constant) and right.type != "PERIOD":
            op, left, right = OPERATORS[op].mirror, right, left
        if isinstance(right, Constant) and isinstance(right.value, PeriodValue):
            return Clause(f"{self.value(left)} {self._in_period(op, left, right, right.value, whether=whether)}")
        if right.type == "PERIOD" and (left.type != "PERIOD" or op not in {"=", "!="}):
            return Clause(f"{self.value(left)} is {_ON_DATES[op]} {self.value(right)}")
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
        if left.type == "BOOLEAN":
            return self._alike(op, left, right)
        x, end = self.side(left), remarks(ignored)
        if left.type == "LIST":
            order = "in this order" * (not isinstance(right, query.ListOf) or len(right.items) > 1)
            return Clause(f"{x} is {'not ' * (op == '!=')}the list {self.value(right)}{remarks(order)}")
        if not is_known(right):
            if op == "=" and left == right and not whether:
                return Clause(f"{x} has a value")
            said = "the same value" if op == "=" else "different values"
            return Clause(f"{self.part(left)} and {self.part(right)} have {said}{end}")
        y = self.beside(right, left)
        if op == "=":
            return Clause(f"{x} is {'exactly ' * (left.type == 'DATETIME')}{y}{end}")
        plainly = whether or is_known(left)
        return Clause(f"{x} {'is not' if plainly else 'has a value other than'} {y}{end}")

    def _alike(self, op: str, left: Value, right: Value) -> Clause:
        x, y = self.side(left), self.side(right)
        if op == "=":
            return Clause(f"{x} and {y} are both true or both false", single=False)
        return Clause(f"one of {x} and {y} is true and the other is false", single=False)

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

    def _in_period(self, op: str, x: Value, constant: Constant, period: PeriodValue, *, whether: bool) -> str:
        calendar = self.calendar.of_days() if x.type == "PERIOD" else self.calendar
        label = remarks(calendar.label(constant))
        match op:
            case "=" | "!=":
                return self._inside(op, x, period, label, whether=whether)
            case "<":
                return f"is {calendar.before(period)}{label}"
            case ">=":
                return f"is {calendar.since(period)}{label}"
            case "<=":
                return f"is {calendar.until(period)}{label}"
            case _:
                return f"is {calendar.after(period, named=moves(constant))}{label}"

    def _inside(self, op: str, x: Value, period: PeriodValue, label: str, *, whether: bool) -> str:
        verb = "is" if op == "=" else "is not" if whether else "has a value that is not"
        if x.type != "PERIOD":
            return f"{verb} {self.calendar.within(period)}{label}"
        days = self.calendar.of_days()
        if period.unit == "day":
            verb = "has a value other than" if verb.startswith("has") else verb
            return f"{verb} {days.opening(period)}{label}"
        always = "never" if op == "=" else "always"
        whole = days.within(period).removeprefix("in ").removeprefix("from ")
        return f"{verb} all of {whole}{label} (which is {always} so of a date)"

    # ------------------------------------------------------------------ ranges

    def between(self, node: query.Between, *, so: bool) -> Clause:
        """Say that a value is in a range, or that it is outside; the latter is known of one bound alone, too."""
        (x, low, high), ignored = self.folded(node.x, node.low, node.high)
        label = self._dates(low, high)
        how = _HOW.get(family(x.type), "")
        if not so:
            outside = f"either {self._limit('<', low, x)} or {self._limit('>', high, x)}"
            return Clause(f"{self.side(x)} is {outside}{remarks(label, ignored, how)}")
        if not _in_order(low, high):  # "from 2 to 1" would be read as from 1 to 2
            inside = f"both {self._limit('>=', low, x)} and {self._limit('<=', high, x)}"
            return Clause(f"{self.side(x)} is {inside}{remarks(label, ignored, how)}")
        included = "" if isinstance(high, Constant) and isinstance(high.value, PeriodValue) else "both included"
        inside = f"from {self._bound(low, x, last=False)} to {self._bound(high, x, last=True)}"
        return Clause(f"{self.side(x)} is {inside}{remarks(label, included, ignored, how)}")

    def _limit(self, op: str, bound: Value, x: Value) -> str:
        if not isinstance(bound, Constant) or not isinstance(bound.value, PeriodValue):
            verb = _ON_DATES[op] if bound.type == "PERIOD" else _VERBS[family(x.type)][op]
            return f"{verb} {self._bound(bound, x, last=False)}"
        calendar, period = self.calendar, bound.value
        return {"<": calendar.before, "<=": calendar.until, ">": calendar.after, ">=": calendar.since}[op](period)

    def _dates(self, *nodes: Value) -> str:
        dated = [n for n in nodes if isinstance(n, Constant) and n.type in {"DATETIME", "PERIOD"} and is_known(n)]
        return self.calendar.label(*dated) if dated else ""

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
        (x, *items), ignored = self.folded(node.x, *dict.fromkeys(node.items))
        if len(items) == 1:
            return self.compare("=", node.x, node.items[0], so=so, whether=whether)
        plainly = so or whether or (is_known(x) and all(map(is_known, items)))
        needed = "" if plainly or all(map(is_known, items)) else "which all have values"
        verb = "is" if plainly else "has a value that is"
        said = listed([self._item(item, x) for item in items])
        end = f"{said}{remarks(self._dates(*items), ignored, needed)}"
        return Clause(f"{self.side(x)} {verb} {self._one_of(items, 'one of' if so else 'none of')} {end}")

    def _one_of(self, items: Sequence[Value], word: str) -> str:
        periods = [item.type == "PERIOD" for item in items]
        return f"within {word}" if all(periods) else f"at or within {word}" if any(periods) else word

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


def _in_order(low: Value, high: Value) -> bool:
    """Whether both bounds are known, and there is something from the first to the last."""
    match low, high:
        case Constant(value=str() as first), Constant(value=str() as last):
            return first <= last  # as the code points of both, so their UTF-8
        case Constant(value=first), Constant(value=PeriodValue(end=end)) if first is not None:
            return _number(first) < end
        case Constant(value=first), Constant(value=last) if first is not None and last is not None:
            return _number(first) <= _number(last)
        case _:
            return False


def _number(value: object) -> float:
    match value:
        case PeriodValue():
            return value.start
        case Length():
            return value.total
        case int() | float():
            return value
        case _:
            raise AssertionError(value)


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
