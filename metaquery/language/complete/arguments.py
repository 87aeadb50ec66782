"""`argument()`: what a function takes in one of its places, by the way that it is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import syntax
from metaquery.language.complete.wanted import NOTHING, TEXTS, TIMES, Role, Wanted, alike
from metaquery.schema import FIELD_TYPES

if TYPE_CHECKING:
    from metaquery.language.complete.operands import Operands
    from metaquery.language.functions import FunctionRow

__all__ = ["ALIKE", "argument"]

ALIKE = frozenset(FIELD_TYPES) - {"POINT", "VECTOR", "ENUM"} | {"DURATION", "PERIOD"}
"""Families that `coalesce` takes."""

_WRITTEN: dict[tuple[str, int], Role] = {
    ("timestamp", 0): "timestamp",
    ("duration", 0): "duration",
    ("truncated", 0): "unit",
    ("round", 1): "digits",
}
"""Arguments that have to be written out, by the way of the function and their place."""


def argument(row: FunctionRow, place: int, first: object, operands: Operands) -> Wanted:  # noqa: PLR0911  # one case a way
    """Return what is wanted as an argument.

    Parameters
    ----------
    row
        The function.
    place
        Of the argument, from 0.
    first
        The first argument, where this is another one.
    operands
        Types the first argument.
    """
    type_ = row.takes[min(place, len(row.takes) - 1)]
    if (row.way, place) in _WRITTEN:
        return Wanted(_WRITTEN[row.way, place], TEXTS if type_ == "STRING" else frozenset({type_}))
    if type_ == "field":
        return Wanted("field")
    beside = operands.of(first)
    match row.way:
        case "coalesce":
            return NOTHING if beside.type not in ALIKE else Wanted("operand", alike(beside.type), beside.field)
        case "interval":
            return Wanted("end", TIMES | TEXTS, beside.field)
        case "temporal":
            times = TIMES if "time or" in row.signature else frozenset({"PERIOD"})
            return Wanted("operand", times | {"INTERVAL"}, beside.field)
        case "lists":
            return Wanted("list", TEXTS | {"LIST"}, beside.field)
        case "spatial":
            return _geometry(row, place, first)
        case "vectors":
            sizes = [beside.size] if place else [f.size for f in operands.schema.fields if f.type == "VECTOR"]
            return Wanted("vector", frozenset({"VECTOR"}), sizes=frozenset(sizes))
        case _:
            list_too = frozenset({"LIST"}) if row.name == "length" else frozenset()
            return Wanted("operand", alike(type_) | list_too)


def _geometry(row: FunctionRow, place: int, first: object) -> Wanted:
    if isinstance(first, syntax.Wkt):  # one of the two is a field
        return Wanted("operand", frozenset({"POINT"}))
    only_points = row.name == "distance" or (row.name == "s_within" and not place)
    return Wanted("point" if only_points else "geometry", frozenset({"POINT"}))
