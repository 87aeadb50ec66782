"""Earlier snapshots: which there are, the file of one, what two differ by, and which are kept.

Every published snapshot keeps its description and the raw generations that it was made from; its DuckDB file is kept
for the newest few only, and made again from the generations when an older one is asked for. So history costs what has
changed, and nothing at all to a query on the current snapshot.
"""

from __future__ import annotations

import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from metaquery.errors import CorruptSpool, NoSnapshot, StoreError, UsageError, WorkspaceLocked
from metaquery.schema import MetadataSchema
from metaquery.store.blocks import damage_of
from metaquery.store.chain import Chain
from metaquery.store.descriptions import Unreadable, kept
from metaquery.store.durable import publish
from metaquery.store.lock import write_lock
from metaquery.store.materialise import materialise
from metaquery.store.pins import unpinned
from metaquery.store.snapshot import Snapshot, clear_unpublished, current_id, made_at, published_ids
from metaquery.store.spool import Spool, discard

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.settings import Settings
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import SpooledPart

__all__ = ["Entry", "chain_of", "entries", "log", "resolve", "sound_file", "sweep", "with_file"]

_FILES = 2
"""Snapshots whose DuckDB file stays: the current one, and the one that readers may still be opening."""

_UNFINISHED_S = 24 * 3600
"""How long an interrupted read is kept to be gone on with."""


