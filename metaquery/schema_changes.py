"""`changes()`: what one metadata schema changes against another, key by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.schema_history import SchemaVersion
    from metaquery.store.retyping import Fit

__all__ = ["SchemaChange", "SchemaPlan", "changes"]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What happens to one key.

    Attributes
    ----------
    key
        The key.
    before, after
        Its option in the typed form; None where the schema does not have it.
    fit
        How its values in the newest snapshot fit `after`; None where nobody can tell, or nothing is to be fitted.
    """

    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    fit: Fit | None = None

    @property
    def sign(self) -> str:
        """`+` for a key that is added, `-` for one that goes, `~` for another type."""
        return "+" if self.before is None else "-" if self.after is None else "~"

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        what = {"+": "added", "-": "removed", "~": "retyped"}[self.sign]
        return {"key": self.key, "change": what, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What an import would do.

    Attributes
    ----------
    before
        What the organisation, or this workspace, has; None where it has none.
    after
        What it would have.
    changes
        Of each key: added, removed, retyped.
    moved
        What the server was last seen to have, where it has another by now; None where nobody changed it.
    """

    before: Mapping[str, Any] | None
    after: dict[str, Any]
    changes: tuple[SchemaChange, ...]
    moved: SchemaVersion | None = None


def changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, fits: Mapping[str, Fit] | None = None
) -> tuple[SchemaChange, ...]:
    """Return what `after` changes: keys added, removed, retyped.

    Parameters
    ----------
    before, after
        Schemas in the typed form; None has no keys.
    fits
        How values fit `after`, by key, as far as that is known.
    """
    old, new, known = before or {}, after or {}, fits or {}
    added = [SchemaChange(key, None, option, known.get(key)) for key, option in new.items() if key not in old]
    removed = [SchemaChange(key, option, None) for key, option in old.items() if key not in new]
    retyped = [
        SchemaChange(key, old[key], option, known.get(key))
        for key, option in new.items()
        if key in old and old[key] != option
    ]
    return (*added, *removed, *retyped)
