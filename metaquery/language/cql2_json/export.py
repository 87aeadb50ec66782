"""Bound filter → CQL2-JSON. What it writes is said in `cql2_json`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from metaquery.errors import UsageError
from metaquery.language import query
from metaquery.language.cql2_json.constants import constant
from metaquery.language.cql2_json.forms import called, chain, joined, operation, timestamp
from metaquery.language.expressions import like_pattern
from metaquery.language.moments import FIRST, LAST
from metaquery.language.names import field_text
from metaquery.language.query import Column, Constant, PeriodValue, Predicate, Query, Value

if TYPE_CHECKING:
    from metaquery.language.cql2_json.forms import Json

__all__ = ["to_cql2_json"]

_HAS = {"has": "a_contains", "all": "a_contains", "any": "a_overlaps", "only": "a_containedBy"}
_OWN_SHAPE = re.compile(r'(?:meta|unit|label|prediction)\.".*"', re.DOTALL)
"""What import reads as a qualified name."""


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


def _condition(node: Predicate) -> dict[str, Any] | bool:
    """Write what has to be true; CQL2 knows no bare field there."""
    written = _value(node)
    if isinstance(node, Column):
        return operation("=", written, True)
    if not isinstance(written, dict | bool):
        raise TypeError(node)
    return written


def _value(node: Value) -> Json:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case query.Or() | query.And():
            return joined("or" if isinstance(node, query.Or) else "and", [_condition(arg) for arg in node.args])
        case query.Not():
            return operation("not", _condition(node.arg))
        case query.Compare():
            return _compare(node)
        case query.Between():
            return _between(node)
        case query.In():
            return _in(node)
        case query.Like():
            return operation("like", *_cased(node.ci, _value(node.x), _pattern(node.pattern)))
        case query.Matches():
            return operation("mq_imatches" if node.ci else "mq_matches", _value(node.x), _value(node.pattern))
        case query.Text():
            return _text(node)
        case query.Has(kind="none"):
            return operation("not", operation("a_overlaps", _value(node.x), _values(node.items)))
        case query.Has():
            return operation(_HAS[node.kind], _value(node.x), _values(node.items))
        case query.Is():
            return operation("mq_is", _value(node.x), _value(node.v))
        case query.IsNull():
            tested = node.x.type == "BOOLEAN" and not isinstance(node.x, Column)
            return operation("mq_is_unknown" if tested else "isNull", _value(node.x))
        case _:
            return _other(node)


def _other(node: Value) -> Json:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case Column():
            return {"property": _property(node)}
        case Constant():
            return constant(node)
        case query.IsMissing():
            return operation("mq_is_missing", _other(node.column))
        case query.IsInvalid():
            return operation("mq_is_invalid", _other(node.column))
        case query.Raw():
            return operation("mq_raw", _other(node.column))
        case query.InCollection():
            return operation("mq_in_collection", *node.names)
        case query.Quantified():
            where = () if node.where is None else (_condition(node.where),)
            return operation(f"mq_{node.which}", node.relation.qualifier, *where)
        case query.Count():
            where = () if node.where is None else (_condition(node.where),)
            return operation("mq_count", node.relation.qualifier, *where)
        case query.ListOf():
            return _values(node.items)
        case query.Arith():
            return chain(_value(node.first), [(step.op, _value(step.right)) for step in node.steps])
        case query.Negative():
            return operation("*", -1, _value(node.arg))
        case query.Function():
            return called(node.name, *_values(node.args))
        case query.Temporal():
            return called(node.name, _value(node.left), _value(node.right))
        case query.Interval():
            return {"interval": [_end(node.start), _end(node.end)]}
        case query.Start():
            return _value(node.day)
        case _:
            raise AssertionError(node)


def _values(nodes: tuple[Value, ...]) -> list[Json]:
    return [_value(node) for node in nodes]


def _property(node: Column) -> str:
    written = node.written
    plain = written.qualifier is None and not written.quoted and _OWN_SHAPE.fullmatch(written.name) is None
    return written.name if plain else field_text(node.field)


# ------------------------------------------------------------------ texts


def _cased(ci: bool, *texts: Json) -> tuple[Json, ...]:
    return tuple([operation("casei", text) for text in texts]) if ci else texts


def _pattern(node: Value) -> Json:
    """Write a pattern; a backslash that escapes nothing is doubled, as CQL2 leaves open what it would be."""
    if isinstance(node, query.Function):
        return called(node.name, *[_pattern(arg) for arg in node.args])
    return like_pattern(str(node.value)) if isinstance(node, Constant) else _value(node)


def _text(node: query.Text) -> Json:
    x, y = _value(node.x), _value(node.y)
    if not isinstance(y, str):
        return operation(f"mq_{node.kind.replace(' ', '_')}", *_cased(node.ci, x, y))
    before, after = "" if node.kind == "starts with" else "%", "" if node.kind == "ends with" else "%"
    escaped = re.sub(r"[\\%_]", r"\\\g<0>", y)
    return operation("like", *_cased(node.ci, x, before + escaped + after))


# ------------------------------------------------------------------ time


def _long_period(node: Value) -> PeriodValue | None:
    """Return the month or year that a constant is."""
    value = node.value if isinstance(node, Constant) else None
    return value if isinstance(value, PeriodValue) and value.unit != "day" else None


def _end(node: Value | None) -> Json:
    """Write an end of an interval, where days and instants are bare texts."""
    written = ".." if node is None else _value(node)
    match written:
        case {"date": text} | {"timestamp": text}:
            return str(text)
        case _:
            return written


def _compare(node: query.Compare) -> Json:
    period = _long_period(node.right) if node.left.type != "PERIOD" else None
    if period is None:
        return operation("<>" if node.op == "!=" else node.op, _value(node.left), _value(node.right))
    return _in_period(node.op, _value(node.left), period)


def _in_period(op: str, x: Json, period: PeriodValue) -> dict[str, Any]:
    """Compare with a month or year, as §5.5 says, by its bounds."""
    match op:
        case "=":
            return operation("and", _from(x, period.start), _before(x, period.end))
        case "!=":
            return operation("or", _before(x, period.start), _from(x, period.end))
        case "<":
            return _before(x, period.start)
        case ">=":
            return _from(x, period.start)
        case "<=":
            return _before(x, period.end)
        case _:
            return _from(x, period.end)


def _from(x: Json, micros: int) -> dict[str, Any]:
    return (
        operation(">", x, timestamp(LAST - 1)) if micros >= LAST else operation(">=", x, timestamp(max(micros, FIRST)))
    )


def _before(x: Json, micros: int) -> dict[str, Any]:
    return (
        operation("<=", x, timestamp(LAST - 1)) if micros >= LAST else operation("<", x, timestamp(max(micros, FIRST)))
    )


def _between(node: query.Between) -> Json:
    x, low, high = _value(node.x), _long_period(node.low), _long_period(node.high)
    if low is None and high is None:
        return operation("between", x, _value(node.low), _value(node.high))
    first = operation(">=", x, _value(node.low)) if low is None else _in_period(">=", x, low)
    last = operation("<=", x, _value(node.high)) if high is None else _in_period("<=", x, high)
    return joined("and", [first, last])


def _in(node: query.In) -> Json:
    x = _value(node.x)
    periods = [period for period in map(_long_period, node.items) if period is not None]
    others = [_value(item) for item in node.items if _long_period(item) is None]
    if not periods:
        return operation("in", x, others)
    tests: list[dict[str, Any] | bool] = [_in_period("=", x, period) for period in periods]
    return joined("or", [operation("in", x, others), *tests] if others else tests)
