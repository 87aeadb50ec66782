"""`Wanted`: what is wanted where an expression has to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from metaquery.schema import Field

__all__ = ["NOTHING", "TEXTS", "TIMES", "Role", "Wanted", "alike"]

Role = Literal[
    "condition", "operand", "pattern", "sort key", "collection", "field", "rows", "nothing",
    "list", "end", "geometry", "point", "vector", "component", "days", "digits", "unit", "timestamp", "duration",
]  # fmt: skip
"""What an expression will be; those of the second line are arguments of functions (`arguments`)."""

TEXTS = frozenset({"STRING"})

TIMES = frozenset({"DATETIME", "PERIOD"})
"""Families that compare with each other."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted where an expression has to begin.

    Attributes
    ----------
    role
        What it will be.
    types
        Families of types that fit; None for every one.
    field
        Whose values fit.
    taken
        Texts that the list has already.
    also
        Families that what fits may be computed from: the difference of two dates is a duration.
    sizes
        Of a VECTOR, how many numbers it may have.
    """

    role: Role
    types: frozenset[str] | None = None
    field: Field | None = None
    taken: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    sizes: frozenset[int | None] = frozenset()

    @property
    def computed(self) -> frozenset[str] | None:
        """Families of fields and functions that fit; texts that stand for something else have to be written out."""
        return self.types - TEXTS if self.role in {"list", "end"} and self.types else self.types

    def takes(self, type_: str) -> bool:
        """Whether a family of types fits."""
        return self.types is None or type_ in self.types

    @property
    def is_condition(self) -> bool:
        """Whether a test may stand here, and not only what is tested."""
        return self.takes("BOOLEAN")


NOTHING = Wanted("nothing")


def alike(type_: str) -> frozenset[str]:
    """Return the families that compare with one."""
    return TIMES if type_ in TIMES else frozenset({type_})
