"""`History`: the snapshots of a workspace that are kept, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import NoSnapshot
from metaquery.store.history import Entry, entries
from metaquery.store.pins import Pin
from metaquery.store.snapshot import Snapshot, published_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.settings import Settings
    from metaquery.store.layout import Layout
    from metaquery.store.verify import Check

__all__ = ["History"]


class History:
    """The snapshots of a workspace.

    Parameters
    ----------
    layout
        Where they lie.
    settings
        Threads and memory.
    """

    def __init__(self, layout: Layout, settings: Settings) -> None:
        self._layout = layout
        self._settings = settings

    def log(self, limit: int | None = None) -> list[Entry]:
        """Return what is known of each snapshot that is kept, newest first; at most `limit` of them.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.
        """
        Snapshot.current(self._layout)
        return entries(self._layout, limit)

    def before(self, snapshot: Snapshot) -> str:
        """Return the id of the snapshot that was published before another.

        Raises
        ------
        NoSnapshot
            None is kept.
        """
        earlier = [name for name in published_ids(self._layout) if name < snapshot.id]
        if not earlier:
            raise NoSnapshot(f"no snapshot before {snapshot.id} is kept", hint="metaquery log shows what is kept")
        return earlier[-1]

    def verify(self, *, everything: bool = False) -> Iterator[tuple[Snapshot, Check]]:
        """Check the newest snapshot against its description and the raw layer, or each one; nothing is written.

        Parameters
        ----------
        everything
            Whether every snapshot that is kept is checked.
        """
        from metaquery.store.verify import verify  # with it comes duckdb

        newest = Snapshot.current(self._layout)
        for snapshot in [entry.snapshot for entry in entries(self._layout)] if everything else [newest]:
            pin = Pin(self._layout, snapshot.id)
            for check in verify(self._layout, snapshot):
                yield snapshot, check
            pin.release()
