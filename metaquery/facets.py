"""`Facet`: how many matching rows have which value of a field, each count with the filter that it stands for.

Texts and booleans are counted by value, numbers and instants in bins, lists by element; what is missing and what does
not fit its type is counted apart. It takes a scan for the ends of the bins, one for the bins, one for the values of
each fifty fields, and one more for each field with more values than memory should hold at once; of few rows, one for
the ends and one for all else of each fifty.
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
    matched, counted, invalid = _counted(matching, fields, top=top, bins=bins)
    names = column_labels(tuple(fields))
    made = {}
    for label, field in zip(names, fields, strict=True):
        counts = counted[field]
        misfits = invalid.get(field, 0)
        missing = matched - counts.known - misfits
        states = _states(field, counts, missing, misfits, matching.name(field))
        numbers = (matched, missing, misfits, counts.distinct)
        made[label] = Facet(label, field.type, field.inferred, *numbers, (*counts.bars, *states))
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


@dataclass(frozen=True, slots=True)
class _Counts:
    """What is found out of a field: its bars, the rows that have a value, and lists that have no element."""

    bars: list[Bar]
    distinct: int | None
    known: int
    empty: int = 0


def _counted(
    matching: Matching, fields: Sequence[Field], *, top: int, bins: int
) -> tuple[int, dict[Field, _Counts], dict[Field, int]]:
    """Return how many rows match, and of each field what is in it, and how many rows have a misfit."""
    measures = _measures(fields)
    valued = [field for field in fields if field.type not in _BINNED | BARE]
    if len(fields) == 1 and not measures:
        matched, alone = matching.alone(fields[0], top)
        counted = {fields[0]: _of_values(fields[0], alone, alone.known, matching)}
        return matched, counted, matching.misfits(fields)
    found = matching.measured(measures)
    edges = _edges(found, fields, bins, matching)
    asked = [Bins(f, [b.last if f.type == "NUMBER" else int(b.last) for b in each]) for f, each in edges.items()]
    few = matching.query.where is not None and found.matched <= matching.few_rows
    if few and len(fields) > 1 and (asked or valued):
        rows, values, invalid = matching.at_once(asked, valued, top, fields)
    else:
        rows = list(matching.binned(asked)) if asked else []
        values, invalid = _values(matching, valued, top), matching.misfits(fields)
    counts = {field: _Counts([], None, found.of("known", field) or 0) for field in fields}
    for (field, each), numbers in zip(edges.items(), rows, strict=True):
        bars = [_bin_bar(bin_, n, field, matching) for bin_, n in zip(each, numbers, strict=True)]
        counts[field] = _Counts(bars, None, sum(numbers))
    for field in valued:
        known = found.of("known", field) if field.type == "LIST" else values[field].known
        counts[field] = _of_values(field, values[field], known, matching, empty=found.of("empty", field) or 0)
    return found.matched, counts, invalid


def _measures(fields: Sequence[Field]) -> list[Measure]:
    """Return what has to be known before fields are counted, or is not counted."""
    measures = []
    for field in fields:
        if field.type in _BINNED:
            measures += [Measure("least", field), Measure("greatest", field)]
        elif field.type in BARE:
            measures.append(Measure("known", field))
        elif field.type == "LIST":
            measures += [Measure("known", field), Measure("empty", field)]
    return measures


def _edges(found: Found, fields: Sequence[Field], most: int, matching: Matching) -> dict[Field, list[Bin]]:
    """Return the bins of numbers and instants that have a value."""
    clock = Clock.named(matching.options.time_zone)
    edges: dict[Field, list[Bin]] = {}
    for field in fields:
        least, greatest = found.of("least", field), found.of("greatest", field)
        if least is not None and field.type == "NUMBER":
            edges[field] = number_bins(float(least), float(greatest), most)
        elif least is not None:
            edges[field] = calendar_bins(least, greatest, clock, most)
    return edges


def _of_values(field: Field, values: Values, known: int, matching: Matching, *, empty: int = 0) -> _Counts:
    shown = [_value_bar(value, rows, field, matching) for value, rows in values.rows]
    if values.distinct > len(shown):
        shown.append(_others(shown, values, known, field, matching))
    return _Counts(shown, values.distinct, known, empty)


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


def _values(matching: Matching, fields: Sequence[Field], top: int) -> dict[Field, Values]:
    """Return the values of texts, booleans and lists: fields with few in one scan, any other in one of its own."""
    open_ = [field for field in fields if field.type in _OPEN]
    wide = {*open_}.difference(matching.few(open_)) if len(open_) > 1 else ()  # one alone is no matter
    few = [field for field in fields if field.type != "LIST" and field not in wide]
    found: dict[Field, Values] = {}
    for together in ([few] if few else []) + [[field] for field in fields if field not in few]:
        found |= matching.values(together, top)
    return found


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


def _states(field: Field, counts: _Counts, missing: int, invalid: int, name: str | None) -> list[Bar]:
    """Return the bars that are of no value."""
    states: list[tuple[BarKind, int, str]] = []
    if field.type in BARE:
        states.append(("known", counts.known, "{0} is not null"))
    if field.type == "LIST":
        states.append(("empty", counts.empty, "length({0}) = 0"))
    if field.qualifier == "meta":
        states.append(("missing", missing, "{0} is missing"))
        states.append(("invalid", invalid, "{0} is invalid"))
    else:
        states.append(("missing", missing, "{0} is null"))
    return [Bar(kind, kind, rows, None if name is None else text.format(name)) for kind, rows, text in states]
