"""`parse()`: text → syntax tree. Lark recognises rules; `_ToSyntax` says, rule by rule, which node each becomes.

What Lark refuses is put into words by `mistakes`. A failure carries the source from here on.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput

from metaquery.errors import FilterError, FilterLimitError, FilterSyntaxError, Span
from metaquery.language import literals, syntax
from metaquery.language.grammar import build_parser
from metaquery.language.limits import CHAIN, ITEMS, NESTING, check_text, check_tree

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr

__all__ = ["parse", "parse_view"]

Mark: TypeAlias = Token | None

_COMPARE = {"==": "=", "<>": "!="}
_SINGULAR = {"labels": "label", "predictions": "prediction"}
_NOTHING = syntax.View(None, (), None)
_LARGE = 10_000
"""Characters from which on the size of the tree is checked; below, `check_text` has bounded it."""


def parse(text: str) -> Expr:
    """Read a filter.

    Parameters
    ----------
    text
        The whole filter; an empty one is an error.

    Raises
    ------
    FilterSyntaxError
        The text is not a filter; says where, and what may stand there.
    FilterLimitError
        The text is too long, too deep, or has too many parts.
    """
    return cast("Expr", _run(text, "filter"))


def parse_view(text: str) -> syntax.View:
    """Read a filter with `order by` and `limit` behind it; each part may be left out, but not all of them.

    Raises
    ------
    FilterSyntaxError, FilterLimitError
        As `parse`.
    """
    return cast("syntax.View", _run(text, "view"))


def _run(text: str, start: str) -> Expr | syntax.View:
    try:
        check_text(text)
        try:
            tree = _parser().parse(text, start=start)
        except UnexpectedInput as error:
            from metaquery.language.mistakes import explain  # who makes none need not pay

            raise explain(error, text, start) from None
        if tree == _NOTHING:
            from metaquery.language.mistakes import empty

            raise empty(text)
        _check_size(tree, text)
    except FilterError as error:
        error.source = text
        raise
    return cast("Expr | syntax.View", tree)


def _check_size(tree: Any, text: str) -> None:
    if len(text) < _LARGE and sum(map(text.count, "([!-+")) + text.lower().count("not") <= NESTING // 4:
        return
    roots = (tree.where, *(key.key for key in tree.order)) if isinstance(tree, syntax.View) else (tree,)
    for root in roots:
        if root is not None:
            check_tree(root)


@cache
def _parser() -> Lark:
    return build_parser(_ToSyntax())


def _span(first: Token | syntax.Node, last: Token | syntax.Node) -> Span:
    start = first.start_pos if isinstance(first, Token) else first.span.start
    end = last.end_pos if isinstance(last, Token) else last.span.end
    return Span(start or 0, end or 0)


def _own(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


def _not(negation: Mark, node: Expr) -> Expr:
    return node if negation is None else syntax.Not(node, span=node.span)


def _expressions(parts: tuple[Any, ...]) -> tuple[Expr, ...]:
    return tuple(p for p in parts if p is not None and not isinstance(p, Token))


@v_args(inline=True)
class _ToSyntax(Transformer[Token, Any]):
    """One method a rule of `filter.lark`; arguments are the rule's parts, None for absent ones."""

    def any_of(self, *parts: Any) -> Expr:
        args = _expressions(parts)
        flat = tuple(a for arg in args for a in (arg.args if isinstance(arg, syntax.Or) else (arg,)))
        return syntax.Or(flat, span=_span(args[0], args[-1]))

    def all_of(self, *parts: Any) -> Expr:
        args = _expressions(parts)
        flat = tuple(a for arg in args for a in (arg.args if isinstance(arg, syntax.And) else (arg,)))
        return syntax.And(flat, span=_span(args[0], args[-1]))

    def negation(self, word: Token, arg: Expr) -> Expr:
        return syntax.Not(arg, span=_span(word, arg))

    def comparison(self, left: Expr, op: Token, right: Expr) -> Expr:
        return syntax.Compare(_COMPARE.get(op, str(op)), left, right, span=_span(left, right))

    def between(self, x: Expr, negation: Mark, _between: Token, low: Expr, _and: Token, high: Expr) -> Expr:
        return _not(negation, syntax.Between(x, low, high, span=_span(x, high)))

    def membership(self, x: Expr, negation: Mark, _in: Token, items: syntax.ListOf) -> Expr:
        return _not(negation, syntax.In(x, items.items, span=_span(x, items)))

    def like(self, x: Expr, negation: Mark, op: Token, pattern: Expr) -> Expr:
        word, span = op.lower(), _span(x, pattern)
        node = syntax.Like if word.endswith("like") else syntax.Matches
        return _not(negation, node(x, pattern, word[0] == "i", span=span))

    def match(self, x: Expr, op: Token, pattern: Expr) -> Expr:
        node = syntax.Matches(x, pattern, ci=False, span=_span(x, pattern))
        return _not(op if op == "!~" else None, node)

    def text(self, x: Expr, negation: Mark, op: Token, y: Expr) -> Expr:
        words = " ".join(op.lower().split())
        ci = words[0] == "i"
        return _not(negation, syntax.Text(words[1:] if ci else words, x, y, ci, span=_span(x, y)))

    def has(self, x: Expr, _has: Token, item: Expr) -> Expr:
        return syntax.Has("has", x, (item,), span=_span(x, item))

    def has_each(self, x: Expr, op: Token, items: syntax.ListOf) -> Expr:
        return syntax.Has(op.lower().split()[-1], x, items.items, span=_span(x, items))

    def state(self, x: Expr, _is: Token, negation: Mark, word: Token) -> Expr:
        span = _span(x, word)
        match word.lower():
            case "missing":
                return _not(negation, syntax.IsMissing(x, span=span))
            case "invalid":
                return _not(negation, syntax.IsInvalid(x, span=span))
            case known:
                unknown = syntax.IsNull if isinstance(x, syntax.Field) else syntax.IsUnknown
                return _not(negation if known == "unknown" else (None if negation else word), unknown(x, span=span))

    def identity(self, x: Expr, _is: Token, negation: Mark, v: Expr) -> Expr:
        span = _span(x, v)
        return _not(
            negation,
            syntax.IsNull(x, span=span) if isinstance(v, syntax.Null) else syntax.Is(x, v, span=span),
        )

    def distinct(self, x: Expr, _is: Token, negation: Mark, op: Token, v: Expr) -> Expr:
        return self.identity(x, _is, None if negation else op, v)

    def known(self, _has: Token, field: syntax.Field) -> Expr:
        span = _span(_has, field)
        return syntax.Not(syntax.IsNull(field, span=span), span=span)

    def quantified(self, words: Token, _open: Mark, p: Expr | None, close: Mark) -> Expr:
        which, relation = words.lower().split()
        return syntax.Quantified(which, relation.rstrip("s"), p, span=_span(words, close or words))

    def collection(self, words: Token, *parts: Token) -> Expr:
        titles = [p for p in parts if p.type in {"STRING", "ESCAPED", "PARAMETER"}]
        reading = {"PARAMETER": literals.parameter}
        names = tuple([reading.get(title.type, literals.string)(title, _own(title)) for title in titles])
        return syntax.InCollection(names, span=_span(words, parts[-1]))

    def items(self, *parts: Any) -> syntax.ListOf:
        found = _expressions(parts)
        span = _span(parts[0], parts[-1])
        if len(found) > ITEMS:
            message = f"the list has {len(found):,} items, more than {ITEMS:,}"
            raise FilterLimitError(
                "too-many-items", message, "", span, "keep the ids as a Collection: in collection 'name'"
            )
        return syntax.ListOf(found, span=span)

    list_of = items

    def given_list(self, token: Token) -> syntax.ListOf:
        return syntax.ListOf((literals.parameter(token, _own(token), many=True),), span=_own(token))

    def group(self, open_: Token, inner: Any, close: Token) -> Expr:
        # The node is this rule's alone as yet, so its span may still grow over the brackets.
        object.__setattr__(inner, "span", _span(open_, close))
        return cast("Expr", inner)

    def chain(self, *parts: Any) -> Expr:
        left = cast("Expr", parts[0])
        if len(parts) // 2 > CHAIN:
            message = f"{len(parts) // 2:,} operators in one chain, more than {CHAIN}"
            raise FilterLimitError("too-complex", message, "", _span(parts[0], parts[-1]), "put parts into brackets")
        for op, right in zip(parts[1::2], parts[2::2], strict=True):
            left = syntax.Arith(op.lower(), left, right, span=_span(left, right))
        return left

    def sign(self, mark: Token, arg: Any) -> Expr:
        if mark == "-":
            return syntax.Neg(arg, span=_span(mark, arg))
        object.__setattr__(arg, "span", _span(mark, arg))
        return cast("Expr", arg)

    def field(self, name: Token, _dot: Mark = None, quoted: Mark = None) -> syntax.Field:
        if quoted is None:
            return literals.field_of(name, _own(name))
        return literals.field_of(quoted, _span(name, quoted), qualifier=str(name))

    def call(self, name: Token, _open: Token, *parts: Any) -> Expr:
        args, span = _expressions(parts), _span(name, parts[-1])
        match name.lower(), args:
            case "exists", (syntax.Field(),):
                return syntax.Not(syntax.IsNull(args[0], span=span), span=span)
            case "count", (syntax.Field(qualifier=None, name=relation),):
                return syntax.Count(_SINGULAR.get(relation, relation), None, span=span)
            case word, _:
                return syntax.Call(word, args, span=span)

    def counted(self, name: Token, _open: Token, relation: Token, where: Token, p: Expr, close: Token) -> Expr:
        if name.lower() != "count":
            message = f"only count takes `where`, not {name}"
            raise FilterSyntaxError("unexpected-token", message, "", _own(where), "write count(label where …)")
        return syntax.Count(_SINGULAR.get(relation, str(relation)), p, span=_span(name, close))

    def wkt(self, tag: Token, _open: Token, body: syntax.WktBody, close: Token) -> Expr:
        return syntax.Wkt(tag.upper(), body, span=_span(tag, close))

    def wkt_body(self, *parts: Any) -> syntax.WktBody:
        return tuple(p for p in parts if not isinstance(p, Token))

    def wkt_item(self, *parts: Any) -> syntax.WktBody:
        return parts if isinstance(parts[0], float) else parts[1]

    def wkt_number(self, sign: Mark, digits: Token) -> float:
        value = float(literals.number(digits, _own(digits)).value)
        return -value if sign == "-" else value

    def saved(self, token: Token) -> Expr:
        return literals.saved(token, _own(token))

    def parameter(self, token: Token) -> Expr:
        return literals.parameter(token, _own(token))

    def number(self, token: Token) -> Expr:
        return literals.number(token, _own(token))

    def string(self, token: Token) -> Expr:
        return literals.string(token, _own(token))

    def boolean(self, token: Token) -> Expr:
        return syntax.Bool(token.lower() == "true", span=_own(token))

    def null(self, token: Token) -> Expr:
        return syntax.Null(span=_own(token))

    def instant(self, token: Token) -> Expr:
        return literals.moment(token, _own(token))

    period = instant

    def duration(self, token: Token) -> Expr:
        return literals.duration(token, _own(token))

    def view(self, where: Expr | None, order: tuple[syntax.SortKey, ...] | None, limit: int | None) -> syntax.View:
        return syntax.View(where, order or (), limit)

    def order(self, _order: Token, *parts: Any) -> tuple[syntax.SortKey, ...]:
        return tuple(p for p in parts if not isinstance(p, Token))

    def sort_key(self, key: Expr, direction: Mark, nulls: Mark) -> syntax.SortKey:
        descending = direction is not None and direction.lower() == "desc"
        first = nulls is not None and re.search("(?i)first", nulls) is not None
        return syntax.SortKey(key, descending, first, span=_span(key, nulls or direction or key))

    def limit(self, _limit: Token, digits: Token) -> int:
        value = int(digits.replace("_", ""))
        if value >= 2**63:
            raise FilterLimitError("number-range", "limit is larger than a table can be", "", _own(digits), None)
        return value
