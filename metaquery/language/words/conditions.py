"""Conditions in words, and queries with their order and limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import query
from metaquery.language.operators import OPERATORS, family
from metaquery.language.printing import string_text
from metaquery.language.query import Column, Constant, PeriodValue, Predicate, Query, Value
from metaquery.language.words.joining import Clause, joined, listed
from metaquery.language.words.moments import Calendar, moves
from metaquery.language.words.values import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["in_words"]

_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

_VERBS: dict[str, tuple[str, ...]] = {
    "NUMBER": ("is", "is not", "is less than", "is at most", "is greater than", "is at least"),
    "DURATION": ("is", "is not", "is shorter than", "is at most", "is longer than", "is at least"),
    "STRING": ("is", "is not", "comes before", "is or comes before", "comes after", "is or comes after"),
    "DATETIME": ("is exactly", "is not exactly", "is before", "is at or before", "is after", "is at or after"),
    "LIST": ("is exactly", "is not exactly"),
    "BOOLEAN": ("is the same as", "is not the same as", "is less than", "is at most", "is greater than", "is at least"),
}
"""How `= != < <= > >=` are said, by what they compare; a UUID is a text."""

_COMPARED = ("=", "!=", "<", "<=", ">", ">=")

_TEXTS = {"contains": ("contains", "contain"), "starts with": ("starts", "start"), "ends with": ("ends", "end")}

_ORDERS = {
    "NUMBER": ("smallest first", "largest first"),
    "DATETIME": ("earliest first", "latest first"),
    "DURATION": ("shortest first", "longest first"),
    "BOOLEAN": ("false first", "true first"),
}
_ALPHABETICAL = ("from A to Z", "from Z to A")


def in_words(bound: Query | Predicate, *, time_zone: str) -> str:
    """Say in English what a filter selects.

    Parameters
    ----------
    bound
        What `bind` or `compile_view` returned.
    time_zone
        The one that it was bound with; dates are said in it.

    Raises
    ------
    UsageError
        There is no such time zone.
    """
    words = _Words(Calendar.of(time_zone))
    if not isinstance(bound, Query):
        return words.clause(bound).text
    pieces = [f"every {bound.relation.singular}" if bound.where is None else words.clause(bound.where).text]
    if bound.order:
        pieces.append(f"sorted by {', then by '.join([words.sort_key(key) for key in bound.order])}")
    if bound.limit is not None:
        pieces.append("the first" if bound.limit == 1 else f"the first {bound.limit:,}")
    return "; ".join(pieces)


class _Words(Values):
    """Says conditions; `Values` says what they are about."""

    def sort_key(self, key: query.SortKey) -> str:
        """Say one key of an order."""
        direction = _ORDERS.get(key.key.type, _ALPHABETICAL)[key.descending]
        nulls = "first" if key.nulls_first else "last"
        return f"{self.value(key.key)}, {direction}, rows without a value {nulls}"

    def clause(self, node: Predicate, *, so: bool = True) -> Clause:  # noqa: C901, PLR0911, PLR0912  # one case a node
        match node:
            case query.Or() | query.And() | query.Not():
                return self._joined(node, so=so)
            case query.Compare():
                return self._compare(node.op if so else _OPPOSITE[node.op], node.left, node.right)
            case query.Between():
                return Clause(self._between(node, "is" if so else "is not"))
            case query.In():
                return self._in(node, so=so)
            case query.Like():
                return Clause(self._matches(node, "the pattern", so=so))
            case query.Matches():
                return Clause(self._matches(node, "the regular expression", so=so))
            case query.Text():
                return Clause(self._text(node, so=so))
            case query.Has():
                return Clause(f"{self.value(node.x)} {self._has(node, so=so)}")
            case query.Is():
                return self._is(node, so=so)
            case query.IsNull():
                return self._is_null(node.x, so=so)
            case query.IsMissing():
                return Clause(f"{self.value(node.column)} is {'' if so else 'not '}missing")
            case query.IsInvalid():
                said = f"is invalid (not {node.column.field.field_type.expected})" if so else "is not invalid"
                return Clause(f"{self.value(node.column)} {said}")
            case query.InCollection():
                return Clause(f"the data unit is {self._collections(node.names, so=so)}")
            case query.Quantified():
                return Clause(self._quantified(node, so=so))
            case Constant(value=bool() as truth):
                return _row(qualifies=truth is so)
            case _:
                return Clause(f"{self.value(node)} is {'true' if so else 'false'}")

    def _joined(self, node: query.Or | query.And | query.Not, *, so: bool) -> Clause:
        """Say `and`, `or` and `not`; `not` goes to the conditions, and what joins alike becomes one list."""
        word = ""
        found: list[tuple[Predicate, bool]] = []
        waiting: list[tuple[Predicate, bool]] = [(node, so)]
        while waiting:
            part, this = waiting.pop()
            while isinstance(part, query.Not):
                part, this = part.arg, not this
            own = "" if not isinstance(part, query.And | query.Or) else _word(part, so=this)
            word = word or own
            if isinstance(part, query.And | query.Or) and own == word:
                waiting.extend([(arg, this) for arg in reversed(part.args)])
            else:
                found.append((part, this))
        return joined(word, [self.clause(part, so=this) for part, this in found])

    # ------------------------------------------------------------------ comparisons

    def _compare(self, op: str, left: Value, right: Value) -> Clause:
        if isinstance(left, Constant) and not isinstance(right, Constant):
            op, left, right = OPERATORS[op].mirror, right, left
        if isinstance(right, Constant) and isinstance(right.value, PeriodValue):
            return Clause(f"{self.value(left)} {self._in_period(op, right, right.value)}")
        if isinstance(right, Constant) and isinstance(right.value, bool) and op in {"=", "!="}:
            return self.clause(left, so=right.value is (op == "="))
        verbs = _VERBS.get(family(left.type), _VERBS["STRING"])
        return Clause(f"{self._side(left)} {verbs[_COMPARED.index(op)]} {self._side(right, left)}")

    def _side(self, node: Value, other: Value | None = None) -> str:
        """Say one side of a comparison; a condition there stands in brackets."""
        if node.type == "BOOLEAN":
            return self.part(node)
        return self.value(node) if other is None else self.beside(node, other)

    def _in_period(self, op: str, constant: Constant, period: PeriodValue) -> str:
        calendar, label = self.calendar, self.calendar.label(constant)
        match op:
            case "=" | "!=":
                said = calendar.within(period)
                both = ", both included" * said.startswith("from")
                return f"is {'not ' * (op == '!=')}{said} {label}{both}"
            case "<":
                return f"is before {calendar.first(period)} {label}"
            case ">=":
                return f"is on or after {calendar.first(period)} {label}"
            case "<=":
                return f"is on or before {calendar.last(period)} {label}"
            case _:
                behind = None if moves(constant) else calendar.after(period)
                return f"is on or after {behind} {label}" if behind else f"is after {calendar.last(period)} {label}"

    def _between(self, node: query.Between, verb: str) -> str:
        dated = [b for b in (node.low, node.high) if isinstance(b, Constant) and b.type in {"DATETIME", "PERIOD"}]
        if not dated:
            low, high = self.beside(node.low, node.x), self.beside(node.high, node.x)
            return f"{self.value(node.x)} {verb} between {low} and {high}, both included"
        low, high = self._bound(node.low, last=False), self._bound(node.high, last=True)
        return f"{self.value(node.x)} {verb} from {low} to {high} {self.calendar.label(*dated)}, both included"

    def _bound(self, node: Value, *, last: bool) -> str:
        match node:
            case Constant(value=PeriodValue() as period):
                return self.calendar.last(period) if last else self.calendar.first(period)
            case Constant(type="DATETIME", value=int() as micros):
                return self.calendar.instant(micros)
            case _:
                return self.value(node)

    def _in(self, node: query.In, *, so: bool) -> Clause:
        if not node.items:
            return _row(qualifies=not so)
        if len(node.items) == 1:
            return self._compare("=" if so else "!=", node.x, node.items[0])
        dated = [i for i in node.items if isinstance(i, Constant) and i.type in {"DATETIME", "PERIOD"}]
        verb = "is one of" if so else "is none of"
        if not dated:
            return Clause(f"{self.value(node.x)} {verb} {listed([self._item(i, node.x) for i in node.items])}")
        said = [self._listed_date(item) for item in node.items]
        if all(i.type == "PERIOD" for i in node.items):
            verb = verb.replace("is", "is within")
        return Clause(f"{self.value(node.x)} {verb} {listed(said)} {self.calendar.label(*dated)}")

    def _item(self, node: Value, x: Value) -> str:
        return self.beside(node, x) if isinstance(node, Constant) and node.value is not None else self.part(node)

    def _listed_date(self, node: Value) -> str:
        if isinstance(node, Constant) and isinstance(node.value, PeriodValue):
            return self.calendar.within(node.value).removeprefix("on ").removeprefix("in ")
        return self._bound(node, last=False) if isinstance(node, Constant) else self.part(node)

    # ------------------------------------------------------------------ other tests

    def _matches(self, node: query.Like | query.Matches, what: str, *, so: bool) -> str:
        verb = "matches" if so else "does not match"
        return f"{self.value(node.x)} {verb} {what} {self.value(node.pattern)}{' (ignoring case)' * node.ci}"

    def _text(self, node: query.Text, *, so: bool) -> str:
        verb = _TEXTS[node.kind][0] if so else f"does not {_TEXTS[node.kind][1]}"
        rest = " with" * (node.kind != "contains")
        return f"{self.value(node.x)} {verb}{rest} {self.value(node.y)}{' (ignoring case)' * node.ci}"

    def _has(self, node: query.Has, *, so: bool) -> str:
        items, kind = [self.part(item) for item in node.items], node.kind
        if kind in {"any", "all", "none"} and len(items) == 1:
            kind, so = "has", so is (kind != "none")
        if kind == "none":
            kind, so = "any", not so
        said = listed(items) or "nothing"
        match kind:
            case "has":
                return f"includes {said}" if so else f"does not include {said}"
            case "any":
                return f"includes {'at least one' if so else 'none'} of {said}"
            case "all":
                return f"{'includes' if so else 'does not include'} all of {said}"
            case _ if not items:
                return f"is {'' if so else 'not '}empty"
            case _:
                return f"includes {'nothing' if so else 'something'} but {said}"

    def _is(self, node: query.Is, *, so: bool) -> Clause:
        x, v = node.x, node.v
        if isinstance(x, Constant) and not isinstance(v, Constant):
            x, v = v, x
        if isinstance(v, Constant) and isinstance(v.value, bool) and not isinstance(x, Column):
            meant = self.clause(x, so=v.value)
            return meant if so else Clause(f"it is not certain that {meant.whole}")
        same = self._compare("=" if so else "!=", x, v)
        if isinstance(v, Constant) and v.value is not None:
            return same if so else Clause(f"{same.text}, or has no value", single=False)
        rest = "neither has a value" if so else "only one of them has a value"
        return Clause(f"{same.text}, or {rest}", single=False)

    def _is_null(self, x: Value, *, so: bool) -> Clause:
        if x.type == "BOOLEAN" and not isinstance(x, Column):
            return Clause(f"it is {'un' * so}known {self.value(x)}")
        return Clause(f"{self.value(x)} has {'no' if so else 'a'} value")

    def _collections(self, names: Sequence[str], *, so: bool) -> str:
        said = listed([string_text(name) for name in names])
        if len(names) == 1:
            return f"{'' if so else 'not '}in the Collection {said}"
        return f"in {'at least one' if so else 'none'} of the Collections {said}"

    def _quantified(self, node: query.Quantified, *, so: bool) -> str:
        one = node.relation.singular
        if node.where is None:
            return f"there is {'at least one' if (node.which == 'any') is so else 'no'} {one}"
        simple = self.has(node.relation, node.where)
        verb = f"has {simple}" if simple else f"is one where ({self.clause(node.where).text})"
        if node.which == "every":
            return f"every {one} (if there is any) {verb}" if so else f"not every {one} {verb}"
        return f"{'at least one' if (node.which == 'any') is so else 'no'} {one} {verb}"


def _word(node: query.And | query.Or, *, so: bool) -> str:
    return "and" if isinstance(node, query.And) is so else "or"


def _row(*, qualifies: bool) -> Clause:
    return Clause("every row qualifies" if qualifies else "no row qualifies")
