"""`Description`: what the matching rows have in one field: how full it is, its range, its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.bins import instant_of, plain
from metaquery.errors import UsageError
from metaquery.language.facet_sql import Measure
from metaquery.language.sql import column_labels
from metaquery.matching import BARE, FEW, FieldCounts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from metaquery.matching import Found, Matching, Values
    from metaquery.schema import Field

__all__ = ["Description", "descriptions_of"]

_RANGED = frozenset({"NUMBER", "DATETIME"})
_NARROW = frozenset({"BOOLEAN", "ENUM"})
"""Types with few values, whatever the rows are."""


@dataclass(frozen=True, slots=True)
class Description(FieldCounts):
    """What the matching rows have in one field.

    Attributes
    ----------
    distinct
        How many values there are; of a list, elements; None of points and vectors.
    exact
        Whether `distinct` is counted; else it is estimated, and off by some hundredths.
    least, greatest
        The range of numbers and of instants (`datetime`, UTC); None for other types, and where nothing is known.
    top
        The values that most rows have, with their rows; none where there are too many values to be counted.
    """

    distinct: int | None
    exact: bool
    least: float | datetime | None
    greatest: float | datetime | None
    top: tuple[tuple[Any, int], ...]

    @property
    def filled(self) -> float:
        """The share of the rows that have a value, 0 to 1; 0 of no rows."""
        return self.known / self.matched if self.matched else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts; instants as ISO 8601."""
        return {
            "field": self.field,
            "type": self.type,
            "inferred": self.inferred,
            "matched": self.matched,
            "known": self.known,
            "filled": round(self.filled, 6),
            "missing": self.missing,
            "invalid": self.invalid,
            "distinct": self.distinct,
            "exact": self.exact,
            "least": plain(self.least),
            "greatest": plain(self.greatest),
            "top": [{"value": plain(value), "rows": rows} for value, rows in self.top],
        }


def descriptions_of(matching: Matching, fields: Sequence[Field], *, top: int) -> dict[str, Description]:
    """Describe fields: one scan for what is known of all, one for the values of those that have few.

    `View.describe` is how to call it.
    """
    if top < 1:
        raise UsageError("at least one value is shown")
    found = matching.measured([measure for field in fields for measure in _measures(field)])
    invalid = matching.misfits(fields)
    few = [f for f in fields if f.type not in BARE | {"LIST"} and (found.of("distinct", f) or 0) <= FEW]
    values: dict[Field, Values] = {}
    for together in ([few] if few else []) + [[field] for field in fields if field.type == "LIST"]:
        values |= matching.values(together, top)
    names = column_labels(tuple(fields))
    return {
        name: _described(name, field, found, invalid.get(field, 0), values.get(field))
        for name, field in zip(names, fields, strict=True)
    }


def _measures(field: Field) -> list[Measure]:
    measures = [Measure("known", field)]
    if field.type in _RANGED:
        measures += [Measure("least", field), Measure("greatest", field)]
    if field.type not in _NARROW | BARE | {"LIST"}:
        measures.append(Measure("distinct", field))
    return measures


def _estimated(found: Found, field: Field) -> int | None:
    """Return about how many values there are, and never more than rows that have one."""
    estimate = found.of("distinct", field)
    return None if estimate is None else min(estimate, found.of("known", field))


def _described(name: str, field: Field, found: Found, invalid: int, values: Values | None) -> Description:
    def value(plain: Any) -> Any:
        if plain is None or field.type not in _RANGED:
            return plain
        return instant_of(plain) if field.type == "DATETIME" else float(plain)

    return Description(
        field=name,
        type=field.type,
        inferred=field.inferred,
        matched=found.matched,
        missing=found.matched - found.of("known", field) - invalid,
        invalid=invalid,
        distinct=_estimated(found, field) if values is None else values.distinct,
        exact=values is not None,
        least=value(found.of("least", field)),
        greatest=value(found.of("greatest", field)),
        top=() if values is None else tuple((value(plain), rows) for plain, rows in values.rows),
    )
