"""Bound nodes → SQL text with placeholders, and the parameters in the order of the text.

Structure only: what an operation is called in SQL is the dialect's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from metaquery.language import query
from metaquery.language.dialects import Unsaid
from metaquery.language.function_sql import Functions, zone_of
from metaquery.language.operators import OPERATORS, family
from metaquery.language.periods import Clock, first_day, last_day
from metaquery.language.query import Column, Constant, PeriodValue, Predicate, Value
from metaquery.language.regexes import required_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.schema import Field, Relation

__all__ = ["Expressions", "has_subquery", "is_of_unit", "of_unit"]

_GROUP = 50
"""Terms of an `and`/`or` that stand side by side; more are bracketed in groups, as DuckDB counts each as a level."""

_MANY = 100
"""Items of `in` from which on they are one list parameter."""

_KINDS = {"STRING": "texts", "NUMBER": "numbers", "DURATION": "numbers", "DATETIME": "instants", "UUID": "uuids"}
"""What the items of such a list are, by the type that they are compared with."""


class Expressions(Functions):
    """Writes conditions; `Functions` and `Arithmetic` write the values in them."""

    def value(self, node: Value) -> str:
        """Write anything; `Unsaid` names the innermost node that cannot be."""
        try:
            return self._value(node)
        except Unsaid as unsaid:
            unsaid.node = unsaid.node or node
            raise

    def _value(self, node: Value) -> str:  # noqa: C901, PLR0911, PLR0912  # one case a node
        match node:
            case query.Or():
                return self._joined(" OR ", node.args)
            case query.And():
                return self._joined(" AND ", node.args)
            case query.Not():
                return self._not(node.arg)
            case query.Compare():
                return self._compare(node)
            case query.Between():
                return self._between(node)
            case query.In():
                return self._in(node, negated=False)
            case query.Is():
                return self._is(node, negated=False)
            case query.IsNull():
                return self.say("is null", self.atom(node.x))
            case query.Like():
                return self._like(node)
            case query.Matches():
                return self._matches(node)
            case query.Text():
                x, y = self.value(node.x), self.value(node.y)
                return self.say(node.kind, *((self.say("lower", x), self.say("lower", y)) if node.ci else (x, y)))
            case query.Has():
                return self._has(node)
            case query.IsMissing():
                absent = self.say("is null", self.value(node.column))
                misfit = self.say("misfit", self.unit, self.param(node.column.field.name))
                return f"({absent} AND {self.say('not', misfit)})"
            case query.IsInvalid():
                return self.say("misfit", self.unit, self.param(node.column.field.name))
            case query.InCollection():
                return self.say("collection", self.unit, ", ".join([self.param(name) for name in node.names]))
            case query.Quantified():
                return self._quantified(node)
            case query.Temporal():
                return self.value(node.meaning)
            case query.Count():
                return self._rows("count", node.relation, node.where)
            case _:
                return self.operand(node)

    def condition(self, node: Predicate) -> str:
        """Write what stands after WHERE."""
        return self.value(node)

    def _joined(self, word: str, args: Sequence[Value]) -> str:
        return self._grouped(word, [self.value(arg) for arg in args])

    def _grouped(self, word: str, texts: list[str]) -> str:
        while len(texts) > _GROUP:
            texts = [f"({word.join(texts[i : i + _GROUP])})" for i in range(0, len(texts), _GROUP)]
        return f"({word.join(texts)})"

    def _not(self, arg: Predicate) -> str:
        match arg:
            case query.IsNull():
                return self.say("is not null", self.atom(arg.x))
            case query.In() if arg.items:
                return self._in(arg, negated=True)
            case query.Is():
                return self._is(arg, negated=True)
            case _:
                return self.say("not", self.atom(arg))

    def _compare(self, node: query.Compare) -> str:
        if node.right.type == "PERIOD":
            return self._with_period(node.op, node.left, node.right)
        counted = self._existence(node)
        if counted is not None:
            return counted
        op, left, right = node.op, node.left, node.right
        if isinstance(left, Constant):
            op, left, right = OPERATORS[op].mirror, right, left
        if isinstance(right, Constant) and isinstance(right.value, int) and _cut_by_days(left):
            return self._cut(op, left, right.value)
        return self.say(node.op, self.atom(node.left), self.atom(node.right))

    def _with_period(self, op: str, x: Value, period: Value) -> str:
        """Compare an instant or a period with a period (§5.5)."""
        if not isinstance(period, Constant):
            zone = zone_of(period)
            return self.say(op, self.local_day(x, zone), self.local_day(period, zone))
        value = cast("PeriodValue", period.value)
        if x.type != "PERIOD":
            return self._in_period(op, x, value)
        lone = op in {"=", "!="} and value.unit != "day"  # a day is never a whole month
        if isinstance(x, query.Function) and not lone:
            return self._in_period(op, x.args[0], value)
        first = op in {"<", ">=", "=", "!="}
        day = None if lone else first_day(value) if first else last_day(value)
        return self.say(op, self.day(x), self.day_constant(day))

    def local_day(self, node: Value, zone: str) -> str:
        """Write the day that a value is, or that holds it."""
        return self.day(node) if node.type == "PERIOD" else self.say("day of", self.atom(node), self.param(zone))

    def _in_period(self, op: str, x: Value, period: PeriodValue) -> str:
        if isinstance(x, query.Function) and _cut_by_days(x):
            unit, clock = str(cast("Constant", x.args[0]).value), Clock.named(str(x.zone))
            start, end = clock.rounded_up(unit, period.start), clock.rounded_up(unit, period.end)
            return self._within_bounds(op, x.args[1], start, end)
        return self._within_bounds(op, x, period.start, period.end)

    def _cut(self, op: str, x: Value, micros: int) -> str:
        """Compare what is cut to a unit with an instant, by a range of what was cut."""
        function = cast("query.Function", x)
        unit, clock = str(cast("Constant", function.args[0]).value), Clock.named(str(function.zone))
        start, end = clock.rounded_up(unit, micros), clock.rounded_up(unit, micros + 1)
        return self._within_bounds(op, function.args[1], start, end)

    def _within_bounds(self, op: str, x: Value, start: int, end: int) -> str:
        """Compare an instant with `[start, end)`, in microseconds of UTC."""

        def edge(sign: str, micros: int) -> str:
            return self.say(sign, self.atom(x), self.instant(micros))

        match op:
            case "=":
                return f"({edge('>=', start)} AND {edge('<', end)})"
            case "!=":
                return f"({edge('<', start)} OR {edge('>=', end)})"
            case "<" | ">=":
                return edge(op, start)
            case _:
                return edge("<" if op == "<=" else ">=", end)

    def _existence(self, node: query.Compare) -> str | None:
        """Write `count(…) > 0` and its like without counting."""
        op, count, bound = node.op, node.left, node.right
        if isinstance(bound, query.Count):
            op, count, bound = OPERATORS[op].mirror, bound, count
        if not isinstance(count, query.Count) or not isinstance(bound, Constant):
            return None
        if (op, bound.value) in {(">", 0), (">=", 1), ("!=", 0)}:
            return self._rows("some", count.relation, count.where)
        if (op, bound.value) in {("=", 0), ("<", 1), ("<=", 0)}:
            return self.say("not", self._rows("some", count.relation, count.where))
        return None

    def _between(self, node: query.Between) -> str:
        low, high = node.low, node.high
        if _cut_by_days(node.x) or any(b.type == "PERIOD" and not isinstance(b, Constant) for b in (low, high)):
            tests = query.Compare(">=", node.x, low), query.Compare("<=", node.x, high)
            return self._joined(" AND ", tests)
        start = low.value.start if isinstance(low, Constant) and isinstance(low.value, PeriodValue) else None
        first = self.say(">=", self.atom(node.x), self.atom(low) if start is None else self.instant(start))
        end = high.value.end if isinstance(high, Constant) and isinstance(high.value, PeriodValue) else None
        if end is not None:
            return f"({first} AND {self.say('<', self.atom(node.x), self.instant(end))})"
        return f"({first} AND {self.say('<=', self.atom(node.x), self.atom(high))})"

    def _in(self, node: query.In, *, negated: bool) -> str:
        if not node.items:
            return self.say("false")
        periods = [i.value for i in node.items if isinstance(i, Constant) and isinstance(i.value, PeriodValue)]
        values = [i for i in node.items if isinstance(i, Constant) and not isinstance(i.value, PeriodValue)]
        others = [i for i in node.items if not isinstance(i, Constant)]
        if not periods and not others:
            return self._among(node.x, values, "not in" if negated else "in")
        tests = [self._in_period("=", node.x, period) for period in periods]
        if values:
            tests.append(self._among(node.x, values, "in"))
        # Not a list for IN: DuckDB 2.0 loses rows of `dark = (x IN (x, (SELECT …)))` after WHERE.
        tests += [self._compare(query.Compare("=", node.x, item)) for item in others]
        text = self._grouped(" OR ", tests)
        return self.say("not", text) if negated else text

    def _among(self, x: Value, items: list[Constant], word: str) -> str:
        left = self.atom(x)
        kind = _KINDS.get(family(x.type))
        if len(items) <= _MANY or kind is None or any(item.value is None for item in items):
            return self.say(word, left, ", ".join([self.value(item) for item in items]))
        return self.say(f"{word} many {kind}", left, self.many([self.plain(item) for item in items]))

    def _is(self, node: query.Is, *, negated: bool) -> str:
        x, v = node.x, node.v
        if isinstance(x, Constant) and not isinstance(v, Constant) and v.type != "PERIOD":
            x, v = v, x
        if isinstance(v, Constant) and isinstance(v.value, bool):
            return self.say(f"is {'not ' * negated}{str(v.value).lower()}", self.atom(x))
        if isinstance(v, Constant) and isinstance(v.value, PeriodValue):
            text = self.say("surely", self._with_period("=", x, v))
            return self.say("not", text) if negated else text
        if v.type == "PERIOD":
            days = self.local_day(x, zone_of(v)), self.local_day(v, zone_of(v))
            return self.say("distinct" if negated else "same", *days)
        if negated:
            return self.say("distinct", self.atom(x), self.atom(v))
        if isinstance(v, Constant) and v.value is not None:
            return self.say("surely", self.say("=", self.atom(x), self.atom(v)))
        return self.say("same", self.atom(x), self.atom(v))

    def _like(self, node: query.Like) -> str:
        x = self.atom(node.x)
        pattern, escaped = self._pattern(node.pattern)
        word = ("ilike" if node.ci else "like") + (" escaped" if escaped else "")
        return self.say(word, x, pattern)

    def _pattern(self, pattern: Value) -> tuple[str, bool]:
        """Write a pattern; a backslash that escapes nothing is doubled, as SQL's would swallow it."""
        if isinstance(pattern, query.Function):
            text, escaped = self._pattern(pattern.args[0])
            return self.say(pattern.name, text), escaped
        written = str(cast("Constant", pattern).value)
        return self.param(like_pattern(written)), "\\" in written

    def _has(self, node: query.Has) -> str:
        constant = all(isinstance(item, Constant) for item in node.items)
        if constant and isinstance(node.x, Column) and node.x.field.name == "tags" and node.x.field.qualifier == "unit":
            return self._has_tags(node.kind, [str(cast("Constant", item).value) for item in node.items])
        if node.kind == "has":
            return self._has_item(node.x, node.items[0])
        if constant:
            return self.say(node.kind, self.value(node.x), self.operand(query.ListOf(node.items)))
        return self._has_values(node)

    def _has_values(self, node: query.Has) -> str:
        """Look for values of the row. One that is null makes the outcome unknown, unless the others decide it."""
        if node.kind == "only":
            items = self.say("list", ", ".join([self.value(item) for item in node.items]))
            within = self.say("only", self.value(node.x), items)
            gaps = [self.say("is null", self.atom(item)) for item in node.items if not isinstance(item, Constant)]
            return f"({within} OR {self.say('unknown if', self._grouped(' OR ', gaps))})"
        tests = [self._has_item(node.x, item) for item in node.items]
        joined = self._grouped(" AND " if node.kind == "all" else " OR ", tests)
        return self.say("not", joined) if node.kind == "none" else joined

    def _has_item(self, x: Value, item: Value) -> str:
        """Look for one item; one of the row may be null, which DuckDB 2.0.1 finds an empty list not to have."""
        constant = isinstance(item, Constant) and item.value is not None
        return self.say("has" if constant else "has value", self.value(x), self.atom(item))

    def _has_tags(self, kind: str, items: list[str]) -> str:
        if kind == "has":
            return self.say("tags has", self.unit, self.param(items[0]))
        if kind == "all":
            if not items:
                return self.say("true")
            distinct = list(dict.fromkeys(items))
            return self.say("tags all", self.unit, self.many(distinct), self.param(len(distinct)))
        return self.say(f"tags {kind}", self.unit, self.say("texts", self.many(items)))

    def _matches(self, node: query.Matches) -> str:
        x, written = self.value(node.x), str(node.pattern.value)
        pattern = self.param(self.dialect.regex(written, node.ci))
        if node.ci:
            return self.say("imatches", x, pattern)
        text = required_text(written) if isinstance(node.x, Column) else None
        if text is None:
            return self.say("matches", x, pattern)
        return self.say("matches holding", x, pattern, self.param(text))

    def _quantified(self, node: query.Quantified) -> str:
        match node.which:
            case "any":
                return self._rows("some", node.relation, node.where)
            case "no":
                return self.say("not", self._rows("some", node.relation, node.where))
            case _:
                return self.say("not", self._rows("some", node.relation, node.where, failing=True))

    def _rows(self, what: str, relation: Relation, where: Predicate | None, *, failing: bool = False) -> str:
        alias = f"q{self.depth + 1}"
        inner, table, own = self.inside(alias), relation.name, ""
        deep = self.depth or (where is not None and has_subquery(where, lists=True))
        joined = where is not None and deep and not self.dialect.correlates_deep and _reads_unit(where)
        if joined:
            own = f"v{self.depth + 1}"
            inner.unit_row = f"{own}."
        condition = "" if where is None else f" AND {inner.atom(where)}"
        if failing and where is not None:
            condition = f" AND {self.say('is not true', condition.removeprefix(' AND '))}"
        if joined:  # in a scope of its own: a key of the unit may be called as a table is here
            both = f"data AS {own} JOIN {table} AS {alias}"
            table = f"(SELECT {alias}.unit FROM {both} WHERE {own}.unit = {alias}.unit{condition})"  # noqa: S608
            condition = ""
        return self.say(what, table, alias, self.number, condition)


