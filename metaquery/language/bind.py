"""`bind()`: syntax + schema → what is meant. Every error of names and types is raised here, left to right.

The tests are bound in this module; what stands between them, fields, literals and arithmetic, in `values`; functions in
`calls`, `spatial` and `temporal`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metaquery.errors import FilterLimitError, FilterSyntaxError, FilterTypeError, Span, UnknownField
from metaquery.language import query, syntax
from metaquery.language.limits import REGEX_LENGTH
from metaquery.language.literal_types import is_literal
from metaquery.language.names import ROWS
from metaquery.language.operators import OPERATORS, family
from metaquery.language.options import BindOptions
from metaquery.language.parameters import fill, naming
from metaquery.language.periods import compare_periods
from metaquery.language.printing import to_text
from metaquery.language.query import Column, Constant, PeriodValue, Predicate, Value
from metaquery.language.regexes import regex_error
from metaquery.language.spatial import SpatialCalls
from metaquery.language.temporal import TemporalCalls
from metaquery.language.weight import check_weight
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr
    from metaquery.schema import Relation, Schema

__all__ = ["bind", "bind_view"]


def bind(
    expr: Expr,
    schema: Schema,
    relation: Relation,
    *,
    options: BindOptions | None = None,
    source: str = "",
) -> Predicate:
    """Check a filter against a schema, and say what it means.

    Parameters
    ----------
    expr
        What `parse` returned.
    schema
        The client metadata of one snapshot.
    relation
        What the filter selects rows of.
    options
        Time zone, the time, known Collections, values of parameters.
    source
        The text that was parsed, for errors.

    Raises
    ------
    UnknownField
        A name that means nothing, or several things; a parameter without a value.
    UsageError
        A value that no parameter asks for.
    FilterTypeError
        Operands that do not go together.
    FilterSyntaxError, FilterLimitError
        A regular expression that cannot be used.
    """
    options = options or BindOptions()
    (filled,) = fill((expr,), options.parameters, source)
    with naming((expr,), options.parameters, source):
        bound = _Binder.of(filled, schema, relation, options, source).predicate(filled)
    check_weight(bound, source)
    return bound


def bind_view(
    view: syntax.View,
    schema: Schema,
    relation: Relation,
    *,
    options: BindOptions | None = None,
    source: str = "",
) -> query.Query:
    """Check a filter with its order against a schema; parameters and errors as `bind`."""
    options = options or BindOptions()
    written = (view.where or syntax.Bool(True), *(key.key for key in view.order))
    condition, *keys = fill(written, options.parameters, source)
    with naming(written, options.parameters, source):
        binder = _Binder.of(condition, schema, relation, options, source)
        where = None if view.where is None else binder.predicate(condition)
        sorting = zip(view.order, keys, strict=True)
        order = tuple([binder.sort_key(replace(key, key=filled)) for key, filled in sorting])
    for part in (*([] if where is None else [where]), *(key.key for key in order)):
        check_weight(part, source)
    return query.Query(relation, where, order, view.limit, source)


class _Binder(SpatialCalls, TemporalCalls):
    """Binds the tests; `Values` binds what they test, and `Calls` the functions in it."""

    __slots__ = ()

    def value(self, node: Expr, beside: Expr | None = None) -> Value:  # noqa: C901, PLR0911, PLR0912  # one case a node
        match node:
            case syntax.Or():
                return query.Or(tuple([self.predicate(arg) for arg in node.args]))
            case syntax.And():
                return query.And(tuple([self.predicate(arg) for arg in node.args]))
            case syntax.Not():
                return query.Not(self.predicate(node.arg))
            case syntax.Compare():
                return self._compare(node)
            case syntax.Between():
                return self._between(node)
            case syntax.In():
                return self._in(node)
            case syntax.Like() | syntax.Matches():
                return self._pattern(node)
            case syntax.Text():
                return self._text(node)
            case syntax.Has():
                return self._has(node)
            case syntax.Is():
                return self._is(node)
            case syntax.IsNull():
                return self._is_null(node.x)
            case syntax.IsUnknown():
                return self._is_null(node.p)
            case syntax.IsMissing() | syntax.IsInvalid():
                return self._is_misfit(node)
            case syntax.InCollection():
                return self._collection(node)
            case syntax.Quantified():
                return self._quantified(node)
            case _:
                return self.operand(node, beside)

    def predicate(self, node: Expr) -> Predicate:
        """Bind what has to be true or false."""
        value = self.value(node)
        if value.type == "BOOLEAN":
            return value
        if isinstance(node, syntax.Field) and isinstance(value, Column):
            example = self.literals.example(value.field) if self.literals.example else None
            raise self.scope.bare_or_not_boolean(node, value.field, example)
        hint = "a condition compares it with something"
        raise FilterTypeError("not-boolean", f"{self.describe(value)} is not a condition", self.source, node.span, hint)

    def sort_key(self, key: syntax.SortKey) -> query.SortKey:
        """Bind one key of an order."""
        value = self.value(key.key)
        if family(value.type) not in OPERATORS["<"].takes:
            message = f"rows cannot be ordered by {self.describe(value)}"
            raise FilterTypeError(
                "type-mismatch", message, self.source, key.key.span, "order by a number, a text or a time"
            )
        return query.SortKey(value, key.descending, key.nulls_first)

    def _pair(self, op: str, x: Expr, y: Expr) -> tuple[Value, Value]:
        """Bind two operands of a test, each literal with the other's type, and check that they go together."""
        if isinstance(x, syntax.Null):
            raise self.null_comparison(x.span, y, op)
        left = self.value(x, y)
        if isinstance(y, syntax.Null):
            raise self.null_comparison(y.span, x, op)
        right = self.value(y, x)
        return self._matched(op, left, right, (x.span, y.span))

    def _matched(self, op: str, left: Value, right: Value, spans: tuple[Span, Span]) -> tuple[Value, Value]:
        left, right = self.literals.fit(left, right), self.literals.fit(right, left)
        row = OPERATORS[op]
        kinds = {family(left.type), family(right.type)}
        together = len(kinds) == 1 or kinds == {"DATETIME", "PERIOD"}
        if not together:
            raise self.literals.mismatch(row.verb, left, right, spans)
        if not kinds <= row.takes:
            message = f"cannot {row.verb} {self.describe(left)} by {op}"
            hint = (
                "a list is looked into: tags has 'night'"
                if kinds == {"LIST"}
                else f"values of type {left.type} are neither equal nor in order"
            )
            raise FilterTypeError("type-mismatch", message, self.source, spans[0], hint)
        return left, right

    def _compare(self, node: syntax.Compare) -> Value:
        left, right = self._pair(node.op, node.left, node.right)
        if isinstance(left, Constant):
            right, years = self._in_years(right, [left])
            return self.compared(node.op, years[0], right, node)
        left, years = self._in_years(left, [right])
        return self.compared(node.op, left, years[0], node)

    def _in_years(self, x: Value, others: list[Value]) -> tuple[Value, list[Value]]:
        """Read `year(x) = 2023` as `x = 2023`: a range, which engines find without looking at each row."""
        numbers = [o.value for o in others if isinstance(o, Constant) and o.type == "NUMBER"]
        years = [n for n in numbers if isinstance(n, int) and 1 <= n <= 9999]
        if not isinstance(x, query.Function) or x.name != "year" or not years or len(years) < len(others):
            return x, others
        if isinstance(x.args[0], Constant | query.Start):
            return x, others
        return x.args[0], [self.literals.period("year", n, 1, 1, syntax.Number(n, 4)) for n in years]

    def compared(self, op: str, left: Value, right: Value, written: Expr) -> Value:
        """Compare two values whose types go together; of two periods that are constant, the outcome is one."""
        if left.type == "PERIOD":
            fixed = _periods(left, right)
            if fixed is not None and isinstance(left, Constant) and isinstance(right, Constant):
                said = syntax.Compare(op, left.written, right.written, span=written.span)  # 20230101 as the day it is
                return Constant("BOOLEAN", compare_periods(op, *fixed), said)
            if right.type != "PERIOD" or isinstance(left, Constant):
                op, left, right = OPERATORS[op].mirror, right, left
        return query.Compare(op, left, right)

    def _between(self, node: syntax.Between) -> Value:
        for bound in (node.x, node.low, node.high):
            if isinstance(bound, syntax.Null):
                raise self.null_comparison(bound.span, node.x, "between")
        x, low = self._pair("between", node.x, node.low)
        x, high = self._matched("between", x, self.value(node.high, node.x), (node.x.span, node.high.span))
        if x.type == "PERIOD":
            first = self.compared(">=", x, low, syntax.Compare(">=", node.x, node.low, span=node.span))
            last = self.compared("<=", x, high, syntax.Compare("<=", node.x, node.high, span=node.span))
            return query.And((first, last))
        if is_literal(x) or x.type != low.type:
            x, low = self._matched("between", x, low, (node.x.span, node.low.span))
        x, (low, high) = self._in_years(x, [low, high])
        return query.Between(x, low, high)

    def _in(self, node: syntax.In) -> Value:
        x = self.value(node.x, node.items[0] if node.items else None)
        items = []
        for item in node.items:
            if isinstance(item, syntax.Null):
                raise self.null_comparison(item.span, node.x, "=")
            x, bound = self._matched("in", x, self.value(item, node.x), (node.x.span, item.span))
            items.append(bound)
        if family(x.type) not in OPERATORS["in"].takes:
            raise FilterTypeError("type-mismatch", f"cannot compare {self.describe(x)} by in", self.source, node.x.span)
        if x.type == "PERIOD":
            pairs = zip(items, node.items, strict=True)
            tests = tuple([self.compared("=", x, i, syntax.Compare("=", node.x, w, span=w.span)) for i, w in pairs])
            return query.Or(tests) if tests else Constant("BOOLEAN", value=False, written=node)
        x, items = self._in_years(x, items)
        return query.In(x, tuple(items))

    def _is(self, node: syntax.Is) -> Value:
        x, v = self._pair("is", node.x, node.v)
        x, (v,) = self._in_years(x, [v])
        if x.type == "PERIOD":
            fixed = _periods(x, v)
            if fixed is not None:
                return Constant("BOOLEAN", compare_periods("=", *fixed), node)
            if v.type != "PERIOD" or isinstance(x, Constant):
                x, v = v, x
        return query.Is(x, v)

    def _texts(self, op: str, x: Expr, y: Expr) -> tuple[Value, Value]:
        left, right = self._operand_of(op, x, y), self._operand_of(op, y, x)
        return left, right

    def _operand_of(self, op: str, node: Expr, beside: Expr) -> Value:
        if isinstance(node, syntax.Null):
            raise self.null_comparison(node.span, beside, op)
        value = self.value(node, beside)
        if family(value.type) == "STRING":
            return value
        message = f"{op} takes texts, not {self.describe(value)}"
        hint = f"{op} is for STRING and ENUM"
        if isinstance(value, Constant) and isinstance(value.written, syntax.Number | syntax.Bool):
            hint = f"write '{to_text(value.written)}'"
        elif value.type == "LIST":
            hint = "a list is looked into: tags has 'night'"
        raise FilterTypeError("type-mismatch", message, self.source, node.span, hint)

    def _text(self, node: syntax.Text) -> Value:
        if node.kind == "contains" and not node.ci:
            x = self.value(node.x, node.y)
            if x.type == "LIST":
                return query.Has("has", x, (self._item(node.y, node.x),))
        x, y = self._texts(node.kind, node.x, node.y)
        return query.Text(node.kind, x, y, node.ci)

    def _pattern(self, node: syntax.Like | syntax.Matches) -> Value:
        word = "like" if isinstance(node, syntax.Like) else "matches"
        x, pattern = self._texts(word, node.x, node.pattern)
        if isinstance(node, syntax.Like):
            if not _constant_text(pattern):
                raise self._not_constant(word, node.pattern)
            return query.Like(x, pattern, node.ci)
        if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
            raise self._not_constant(word, node.pattern)
        if len(pattern.value) > REGEX_LENGTH:
            message = f"the regular expression has {len(pattern.value):,} characters, more than {REGEX_LENGTH:,}"
            raise FilterLimitError("regex-too-long", message, self.source, node.pattern.span)
        wrong = regex_error(pattern.value, self.options)
        if wrong:
            message = f"no regular expression of RE2: {wrong}"
            raise FilterSyntaxError(
                "bad-regex", message, self.source, node.pattern.span, "RE2 has no look-around and no \\1"
            )
        return query.Matches(x, pattern, node.ci)

    def _not_constant(self, word: str, pattern: Expr) -> FilterTypeError:
        message = f"the pattern of {word} must be a text, not something that differs from row to row"
        hint = "use contains, starts with or ends with, or ="
        return FilterTypeError("constant-required", message, self.source, pattern.span, hint)

    def _has(self, node: syntax.Has) -> Value:
        x = self.value(node.x)
        if x.type != "LIST":
            message = f"has looks into lists, not into {self.describe(x)}"
            raise FilterTypeError(
                "type-mismatch", message, self.source, node.x.span, "for texts write contains; for fields, x in (…)"
            )
        return query.Has(node.kind, x, tuple([self._item(item, node.x) for item in node.items]))

    def _item(self, node: Expr, beside: Expr) -> Value:
        if isinstance(node, syntax.Null):
            raise self.null_comparison(node.span, beside, "=")
        value = self.value(node, beside)
        if family(value.type) == "STRING":
            return value
        message = f"lists hold texts, not {self.describe(value)}"
        raise FilterTypeError(
            "type-mismatch", message, self.source, node.span, "for several texts: has any ('night', 'dusk')"
        )

    def _is_null(self, x: Expr) -> Value:
        value = self.value(x)
        if value.type == "INTERVAL":
            message = "an interval has no value of its own"
            raise FilterTypeError("type-mismatch", message, self.source, x.span, "ask for its ends: start is null")
        return query.IsNull(value)

    def _is_misfit(self, node: syntax.IsMissing | syntax.IsInvalid) -> Value:
        word = "missing" if isinstance(node, syntax.IsMissing) else "invalid"
        value = self.value(node.x)
        if isinstance(value, Column) and value.field.qualifier == "meta":
            return query.IsMissing(value) if word == "missing" else query.IsInvalid(value)
        if isinstance(value, Column) and word == "missing":
            return query.IsNull(value)
        message = f"is {word} takes a field of the client metadata, not {self.describe(value)}"
        hint = "a built-in field is never invalid" if isinstance(value, Column) else "for expressions write is null"
        raise FilterTypeError("field-required", message, self.source, node.x.span, hint)

    def _collection(self, node: syntax.InCollection) -> Value:
        known = self.options.titles()
        names = [name for name in node.names if isinstance(name, syntax.String)]
        for name in names:
            if known is not None and name.value not in known:
                meant = similar(name.value, known)
                hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else None
                message = f"unknown collection {name.value!r}"
                raise UnknownField("unknown-collection", message, self.source, name.span, hint, meant)
        return query.InCollection(tuple([name.value for name in names]))

    def _quantified(self, node: syntax.Quantified) -> Value:
        if node.p is None:
            if node.which == "every":
                message = f"every {node.relation} of what kind?"
                hint = f"write every {node.relation}(…) with a condition"
                raise FilterTypeError("bad-arguments", message, self.source, node.span, hint)
            return query.Quantified(node.which, ROWS[node.relation], None)
        inner = self.inside(ROWS[node.relation])
        return query.Quantified(node.which, ROWS[node.relation], inner.predicate(node.p))


def _periods(left: Value, right: Value) -> tuple[PeriodValue, PeriodValue] | None:
    """Return both periods where both are constant."""
    found = [v.value for v in (left, right) if isinstance(v, Constant) and isinstance(v.value, PeriodValue)]
    return (found[0], found[1]) if len(found) == 2 else None


def _constant_text(value: Value) -> bool:
    match value:
        case Constant():
            return True
        case query.Function(name="casei" | "accenti" | "lower" | "upper"):
            return all(map(_constant_text, value.args))
        case _:
            return False