def log(layout: Layout) -> list[Snapshot]:
    """Return every snapshot that is kept, newest first; an error where one cannot be read."""
    return [Snapshot.load(layout, name) for name in reversed(published_ids(layout))]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the log says of a snapshot.

    Attributes
    ----------
    snapshot
        The snapshot, with its counts and changes.
    schema_changed
        Whether its fields, or their types, are others than in the snapshot before it that is kept.
    on_disk
        Whether its file is there; else it is made again when it is asked for.
    current
        Whether it is what queries are answered from.
    """

    snapshot: Snapshot
    schema_changed: bool
    on_disk: bool
    current: bool


def entries(layout: Layout, limit: int | None = None) -> list[Entry | Unreadable]:
    """Return what the log says of the snapshots that are kept, newest first; at most `limit`."""
    ids, current = published_ids(layout)[::-1], current_id(layout)
    shown = ids if limit is None else ids[:limit]
    found = kept(layout, ids[: len(shown) + 1])
    listed: list[Entry | Unreadable] = []
    before: Snapshot | None = None
    for snapshot in reversed(found):
        if isinstance(snapshot, Unreadable):
            listed.append(snapshot)
            continue
        listed.append(
            Entry(
                snapshot,
                schema_changed=before is not None and before.schema != snapshot.schema,
                on_disk=snapshot.path.exists(),
                current=snapshot.id == current,
            )
        )
        before = snapshot
    return listed[::-1][: len(shown)]


def resolve(layout: Layout, wanted: str) -> Snapshot:
    """Return the snapshot of a moment.

    Parameters
    ----------
    layout
        The workspace.
    wanted
        The id or its beginning; or a day or a time, ISO 8601, UTC unless it says otherwise: the newest snapshot that
        was published by the end of that day, minute or second.

    Raises
    ------
    UsageError
        It is neither, or means several.
    NoSnapshot
        There was none yet.
    """
    ids = published_ids(layout)
    hits = [name for name in ids if name.startswith(wanted)] if wanted else []
    if wanted in ids or len(hits) == 1:
        return Snapshot.load(layout, wanted if wanted in ids else hits[0])
    until = _moment(wanted)
    if until is None:
        if hits:
            raise UsageError(f"{len(hits)} snapshots begin with {wanted!r}", hint=f"they are {', '.join(hits[-3:])}")
        raise UsageError(
            f"{wanted!r} is no snapshot and no date",
            hint="give an id of metaquery log, or its beginning, or a date such as 2026-11-24",
        )
    for snapshot in kept(layout):
        if isinstance(snapshot, Snapshot):
            if snapshot.created_at < until:
                return snapshot
        elif made_at(snapshot.id) < until:  # none before it answers in its place
            raise StoreError(snapshot.wrong, hint=snapshot.way_out)
    first = f"the first that is kept is of {made_at(ids[0]):%Y-%m-%d %H:%M:%S}" if ids else None
    raise NoSnapshot(f"there was no snapshot by {wanted}", hint=first)


_ID = re.compile(r"\d{8}T\d{6}-\d")
"""How the id of a snapshot begins, or a time without colons and its offset: Python reads nearly every id as that."""


_WRITTEN = re.compile(
    r".{8,10}[T ](?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<part>\d{1,6}))?)?)?"
)
"""How exactly a time is written."""


def _moment(text: str) -> datetime | None:
    """Return the first instant after a day or a time; None where the text is neither.

    A time is as long as the last of its digits says, as a day is: the log has seconds, and a snapshot was published
    within the one that stands there.
    """
    if _ID.match(text):  # one that was dropped must not be taken for a time 18 hours behind UTC
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment + _length(text)
    except (ValueError, OverflowError):
        return None


def _length(text: str) -> timedelta:
    written = _WRITTEN.match(text)
    if written is None:
        return timedelta(days=1)
    if written["part"]:
        return timedelta(microseconds=10 ** (6 - len(written["part"])))
    if written["second"]:
        return timedelta(seconds=1)
    return timedelta(minutes=1) if written["minute"] else timedelta(hours=1)


def chain_of(layout: Layout, entry: SpooledPart) -> Chain:
    """Return the generations of a part of a snapshot.

    Raises
    ------
    CorruptSpool
        One of them is gone, or its checkpoint is damaged.
    """
    folder = layout.spool / entry.part.folder
    try:
        chain = Chain(entry.part, tuple(Spool(folder / name) for name in entry.generations))
    except CorruptSpool as error:
        raise CorruptSpool(error.message, hint=entry.part.way_out) from None
    gone = next((spool.folder for spool in chain.spools if not spool.checkpoint.complete), None)
    if gone is not None:
        raise CorruptSpool(f"the generation {gone} is gone, or not complete", hint=entry.part.way_out)
    return chain


def with_file(layout: Layout, snapshot: Snapshot, *, threads: int = 0, memory_mb: int = 0) -> Path:
    """Return the DuckDB file of a snapshot, made again where it was cleared away.

    It is typed by the schema that the description has, inferred fields included, so that it is what it was.

    Raises
    ------
    StoreError
        It was pruned.
    CorruptSpool
        What it was made from is gone or damaged.
    NoSpace
        The disk is full.
    """
    if snapshot.path.exists():
        return snapshot.path
    with write_lock(layout.rebuilding, wait_s=600.0):
        if snapshot.path.exists():
            return snapshot.path
        snapshot = Snapshot.load(layout, snapshot.id)  # it may have been compacted since it was loaded
        _clear_half_made(layout)
        beside = layout.snapshots / f".rebuilding-{snapshot.id}.duckdb"
        chains = [chain_of(layout, entry) for entry in snapshot.parts]
        for chain in chains:
            chain.check()
        materialise(
            chains,
            MetadataSchema(snapshot.metadata_schema or {}),
            beside,
            schema=snapshot.schema,
            threads=threads,
            memory_mb=memory_mb,
        )
        publish(beside, snapshot.path)
    return snapshot.path


def sound_file(layout: Layout, newest: Snapshot, settings: Settings, *, look: bool) -> Path | None:
    """Return the file of a snapshot, made again where it is gone; where that cannot be, of the last sound one.

    None where there is none. `look` is whether every block of it is read, to make a damaged one again, too. The write
    lock has to be held.
    """
    if look and newest.path.exists() and damage_of(newest.path) is not None:
        newest.path.unlink()
    try:
        return with_file(layout, newest, threads=settings.threads, memory_mb=settings.memory_mb)
    except CorruptSpool:  # its pages are damaged, too, and are read anew
        earlier = (layout.snapshots / f"{name}.duckdb" for name in reversed(published_ids(layout)))
        return next((path for path in earlier if path.exists() and damage_of(path) is None), None)


def sweep(layout: Layout) -> int:
    """Remove what nothing needs: files of earlier snapshots, generations that no snapshot was made from, leftovers.

    A file that somebody is about to open stays. What an interrupted sync has read stays for a day, to be gone on with.
    Returns bytes. The write lock has to be held.
    """
    freed = 0
    clear_unpublished(layout)
    _clear_rebuilding(layout)
    shutil.rmtree(layout.incoming, ignore_errors=True)
    ids = published_ids(layout)
    for name in ids[:-_FILES]:
        file = layout.snapshots / f"{name}.duckdb"
        if file.exists():
            with unpinned(layout, name) as free:
                freed += file.stat().st_size if free else 0
                if free:
                    file.unlink()
    try:
        needing = log(layout)
    except StoreError:  # nobody can say what a damaged description needs: all of it stays until it is mended or removed
        return freed
    needed = {(e.part.folder, name) for s in needing for e in s.parts for name in e.generations}
    newest = {e.part.folder: e.generations[-1] for s in needing[:1] for e in s.parts}
    for part in layout.spool.iterdir() if layout.spool.exists() else ():
        for generation in part.iterdir():
            if (part.name, generation.name) not in needed and not _resumable(generation, newest.get(part.name, "")):
                freed += _size(generation)
                discard(generation)
        if not any(part.iterdir()):
            part.rmdir()
    return freed


def _resumable(generation: Path, newest: str) -> bool:
    """Whether the next sync goes on with a generation: it is unfinished, of late, and leads on from the newest one."""
    if generation.name.startswith("."):
        return False  # half of a compacted one
    spool = Spool.readable(generation)
    if spool is None:
        return False
    point = spool.checkpoint
    if point.complete or not any(point.pages.values()) or generation.name < newest:
        return False
    return point.base in {"", newest} and generation.stat().st_mtime > time.time() - _UNFINISHED_S


def _clear_rebuilding(layout: Layout) -> None:
    """Remove what somebody who made a file again and died left of it; nothing where somebody is at it now."""
    if any(layout.snapshots.glob(".rebuilding-*")):
        with suppress(WorkspaceLocked), write_lock(layout.rebuilding):
            _clear_half_made(layout)


def _clear_half_made(layout: Layout) -> None:
    for left in layout.snapshots.glob(".rebuilding-*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
