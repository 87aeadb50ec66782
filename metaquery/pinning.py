"""`Pinning`: snapshots of a workspace, each with what its views share, kept from being pruned while one is in use."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from metaquery.frozen import dataclass
from metaquery.pinned import Pinned
from metaquery.store.pins import Pin
from metaquery.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from metaquery.collection import Collections
    from metaquery.settings import Settings
    from metaquery.store.layout import Layout

__all__ = ["Pinning"]


@dataclass(frozen=True)
class Pinning:
    """Hands out snapshots, and pins each while it is in use.

    Attributes
    ----------
    layout, settings
        Of the workspace.
    collections, saved, now
        As in `Pinned`.
    waiting
        Called with words before a query has to wait for something other than the engine; entered meanwhile.
    """

    layout: Layout
    settings: Settings
    collections: Callable[[], Collections]
    saved: Callable[[str], dict[str, str]]
    waiting: Callable[[str], AbstractContextManager[object]]
    now: datetime | None = None
    _pins: WeakValueDictionary[str, Pin] = field(default_factory=WeakValueDictionary, init=False, repr=False)

    def newest(self) -> Pinned:
        """Return the newest snapshot.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.
        """
        return self.of(Snapshot.current(self.layout))

    def past(self, ref: str) -> Pinned:
        """Return the snapshot of an id or its beginning, or of a day or a time.

        Raises
        ------
        UsageError
            It is neither, or means several.
        NoSnapshot
            There was none yet.
        """
        from metaquery.store.history import resolve  # the newest snapshot is found without

        return self.of(resolve(self.layout, ref))

    def of(self, snapshot: Snapshot) -> Pinned:
        """Return a snapshot with what its views share; all of one snapshot hold one pin."""
        pin = self._pins.get(snapshot.id)
        if pin is None:
            self._pins[snapshot.id] = pin = Pin(self.layout, snapshot.id)
        return Pinned(
            snapshot,
            file=lambda: self._file(snapshot),
            collections=self.collections,
            settings=self.settings,
            saved=self.saved,
            past=self.past,
            pin=pin,
            now=self.now,
        )

    def _file(self, snapshot: Snapshot) -> Path:
        if snapshot.path.exists():
            return snapshot.path
        from metaquery.store.history import with_file  # typing anew is not what a query usually needs

        threads, memory_mb = self.settings.threads, self.settings.memory_mb
        with self.waiting(f"making the snapshot {snapshot.id} again from what was read for it"):
            return with_file(self.layout, snapshot, threads=threads, memory_mb=memory_mb)
