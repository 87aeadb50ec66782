"""`Crossfilter`: facets under one filter, each with its own clauses left out, and what a click makes of the filter.

A field's own clauses are those of the outermost `and` that are about this field alone. Bars of the field are counted
without them, so that a bar that is not chosen shows how many rows it would add; a click edits them, and leaves all else
of the text as it was written.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from metaquery.choice import Alternative, Choice
from metaquery.columns import described_columns, named_columns
from metaquery.crossfiltered import CrossfilteredBar, CrossfilteredFacet, Range
from metaquery.errors import UsageError
from metaquery.facets import facets_of, with_values
from metaquery.language import canonical, describe_fields, query, syntax
from metaquery.language.editing import Clauses, alternatives, respelled
from metaquery.language.moments import iso_text, micros_of
from metaquery.language.parse import parse
from metaquery.language.periods import Clock, first_day
from metaquery.language.printing import string_text, to_text
from metaquery.language.sql import column_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.facets import Facet
    from metaquery.language import Predicate, Query
    from metaquery.matching import Matching
    from metaquery.schema import Field

__all__ = ["Crossfilter"]

_SEARCHED = frozenset({"STRING", "ENUM", "LIST"})
_OPEN = frozenset({"STRING", "UUID", "ENUM", "LIST"})
"""Types that may have more values than are shown."""

_EVERY = 10_000
"""Elements of lists that are searched for a text."""


@dataclass(frozen=True)
class Crossfilter:
    """A filter that is edited by clicks on facets; `View.crossfilter` is how to get one.

    Attributes
    ----------
    matching
        The rows that it narrows.
    clauses
        Its text, taken apart.
    compiled
        Binds a condition on those rows.

    Examples
    --------
    >>> chosen = ws.data.crossfilter("city = 'Paris' and speed >= 50")
    >>> [facet.own for facet in chosen.facets("city", "speed").values()]
    [("city = 'Paris'",), ('speed >= 50',)]
    """

    matching: Matching
    clauses: Clauses
    compiled: Callable[[str], Query]

    def bind(self, condition: str) -> Predicate:
        """Bind a condition; errors as `View.filter`."""
        where = self.compiled(condition).where
        if where is None:
            raise UsageError("there is no condition")
        return where

    def field(self, name: str) -> Field:
        """Return the field of a name, as `View.select` takes it.

        Examples
        --------
        >>> ws.data.crossfilter("").field("city").type
        'STRING'
        """
        (found,) = named_columns(name, self.matching.schema, self.matching.query.relation)[:1]
        return found

    @cached_property
    def _bound(self) -> tuple[Predicate, ...]:
        return tuple(self.bind(self.clauses.written(place)) for place in range(len(self.clauses.parts)))

    @cached_property
    def fields(self) -> tuple[Field | None, ...]:
        """The field that each clause is about; None where it is about several, or none.

        Examples
        --------
        >>> [field and field.name for field in ws.data.crossfilter("dark and (speed > 1 or city = 'Oslo')").fields]
        ['dark', None]
        """
        found = [(describe_fields(p), describe_fields(p, deep=False)) for p in self._bound]
        return tuple(deep[0] if len(deep) == 1 and deep == own else None for deep, own in found)

    def _own(self, field: Field) -> tuple[int, ...]:
        return tuple(place for place, of in enumerate(self.fields) if of == field)

    # Counting

    def facets(
        self, *names: str, top: int = 20, bins: int = 20, find: str | None = None
    ) -> dict[str, CrossfilteredFacet]:
        """Count; each facet without its field's own clauses.

        Parameters
        ----------
        *names, top, bins
            As `View.facets`.
        find
            Text that values have to contain, in upper or lower case; of texts, enums and lists. What has no value is
            not counted then, and has no bar.

        Raises
        ------
        UsageError
            Values of such a field cannot be searched.

        Examples
        --------
        >>> cities = ws.data.crossfilter("city = 'Paris'").facets("city")["city"]
        >>> [(each.bar.label, each.bar.rows, each.selected) for each in cities.bars if each.bar.rows]
        [('Paris', 2, True), ("L'Aquila", 1, False), ('Oslo', 1, False), ('missing', 1, False)]
        """
        fields = described_columns(names, self.matching.schema, self.matching.query.relation)
        owned = [field for field in fields if self._own(field)]
        apart = [[field] for field in owned] if find is None else [[field] for field in fields]
        rest = [field for field in fields if field not in owned] if find is None else []
        found: dict[Field, Facet] = {}
        for together in ([rest] if rest else []) + apart:
            counted = self._counted(together, top=top, bins=bins, find=find)
            found.update(zip(together, counted.values(), strict=True))
        labels = column_labels(tuple(fields))
        return {label: self._crossed(field, found[field], label) for label, field in zip(labels, fields, strict=True)}

    def _counted(self, fields: list[Field], *, top: int, bins: int, find: str | None) -> dict[str, Facet]:
        kept = [p for p, of in zip(self._bound, self.fields, strict=True) if of is None or of not in fields]
        if find is None or not find.strip():
            rows = self.matching.narrowed(kept)
            counted = facets_of(rows, fields, top=top, bins=bins)
            return {
                label: with_values(facet, self._named(field), field, rows) if field.type in _OPEN else facet
                for (label, facet), field in zip(counted.items(), fields, strict=True)
            }
        (field,) = fields
        if field.type not in _SEARCHED:
            raise UsageError(f"the values of {field.name} are no texts to search in: it is {field.type}")
        if field.type == "LIST":
            return _found_in(facets_of(self.matching.narrowed(kept), fields, top=_EVERY, bins=bins), find, top)
        kept.append(self.bind(f"{self._name(field)} icontains {string_text(find.strip())}"))
        return _of_values(facets_of(self.matching.narrowed(kept), fields, top=top, bins=bins))

    def _named(self, field: Field) -> list[str]:
        """Return the values that the filter names, at most a hundred: each has a bar, so that a click can undo it."""
        own = [self._bound[place] for place in self._own(field)]
        return [each.value for each in self._alternatives(field, own) if each.value is not None][:100] if own else []

    def _crossed(self, field: Field, facet: Facet, label: str) -> CrossfilteredFacet:
        own = self._own(field)
        chosen = self._chosen(field)
        choice = self._choice(field)
        bars = [
            CrossfilteredBar(bar, choice.has(bar) or (chosen is not None and chosen.holds(bar)), choice.toggled(bar))
            for bar in facet.bars
        ]
        written = tuple(self.clauses.written(place) for place in own)
        named = self.matching.name(field)
        return CrossfilteredFacet(replace(facet, field=label), named, written, chosen, tuple(bars))

    # Editing

    def toggle(self, name: str, condition: str) -> str:
        """Return the filter after a click on a bar: its condition becomes one of those of which one has to hold.

        Where it is one of them already, it goes.

        Parameters
        ----------
        name
            The bar's field, as `View.select` takes it.
        condition
            The bar's filter.

        Examples
        --------
        >>> chosen = ws.data.crossfilter("city = 'Paris' and dark")
        >>> chosen.toggle("city", "city = 'Oslo'")
        "city in ('Paris', 'Oslo') and dark"
        >>> chosen.toggle("city", "city = 'Paris'")
        'dark'
        """
        field = self.field(name)
        self._about(field, condition)
        return self._choice(field).toggled_by(self._alternatives(field, [self.bind(condition)]))

    def only(self, name: str, condition: str) -> str:
        """Return the filter with a condition in place of the field's own clauses; parameters as `toggle`.

        Examples
        --------
        >>> ws.data.crossfilter("city in ('Paris', 'Oslo') and dark").only("city", "city is missing")
        'city is missing and dark'
        """
        field = self.field(name)
        self._about(field, condition)
        return self.clauses.with_(condition, at=self._own(field))

    def exclude(self, name: str, condition: str) -> str:
        """Return the filter with the rows of a condition left out; those for which it is unknown stay.

        Examples
        --------
        >>> ws.data.crossfilter("dark").exclude("city", "city = 'Paris'")
        "dark and (city = 'Paris') is not true"
        """
        field = self.field(name)
        bound = self._about(field, condition)
        without = to_text(syntax.Not(syntax.Is(parse(canonical(bound)), syntax.Bool(value=True))))
        return self.clauses.with_(without)

    def clear(self, name: str) -> str:
        """Return the filter without the field's own clauses.

        Examples
        --------
        >>> ws.data.crossfilter("city = 'Paris' and dark").clear("city")
        'dark'
        """
        own = self._own(self.field(name))
        return self.clauses.with_("", at=own) if own else self.clauses.text

    def brush(self, name: str, start: float | datetime | None, end: float | datetime | None) -> str:
        """Return the filter with a range of values in place of the field's own clauses.

        Parameters
        ----------
        name
            A number or an instant.
        start, end
            From where, and up to where, which is not in it; None is open, and both None take the clauses away.

        Raises
        ------
        UsageError
            The field has no order, or the range is empty or of another type.

        Examples
        --------
        >>> ws.data.crossfilter("dark and speed < 30").brush("speed", 20, 60)
        'dark and speed >= 20 and speed < 60'
        """
        field = self.field(name)
        if field.type not in {"NUMBER", "DATETIME"}:
            raise UsageError(f"{field.name} is {field.type}: a range is of numbers or of instants")
        texts = [None if value is None else self._literal(field, value) for value in (start, end)]
        if start is not None and end is not None and not start < end:  # type: ignore[operator]  # of one type by now
            raise UsageError("the range is empty: it ends before it begins")
        signs = zip((">=", "<"), texts, strict=True)
        parts = [f"{self._name(field)} {sign} {text}" for sign, text in signs if text is not None]
        own = self._own(field)
        if not parts and not own:
            return self.clauses.text
        return self.clauses.with_(" and ".join(parts), at=own)

    # Within

    def _about(self, field: Field, condition: str) -> Predicate:
        """Return a condition that is about one field, bound."""
        bound = self.bind(condition)
        if describe_fields(bound) != (field,):
            raise UsageError(f"the condition is not about {field.name} alone: {condition}")
        return bound

    def _name(self, field: Field) -> str:
        name = self.matching.name(field)
        if name is None:
            raise UsageError(f"no filter can name the field {field.name!r}")
        return name

    def _literal(self, field: Field, value: float | datetime) -> str:
        if field.type == "NUMBER" and isinstance(value, int | float) and math.isfinite(value):
            number = syntax.Number(abs(float(value)))
            return to_text(syntax.Neg(number) if value < 0 else number)
        if field.type == "DATETIME" and isinstance(value, datetime) and value.tzinfo is not None:
            return self._instant(value)
        raise UsageError(f"{value!r} is no end of a range of {field.type}s")

    def _instant(self, value: datetime) -> str:
        """Write an instant: a day where it begins on the clock of the view's zone, for the first time of two."""
        micros = micros_of(value)
        with suppress(ValueError):
            day = Clock.named(self.matching.options.time_zone).day(micros)
            if day.start == micros:
                return first_day(day).isoformat()
        return f"{iso_text(micros)}Z"

    def _alternatives(self, field: Field, bound: Sequence[Predicate]) -> list[Alternative]:
        """Return the conditions of which one has to hold, with the field's name spelled as bars do."""
        joined = bound[0] if len(bound) == 1 else query.And(tuple(bound))
        name = self.matching.name(field)
        read = parse(canonical(joined))
        read = read if name is None else respelled(read, parse(name))
        return [Alternative.of(each) for each in alternatives(read)]

    def _choice(self, field: Field) -> Choice:
        own = self._own(field)
        held = self._alternatives(field, [self._bound[place] for place in own]) if own else []
        return Choice(self.clauses, own, held, name=self.matching.name(field), lists=field.type == "LIST")

    def _chosen(self, field: Field) -> Range | None:
        """Return the range that the own clauses of a number or an instant let through."""
        return Range.of([self._bound[place] for place in self._own(field)], instants=field.type == "DATETIME")


def _of_values(counted: dict[str, Facet]) -> dict[str, Facet]:
    """Return facets without the bars of what has no value: a search for values leaves no such row to count."""
    return {
        label: replace(facet, bars=tuple(bar for bar in facet.bars if bar.kind in {"value", "others"}))
        for label, facet in counted.items()
    }


def _found_in(counted: dict[str, Facet], find: str, top: int) -> dict[str, Facet]:
    """Return a facet of lists with the elements alone that contain a text."""
    wanted = find.strip().casefold()
    return {
        label: replace(
            facet, bars=tuple(b for b in facet.bars if b.kind == "value" and wanted in b.label.casefold())[:top]
        )
        for label, facet in counted.items()
    }
