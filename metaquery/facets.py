"""`Facet`: how many matching rows have which value of a field, each count with the filter that it stands for.

Texts and booleans are counted by value, numbers and instants in bins, lists by element; what is missing and what does
not fit its type is counted apart. Whatever the number of fields, it takes a scan for what is known of each, one for the
bins, one for the values, and one more for each field with more values than memory should hold at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import normalize

from metaquery.bins import Bin, calendar_bins, instant_of, number_bins, plain
from metaquery.errors import UsageError
from metaquery.language.facet_sql import Bins, Measure
from metaquery.language.periods import Clock
from metaquery.language.printing import string_text
from metaquery.language.sql import column_labels
from metaquery.matching import BARE, FieldCounts, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.matching import Found, Matching
    from metaquery.schema import Field

__all__ = ["Bar", "BarKind", "Facet", "facets_of", "with_values"]

_MOST = 10_000
"""Bars of a facet at most: as many as a list in a filter may have items."""

_LONGEST = 1_000_000
"""Bytes of a filter that a bar may stand for."""

_BINNED = frozenset({"NUMBER", "DATETIME"})
_OPEN = frozenset({"STRING", "UUID"})
"""Types that may have any number of values."""
BarKind = Literal["value", "bin", "others", "empty", "known", "missing", "invalid"]


@dataclass(frozen=True, slots=True)
class Bar:
    """Some rows of a facet.

    Attributes
    ----------
    kind
        `value`: one value, or one element of lists; `bin`: the values from one up to, but without, another; `others`:
        values beyond the first; `empty`: lists without an element; `known`: any value, of points and vectors;
        `missing`: no value was given; `invalid`: the value that was given does not fit the type.
    label
        As it is shown: the value, the bin's edges, or the kind.
    rows
        Matching rows.
    filter
        The filter that it stands for, canonical: a view that is narrowed by it has so many rows. Days, months and years
        in it are of the view's time zone. None where a value cannot be written in a filter.
    value
        The value, or where the bin begins: text, number, boolean, or a `datetime` in UTC; None where there is none.
    end
        Where a bin ends; None where it is open, and for other kinds.
    """

    kind: BarKind
    label: str
    rows: int
    filter: str | None
    value: Any = None
    end: Any = None

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts; instants as ISO 8601."""
        value, end = map(plain, (self.value, self.end))
        return {
            "kind": self.kind, "label": self.label, "value": value, "end": end, "rows": self.rows, "filter": self.filter
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facet(FieldCounts):
    """How many matching rows have which value of a field.

    The rows of its bars add up to `matched`, but for lists, of which a row counts once an element.

    Attributes
    ----------
    distinct
        How many values, or elements, there are; None where they are in bins.
    bars
        Values, most rows first, or bins, ascending; then what is left of the values, empty lists, what is missing, and
        of client metadata what is invalid.
    """

    distinct: int | None
    bars: tuple[Bar, ...]

    @property
    def rows(self) -> dict[Any, int]:
        """Rows by value, or by where the bin begins; without what is counted by no value."""
        return {bar.value: bar.rows for bar in self.bars if bar.kind in {"value", "bin"}}

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "field": self.field,
            "type": self.type,
            "inferred": self.inferred,
            "matched": self.matched,
            "missing": self.missing,
            "invalid": self.invalid,
            "distinct": self.distinct,
            "bars": [bar.to_json() for bar in self.bars],
        }


def facets_of(matching: Matching, fields: Sequence[Field], *, top: int, bins: int) -> dict[str, Facet]:
    """Count; `View.facets` is how to call it."""
    if not 1 <= top <= _MOST or not 2 <= bins <= _MOST:
        raise UsageError(f"a facet has 1 to {_MOST:,} values, or 2 to {_MOST:,} bins")
    found = _measured(matching, fields)
    invalid = matching.misfits(fields)
    counted = {**_binned(matching, found, bins), **_valued(matching, found, top)}
    names = column_labels(tuple(fields))
    made = {}
    for label, field in zip(names, fields, strict=True):
        bars, distinct = counted.get(field, ([], None if field.type in _BINNED | BARE else 0))
        missing = found.matched - found.of("known", field) - invalid.get(field, 0)
        states = _states(field, found, missing, matching.name(field))
        numbers = (found.matched, missing, invalid.get(field, 0), distinct)
        made[label] = Facet(label, field.type, field.inferred, *numbers, (*bars, *states))
    return made


def with_values(facet: Facet, wanted: Sequence[str], field: Field, matching: Matching) -> Facet:
    """Return a facet with a bar for each of some texts, where it has none, out of the bar of the others.

    Parameters
    ----------
    facet
        Of texts, or of lists of them.
    wanted
        Values, or elements, that need not be there.
    field
        Of the facet.
    matching
        The rows that it was counted over.
    """
    there = {bar.value for bar in facet.bars if bar.kind == "value"}
    new = [value for value in dict.fromkeys(wanted) if value not in there]
    name = matching.name(field)
    if not new or name is None:
        return facet
    condition = f"{name} {'has any' if field.type == 'LIST' else 'in'} ({', '.join(map(string_text, new))})"
    found = dict(matching.filtered(condition).values([field], _MOST)[field].rows)
    added = [_value_bar(value, found.get(value, 0), field, matching) for value in new]
    shown = [bar for bar in facet.bars if bar.kind == "value"] + sorted(added, key=lambda bar: -bar.rows)
    held = (facet.distinct or 0) + sum(not bar.rows for bar in added)
    others = [_others(shown, Values([], held), facet.known, field, matching)] if held > len(shown) else []
    rest = [bar for bar in facet.bars if bar.kind not in {"value", "others"}]
    return replace(facet, bars=(*shown, *others, *rest))


