"""`kept()`: the snapshots of a workspace, those among them that cannot be read included; without DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import StoreError
from metaquery.store.snapshot import Snapshot, published_ids

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.store.layout import Layout

__all__ = ["Unreadable", "kept", "legible"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A snapshot whose description is damaged, or of another version.

    Attributes
    ----------
    id
        The snapshot's.
    wrong, way_out
        Why it cannot be read, and what to do about it.
    """

    id: str
    wrong: str
    way_out: str | None


def kept(layout: Layout, ids: Iterable[str] | None = None) -> list[Snapshot | Unreadable]:
    """Return every snapshot that is kept, newest first; or those of these ids, in their order.

    One that is pruned meanwhile is left out.
    """
    found = (_looked_at(layout, name) for name in (reversed(published_ids(layout)) if ids is None else ids))
    return [snapshot for snapshot in found if snapshot is not None]


def legible(found: Iterable[Snapshot | Unreadable]) -> list[Snapshot]:
    """Return those that can be read."""
    return [snapshot for snapshot in found if isinstance(snapshot, Snapshot)]


def _looked_at(layout: Layout, name: str) -> Snapshot | Unreadable | None:
    try:
        return Snapshot.load(layout, name)
    except StoreError as error:
        if not (layout.snapshots / f"{name}.json").exists():
            return None
        return Unreadable(name, error.message, error.hint)
