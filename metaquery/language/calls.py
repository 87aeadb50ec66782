"""`Calls`: binds calls of functions; the rows of `FUNCTIONS` say which way each is bound.

What stands in spatial and temporal functions only, geometries and intervals, is bound by `spatial` and `temporal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import FilterSyntaxError, FilterTypeError, Span, UnknownField
from metaquery.language import query, syntax
from metaquery.language.functions import FUNCTIONS, PARTS, TRUNCATED, FunctionRow
from metaquery.language.literals import DATETIME_FORMS
from metaquery.language.moments import read_moment
from metaquery.language.operators import an, family
from metaquery.language.periods import length_of_iso
from metaquery.language.query import Column, Constant, PeriodValue, Value
from metaquery.language.values import Values
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.errors import FilterError
    from metaquery.language.syntax import Expr

__all__ = ["Calls"]

_NO_LIKE = frozenset({"POINT", "VECTOR", "INTERVAL"})
_DIGITS = 300
"""Decimal places, either way, that a double can be rounded to."""


class Calls(Values):
    """Binds calls; `Values` binds the other operands."""

    __slots__ = ()

    def call(self, node: syntax.Call) -> Value:
        """Bind the call of a function."""
        row = FUNCTIONS.get(node.name)
        if row is None:
            if node.name == "count":
                raise self.no_count(node)
            meant = similar(node.name, FUNCTIONS)
            hint = f"did you mean {' or '.join(m + '(…)' for m in meant)}?" if meant else None
            raise self.unknown(node.name, Span(node.span.start, node.span.start + len(node.name)), hint, meant)
        if not row.accepts(len(node.args)):
            message = f"{row.name} does not take {len(node.args)} argument{'s' * (len(node.args) != 1)}"
            raise FilterTypeError("bad-arguments", message, self.source, node.span, f"write {row.signature}")
        bound: Callable[[FunctionRow, syntax.Call], Value] = getattr(self, f"_bind_{row.way}")
        return bound(row, node)

    def unknown(self, name: str, span: Span, hint: str | None, meant: tuple[str, ...] = ()) -> UnknownField:
        """Return the error for a function that there is not."""
        return UnknownField("unknown-function", f"unknown function {name!r}", self.source, span, hint, meant)

    def unfit(self, row: FunctionRow, type_: str, value: Value, arg: Expr) -> FilterTypeError:
        """Return the error for an argument of another type."""
        message = f"{row.name} takes {an(type_)} here, not {self.describe(value)}"
        return FilterTypeError("type-mismatch", message, self.source, arg.span, f"write {row.signature}")

    def misused(self, row: FunctionRow, message: str, arg: Expr, code: str = "bad-arguments") -> FilterTypeError:
        """Return the error for an argument that is of the right type, and wrong."""
        return FilterTypeError(code, message, self.source, arg.span, f"write {row.signature}")

    def moment(self, arg: Expr) -> Value:
        """Bind a DATETIME or a PERIOD; a literal becomes one, as opposite a DATETIME."""
        return self.literals.fit(self.value(arg), Constant("DATETIME", 0, arg))

    def instant(self, value: Value) -> Value:
        """Return a DATETIME; of a PERIOD its start."""
        if value.type != "PERIOD":
            return value
        if isinstance(value, Constant) and isinstance(value.value, PeriodValue):
            return Constant("DATETIME", value.value.start, value.written)
        return query.Start(value)

    def day_of(self, value: Value, written: Expr) -> Value:
        """Return the day, a PERIOD, that holds an instant."""
        value = self.instant(value)
        if not isinstance(value, Constant):
            return query.Function("date", (value,), "PERIOD", self.options.time_zone)
        if value.value is None:
            return value
        try:
            return Constant("PERIOD", self.literals.clock.day(int(str(value.value))), written)
        except ValueError:
            raise self.off_calendar(written.span) from None

    # ------------------------------------------------------------------ one method a way

    def _bind_now(self, _row: FunctionRow, node: syntax.Call) -> Value:
        return Constant("DATETIME", self.literals.clock.now, node)

    def _bind_today(self, _row: FunctionRow, node: syntax.Call) -> Value:
        return Constant("PERIOD", self.literals.clock.today(), node)

    def _bind_plain(self, row: FunctionRow, node: syntax.Call) -> Value:
        wanted = row.takes + row.takes[-1:] * (len(node.args) - len(row.takes))
        args = []
        for type_, arg in zip(wanted, node.args, strict=False):
            value = self.moment(arg) if type_ == "DATETIME" else self.value(arg)
            list_too = row.name == "length" and value.type == "LIST"
            if type_ == "DATETIME":
                value = self.instant(value)
            if family(value.type) != type_ and not list_too:
                raise self.unfit(row, type_, value, arg)
            args.append(value)
        zone = self.options.time_zone if row.name in PARTS else None
        return query.Function(row.name, tuple(args), row.gives, zone)

    def _bind_of_field(self, row: FunctionRow, node: syntax.Call) -> Value:
        value = self.value(node.args[0])
        if isinstance(value, Column) and value.field.qualifier == "meta" and row.name == "raw":
            return query.Raw(value)
        kind = "a field" if row.name == "exists" else "a field of the client metadata"
        raise self.misused(row, f"{row.name} takes {kind}, not {self.describe(value)}", node.args[0], "field-required")

    def _bind_coalesce(self, row: FunctionRow, node: syntax.Call) -> Value:
        args = [self.value(arg) for arg in node.args]
        first = next((a for a in args if isinstance(a, Column)), args[0])
        args = [self.instant(self.literals.fit(arg, first)) for arg in args]
        kinds = {family(arg.type) for arg in args}
        if len(kinds) > 1:
            at = next(i for i, arg in enumerate(args) if family(arg.type) != family(args[0].type))
            raise self._differ(args[0], args[at], (node.args[0].span, node.args[at].span))
        if kinds & _NO_LIKE:
            raise self.misused(row, f"{row.name} does not take {self.describe(args[0])}", node.args[0], "type-mismatch")
        return query.Function(row.name, tuple(args), family(args[0].type))

    def _differ(self, left: Value, right: Value, spans: tuple[Span, Span]) -> FilterError:
        return self.literals.mismatch("join", left, right, spans)

    def _bind_substr(self, row: FunctionRow, node: syntax.Call) -> Value:
        bound = self._bind_plain(row, node)
        if not isinstance(bound, query.Function):
            raise TypeError(bound)
        for place, least, what in ((1, 1, "starts at 1"), (2, 0, "has a length of 0 or more")):
            for value, arg in zip(bound.args[place : place + 1], node.args[place : place + 1], strict=True):
                if isinstance(value, Constant) and isinstance(value.value, int | float) and value.value < least:
                    raise self.misused(row, f"{row.name} {what}", arg)
        return bound

    def _bind_round(self, row: FunctionRow, node: syntax.Call) -> Value:
        bound = self._bind_plain(row, node)
        if not isinstance(bound, query.Function):
            raise TypeError(bound)
        for value, arg in zip(bound.args[1:], node.args[1:], strict=True):
            if not isinstance(value, Constant):
                raise self.misused(row, "the number of digits is a constant", arg, "constant-required")
            if not isinstance(value.value, int) or abs(value.value) > _DIGITS:
                raise self.misused(row, f"the number of digits is a whole number from -{_DIGITS} to {_DIGITS}", arg)
        return bound

    def _bind_date(self, row: FunctionRow, node: syntax.Call) -> Value:
        arg = node.args[0]
        value = self.moment(arg)
        if isinstance(arg, syntax.String):
            if isinstance(value, Constant) and isinstance(value.value, PeriodValue) and value.value.unit == "day":
                return value
            raise self.literals.bad_datetime(arg.span)
        if value.type not in {"DATETIME", "PERIOD"}:
            raise self.unfit(row, "DATETIME", value, arg)
        return self.day_of(value, node)

    def _bind_truncated(self, row: FunctionRow, node: syntax.Call) -> Value:
        unit, arg = node.args
        name = unit.value.lower() if isinstance(unit, syntax.String) else None
        if name not in TRUNCATED:
            meant = similar(name, TRUNCATED) if name else ()
            hint = f"did you mean {meant[0]!r}?" if meant else f"units are {', '.join(map(repr, TRUNCATED))}"
            message = f"{row.name} cuts to a unit, which {self.source[unit.span.start : unit.span.end]} is not"
            raise FilterTypeError("bad-arguments", message, self.source, unit.span, hint, meant)
        value = self.instant(self.moment(arg))
        if value.type != "DATETIME":
            raise self.unfit(row, "DATETIME", value, arg)
        if isinstance(value, Constant):
            return self._truncated_now(str(name), value, node)
        text = Constant("STRING", name, syntax.String(name))
        return query.Function(row.name, (text, value), row.gives, self.options.time_zone)

    def _truncated_now(self, unit: str, value: Constant, node: syntax.Call) -> Constant:
        if value.value is None:
            return value
        try:
            return Constant("DATETIME", self.literals.clock.truncated(unit, int(str(value.value))), node)
        except ValueError:
            raise self.off_calendar(node.span) from None

    def _bind_timestamp(self, row: FunctionRow, node: syntax.Call) -> Value:
        text = self._literal(row, node)
        try:
            found = read_moment(text.value.strip())
        except ValueError:
            found = None
        if not isinstance(found, syntax.Instant):
            message = f"{self.source[text.span.start : text.span.end]} is no date and time"
            raise FilterTypeError("bad-datetime", message, self.source, text.span, DATETIME_FORMS)
        return self.literals.moment(syntax.Instant(found.micros, found.zoned, span=text.span))

    def _bind_duration(self, row: FunctionRow, node: syntax.Call) -> Value:
        text = self._literal(row, node)
        length = length_of_iso(text.value.strip())
        if length is None:
            message = f"{self.source[text.span.start : text.span.end]} is no duration of ISO 8601"
            hint = "durations are written 7d, 1.5h, 3mo, or duration('P1Y2M3DT4H5M6.5S')"
            raise FilterSyntaxError("bad-duration", message, self.source, text.span, hint)
        return Constant("DURATION", length, node)

    def _literal(self, row: FunctionRow, node: syntax.Call) -> syntax.String:
        arg = node.args[0]
        if isinstance(arg, syntax.String):
            return arg
        value = self.value(arg)
        if family(value.type) != "STRING":
            raise self.unfit(row, "STRING", value, arg)
        raise self.misused(row, f"{row.name} takes a text that stands there", arg, "constant-required")

    def _bind_lists(self, row: FunctionRow, node: syntax.Call) -> Value:
        """Bind CQL2's functions of two lists; where one is written out, they are `has all` and its kin."""
        x, y = (self._listed(row, arg) for arg in node.args)
        name = row.name
        if isinstance(x, query.ListOf) and not isinstance(y, query.ListOf):
            name, x, y = _MIRRORED.get(name, name), y, x
        if not isinstance(y, query.ListOf):
            return query.Function(name, (x, y), "BOOLEAN")
        tests = [query.Has(kind, x, y.items) for kind in _KINDS[name]]
        return tests[0] if len(tests) == 1 else query.And(tuple(tests))

    def _listed(self, row: FunctionRow, arg: Expr) -> Value:
        value = self.value(syntax.ListOf((arg,), span=arg.span) if isinstance(arg, syntax.String) else arg)
        if value.type != "LIST":
            raise self.unfit(row, "LIST", value, arg)
        return value


_KINDS = {
    "a_contains": ("all",),
    "a_overlaps": ("any",),
    "a_containedby": ("only",),
    "a_equals": ("all", "only"),
}

_MIRRORED = {"a_contains": "a_containedby", "a_containedby": "a_contains"}
