"""`BindOptions`: what a query may be told that its text does not say."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from metaquery.schema import Field

__all__ = ["BindOptions"]


@dataclass(frozen=True, slots=True)
class BindOptions:
    """How to read dates, and what there is besides the schema.

    Attributes
    ----------
    time_zone
        IANA name; literals without a zone, the bounds of days, and parts of dates are in it. Data never are.
    now
        What `now()` is; with a zone. None takes the clock, once per query.
    collections
        Titles of the Collections that there are, or a function that returns them, called when a filter names one.
        None knows none and lets every title pass.
    saved
        Returns the saved filters of a relation: text by name; called when a filter names one. None knows none.
    regex_error
        Returns what RE2 says against a pattern, None if it takes it. Without it, only what RE2 is known to refuse is
        refused at bind, and the rest when the query runs.
    example
        Returns a value that rows have in a field, as a filter writes it, or None; asked where types do not go together.
    parameters
        Values of the text's parameters, by name without the colon; which there may be, says `parameters.fill`.
    """

    time_zone: str = "UTC"
    now: datetime | None = None
    collections: tuple[str, ...] | Callable[[], tuple[str, ...]] | None = None
    saved: Callable[[str], dict[str, str]] | None = None
    regex_error: Callable[[str], str | None] | None = None
    example: Callable[[Field], str | None] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def titles(self) -> tuple[str, ...] | None:
        """Return the titles of the Collections, None where they are not known."""
        return self.collections() if callable(self.collections) else self.collections
