"""Bound filter → CQL2-JSON. What it writes is said in `cql2_json`."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from metaquery.errors import UsageError
from metaquery.language import query, syntax
from metaquery.language.cql2_json.operations import OPERATIONS, PRECEDENCE
from metaquery.language.expressions import like_pattern
from metaquery.language.moments import FIRST, LAST, iso_text
from metaquery.language.names import field_text
from metaquery.language.printing import to_text
from metaquery.language.query import Column, Constant, PeriodValue, Predicate, Query, Value

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr

__all__ = ["to_cql2_json"]

Json: TypeAlias = "dict[str, Any] | list[Any] | str | float | bool"

_HAS = {"has": "a_contains", "all": "a_contains", "any": "a_overlaps", "only": "a_containedBy"}
_OWN_SHAPE = re.compile(r'(?:meta|unit|label|prediction)\.".*"', re.DOTALL)
"""What import reads as a qualified name."""

_STANDARD = {name.lower(): name for name in OPERATIONS if not name.startswith("mq_")}

_LONG = 50
"""Steps of arithmetic from which on a chain is written flat: JSON writers limit how deep objects nest."""


def to_cql2_json(bound: Query | Predicate) -> dict[str, Any] | bool:
    """Write a bound filter as CQL2-JSON.

    Parameters
    ----------
    bound
        What `bind` or `compile_filter` returned.

    Returns
    -------
    dict or bool
        Ready for `json.dumps`; `True` and `False` are the filters `true` and `false`.

    Raises
    ------
    UsageError
        The query has an order or a limit, which CQL2 has not.
    """
    if not isinstance(bound, Query):
        return _condition(bound)
    if bound.order or bound.limit is not None:
        raise UsageError("CQL2 has no order and no limit", hint="export the filter alone")
    return True if bound.where is None else _condition(bound.where)


def _op(name: str, *args: Json) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def _condition(node: Predicate) -> dict[str, Any] | bool:
    """Write what has to be true; CQL2 knows no bare field there."""
    written = _value(node)
    if isinstance(node, Column):
        return _op("=", written, True)
    if not isinstance(written, dict | bool):
        raise TypeError(node)
    return written


def _joined(op: str, parts: list[dict[str, Any] | bool]) -> dict[str, Any] | bool:
    """Write `and` or `or`; what is already one in it becomes part of it."""
    flat = [p for part in parts for p in (part["args"] if isinstance(part, dict) and part.get("op") == op else [part])]
    return flat[0] if len(flat) == 1 else _op(op, *flat)


def _value(node: Value) -> Json:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case query.Or() | query.And():
            return _joined("or" if isinstance(node, query.Or) else "and", [_condition(arg) for arg in node.args])
        case query.Not():
            return _op("not", _condition(node.arg))
        case query.Compare():
            return _compare(node)
        case query.Between():
            return _between(node)
        case query.In():
            return _in(node)
        case query.Like():
            return _op("like", *_cased(node.ci, _value(node.x), _pattern(node.pattern)))
        case query.Matches():
            return _op("mq_imatches" if node.ci else "mq_matches", _value(node.x), _value(node.pattern))
        case query.Text():
            return _text(node)
        case query.Has(kind="none"):
            return _op("not", _op("a_overlaps", _value(node.x), _values(node.items)))
        case query.Has():
            return _op(_HAS[node.kind], _value(node.x), _values(node.items))
        case query.Is():
            return _op("mq_is", _value(node.x), _value(node.v))
        case query.IsNull():
            tested = node.x.type == "BOOLEAN" and not isinstance(node.x, Column)
            return _op("mq_is_unknown" if tested else "isNull", _value(node.x))
        case _:
            return _other(node)


def _other(node: Value) -> Json:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case Column():
            return {"property": _property(node)}
        case Constant():
            return _constant(node)
        case query.IsMissing():
            return _op("mq_is_missing", _other(node.column))
        case query.IsInvalid():
            return _op("mq_is_invalid", _other(node.column))
        case query.Raw():
            return _op("mq_raw", _other(node.column))
        case query.InCollection():
            return _op("mq_in_collection", *node.names)
        case query.Quantified():
            where = () if node.where is None else (_condition(node.where),)
            return _op(f"mq_{node.which}", node.relation.qualifier, *where)
        case query.Count():
            where = () if node.where is None else (_condition(node.where),)
            return _op("mq_count", node.relation.qualifier, *where)
        case query.ListOf():
            return _values(node.items)
        case query.Arith():
            return _chain(_value(node.first), [(step.op, _value(step.right)) for step in node.steps])
        case query.Negative():
            return _op("*", -1, _value(node.arg))
        case query.Function():
            return _op(_function(node.name), *_values(node.args))
        case _:
            raise AssertionError(node)


def _values(nodes: tuple[Value, ...]) -> list[Json]:
    return [_value(node) for node in nodes]


def _function(name: str) -> str:
    return _STANDARD.get(name, f"mq_{name}")


def _property(node: Column) -> str:
    written = node.written
    plain = written.qualifier is None and not written.quoted and _OWN_SHAPE.fullmatch(written.name) is None
    return written.name if plain else field_text(node.field)


# ------------------------------------------------------------------ texts


def _cased(ci: bool, *texts: Json) -> tuple[Json, ...]:
    return tuple([_op("casei", text) for text in texts]) if ci else texts


def _pattern(node: Value) -> Json:
    """Write a pattern; a backslash that escapes nothing is doubled, as CQL2 leaves open what it would be."""
    if isinstance(node, query.Function):
        return _op(_function(node.name), *[_pattern(arg) for arg in node.args])
    return like_pattern(str(node.value)) if isinstance(node, Constant) else _value(node)


def _text(node: query.Text) -> Json:
    x, y = _value(node.x), _value(node.y)
    if not isinstance(y, str):
        return _op(f"mq_{node.kind.replace(' ', '_')}", *_cased(node.ci, x, y))
    before, after = "" if node.kind == "starts with" else "%", "" if node.kind == "ends with" else "%"
    escaped = re.sub(r"[\\%_]", r"\\\g<0>", y)
    return _op("like", *_cased(node.ci, x, before + escaped + after))


# ------------------------------------------------------------------ time


def _long_period(node: Value) -> PeriodValue | None:
    """Return the month or year that a constant is."""
    value = node.value if isinstance(node, Constant) else None
    return value if isinstance(value, PeriodValue) and value.unit != "day" else None


def _compare(node: query.Compare) -> Json:
    period = _long_period(node.right)
    if period is None:
        return _op("<>" if node.op == "!=" else node.op, _value(node.left), _value(node.right))
    return _in_period(node.op, _value(node.left), period)


def _in_period(op: str, x: Json, period: PeriodValue) -> dict[str, Any]:
    """Compare with a month or year, as §5.5 says, by its bounds."""
    match op:
        case "=":
            return _op("and", _from(x, period.start), _before(x, period.end))
        case "!=":
            return _op("or", _before(x, period.start), _from(x, period.end))
        case "<":
            return _before(x, period.start)
        case ">=":
            return _from(x, period.start)
        case "<=":
            return _before(x, period.end)
        case _:
            return _from(x, period.end)


def _from(x: Json, micros: int) -> dict[str, Any]:
    return _op(">", x, _timestamp(LAST - 1)) if micros >= LAST else _op(">=", x, _timestamp(max(micros, FIRST)))


def _before(x: Json, micros: int) -> dict[str, Any]:
    return _op("<=", x, _timestamp(LAST - 1)) if micros >= LAST else _op("<", x, _timestamp(max(micros, FIRST)))


def _timestamp(micros: int) -> dict[str, Any]:
    return {"timestamp": iso_text(micros) + "Z"}


def _between(node: query.Between) -> Json:
    x, low, high = _value(node.x), _long_period(node.low), _long_period(node.high)
    if low is None and high is None:
        return _op("between", x, _value(node.low), _value(node.high))
    first = _op(">=", x, _value(node.low)) if low is None else _in_period(">=", x, low)
    last = _op("<=", x, _value(node.high)) if high is None else _in_period("<=", x, high)
    return _joined("and", [first, last])


def _in(node: query.In) -> Json:
    x = _value(node.x)
    periods = [period for period in map(_long_period, node.items) if period is not None]
    others = [_value(item) for item in node.items if _long_period(item) is None]
    if not periods:
        return _op("in", x, others)
    tests: list[dict[str, Any] | bool] = [_in_period("=", x, period) for period in periods]
    return _joined("or", [_op("in", x, others), *tests] if others else tests)


# ------------------------------------------------------------------ constants


def _constant(node: Constant) -> Json:  # noqa: PLR0911  # one case a type
    """Write a constant by its value; as it was written where that may change (`now()`), or JSON has no such value."""
    if _moves(node.written):
        return _written(node.written)
    match node.value:
        case PeriodValue(unit="day") as day:
            return {"date": f"{day.year:04d}-{day.month:02d}-{day.day:02d}"}
        case PeriodValue(unit="month", day=1) as month:
            return _op("mq_period", f"{month.year:04d}-{month.month:02d}")
        case PeriodValue(unit="year", month=1, day=1) as year:
            return _op("mq_period", f"{year.year:04d}")
        case int() as micros if node.type == "DATETIME" and FIRST <= micros < LAST:
            return _timestamp(micros)
        case bool() | int() | float() | str() as value if node.type != "DATETIME":
            return value
        case _:
            return _written(node.written)


def _moves(node: Expr) -> bool:
    """Whether a constant is another one tomorrow."""
    waiting: list[Expr] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, syntax.Call) and part.name in {"now", "today"}:
            return True
        waiting.extend(syntax.children(part))
    return False


def _written(node: Expr) -> Json:  # noqa: C901, PLR0911, PLR0912  # one case a node
    """Write a constant expression as it stands."""
    match node:
        case syntax.Compare():
            return _op("<>" if node.op == "!=" else node.op, _written(node.left), _written(node.right))
        case syntax.Is():
            return _op("mq_is", _written(node.x), _written(node.v))
        case syntax.In():
            return _op("in", _written(node.x), [_written(item) for item in node.items])
        case syntax.Arith():
            return _written_chain(node)
        case syntax.Neg(arg=syntax.Number() as number):
            return -number.value
        case syntax.Neg():
            return _op("*", -1, _written(node.arg))
        case syntax.Call():
            return _op(_function(node.name), *[_written(arg) for arg in node.args])
        case syntax.Duration():
            return _op("mq_duration", to_text(node))
        case syntax.Instant():
            return {"timestamp": iso_text(node.micros) + "Z" * node.zoned}
        case syntax.Period(day=0):
            return _op("mq_period", to_text(node))
        case syntax.Period():
            return {"date": to_text(node)}
        case syntax.Number() if node.digits in {4, 8}:
            return node.value if len(str(node.value)) == node.digits else to_text(node)
        case syntax.Number() | syntax.String() | syntax.Bool():
            return node.value
        case _:
            raise AssertionError(node)


def _written_chain(node: syntax.Arith) -> Json:
    steps: list[tuple[str, Json]] = []
    left: Expr = node
    while isinstance(left, syntax.Arith):
        steps.append((left.op, _written(left.right)))
        left = left.left
    return _chain(_written(left), steps[::-1])


def _chain(first: Json, steps: list[tuple[str, Json]]) -> Json:
    """Write `first op right op right …`; a long run of operators of one precedence is written flat."""
    written = first
    for precedence, group in groupby(steps, key=lambda step: PRECEDENCE[step[0]]):
        run = list(group)
        if len(run) > _LONG and precedence != "power":
            written = _op("mq_chain", written, *[part for step in run for part in step])
        else:
            for op, right in run:
                written = _op(op, written, right)
    return written
