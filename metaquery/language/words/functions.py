"""Functions in words: those that give a value, and those that are conditions, on places and lists."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from metaquery.language.query import Column, Constant, Value
from metaquery.language.words.joining import Clause, listed
from metaquery.language.words.values import Values, is_known, number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language import query

__all__ = ["Functions"]

_OF_ONE = {
    "lower": "{} in lower case",
    "upper": "{} in upper case",
    "casei": "{} in lower case",
    "accenti": "{} without accents",
    "trim": "{} without blanks around it",
    "length": "the length of {}",
    "abs": "the absolute value of {}",
    "floor": "{} rounded down",
    "ceil": "{} rounded up",
    "sqrt": "the square root of {}",
    "latitude": "the latitude of {}",
    "longitude": "the longitude of {}",
}
"""Functions of one argument; the parts of a date, which have a time zone, are said alike."""

_OF_TWO = {
    "distance": "the distance in metres from {} to {}",
    "cosine_similarity": "the cosine similarity of {} and {}",
    "l2_distance": "the Euclidean distance between {} and {}",
}

_LISTS = {
    "a_contains": ("{} includes all items of {}", "{} does not include all items of {}"),
    "a_containedby": ("all items of {} are in {}", "not all items of {} are in {}"),
    "a_overlaps": ("{} and {} have an item in common", "{} and {} have no item in common"),
    "a_equals": ("{} and {} have the same items", "{} and {} do not have the same items"),
}
"""What is asked of two lists, and its opposite."""

_WHOLE = 15
"""Digits up to which a power of ten is written out."""


class Functions(Values):
    """Says calls of functions; `Values` says the other values."""

    def function(self, node: query.Function) -> str:  # noqa: PLR0911  # one case a kind
        """Say what a function gives."""
        args = [self.part(arg) for arg in node.args]
        match node.name:
            case "substr":
                return _cut(args[0], [_whole(arg, text) for arg, text in zip(node.args[1:], args[1:], strict=True)])
            case "concat":
                return " followed by ".join(args)
            case "coalesce":
                return f"the first of {listed(args)} that has a value"
            case "round":
                return _rounded(args[0], node.args[1:])
            case "date_trunc":
                unit = cast("Constant", node.args[0]).value
                return f"the start of the {unit} of {args[1]} ({node.zone})"
            case "day":
                return f"the day of the month of {args[0]} ({node.zone})"
            case name if node.zone is not None:
                return f"the {name} of {args[0]} ({node.zone})"
            case name:
                return {**_OF_ONE, **_OF_TWO}[name].format(*args)

    def called(self, node: query.Function, *, so: bool, whether: bool) -> Clause:
        """Say a function that is a condition."""
        if node.name in _LISTS:
            return Clause(_LISTS[node.name][not so].format(*[self.part(arg) for arg in node.args]))
        so = so is (node.name != "s_disjoint")
        x, place = node.args
        if isinstance(place, Column):
            return Clause(
                f"{self.value(x)} and {self.value(place)} are {'the same point' if so else 'different points'}"
            )
        verb = "is" if so else "is not" if whether or is_known(x) else "has a value that is not"
        return Clause(f"{self.value(x)} {verb} {'in' if place.type == 'BBOX' else 'at'} {self.value(place)}")


def _whole(node: Value, text: str) -> str:
    """Say a number of characters, which is cut to a whole one."""
    if isinstance(node, Constant) and isinstance(node.value, int | float):
        return number_text(math.trunc(node.value))
    return f"{text} (cut to a whole number)"


def _cut(text: str, bounds: Sequence[str]) -> str:
    start, *many = bounds
    if not many:
        return f"{text} from character {start} on"
    if start == "1":
        return f"{text} cut to its first {'character' if many[0] == '1' else f'{many[0]} characters'}"
    return f"{text} cut to {many[0]} character{'s' * (many[0] != '1')} from character {start} on"


def _rounded(number: str, digits: Sequence[Value]) -> str:
    places = int(str(cast("Constant", digits[0]).value)) if digits else 0
    if places > 0:
        return f"{number} rounded to {places} decimal place{'s' * (places != 1)}"
    unit = f"{10**-places}" if -places <= _WHOLE else f"1e{-places}"
    return f"{number} rounded to {'a whole number' if not places else f'a multiple of {unit}'}"
