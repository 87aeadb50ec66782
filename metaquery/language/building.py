"""`F`: filters built from Python, as the syntax tree that their text would have.

`F.city == "Paris"` is `city = 'Paris'`. A value becomes a literal of the tree, as the value of a parameter does, and is
never part of a text; names and types are checked where a view is narrowed by the condition, as those of a text are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from metaquery.errors import Span, UsageError
from metaquery.language import literals, syntax
from metaquery.language.limits import check_tree
from metaquery.language.parameters import fill
from metaquery.language.printing import name_text, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, timedelta
    from decimal import Decimal

    from metaquery.language.syntax import Expr

    Scalar: TypeAlias = "str | bool | int | float | Decimal | date | timedelta"
    """A value that a literal stands for; `datetime` is a `date`."""

__all__ = ["Condition", "F", "Fields", "Operand"]


class Condition:
    """What is true, false or unknown of a row; joined by `&`, `|` and `~`.

    Parameters
    ----------
    tree
        The expression, as `parse` returns it.

    Examples
    --------
    >>> from metaquery import F
    >>> night = F.dark & (F.city == "Paris")
    >>> night.canonical
    "dark and city = 'Paris'"
    """

    __slots__ = ("tree",)

    def __init__(self, tree: Expr) -> None:
        self.tree = tree

    @property
    def canonical(self) -> str:
        """Its canonical text.

        Raises
        ------
        FilterLimitError
            It is deeper or larger than the language allows.

        Examples
        --------
        >>> from metaquery import F
        >>> (F["frame rate"] > 25).canonical
        '"frame rate" > 25'
        """
        check_tree(self.tree)
        return to_text(self.tree)

    def __repr__(self) -> str:
        return f"<metaquery.F {self.canonical}>"

    def __and__(self, other: Condition) -> Condition:
        return Condition(syntax.And((*_args(self, syntax.And), *_args(other, syntax.And))))

    def __or__(self, other: Condition) -> Condition:
        return Condition(syntax.Or((*_args(self, syntax.Or), *_args(other, syntax.Or))))

    def __invert__(self) -> Condition:
        return Condition(syntax.Not(self.tree))

    def __bool__(self) -> NoReturn:
        raise UsageError(
            f"{self.canonical!r} is a condition on rows, and neither true nor false in Python",
            hint="write (a) & (b), (a) | (b) and ~(a); for low <= x <= high write x.between(low, high)",
        )

    def is_unknown(self) -> Condition:
        """Return the condition that this one is neither true nor false, as a value is missing or invalid.

        Examples
        --------
        >>> from metaquery import F
        >>> (F.speed > 50).is_unknown().canonical
        '(speed > 50) is unknown'
        """
        return Condition(syntax.IsUnknown(self.tree))


class Operand(Condition):
    """A field, or what is computed of fields: what conditions are made of. A BOOLEAN is a condition by itself.

    Examples
    --------
    >>> from metaquery import F
    >>> (F.width * F.height >= 1_000_000).canonical
    'width * height >= 1000000'
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # `==` makes a condition

    def __getattr__(self, name: str) -> Operand:
        if name.startswith("_") or name == "tree":  # asked of a copy that is being made, and has no tree yet
            raise AttributeError(f"a field has no attribute {name!r}")
        if not isinstance(self.tree, syntax.Field) or self.tree.qualifier is not None:
            raise AttributeError(f"{self.canonical} has no attribute {name!r}")
        return Operand(syntax.Field(None, f"{self.tree.name}.{literals.nfc(name)}"))

    def __getitem__(self, name: str) -> Operand:
        """Return the field of a name behind a qualifier: `F.meta["frame rate"]`."""
        if not isinstance(self.tree, syntax.Field) or self.tree.qualifier is not None:
            raise UsageError(f"{self.canonical} is no qualifier", hint='for example F.meta["frame rate"]')
        return Operand(syntax.Field(self.tree.name, literals.nfc(_named(name))))

    def __contains__(self, value: object) -> NoReturn:
        raise UsageError(
            f"{self.canonical!r} is no value, and has nothing in it in Python",
            hint='write F.tags.has("night"), F.city.contains("Par") or F.city.is_in(["Paris", "Oslo"])',
        )

    def __eq__(self, other: Scalar | Operand) -> Condition:  # type: ignore[override]  # a condition, no truth value
        return self._compared("=", other)

    def __ne__(self, other: Scalar | Operand) -> Condition:  # type: ignore[override]  # as `==`
        return self._compared("!=", other)

    def __lt__(self, other: Scalar | Operand) -> Condition:
        return self._compared("<", other)

    def __le__(self, other: Scalar | Operand) -> Condition:
        return self._compared("<=", other)

    def __gt__(self, other: Scalar | Operand) -> Condition:
        return self._compared(">", other)

    def __ge__(self, other: Scalar | Operand) -> Condition:
        return self._compared(">=", other)

    def __add__(self, other: Scalar | Operand) -> Operand:
        return Operand(syntax.Arith("+", self.tree, _tree(other)))

    def __sub__(self, other: Scalar | Operand) -> Operand:
        return Operand(syntax.Arith("-", self.tree, _tree(other)))

    def __mul__(self, other: Scalar | Operand) -> Operand:
        return Operand(syntax.Arith("*", self.tree, _tree(other)))

    def __truediv__(self, other: Scalar | Operand) -> Operand:
        return Operand(syntax.Arith("/", self.tree, _tree(other)))

    def __radd__(self, other: Scalar) -> Operand:
        return Operand(syntax.Arith("+", _tree(other), self.tree))

    def __rsub__(self, other: Scalar) -> Operand:
        return Operand(syntax.Arith("-", _tree(other), self.tree))

    def __rmul__(self, other: Scalar) -> Operand:
        return Operand(syntax.Arith("*", _tree(other), self.tree))

    def __rtruediv__(self, other: Scalar) -> Operand:
        return Operand(syntax.Arith("/", _tree(other), self.tree))

    def __neg__(self) -> Operand:
        return Operand(syntax.Neg(self.tree))

    def between(self, low: Scalar | Operand, high: Scalar | Operand) -> Condition:
        """Return the condition that it is from one value to another, both included.

        Examples
        --------
        >>> from datetime import date
        >>> from metaquery import F
        >>> F.captured_at.between(date(2023, 1, 1), date(2023, 3, 31)).canonical
        'captured_at between 2023-01-01 and 2023-03-31'
        """
        return Condition(syntax.Between(self.tree, _tree(low), _tree(high)))

    def is_in(self, values: Iterable[Scalar | Operand]) -> Condition:
        """Return the condition that it is one of some values.

        Examples
        --------
        >>> from metaquery import F
        >>> (~F.city.is_in(["Paris", "Oslo"])).canonical
        "city not in ('Paris', 'Oslo')"
        """
        return Condition(syntax.In(self.tree, _trees(values)))

    def like(self, pattern: str, *, ignore_case: bool = False) -> Condition:
        """Return the condition that a pattern fits: `%` is any text, `_` one character.

        Examples
        --------
        >>> from metaquery import F
        >>> F.title.like("seq_%", ignore_case=True).canonical
        "title ilike 'seq_%'"
        """
        return Condition(syntax.Like(self.tree, _tree(pattern), ignore_case))

    def matches(self, pattern: str, *, ignore_case: bool = False) -> Condition:
        """Return the condition that a regular expression (RE2) fits somewhere in it.

        Examples
        --------
        >>> from metaquery import F
        >>> F.title.matches("^seq_[0-9]+$").canonical
        "title matches '^seq_[0-9]+$'"
        """
        return Condition(syntax.Matches(self.tree, _tree(pattern), ignore_case))

    def contains(self, text: str, *, ignore_case: bool = False) -> Condition:
        """Return the condition that a text stands somewhere in it.

        Examples
        --------
        >>> from metaquery import F
        >>> F.note.contains("wet", ignore_case=True).canonical
        "note icontains 'wet'"
        """
        return Condition(syntax.Text("contains", self.tree, _tree(text), ignore_case))

    def starts_with(self, text: str, *, ignore_case: bool = False) -> Condition:
        """Return the condition that it begins with a text.

        Examples
        --------
        >>> from metaquery import F
        >>> F.title.starts_with("seq_").canonical
        "title starts with 'seq_'"
        """
        return Condition(syntax.Text("starts with", self.tree, _tree(text), ignore_case))

    def ends_with(self, text: str, *, ignore_case: bool = False) -> Condition:
        """Return the condition that it ends with a text.

        Examples
        --------
        >>> from metaquery import F
        >>> F.title.ends_with(".jpg").canonical
        "title ends with '.jpg'"
        """
        return Condition(syntax.Text("ends with", self.tree, _tree(text), ignore_case))

    def has(self, value: Scalar) -> Condition:
        """Return the condition that a list has an element.

        Examples
        --------
        >>> from metaquery import F
        >>> F.tags.has("Night drives").canonical
        "tags has 'Night drives'"
        """
        return Condition(syntax.Has("has", self.tree, (_tree(value),)))

    def has_each(self, which: Literal["any", "all", "only", "none"], values: Iterable[Scalar]) -> Condition:
        """Return the condition that a list has any, all, only or none of some elements.

        Examples
        --------
        >>> from metaquery import F
        >>> F.tags.has_each("any", ["night", "dusk"]).canonical
        "tags has any ('night', 'dusk')"
        """
        return Condition(syntax.Has(which, self.tree, _trees(values)))

    def is_null(self) -> Condition:
        """Return the condition that it has no value: none was given, or one that does not fit its type.

        Examples
        --------
        >>> from metaquery import F
        >>> (~F.city.is_null()).canonical
        'city is not null'
        """
        return Condition(syntax.IsNull(self.tree))

    def is_unknown(self) -> Condition:
        """Return the condition that it has no value; of a field the same as `is_null`.

        Examples
        --------
        >>> from metaquery import F
        >>> F.dark.is_unknown().canonical
        'dark is null'
        """
        return self.is_null() if isinstance(self.tree, syntax.Field) else Condition(syntax.IsUnknown(self.tree))

    def is_missing(self) -> Condition:
        """Return the condition that no value was given.

        Examples
        --------
        >>> from metaquery import F
        >>> F.city.is_missing().canonical
        'city is missing'
        """
        return Condition(syntax.IsMissing(self.tree))

    def is_invalid(self) -> Condition:
        """Return the condition that the value that was given does not fit its type.

        Examples
        --------
        >>> from metaquery import F
        >>> F.captured_at.is_invalid().canonical
        'captured_at is invalid'
        """
        return Condition(syntax.IsInvalid(self.tree))

    def _compared(self, op: str, other: Scalar | Operand) -> Condition:
        return Condition(syntax.Compare(op, self.tree, _tree(other)))