def _measured(matching: Matching, fields: Sequence[Field]) -> Found:
    measures = [Measure("known", field) for field in fields]
    for field in fields:
        if field.type in _BINNED:
            measures += [Measure("least", field), Measure("greatest", field)]
        elif field.type == "LIST":
            measures.append(Measure("empty", field))
    return matching.measured(measures)


def _binned(matching: Matching, found: Found, most: int) -> dict[Field, tuple[list[Bar], int | None]]:
    """Return the bars of numbers and instants."""
    clock = Clock.named(matching.options.time_zone)
    edges: dict[Field, list[Bin]] = {}
    for field in found.fields:
        least, greatest = found.of("least", field), found.of("greatest", field)
        if least is not None and field.type == "NUMBER":
            edges[field] = number_bins(float(least), float(greatest), most)
        elif least is not None:
            edges[field] = calendar_bins(least, greatest, clock, most)
    if not edges:
        return {}
    asked_for = [
        Bins(field, [b.last if field.type == "NUMBER" else int(b.last) for b in bins]) for field, bins in edges.items()
    ]
    row = matching.binned(asked_for)
    return {
        field: ([_bin_bar(each, rows, field, matching) for each, rows in zip(bins, counts, strict=True)], None)
        for (field, bins), counts in zip(edges.items(), row, strict=True)
    }


def _bin_bar(each: Bin, rows: int, field: Field, matching: Matching) -> Bar:
    name = matching.name(field)
    start: Any = each.start
    end: Any = each.end
    if field.type == "DATETIME":
        start, end = instant_of(start), instant_of(end)
    text = None if name is None else each.condition.format(name)
    if each.start is not None and each.start == each.end:
        return Bar("value", each.label, rows, text, start)
    return Bar("bin", each.label, rows, text, start, end)


def _valued(matching: Matching, found: Found, top: int) -> dict[Field, tuple[list[Bar], int | None]]:
    """Return the bars of texts, booleans and lists: fields with few values in one scan, any other in one of its own."""
    fields = [field for field in found.fields if field.type not in _BINNED | BARE]
    open_ = [field for field in fields if field.type in _OPEN]
    wide = {*open_}.difference(matching.few(open_)) if len(open_) > 1 else ()  # one alone is no matter
    few = [field for field in fields if field.type != "LIST" and field not in wide]
    bars: dict[Field, tuple[list[Bar], int | None]] = {}
    for together in ([few] if few else []) + [[field] for field in fields if field not in few]:
        for field, values in matching.values(together, top).items():
            shown = [_value_bar(value, rows, field, matching) for value, rows in values.rows]
            if values.distinct > len(shown):
                shown.append(_others(shown, values, found.of("known", field), field, matching))
            bars[field] = (shown, values.distinct)
    return bars


def _value_bar(value: Any, rows: int, field: Field, matching: Matching) -> Bar:
    label = ("true" if value else "false") if isinstance(value, bool) else str(value)
    name, text = matching.name(field), _literal(value)
    if name is None or text is None:
        return Bar("value", label, rows, None, value)
    return Bar("value", label, rows, f"{name} {'has' if field.type == 'LIST' else '='} {text}", value)


def _literal(value: Any) -> str | None:
    """Return a value as a filter has it; None where no text can say it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if "\0" in text or normalize("NFC", text) != text or len(text) > _LONGEST:
        return None
    return string_text(text)


def _others(shown: list[Bar], values: Values, known: int, field: Field, matching: Matching) -> Bar:
    """Return the bar of all values that are not shown."""
    name, literals = matching.name(field), [_literal(bar.value) for bar in shown]
    rest = values.distinct - len(shown)
    label = f"{rest:,} other{'' if rest == 1 else 's'}"
    text = None
    if name is not None and all(literals) and sum(len(str(each)) for each in literals) <= _LONGEST:
        listed = f"({', '.join(map(str, literals))})"
        text = f"not {name} has only {listed}" if field.type == "LIST" else f"{name} not in {listed}"
    rows = known - sum(bar.rows for bar in shown)
    if field.type == "LIST" and text is not None:  # a row may have several of them
        rows = matching.count(text)
    return Bar("others", label, rows, text)


def _states(field: Field, found: Found, missing: int, name: str | None) -> list[Bar]:
    """Return the bars that are of no value."""
    known = found.of("known", field)
    states: list[tuple[BarKind, int, str]] = []
    if field.type in BARE:
        states.append(("known", known, "{0} is not null"))
    if field.type == "LIST":
        states.append(("empty", found.of("empty", field), "length({0}) = 0"))
    if field.qualifier == "meta":
        states.append(("missing", missing, "{0} is missing"))
        states.append(("invalid", found.matched - known - missing, "{0} is invalid"))
    else:
        states.append(("missing", missing, "{0} is null"))
    return [Bar(kind, kind, rows, None if name is None else text.format(name)) for kind, rows, text in states]