def is_of_unit(field: Field) -> bool:
    """Whether a column needs the unit's row; its hash and its tags do not."""
    return field.qualifier in {"meta", "unit"} and not (
        field.qualifier == "unit" and field.name in {"data_hash", "tags"}
    )


def of_unit(value: Value) -> bool:
    """Whether a value is of the unit's row, in a part of it at least."""
    return any(isinstance(node, Column) and is_of_unit(node.field) for node in query.walk(value))


def _reads_unit(value: Value) -> bool:
    """Whether a value is of the unit's row outside of quantifiers, which join that themselves where they stand deep."""
    if isinstance(value, query.Quantified | query.Count):
        return False
    return (isinstance(value, Column) and is_of_unit(value.field)) or any(map(_reads_unit, query.parts(value)))


def has_subquery(value: Value, *, lists: bool = False) -> bool:
    """Whether a part of a value may be a subquery that is about its row; or any, such as a long list is."""
    return any(
        isinstance(node, _SUBQUERIES)
        or (lists and isinstance(node, query.In) and len(node.items) > _MANY)
        or (isinstance(node, Column) and node.field.name == "tags")
        for node in query.walk(value)
    )


_SUBQUERIES = (
    query.Quantified, query.Count, query.InCollection, query.IsMissing, query.IsInvalid, query.Raw, query.Has
)  # fmt: skip


def _cut_by_days(node: Value) -> bool:
    """Whether a value is an instant cut to a unit that begins at midnights: a range says the same."""
    if not isinstance(node, query.Function) or node.name != "date_trunc":
        return False
    return node.zone == "UTC" or cast("Constant", node.args[0]).value not in {"hour", "minute", "second"}


def like_pattern(written: str) -> str:
    """Return a pattern in which every backslash escapes what follows it."""
    pieces, at = [], 0
    while at < len(written):
        if written[at] == "\\":
            if written[at + 1 : at + 2] in {"%", "_", "\\"} and at + 1 < len(written):
                pieces.append(written[at : at + 2])
                at += 2
                continue
            pieces.append("\\")
        pieces.append(written[at])
        at += 1
    return "".join(pieces)
