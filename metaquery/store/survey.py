"""What lies on disk: bytes by kind of file, and what a sync has read and not come to publish; without DuckDB."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.store.descriptions import kept, legible
from metaquery.store.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot

__all__ = ["Sizes", "sizes", "unfinished"]

_UNFINISHED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of a workspace.

    Attributes
    ----------
    snapshots, raw, collections, journal
        DuckDB files with their descriptions, raw pages, Collections' members and records, journals of pushes.
    other
        All the rest.
    """

    snapshots: int
    raw: int
    collections: int
    journal: int
    other: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.snapshots + self.raw + self.collections + self.journal + self.other


def sizes(layout: Layout) -> Sizes:
    """Measure a workspace; a file that goes meanwhile counts nothing."""
    kinds = (layout.snapshots, layout.spool, layout.collections, layout.journal)
    snapshots, raw, collections, journal = map(_size, kinds)
    other = _size(layout.home) - snapshots - raw - collections - journal
    return Sizes(snapshots, raw, collections, journal, max(other, 0))


def _size(folder: Path | str) -> int:
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    total += _size(entry.path) if entry.is_dir() else entry.stat().st_size
                except FileNotFoundError:
                    continue
    except FileNotFoundError:
        return total
    return total


def unfinished(layout: Layout, newest: Snapshot | None) -> list[tuple[str, Spool]]:
    """Return what a sync has read and not come to publish: the folder of the part, and the generation.

    The next sync of the part goes on with it. A sync that is under way has such generations, too.

    Parameters
    ----------
    layout
        The workspace.
    newest
        The published snapshot; None where there is none.
    """
    last = {e.part.folder: e.generations[-1] for e in newest.parts} if newest else {}
    oldest = f"{datetime.now(UTC) - _UNFINISHED:%Y%m%dT%H%M%S}"
    found = []
    for part in sorted(layout.spool.iterdir()) if layout.spool.exists() else ():
        base = last.get(part.name, "")
        for generation in sorted(part.iterdir()):
            if generation.name > max(base, oldest):
                spool = Spool.readable(generation)
                if spool and any(spool.checkpoint.pages.values()) and spool.checkpoint.base in {"", base}:
                    found.append((part.name, spool))
    published = _published(layout) if any(spool.checkpoint.complete for _, spool in found) else frozenset()
    return [(part, spool) for part, spool in found if (part, spool.folder.name) not in published]


def _published(layout: Layout) -> frozenset[tuple[str, str]]:
    """Return part's folder and name of every generation that a snapshot was made from which can be read."""
    parts = [entry for snapshot in legible(kept(layout)) for entry in snapshot.parts]
    return frozenset((entry.part.folder, name) for entry in parts for name in entry.generations)
