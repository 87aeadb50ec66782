"""What a facet is under a filter: its bars, which of them are chosen, and the range that is let through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from metaquery.bins import instant_of, plain
from metaquery.language import query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.facets import Bar, Facet
    from metaquery.language import Predicate

__all__ = ["CrossfilteredBar", "CrossfilteredFacet", "Range"]


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a field's own clauses let through: from `start` up to `end`; None where it is open.

    Numbers, or a `datetime` in UTC.
    """

    start: Any
    end: Any

    @classmethod
    def of(cls, own: Iterable[Predicate], *, instants: bool) -> Self | None:
        """Return what the clauses of one field let through; None where there are none, or it is no range.

        Parameters
        ----------
        own
            The clauses, of which all have to hold.
        instants
            Whether the field has instants, and not numbers.
        """
        low: float | None = None
        high: float | None = None
        parts = [part for clause in own for part in _conjuncts(clause)]
        for part in parts:
            bounds = _bounds(part)
            if bounds is None:
                return None
            low = bounds[0] if low is None else low if bounds[0] is None else max(low, bounds[0])
            high = bounds[1] if high is None else high if bounds[1] is None else min(high, bounds[1])
        if not parts:
            return None
        return cls(*map(instant_of, (low, high))) if instants else cls(low, high)

    def holds(self, bar: Bar) -> bool:
        """Whether a bin lies in it."""
        if bar.kind != "bin":
            return False
        low = self.start is None or (bar.value is not None and bar.value >= self.start)
        return low and (self.end is None or (bar.end is not None and bar.end <= self.end))

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts; instants as ISO 8601."""
        return {"start": plain(self.start), "end": plain(self.end)}


@dataclass(frozen=True, slots=True)
class CrossfilteredBar:
    """A bar, and what the filter says of it.

    Attributes
    ----------
    bar
        The bar; its rows are counted without the field's own clauses.
    selected
        Whether the field's own clauses let it through by name.
    toggled
        The whole filter after a click on it; None where no filter can say its value.
    """

    bar: Bar
    selected: bool
    toggled: str | None

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {**self.bar.to_json(), "selected": self.selected, "toggled": self.toggled}


@dataclass(frozen=True, slots=True)
class CrossfilteredFacet:
    """A facet that is counted without its field's own clauses.

    Attributes
    ----------
    facet
        The facet.
    ref
        Its field, as a filter names it; None where none can.
    own
        Its field's own clauses, as they were written; empty where there are none.
    chosen
        The range that they let through, where they are one.
    bars
        The facet's bars, each with what the filter says of it.
    """

    facet: Facet
    ref: str | None
    own: tuple[str, ...]
    chosen: Range | None
    bars: tuple[CrossfilteredBar, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            **self.facet.to_json(),
            "ref": self.ref,
            "own": list(self.own),
            "chosen": None if self.chosen is None else self.chosen.to_json(),
            "bars": [bar.to_json() for bar in self.bars],
        }


def _conjuncts(node: Predicate) -> tuple[Predicate, ...]:
    return node.args if isinstance(node, query.And) else (node,)


def _bounds(node: Predicate) -> tuple[float | None, float | None] | None:
    """Return from where and up to where a condition lets values through; None where it is no such condition."""
    match node:
        case query.Compare(op=">=" | ">" | "<" | "<=" | "=" as op, left=query.Column(), right=query.Constant() as end):
            low, high = _ends(end)
            if low is None or high is None:
                return None
            return {">=": (low, None), ">": (high, None), "<": (None, low), "<=": (None, high), "=": (low, high)}[op]
        case query.Between(x=query.Column(), low=query.Constant() as first, high=query.Constant() as last):
            low, high = _ends(first)[0], _ends(last)[1]
            return None if low is None or high is None else (low, high)
        case _:
            return None


def _ends(constant: query.Constant) -> tuple[float | None, float | None]:
    """Return where a value begins and ends: a day is a period, a number is a point."""
    value: Any = constant.value
    if constant.type == "PERIOD":
        return value.start, value.end
    if constant.type in {"NUMBER", "DATETIME"} and value is not None:
        return value, value
    return None, None
