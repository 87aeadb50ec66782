"""Bound nodes → SQL text with placeholders, and the parameters in the order of the text.

Structure only: what an operation is called in SQL is the dialect's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from metaquery.language import query
from metaquery.language.arithmetic import Arithmetic
from metaquery.language.operators import OPERATORS
from metaquery.language.query import Column, Constant, PeriodValue, Predicate, Value
from metaquery.language.regexes import required_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.dialects import Param
    from metaquery.schema import Relation

__all__ = ["Expressions"]

_GROUP = 50
"""Terms of an `and`/`or` that stand side by side; more are bracketed in groups, as DuckDB counts each as a level."""

_MANY = 100
"""Items of `in` from which on they are one list parameter."""


class Expressions(Arithmetic):
    """Writes conditions; `Arithmetic` writes the values in them."""

    def value(self, node: Value) -> str:  # noqa: C901, PLR0911, PLR0912  # one case a node
        """Write anything."""
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
                return f"({absent} AND NOT {self.say('misfit', self.unit, self.param(node.column.field.name))})"
            case query.IsInvalid():
                return self.say("misfit", self.unit, self.param(node.column.field.name))
            case query.InCollection():
                return self.say("collection", self.unit, ", ".join([self.param(name) for name in node.names]))
            case query.Quantified():
                return self._quantified(node)
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
        if isinstance(node.right, Constant) and isinstance(node.right.value, PeriodValue):
            return self._in_period(node.op, node.left, node.right.value)
        counted = self._existence(node)
        if counted is not None:
            return counted
        return self.say(node.op, self.atom(node.left), self.atom(node.right))

    def _in_period(self, op: str, x: Value, period: PeriodValue) -> str:
        def edge(sign: str, micros: int) -> str:
            return self.say(sign, self.atom(x), self.instant(micros))

        match op:
            case "=":
                return f"({edge('>=', period.start)} AND {edge('<', period.end)})"
            case "!=":
                return f"({edge('<', period.start)} OR {edge('>=', period.end)})"
            case "<" | ">=":
                return edge(op, period.start)
            case _:
                return edge("<" if op == "<=" else ">=", period.end)

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
        start = low.value.start if isinstance(low, Constant) and isinstance(low.value, PeriodValue) else None
        first = self.say(">=", self.atom(node.x), self.atom(low) if start is None else self.instant(start))
        end = high.value.end if isinstance(high, Constant) and isinstance(high.value, PeriodValue) else None
        if end is not None:
            return f"({first} AND {self.say('<', self.atom(node.x), self.instant(end))})"
        return f"({first} AND {self.say('<=', self.atom(node.x), self.atom(high))})"

    def _in(self, node: query.In, *, negated: bool) -> str:
        if not node.items:
            return "FALSE"
        periods = [i.value for i in node.items if isinstance(i, Constant) and isinstance(i.value, PeriodValue)]
        values = [i for i in node.items if isinstance(i, Constant) and not isinstance(i.value, PeriodValue)]
        others = [i for i in node.items if not isinstance(i, Constant)]
        if not periods and not others:
            return self._among(node.x, values, "not in" if negated else "in")
        tests = [self._in_period("=", node.x, period) for period in periods]
        if values:
            tests.append(self._among(node.x, values, "in"))
        # Not a list for IN: DuckDB 2.0 loses rows of `dark = (x IN (x, (SELECT …)))` after WHERE.
        tests += [self.say("=", self.atom(node.x), self.atom(item)) for item in others]
        text = self._grouped(" OR ", tests)
        return self.say("not", text) if negated else text

    def _among(self, x: Value, items: list[Constant], word: str) -> str:
        left = self.atom(x)
        if len(items) <= _MANY or any(item.value is None for item in items):
            return self.say(word, left, ", ".join([self.value(item) for item in items]))
        kind = " many uuids" if x.type == "UUID" else " many"
        return self.say(word + kind, left, self.param(cast("Param", [self.plain(item) for item in items])))

    def _is(self, node: query.Is, *, negated: bool) -> str:
        x, v = node.x, node.v
        if isinstance(x, Constant) and not isinstance(v, Constant):
            x, v = v, x
        if isinstance(v, Constant) and isinstance(v.value, bool):
            return self.say(f"is {'not ' * negated}{str(v.value).lower()}", self.atom(x))
        if isinstance(v, Constant) and isinstance(v.value, PeriodValue):
            text = self.say("surely", self._in_period("=", x, v.value))
            return self.say("not", text) if negated else text
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
        x = self.value(node.x)
        if node.kind == "has":
            return self.say("has", x, self.value(node.items[0]))
        return self.say(node.kind, x, self.operand(query.ListOf(node.items)))

    def _has_tags(self, kind: str, items: list[str]) -> str:
        if kind == "has":
            return self.say("tags has", self.unit, self.param(items[0]))
        if kind == "all":
            if not items:
                return "TRUE"
            distinct = list(dict.fromkeys(items))
            return self.say("tags all", self.unit, self.param(distinct), self.param(len(distinct)))
        return self.say(f"tags {kind}", self.unit, self.say("texts", self.param(items)))

    def _matches(self, node: query.Matches) -> str:
        x, pattern = self.value(node.x), self.value(node.pattern)
        if node.ci:
            return self.say("imatches", x, pattern)
        text = required_text(str(node.pattern.value)) if isinstance(node.x, Column) else None
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
        inner = self.inside(alias)
        condition = "" if where is None else f" AND {inner.atom(where)}"
        if failing and where is not None:
            condition = f" AND {self.say('is not true', condition.removeprefix(' AND '))}"
        return self.say(what, relation.name, alias, self.number, condition)


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
