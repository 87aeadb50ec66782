"""`functions_at()`: the functions whose result fits a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language.complete.arguments import ALIKE
from metaquery.language.complete.candidate import Candidate
from metaquery.language.complete.matching import Source, fixed
from metaquery.language.complete.wanted import TIMES
from metaquery.language.functions import FUNCTIONS, FunctionRow

if TYPE_CHECKING:
    from metaquery.language.complete.place import Place
    from metaquery.language.complete.wanted import Wanted

__all__ = ["functions_at"]

_OF_FIELDS = frozenset({"POINT", "VECTOR"})
"""Types of which there is nothing but fields."""


def functions_at(place: Place, wanted: Wanted) -> Source:
    """Return the functions that fit, each with its signature."""
    lacking = _lacking(place)
    made = [
        Candidate(
            f"{row.name}(" if row.takes else f"{row.name}()",
            "function",
            row.signature,
            "the argument's type" if row.gives == "any" else row.gives,
        )
        for row in FUNCTIONS.values()
        if _gives(row, wanted) and lacking.isdisjoint((row.name, *row.takes))
    ]
    if wanted.takes("NUMBER"):
        made.append(Candidate("count(", "function", "count(label where …)", "NUMBER"))
    return fixed(made)


def _lacking(place: Place) -> frozenset[str]:
    """Return types and functions that cannot be used, as there is no field for them."""
    fields = place.schema.fields
    return _OF_FIELDS - {field.type for field in fields} | (frozenset() if fields else {"raw"})


def _gives(row: FunctionRow, wanted: Wanted) -> bool:
    types = wanted.computed
    if types is None:
        return row.gives != "INTERVAL"  # intervals are arguments, and nothing else
    also = wanted.also | TIMES if wanted.also & TIMES else wanted.also
    return row.gives in types | also or (row.gives == "any" and bool(types & ALIKE - {"PERIOD"}))
