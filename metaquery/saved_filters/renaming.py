"""`renaming()`: a filter under another name, and those that name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import FilterError, UsageError, shown
from metaquery.saved_filters.record import SavedFilter
from metaquery.saved_filters.references import check_circle, rewritten, users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.saved_filters.record import Key

__all__ = ["Renamed", "renaming"]


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a renaming does, or did.

    Attributes
    ----------
    filter
        The filter under its new name.
    rewritten
        Other filters that named it, and name it by its new name now.
    """

    filter: SavedFilter
    rewritten: tuple[SavedFilter, ...]


def renaming(found: SavedFilter, name: str, held: Mapping[Key, SavedFilter]) -> Renamed:
    """Return a filter under a name that is free, and those that name it rewritten.

    Raises
    ------
    UsageError
        One that cannot be read may name it.
    FilterError
        It would lead back to itself: what it names was not there, and would be itself.
    """
    renamed = SavedFilter(name, found.relation, found.text)
    changed: list[SavedFilter] = []
    for saved in users(found.key, held.values()):
        try:
            after = rewritten(saved, found.key, name)
        except FilterError as error:
            who = f"{shown(saved.reference)} on {saved.relation}"
            message = f"{who} may name {shown(found.reference)}, and cannot be read: {error.message}"
            raise UsageError(message, hint="mend it or delete it first") from None
        if saved is found:
            renamed = SavedFilter(name, found.relation, after.text)
        else:
            changed.append(after)
    after_all = {key: saved for key, saved in held.items() if key != found.key}
    check_circle(renamed.text, renamed, after_all | {saved.key: saved for saved in (renamed, *changed)})
    return Renamed(renamed, tuple(changed))
