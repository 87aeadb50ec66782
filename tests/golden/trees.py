"""Syntax trees as JSON arrays, head first: the notation of `grammar/cases/README.md`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from metaquery.language import syntax as s

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tree_of(node: s.Expr | s.View) -> Any:
    """Return the notation of a filter, or of a view as an object with the parts that it has."""
    if not isinstance(node, s.View):
        return expression(node)
    parts: dict[str, Any] = {}
    if node.where is not None:
        parts["where"] = expression(node.where)
    if node.order:
        parts["order"] = [sort_key(key) for key in node.order]
    if node.limit is not None:
        parts["limit"] = node.limit
    return parts


def sort_key(key: s.SortKey) -> list[Any]:
    return [("desc" if key.descending else "asc") + " nulls first" * key.nulls_first, expression(key.key)]


def expressions(nodes: tuple[s.Expr, ...]) -> list[Any]:
    return [expression(node) for node in nodes]


def expression(node: s.Expr) -> Any:
    return LITERALS[type(node)](node) if type(node) in LITERALS else operation(node)


def operation(node: s.Expr) -> list[Any]:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case s.Or(args):
            return ["or", *expressions(args)]
        case s.And(args):
            return ["and", *expressions(args)]
        case s.Not(arg):
            return ["not", expression(arg)]
        case s.Compare(op, left, right) | s.Arith(op, left, right):
            return [op, expression(left), expression(right)]
        case s.Between(x, low, high):
            return ["between", *expressions((x, low, high))]
        case s.In(x, items):
            return ["in", expression(x), *expressions(items)]
        case s.Like(x, pattern, ci):
            return ["i" * ci + "like", expression(x), expression(pattern)]
        case s.Matches(x, pattern, ci):
            return ["i" * ci + "matches", expression(x), expression(pattern)]
        case s.Text(kind, x, y, ci):
            return ["i" * ci + kind, expression(x), expression(y)]
        case s.Has(kind, x, items):
            return ["has" if kind == "has" else f"has {kind}", expression(x), *expressions(items)]
        case s.Is(x, v):
            return ["is", expression(x), expression(v)]
        case s.IsNull(x):
            return ["is null", expression(x)]
        case s.IsMissing(x):
            return ["is missing", expression(x)]
        case s.IsInvalid(x):
            return ["is invalid", expression(x)]
        case s.IsUnknown(p):
            return ["is unknown", expression(p)]
        case s.InCollection(names):
            return ["in collection", *expressions(names)]
        case s.Quantified(which, relation, p):
            return [f"{which} {relation}", *([] if p is None else [expression(p)])]
        case s.Count(relation, p):
            return [f"count {relation}", *([] if p is None else [expression(p)])]
        case s.Neg(arg):
            return ["neg", expression(arg)]
        case s.Call(name, args):
            return ["call", name, *expressions(args)]
        case s.ListOf(items):
            return ["list", *expressions(items)]
    raise AssertionError(node)


def field(node: s.Field) -> list[Any]:
    if node.qualifier is not None:
        return ["field", node.qualifier, node.name]
    return ["whole field" if node.quoted else "field", node.name]


def instant(node: s.Instant) -> list[Any]:
    return ["instant", (EPOCH + timedelta(microseconds=node.micros)).isoformat()[:-6] + "Z" * node.zoned]


def period(node: s.Period) -> list[Any]:
    month = f"{node.year:04d}-{node.month:02d}"
    return ["day", f"{month}-{node.day:02d}"] if node.day else ["month", month]


LITERALS: dict[type[s.Node], Any] = {
    s.Number: lambda node: node.value,
    s.String: lambda node: node.value,
    s.Bool: lambda node: node.value,
    s.Null: lambda _: None,
    s.Field: field,
    s.Instant: instant,
    s.Period: period,
    s.Duration: lambda node: ["duration", node.amount, node.unit],
    s.Wkt: lambda node: ["wkt", node.tag, *node.body],
    s.Saved: lambda node: ["saved", node.name],
    s.Parameter: lambda node: ["parameters" if node.many else "parameter", node.name],
}
