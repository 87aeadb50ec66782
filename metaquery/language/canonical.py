"""`canonical()`: the canonical text of a bound filter, and which fields it uses.

What is computed at bind keeps how it was written: `now() - 7d` stays that, `20230101` opposite a DATETIME is
`2023-01-01`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import query, syntax
from metaquery.language.printing import to_text, view_text
from metaquery.language.query import Predicate, Query, Value, parts

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr
    from metaquery.schema import Field

__all__ = ["canonical", "describe_fields", "unsure_fields"]

_SURE = (query.Is, query.IsNull, query.IsMissing, query.IsInvalid, query.Quantified, query.Count)
"""What is true or false, and a number, whatever it is made of."""


def canonical(bound: Query | Predicate) -> str:
    """Return the canonical text of a filter, or of a query with its order and limit; empty if it has neither."""
    if isinstance(bound, Query):
        where = None if bound.where is None else _unbound(bound.where)
        order = tuple(syntax.SortKey(_unbound(k.key), k.descending, k.nulls_first) for k in bound.order)
        return view_text(syntax.View(where, order, bound.limit))
    return to_text(_unbound(bound))


def describe_fields(predicate: Value, *, deep: bool = True) -> tuple[Field, ...]:
    """Return the fields that a condition uses, each once, in the order of the text.

    Parameters
    ----------
    predicate
        What `bind` returned.
    deep
        Whether to look inside quantifiers and counts.
    """
    return _fields(predicate, beside=() if deep else (query.Quantified, query.Count))


def unsure_fields(predicate: Value) -> tuple[Field, ...]:
    """Return the fields for whose want of a value a condition may be unknown, as `describe_fields`.

    What is told of a value by `is`, and of other rows by quantifiers and counts, is true or false: not so a search,
    which has the form `(…) is true` and names every text.
    """
    return _fields(predicate, beside=_SURE)


def _fields(predicate: Value, *, beside: tuple[type, ...]) -> tuple[Field, ...]:
    """Return the fields of a condition, without those that stand in nodes of some kinds alone."""
    found: dict[Field, None] = {}
    waiting = [predicate]
    while waiting:
        node = waiting.pop()
        if isinstance(node, query.Column):
            found.setdefault(node.field)
        elif not isinstance(node, beside):
            waiting.extend(reversed(parts(node)))
    return tuple(found)


def _unbound(node: Value) -> Expr:  # noqa: C901, PLR0911, PLR0912  # one case a node
    """Return the syntax that a bound node says."""
    match node:
        case query.Column() | query.Constant():
            return node.written
        case query.Or():
            return syntax.Or(tuple([a for arg in map(_unbound, node.args) for a in _flat(arg, syntax.Or)]))
        case query.And():
            return syntax.And(tuple([a for arg in map(_unbound, node.args) for a in _flat(arg, syntax.And)]))
        case query.Not():
            return syntax.Not(_unbound(node.arg))
        case query.Compare():
            return syntax.Compare(node.op, _unbound(node.left), _unbound(node.right))
        case query.Between():
            return syntax.Between(_unbound(node.x), _unbound(node.low), _unbound(node.high))
        case query.In():
            return syntax.In(_unbound(node.x), _all(node.items))
        case query.Like():
            return syntax.Like(_unbound(node.x), _unbound(node.pattern), node.ci)
        case query.Matches():
            return syntax.Matches(_unbound(node.x), _unbound(node.pattern), node.ci)
        case query.Text():
            return syntax.Text(node.kind, _unbound(node.x), _unbound(node.y), node.ci)
        case query.Has():
            return syntax.Has(node.kind, _unbound(node.x), _all(node.items))
        case query.Is():
            return syntax.Is(_unbound(node.x), _unbound(node.v))
        case query.IsNull():
            return _null(node)
        case _:
            return _other(node)


def _null(node: query.IsNull) -> Expr:
    x = _unbound(node.x)
    return syntax.IsUnknown(x) if node.x.type == "BOOLEAN" and not isinstance(x, syntax.Field) else syntax.IsNull(x)


def _other(node: Value) -> Expr:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case query.IsMissing():
            return syntax.IsMissing(node.column.written)
        case query.IsInvalid():
            return syntax.IsInvalid(node.column.written)
        case query.InCollection():
            return syntax.InCollection(tuple(map(syntax.String, node.names)))
        case query.Quantified():
            return syntax.Quantified(node.which, node.relation.qualifier, _where(node))
        case query.Count():
            return syntax.Count(node.relation.qualifier, _where(node))
        case query.Arith():
            return _arith(node)
        case query.Negative():
            return syntax.Neg(_unbound(node.arg))
        case query.Function():
            return syntax.Call(node.name, _all(node.args))
        case query.Start():
            return _unbound(node.day)
        case query.Interval():
            ends = [syntax.String("..") if end is None else _unbound(end) for end in (node.start, node.end)]
            return syntax.Call("interval", tuple(ends))
        case query.Temporal():
            return syntax.Call(node.name, (_unbound(node.left), _unbound(node.right)))
        case query.Raw():
            return syntax.Call("raw", (node.column.written,))
        case query.ListOf():
            return syntax.ListOf(_all(node.items))
        case _:
            raise AssertionError(node)


def _flat(node: Expr, kind: type[syntax.Or | syntax.And]) -> tuple[Expr, ...]:
    """Return the parts of an `and` in an `and`: two filters that were joined read as one."""
    return node.args if isinstance(node, kind) else (node,)


def _where(node: query.Quantified | query.Count) -> Expr | None:
    return None if node.where is None else _unbound(node.where)


def _arith(node: query.Arith) -> Expr:
    written = _unbound(node.first)
    for step in node.steps:
        written = syntax.Arith(step.op, written, _unbound(step.right))
    return written


def _all(nodes: tuple[Value, ...]) -> tuple[Expr, ...]:
    return tuple([_unbound(node) for node in nodes])
