"""`prune()`: earlier snapshots go, and with them the bytes that nobody can ask for any more.

What goes are the descriptions first; then what no snapshot needs, as after any run; then each chain is compacted:
generations between which no kept snapshot ends are rewritten as one, of what is left of them. The order of durable
steps: a new generation is complete before a description names it, each description is replaced at once, and the old
generations go when none names them. A crash between any two leaves every kept snapshot answerable, and what is too
much goes with the next run.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metaquery.store.chain import Chain
from metaquery.store.compact import compact
from metaquery.store.descriptions import Unreadable, kept, legible
from metaquery.store.durable import fsync_folder
from metaquery.store.history import chain_of, log, sweep
from metaquery.store.lock import write_lock
from metaquery.store.pins import is_pinned, unpinned
from metaquery.store.runs import joined, split
from metaquery.store.session import writing
from metaquery.store.snapshot import Snapshot, building_path, clear_unpublished
from metaquery.store.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from metaquery.store.keep import Keep
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import SpooledPart

__all__ = ["PruneReport", "Sizes", "Spared", "plan", "prune"]

_PATIENCE_S = 600.0
"""How long to wait for somebody who makes the file of an earlier snapshot again."""

_CLAIMS = 100
"""Snapshots that are kept from being opened at a time: each takes a file descriptor."""


@dataclass(frozen=True, slots=True)
class Spared:
    """A snapshot that the rule lets go and that stays.

    Attributes
    ----------
    snapshot
        The snapshot.
    collection
        Title of a Collection that was made from it; None where somebody has it open.
    """

    snapshot: Snapshot
    collection: str | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on disk.

    Attributes
    ----------
    raw
        Raw pages, of all generations.
    snapshots
        DuckDB files and descriptions.
    generations
        How many generations there are.
    """

    raw: int
    snapshots: int
    generations: int

    @classmethod
    def of(cls, layout: Layout) -> Sizes:
        """Measure a workspace."""
        folders = list(layout.spool.glob("*/*"))
        return cls(sum(map(_size, folders)), _size(layout.snapshots), len(folders))


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What a prune did, or would do.

    Attributes
    ----------
    dropped
        Snapshots that are gone, newest first.
    kept
        How many the rule keeps.
    spared
        Those that stay beside them, newest first.
    open_elsewhere
        Kept snapshots whose generations stayed as they are, as somebody has them open.
    unreadable
        Snapshots that cannot be read. They stay; and as nobody can say which raw pages they need, all of these do.
    before, after
        Sizes; `after` is None where nothing was done.
    """

    dropped: tuple[Snapshot, ...]
    kept: int
    spared: tuple[Spared, ...]
    open_elsewhere: tuple[Snapshot, ...]
    before: Sizes
    after: Sizes | None
    unreadable: tuple[Unreadable, ...] = ()


def plan(layout: Layout, keep: Keep, named: Callable[[], Mapping[str, str]]) -> PruneReport:
    """Say what `prune` would do, as things are; nothing is written.

    Raises
    ------
    NoSnapshot
        Nothing was synced yet.
    """
    Snapshot.current(layout)
    found = kept(layout)
    snapshots = legible(found)
    chosen, collections = keep.chosen(snapshots), named()
    dropped, spared = [], []
    for snapshot in snapshots:
        if snapshot.id in chosen:
            continue
        if is_pinned(layout, snapshot.id):
            spared.append(Spared(snapshot, None))
        elif snapshot.id in collections:
            spared.append(Spared(snapshot, collections[snapshot.id]))
        else:
            dropped.append(snapshot)
    held = {snapshot.id for snapshot in snapshots if snapshot.id in chosen and is_pinned(layout, snapshot.id)}
    return PruneReport(
        tuple(dropped),
        len(chosen),
        tuple(spared),
        _open(snapshots, held),
        before=Sizes.of(layout),
        after=None,
        unreadable=tuple(entry for entry in found if isinstance(entry, Unreadable)),
    )


def prune(
    layout: Layout,
    keep: Keep,
    named: Callable[[], Mapping[str, str]],
    *,
    threads: int = 0,
    memory_mb: int = 0,
    wait_s: float = 0.0,
    stage: Callable[[str], None] = lambda _: None,
) -> PruneReport:
    """Drop the snapshots that are not to be kept, and compact the generations of those that are.

    The current snapshot stays, and so does one that somebody has open, in any process, or that a Collection names.
    While one cannot be read, no raw page goes: the descriptions alone are dropped.

    Parameters
    ----------
    layout
        The workspace; its write lock is held throughout.
    keep
        What is to be kept.
    named
        Returns title of a Collection by the id of the snapshot that it was made from. Asked while nobody can open
        what is about to go: who makes a Collection has its snapshot open until the Collection is there.
    threads, memory_mb
        As in `Settings`.
    wait_s
        Seconds to wait for another process that is writing.
    stage
        Called with what is being done, in words, when it changes.

    Raises
    ------
    NoSnapshot
        Nothing was synced yet.
    NoSpace
        The disk is full; every snapshot that is kept is intact.
    WorkspaceLocked
        Another process is writing.
    """
    with write_lock(layout.lock, wait_s=wait_s):
        meant = plan(layout, keep, named)
        stage("dropping snapshots")
        with write_lock(layout.rebuilding, wait_s=_PATIENCE_S):
            spared = [*meant.spared, *_drop(layout, meant.dropped, named)]
        sweep(layout)
        stage("compacting the raw pages")
        try:
            left = [] if meant.unreadable else log(layout)
            held = {snapshot.id for snapshot in left if is_pinned(layout, snapshot.id)}
            moved = _compacted(layout, left, held, threads=threads, memory_mb=memory_mb)
        finally:
            clear_unpublished(layout)
        with write_lock(layout.rebuilding, wait_s=_PATIENCE_S):
            held |= {snapshot.id for snapshot, parts in moved if not _described(layout, snapshot, parts)}
        _lead_on(layout)
        sweep(layout)
        after = Sizes.of(layout)
    late = {entry.snapshot.id for entry in spared}
    return replace(
        meant,
        dropped=tuple(snapshot for snapshot in meant.dropped if snapshot.id not in late),
        spared=tuple(sorted(spared, key=lambda entry: entry.snapshot.id, reverse=True)),
        open_elsewhere=_open(left, held),
        after=after,
    )


def _drop(layout: Layout, snapshots: Sequence[Snapshot], named: Callable[[], Mapping[str, str]]) -> list[Spared]:
    """Remove snapshots, oldest first, each description before its file; return those that came into use meanwhile."""
    spared: list[Spared] = []
    oldest_first = snapshots[::-1]
    for at in range(0, len(oldest_first), _CLAIMS):
        spared += _drop_some(layout, oldest_first[at : at + _CLAIMS], named)
    return spared


def _drop_some(layout: Layout, snapshots: Sequence[Snapshot], named: Callable[[], Mapping[str, str]]) -> list[Spared]:
    spared = []
    with ExitStack() as claims:
        free = {s.id: claims.enter_context(unpinned(layout, s.id)) for s in snapshots}
        collections = named()
        for snapshot in snapshots:
            if not free[snapshot.id] or snapshot.id in collections:
                spared.append(Spared(snapshot, collections.get(snapshot.id)))
                continue
            (layout.snapshots / f"{snapshot.id}.json").unlink()
        fsync_folder(layout.snapshots)
    return spared


def _compacted(
    layout: Layout, kept: Sequence[Snapshot], held: set[str], *, threads: int, memory_mb: int
) -> list[tuple[Snapshot, tuple[SpooledPart, ...]]]:
    """Write the generations that take the place of several; return the snapshots that are to name them."""
    scratch = building_path(layout, "compacted")
    entries: dict[str, list[tuple[str, SpooledPart]]] = {}
    for snapshot in kept:
        for entry in snapshot.parts:
            entries.setdefault(entry.part.folder, []).append((snapshot.id, entry))
    now: dict[tuple[str, str], SpooledPart] = {}
    with writing(scratch, threads=threads, memory_mb=memory_mb) as connection:
        for folder, found in entries.items():
            spools = {name: Spool(layout.spool / folder / name) for _, entry in found for name in entry.generations}
            whole = [(s.checkpoint.replaces, name, not s.checkpoint.base) for name, s in spools.items()]
            free = [(of, entry, joined(entry.generations, whole)) for of, entry in found if of not in held]
            runs = split([names for *_, names in free], [entry.generations for of, entry in found if of in held])
            made: dict[tuple[str, ...], str] = {}
            for of, entry, names in free:
                base = ""
                place = []
                for run in runs(names):
                    if len(run) > 1 and run not in made:
                        chain = Chain(entry.part, tuple(spools[name] for name in run))
                        made[run] = compact(connection, chain, base).folder.name
                    base = made.get(run, run[0])
                    place.append(base)
                now[of, folder] = replace(entry, generations=tuple(place))
    moved = [(s, tuple(now.get((s.id, e.part.folder), e) for e in s.parts)) for s in kept]
    return [(snapshot, parts) for snapshot, parts in moved if parts != snapshot.parts]


def _described(layout: Layout, snapshot: Snapshot, parts: tuple[SpooledPart, ...]) -> bool:
    """Have a snapshot name other generations; return whether it does: not if somebody has opened it meanwhile."""
    with unpinned(layout, snapshot.id) as free:
        if free:
            replace(snapshot, parts=parts).describe(layout)
        return free


def _lead_on(layout: Layout) -> None:
    """Let reads that were interrupted continue the compacted generation, in place of the last of those in it."""
    for entry in Snapshot.current(layout).parts:
        last = chain_of(layout, entry).last
        for folder in (layout.spool / entry.part.folder).glob("[0-9]*"):
            spool = Spool.readable(folder)
            if spool and not spool.checkpoint.complete and spool.checkpoint.base in last.checkpoint.replaces[-1:]:
                spool.advance(base=last.folder.name)


def _open(snapshots: Sequence[Snapshot], held: set[str]) -> tuple[Snapshot, ...]:
    """Return the snapshots that are open and of more generations than one, so that these stay."""
    return tuple(s for s in snapshots if s.id in held and any(len(entry.generations) > 1 for entry in s.parts))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
