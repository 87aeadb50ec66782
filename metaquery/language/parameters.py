"""Parameters: `:name` in a filter is replaced by the literal that a Python value stands for, before anything is bound.

So a value is never part of a text, and what is bound, written as canonical text and saved holds the value as if it had
been written. The literal keeps the place of its parameter: an error of its type points at `:name`.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from metaquery.errors import FilterError, FilterLimitError, FilterSyntaxError, FilterTypeError, UnknownField, UsageError
from metaquery.language import literals, syntax
from metaquery.language.limits import ITEMS, bad_character, check_text, check_tree, never
from metaquery.language.moments import FIRST, LAST, SECOND, micros_of
from metaquery.language.printing import to_text
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metaquery.errors import Span
    from metaquery.language.syntax import Expr, Parameter

__all__ = ["Untyped", "fill", "naming", "parameters_of"]

_GIVE = r": write (?:.* = (?=(?:true|false)$))?"
"""What hints say of literals; `dark = true` is written, and `true` is given."""

_BITS = 1024
"""Of the largest double; of longer integers Python writes no more than 4,300 digits."""

_LARGE = 100_000
"""Characters and items of values from which on the limits of a filter are checked again."""


class Untyped(str):
    """A text that stands for want of types, as on a command line: read as the literal that the other side takes.

    Opposite a NUMBER `12` is a number, opposite a BOOLEAN `true` is one, opposite a DURATION `7d`; else it is the text.
    Where a list is wanted, one of them is a list of one.
    """

    __slots__ = ()


def fill(roots: tuple[Expr, ...], given: Mapping[str, Any], source: str) -> tuple[Expr, ...]:
    """Return expressions with literals in place of their parameters.

    Parameters
    ----------
    roots
        The filter, and what it is ordered by.
    given
        Values by name, without the colon: `str`, `bool`, `int`, `float`, `Decimal`, `date`, `datetime`, `timedelta`,
        a list or tuple of these where a list may stand. A `datetime` without a zone is in the query's time zone.
    source
        The text, for errors.

    Raises
    ------
    UnknownField
        A parameter has no value.
    UsageError
        A value has no parameter.
    FilterTypeError
        A value has no literal, or is a list where none may stand, or no list where one has to.
    FilterLimitError, FilterSyntaxError
        A value is too large, or holds what no text may.
    """
    found = parameters_of(roots)
    if not found and not given:
        return roots
    names = dict.fromkeys(parameter.name for parameter in found)
    unused = [name for name in given if name not in names]
    for parameter in found:
        if parameter.name not in given:
            raise _not_given(parameter, given, unused, source)
    if unused:
        raise _not_used(unused[0], names)
    filling = _Filling(given, source)
    filled = tuple([filling.filled(root) for root in roots])
    if filling.size > _LARGE:
        for root in filled:
            _check_size(root, source)
    return filled


@contextmanager
def naming(roots: tuple[Expr, ...], given: Mapping[str, Any], source: str) -> Iterator[None]:
    """Say in an error that points at a parameter which one it is, and what to give instead; arguments as `fill`."""
    try:
        yield
    except FilterError as error:
        if error.source is source:
            name = next((p.name for p in parameters_of(roots) if p.span == error.span), None)
            if name is not None:
                error.message = f"{error.message} (from :{name})"
                if error.code == "type-mismatch" and isinstance(given.get(name), list | tuple):
                    error.hint = f"for one of several values write in :{name}"
                elif error.code == "type-mismatch" and error.hint:
                    error.hint = re.sub(_GIVE, ": give ", error.hint)
        raise


def parameters_of(roots: Iterable[Expr]) -> list[Parameter]:
    """Return the parameters of a filter and of what it is ordered by, in the order of the text."""
    found = []
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if isinstance(node, syntax.Parameter):
            found.append(node)
        else:
            waiting.extend(syntax.children(node))
    return sorted(found, key=lambda parameter: parameter.span)


def _not_given(parameter: Parameter, given: Mapping[str, Any], unused: list[str], source: str) -> UnknownField:
    meant = similar(parameter.name, unused) or similar(parameter.name, given)
    example = f"{parameter.name}='Paris' in Python, --param {parameter.name}=Paris on a command line"
    hint = f"did you mean :{meant[0]}?" if meant else f"give one: {example}"
    message = f"no value is given for :{parameter.name}"
    return UnknownField("unknown-parameter", message, source, parameter.span, hint, meant)


def _not_used(name: str, names: Iterable[str]) -> UsageError:
    meant = similar(name, names)
    there = ", ".join(f":{n}" for n in names)
    hint = f"did you mean :{meant[0]}?" if meant else f"it has {there}" if there else f"write :{name} where it belongs"
    return UsageError(f"the filter has no parameter :{name}", hint=hint)


def _check_size(root: Expr, source: str) -> None:
    """Refuse what could not have been written."""
    try:
        check_tree(root)
        check_text(to_text(root))
    except FilterError as error:
        error.source, error.hint = source, "long lists of ids are better kept as a Collection: in collection 'name'"
        raise


class _Filling:
    """Puts literals in the places of parameters.

    Parameters
    ----------
    given, source
        As in `fill`.

    Attributes
    ----------
    size
        Characters and items of the values so far.
    """

    def __init__(self, given: Mapping[str, Any], source: str) -> None:
        self.given = given
        self.source = source
        self.size = 0

    def filled(self, node: Expr) -> Expr:
        """Return an expression with its parameters replaced; the left side of operators is gone down in a loop."""
        spine: list[syntax.Arith] = []
        while isinstance(node, syntax.Arith):
            spine.append(node)
            node = node.left
        whole = self._one(node)
        for step in reversed(spine):
            whole = syntax.Arith(step.op, whole, self.filled(step.right), span=step.span)
        return whole

    def _one(self, node: Expr) -> Expr:
        if isinstance(node, syntax.Parameter):
            return self._value(node)
        parts: dict[str, Any] = {}
        for slot in fields(node):
            part = getattr(node, slot.name)
            if slot.name == "names":
                parts[slot.name] = tuple([title for name in part for title in self._titles(name)])
            elif slot.name in {"items", "args"}:
                parts[slot.name] = self._several(node, part)
            elif isinstance(part, syntax.Node):
                parts[slot.name] = self.filled(cast("Expr", part))
        return replace(node, **parts) if parts else node

    def _several(self, node: Expr, items: tuple[Expr, ...]) -> tuple[Expr, ...]:
        if len(items) == 1 and isinstance(items[0], syntax.Parameter) and items[0].many:
            return self._list(items[0])
        inner = [self.filled(item) for item in items]
        if isinstance(node, syntax.In | syntax.Has | syntax.ListOf):
            for item, made in zip(items, inner, strict=True):
                if isinstance(item, syntax.Parameter) and isinstance(made, syntax.ListOf):
                    message = f":{item.name} is a list, and stands for one value here"
                    hint = f"for all of them, leave the brackets out: in :{item.name}"
                    raise FilterTypeError("type-mismatch", message, self.source, item.span, hint)
        return tuple(inner)

    def _list(self, parameter: Parameter) -> tuple[Expr, ...]:
        value = self.given[parameter.name]
        if isinstance(value, Untyped):
            value = [value]
        if isinstance(value, list | tuple):
            return self._value(parameter).items  # type: ignore[union-attr]  # of a list, a list
        literal = self._literal(parameter, value)
        message = f"a list is wanted, and :{parameter.name} is {to_text(literal)}"
        hint = f"give a list, or write in (:{parameter.name})"
        raise FilterTypeError("type-mismatch", message, self.source, parameter.span, hint)

    def _titles(self, name: syntax.String | Parameter) -> list[syntax.String]:
        """Return the titles of Collections that one or a list of them was given for."""
        if isinstance(name, syntax.String):
            return [name]
        made = self._value(name)
        titles = list(made.items) if isinstance(made, syntax.ListOf) else [made]
        texts = [title for title in titles if isinstance(title, syntax.String)]
        if not texts or len(texts) < len(titles):
            message = f":{name.name} is no title of a Collection"
            raise FilterTypeError("type-mismatch", message, self.source, name.span, "give a text, or a list of texts")
        return texts

    def _value(self, parameter: Parameter) -> Expr:
        value = self.given[parameter.name]
        if parameter.many and isinstance(value, Untyped):
            value = [value]
        if not isinstance(value, list | tuple):
            return self._literal(parameter, value)
        self.size += len(value)
        if len(value) > ITEMS:
            message = f":{parameter.name} has {len(value):,} items, more than {ITEMS:,}"
            hint = "keep the ids as a Collection: in collection 'name'"
            raise FilterLimitError("too-many-items", message, self.source, parameter.span, hint)
        return syntax.ListOf(tuple([self._literal(parameter, item) for item in value]), span=parameter.span)

    def _literal(self, parameter: Parameter, value: Any) -> Expr:  # noqa: PLR0911  # one case a type
        span = parameter.span
        value = _plain(value)
        match value:
            case None:
                return syntax.Null(span=span)
            case bool():
                return syntax.Bool(value, span=span)
            case int() | float() | Decimal():
                return self._number(parameter, value)
            case str():
                return self._text(parameter, value)
            case datetime():
                return self._instant(parameter, value)
            case date():
                return syntax.Period(value.year, value.month, value.day, span=span)
            case timedelta():
                return self._duration(parameter, value)
            case _:
                message = f":{parameter.name} is a {type(value).__name__}, which no literal stands for"
                hint = "give a text, a number, a truth value, a date or a datetime; a list of them where a list stands"
                raise FilterTypeError("type-mismatch", message, self.source, span, hint)

    def _number(self, parameter: Parameter, value: float | Decimal) -> Expr:
        if isinstance(value, int) and value.bit_length() > _BITS:
            message = f":{parameter.name} is larger than a number can be"
            raise FilterLimitError("number-range", message, self.source, parameter.span, literals.LARGEST)
        if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
            message = f":{parameter.name} is {value}, which no number of a filter is"
            hint = "for rows without a value, write is null"
            raise FilterTypeError("type-mismatch", message, self.source, parameter.span, hint)
        try:
            number = literals.number(str(abs(value)), parameter.span)
        except FilterLimitError as error:
            error.source = self.source
            raise
        return _signed(number, parameter.span, negative=value < 0)

    def _text(self, parameter: Parameter, value: str) -> Expr:
        self.size += len(value)
        wrong = never(value)
        if wrong is not None:
            error = bad_character(value, wrong)
            message = f"{error.message}, and :{parameter.name} does"
            raise FilterSyntaxError("bad-character", message, self.source, parameter.span)
        return syntax.String(literals.nfc(value), isinstance(value, Untyped), span=parameter.span)

    def _duration(self, parameter: Parameter, value: timedelta) -> Expr:
        length = _duration(abs(value), parameter.span)
        if literals.is_too_long(length.amount, length.unit):
            message = f":{parameter.name} is longer than the calendar"
            raise FilterLimitError("number-range", message, self.source, parameter.span)
        return _signed(length, parameter.span, negative=value < timedelta())

    def _instant(self, parameter: Parameter, value: datetime) -> Expr:
        zoned = value.utcoffset() is not None
        micros = micros_of(value if zoned else value.replace(tzinfo=UTC))
        if not FIRST <= micros < LAST:
            message = f":{parameter.name} is not in the years 1 to 9999 in UTC"
            raise FilterTypeError("bad-datetime", message, self.source, parameter.span)
        return syntax.Instant(micros, zoned, span=parameter.span)


def _plain(value: Any) -> Any:
    """Return what NumPy's scalars are in Python; and for what is not itself, as a missing date of pandas is, None."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = _of_numpy(value)
    return None if isinstance(value, date) and value != value else value  # noqa: PLR0124  # NaT alone differs from itself


def _of_numpy(scalar: Any) -> Any:
    """Return what a scalar is in Python; an instant or a time of nanoseconds, which comes as a number, in microseconds.

    One that Python has no such type for is returned as it is.
    """
    value, kind = scalar.item(), getattr(getattr(scalar, "dtype", None), "kind", "")
    if kind not in {"M", "m"} or not isinstance(value, int):
        return value
    value = scalar.astype(f"{kind}8[us]").item()
    return scalar if isinstance(value, int) else value


def _duration(value: timedelta, span: Span) -> syntax.Duration:
    if not value % timedelta(days=1):
        return syntax.Duration(value.days, "d", span=span)
    if not value % timedelta(seconds=1):
        return syntax.Duration(value // timedelta(seconds=1), "s", span=span)
    return syntax.Duration(value / timedelta(microseconds=1) / SECOND, "s", span=span)


def _signed(literal: Expr, span: Span, *, negative: bool) -> Expr:
    return syntax.Neg(literal, span=span) if negative else literal