class Fields:
    """Fields by name: `F.city`, `F["frame rate"]`, `F.unit.title`, `F.label["class"]`.

    Examples
    --------
    >>> from metaquery import F
    >>> F.city, F["frame rate"], F.unit.title, F.meta["class"]
    (<metaquery.F city>, <metaquery.F "frame rate">, <metaquery.F unit.title>, <metaquery.F meta."class">)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<metaquery.F>"

    def __getattr__(self, name: str) -> Operand:
        if name.startswith("_"):
            raise AttributeError(f'F has no attribute {name!r}; for a field of this name write F["{name}"]')
        return self[name]

    def __getitem__(self, name: str) -> Operand:
        """Return the field of a name, whatever characters it has."""
        written = '"' + _named(name).replace('"', '""') + '"'
        return Operand(literals.field_of(written, Span(0, 0)))


F = Fields()
"""Fields by name, for conditions: `F.city == "Paris"`."""


def _named(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise UsageError(f"{name!r} is no name of a field", hint='for example F["frame rate"]')
    return name


def _args(condition: Condition, kind: type[syntax.And | syntax.Or]) -> tuple[Expr, ...]:
    if not isinstance(condition, Condition):
        raise UsageError(
            f"{condition!r} is no condition",
            hint='comparisons stand in brackets: (F.city == "Paris") & (F.speed > 50)',
        )
    tree = condition.tree
    return tree.args if isinstance(tree, syntax.And | syntax.Or) and isinstance(tree, kind) else (tree,)


def _tree(value: Any) -> Expr:
    """Return the tree of an operand, or the literal of a value, with the errors of the value of a parameter."""
    if isinstance(value, Condition):
        return value.tree
    written = literals.parameter(":value", Span(0, 6))
    (tree,) = fill((written,), {"value": value}, ":value")
    return tree


def _trees(values: Any) -> tuple[Expr, ...]:
    if isinstance(values, str | Condition):
        what = name_text(values.canonical) if isinstance(values, Condition) else repr(values)
        raise UsageError(f"a list is wanted, and {what} is one value", hint='for example F.city.is_in(["Paris"])')
    return tuple([_tree(value) for value in values])
