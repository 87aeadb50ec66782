"""`Shelf`: the files of Collections: records, members, what was deleted, and what is left over.

::

    collections/
        .lock                           held by who changes anything
        <id>.json                       a record; it makes the Collection exist
        <id>-<token>.parquet            members, named by the record, never changed in place
        deleted/<id>.json               the record of a Collection that was deleted
        live/<id>-<digest>-<n>.parquet  members of a live one in one snapshot, made when needed

A change writes a file of members, then the record, and removes the old file last: a crash leaves the old or the new,
and at most a file that the next change sweeps.
"""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from metaquery.collection.record import Collection
from metaquery.store.durable import clear_leftovers, fsync_folder, publish, read_json, write_json
from metaquery.store.lock import write_lock
from metaquery.user_directories import cache_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from metaquery.collection.evaluation import Evaluation
    from metaquery.store.layout import Layout

__all__ = ["Shelf"]

_PATIENCE_S = 10.0

_KEPT = timedelta(days=30)
"""How long a deleted Collection can be restored."""

_CACHED = 2
"""Files of a live Collection's members that are kept: of the newest snapshot, and of another that is looked at."""

_ID_LENGTH = 36

_DELETED = "deleted"


class Shelf:
    """The files of a workspace's Collections.

    Parameters
    ----------
    layout
        Of the workspace.
    home
        Returns the Collections as the newest snapshot has them; None where nothing can be evaluated.
    """

    def __init__(self, layout: Layout, home: Callable[[], Evaluation] | None = None) -> None:
        self.folder = layout.collections
        self.home = home

    @property
    def live(self) -> Path:
        """The folder of the members of live Collections: the user's cache, where the workspace may not be written to.

        Membership is asked by queries, which need no right to write. Names of files differ between workspaces.
        """
        folder = self.folder / "live"
        there = next((f for f in (folder, *folder.parents) if f.exists()), folder)
        cache = cache_directory()
        return folder if cache is None or os.access(there, os.W_OK) else cache / "live"

    @property
    def _deleted(self) -> Path:
        return self.folder / _DELETED

    def records(self) -> list[Collection]:
        """Return every Collection and tag, newest last."""
        return self._read(self.folder)

    def deleted(self) -> list[Collection]:
        """Return what was deleted and can be restored, newest deletion last."""
        there = {c.id for c in self.records()}  # a crash in the middle of a deletion leaves the record in both
        return sorted((c for c in self._read(self._deleted) if c.id not in there), key=lambda c: c.changes[-1].at)

    def _read(self, folder: Path) -> list[Collection]:
        found = []
        for file in folder.glob("*.json") if folder.exists() else ():
            try:
                found.append(replace(_parsed(file), home=self.home))
            except FileNotFoundError:  # another process deleted it after it was listed
                continue
        return sorted(found, key=lambda c: (c.created_at, c.id))

    @contextmanager
    def changing(self) -> Iterator[list[Collection]]:
        """Hold the lock of changes, and give the records as they are then; leftovers are swept.

        Raises
        ------
        WorkspaceLocked
            Another process is changing Collections for longer than a few seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with write_lock(self.folder / ".lock", wait_s=_PATIENCE_S):
            records = self.records()
            self._sweep(records)
            yield records

    @contextmanager
    def settled(self) -> Iterator[list[Collection]]:
        """Hold the lock of changes for who reads, so that no file of members goes; errors as `changing`."""
        with write_lock(self.folder / ".lock", wait_s=_PATIENCE_S):
            yield self.records()

    def put(self, collection: Collection) -> Collection:
        """Write a record: the step that makes a change."""
        write_json(self.folder / f"{collection.id}.json", collection.to_json())
        return collection

    def keep(self, beside: Path, owner: str) -> Path:
        """Give a file of members its name, and return it."""
        path = self.folder / f"{owner}-{uuid.uuid4().hex[:12]}.parquet"
        publish(beside, path)
        return path

    def withdraw(self, collection: Collection) -> None:
        """Move a record to the deleted ones; its members stay."""
        self._deleted.mkdir(exist_ok=True)
        write_json(self._deleted / f"{collection.id}.json", collection.to_json())
        (self.folder / f"{collection.id}.json").unlink()
        fsync_folder(self.folder)

    def bring_back(self, collection: Collection) -> Collection:
        """Make a deleted record count again."""
        self.put(collection)
        (self._deleted / f"{collection.id}.json").unlink()
        return collection

    def _sweep(self, records: list[Collection]) -> None:
        """Remove the files that a dead process, or the last change, has left; the lock has to be held."""
        there = {c.id for c in records}
        gone: list[Collection] = []
        kept = list(records)
        for collection in self._read(self._deleted):
            past = datetime.now(UTC) - collection.changes[-1].at > _KEPT
            (gone if past or collection.id in there else kept).append(collection)
        for collection in gone:
            (self._deleted / f"{collection.id}.json").unlink()
        for folder in (self.folder, self._deleted, self.live):
            if folder.exists():
                clear_leftovers(folder)
        named = {c.path for c in kept if not c.live}
        for file in self.folder.glob("*.parquet"):
            if file not in named:
                file.unlink()
        self._sweep_live({c.id for c in records if c.live})

    def _sweep_live(self, ids: set[str]) -> None:
        held: dict[str, list[Path]] = {}
        for file in self.live.glob("*.parquet") if self.live.exists() else ():
            held.setdefault(file.name[:_ID_LENGTH], []).append(file)
        for owner, files in held.items():
            newest_first = sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)
            for file in newest_first[_CACHED if owner in ids else 0 :]:
                file.unlink(missing_ok=True)


_PARSED: dict[Path, tuple[tuple[int, int, int], Collection]] = {}
"""Records as last read: each statement that asks for members reads all of them."""


def _parsed(file: Path) -> Collection:
    """Return the record of a file, read anew where it is another file than last time.

    A change replaces the file, and the new one is written while the old is there: its inode is another.
    """
    status = file.stat()
    mark = (status.st_ino, status.st_mtime_ns, status.st_size)
    known = _PARSED.get(file)
    if known is None or known[0] != mark:
        folder = file.parent.parent if file.parent.name == _DELETED else file.parent
        _PARSED[file] = known = (mark, Collection.from_json(read_json(file), folder))
    return known[1]
