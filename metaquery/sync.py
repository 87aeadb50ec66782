"""`sync()`: one run from a source to a published snapshot; `rematerialise()`: the same values under another schema."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from metaquery.errors import NoSnapshot
from metaquery.schema import MetadataSchema
from metaquery.schema_history import SchemaHistory
from metaquery.store.ahead import typing_ahead
from metaquery.store.chain import Chain
from metaquery.store.counting import reconcile
from metaquery.store.delta import continued
from metaquery.store.durable import full_disk, read_json, write_json
from metaquery.store.history import chain_of, sound_file, sweep
from metaquery.store.lock import write_lock
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import (
    Changes,
    Snapshot,
    SpooledPart,
    building_path,
    clear_unpublished,
    mend_pointer,
    new_snapshot_id,
)
from metaquery.store.spool import Part, Spool, discard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from metaquery.settings import Settings
    from metaquery.sources import Progress, Scope, Source
    from metaquery.sources.files import FileReport
    from metaquery.store.ahead import Ahead
    from metaquery.store.layout import Layout

__all__ = ["PartReport", "Run", "SyncReport", "rematerialise", "sync", "sync_files"]


@dataclass(frozen=True, slots=True)
class PartReport:
    """What one part brought.

    Attributes
    ----------
    part
        The dataset, or the project's labels.
    expected
        Rows that the source's index listed.
    received
        Rows that are there: those that arrived, and those that are as they were; a published snapshot has all that
        were expected.
    unchanged
        Of these, rows that were not read again.
    resumed
        Rows that an interrupted run had left.
    replaces
        The file whose rows these took the place of, where it was another, or standard input, which may have been.
    """

    part: Part
    expected: int
    received: int
    unchanged: int
    resumed: int
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    Attributes
    ----------
    snapshot
        The published snapshot, with its counts and how each key fared.
    parts
        What was read in this run.
    kept
        Parts of the snapshot before that this run did not cover, and that are in this one as they were.
    schema_missing
        Whether there is no metadata schema, so that every type was inferred.
    published
        Whether `snapshot` is new; where nothing has changed it is the one before.
    mended
        What was damaged, and is no more; None where nothing was.
    gone
        Parts of the snapshot before that are in this one no more.
    """

    snapshot: Snapshot
    parts: tuple[PartReport, ...]
    kept: tuple[Part, ...]
    schema_missing: bool
    published: bool = True
    mended: str | None = None
    gone: tuple[Part, ...] = ()

    @property
    def changes(self) -> Changes:
        """Units added, changed, removed; against nothing for the first snapshot."""
        if not self.published:
            return Changes(added=0, changed=0, removed=0)
        return self.snapshot.changes or Changes(added=self.snapshot.counts.data, changed=0, removed=0)


class Run(TypedDict, total=False):
    """How a sync goes about it, for functions that hand it on; the fields are as in `sync`."""

    full: bool
    wait_s: float
    progress: Progress
    stage: Callable[[str], None]


def sync(
    source: Source,
    scope: Scope,
    layout: Layout,
    *,
    metadata_schema: MetadataSchema | None,
    settings: Settings,
    full: bool = False,
    wait_s: float = 0.0,
    progress: Progress = lambda *_: None,
    stage: Callable[[str], None] = lambda _: None,
) -> SyncReport:
    """Read what the scope covers, and publish a snapshot of it and of all that was there before.

    Of a part that the published snapshot has, only what can have changed since is read. Where nothing has changed,
    nothing is published.

    Parameters
    ----------
    source, scope
        Where from, and what.
    layout
        The workspace; its write lock is held throughout.
    metadata_schema
        The organisation's; None where it has none.
    settings
        Threads and memory.
    full
        Read everything again.
    wait_s
        Seconds to wait for another process that is writing.
    progress
        Called as pages become durable.
    stage
        Called with what is being done, in words, when it changes.

    Raises
    ------
    SyncError
        Units are unaccounted for; nothing was published.
    WorkspaceLocked
        Another process is syncing.
    """
    with _alone(layout, wait_s, resumes=source.resumes) as mended:
        before = current(layout)
        parts = tuple(_merged(part, before) for part in source.plan(scope))
        read, reports = [], []
        with typing_ahead(layout, parts, before, metadata_schema, settings, full=full) as ahead:
            for part in parts:
                stage(f"reading {'the labels of ' if part.kind == 'labels' else ''}{part.title}")
                chain, report = _read(source, part, layout, before, full=full, progress=progress, ahead=ahead)
                ahead.add(chain)
                read.append(chain)
                reports.append(report)
            kept = _kept(before, parts, source, scope)
            snapshot = _published(
                (*read, *(chain_of(layout, entry) for entry in kept)),
                before,
                layout,
                source.domain or (before.domain if before else "files"),
                metadata_schema,
                settings=settings,
                full=full,
                stage=stage,
                ahead=ahead,
            )
    there = {entry.part.folder for entry in snapshot.parts}
    return SyncReport(
        snapshot,
        tuple(reports),
        tuple(entry.part for entry in kept),
        schema_missing=metadata_schema is None,
        published=before is None or snapshot.id != before.id,
        mended=mended,
        gone=tuple(entry.part for entry in before.parts if entry.part.folder not in there) if before else (),
    )


def sync_files(
    files: dict[str, str], layout: Layout, wanted: MetadataSchema | None, *, settings: Settings, **run: Unpack[Run]
) -> tuple[SyncReport, list[FileReport]]:
    """Read files, and publish a snapshot of them and of all that was there before; as `Workspace.sync_files`."""
    from metaquery.sources import Scope
    from metaquery.sources.files import FileSource

    held = wanted
    if held is None and layout.schema.exists():
        held = MetadataSchema.from_json(read_json(layout.schema))
    layout.home.mkdir(parents=True, exist_ok=True)
    with FileSource(files, layout, held) as source:
        report = sync(source, Scope(), layout, metadata_schema=held, settings=settings, **run)
        if wanted is not None:
            SchemaHistory(layout).kept(wanted.to_json())
            write_json(layout.schema, wanted.to_json())
        return report, source.reports


def rematerialise(
    layout: Layout,
    metadata_schema: MetadataSchema | None,
    *,
    settings: Settings,
    wait_s: float = 0.0,
    stage: Callable[[str], None] = lambda _: None,
) -> SyncReport:
    """Type what the newest snapshot was made from anew, without the network, and publish that.

    Parameters and errors as `sync`.

    Raises
    ------
    NoSnapshot
        Nothing was synced yet.
    """
    with _alone(layout, wait_s) as mended:
        before = Snapshot.current(layout)
        chains = tuple(chain_of(layout, entry) for entry in before.parts)
        snapshot = _published(
            chains, before, layout, before.domain, metadata_schema, settings=settings, full=True, stage=stage
        )
    kept = tuple(entry.part for entry in before.parts)
    return SyncReport(snapshot, (), kept, schema_missing=metadata_schema is None, mended=mended)


@contextmanager
def _alone(layout: Layout, wait_s: float, *, resumes: bool = True) -> Iterator[str | None]:
    """Hold the write lock, and leave nothing but what was published and what the next sync `resumes`.

    Gives what had to be mended first: what no pointer names would be cleared away.
    """
    with write_lock(layout.lock, wait_s=wait_s):
        mended = mend_pointer(layout)
        spooled = set(layout.spool.glob("*/*"))
        try:
            with full_disk(layout.home):
                yield mended
        except BaseException:
            clear_unpublished(layout)  # half of a snapshot may be what fills the disk
            for generation in () if resumes else set(layout.spool.glob("*/*")) - spooled:
                discard(generation)
            raise
        sweep(layout)


def current(layout: Layout) -> Snapshot | None:
    """Return the published snapshot; None where there is none."""
    try:
        return Snapshot.current(layout)
    except NoSnapshot:
        return None


def _read(
    source: Source,
    part: Part,
    layout: Layout,
    before: Snapshot | None,
    *,
    full: bool,
    progress: Progress,
    ahead: Ahead,
) -> tuple[Chain, PartReport]:
    """Read a part, and return its generations: those from before where there is nothing new."""
    folder = layout.spool / part.folder
    entry = next((e for e in before.parts if e.part.folder == part.folder), None) if before else None
    known = entry is not None and bool(entry.part.origin) == bool(part.origin) and not full
    base = chain_of(layout, replace(entry, part=part)) if entry and known else None
    spare = () if entry is None else entry.generations
    newest = base.last.folder.name if base else ""
    left = Spool.finished_since(folder, newest, spare=spare) if source.resumes and not full else None
    if left is not None:
        base = Chain(part, (*(base.spools if base and left.checkpoint.base else ()), left))
    bases = ("",) if base is None else ("", base.last.folder.name)
    spool = Spool.resume_or_start(folder, spare=spare, bases=bases)
    if not source.resumes and spool.checkpoint.pages:
        spool.restart()
    found = left.checkpoint.received if left else 0
    resumed = spool.checkpoint.received + found
    source.fill(part, spool, base, progress if base else ahead.watching(part, spool, progress))
    point = spool.checkpoint
    unchanged = point.total - point.expected
    report = PartReport(
        part, point.total, point.received + unchanged, max(unchanged - found, 0), resumed, _replaced(part, entry)
    )
    if base is None or not point.base:
        return Chain(part, (spool,)), report
    if not any(point.pages.values()):
        spool.discard()
        return base, report
    return Chain(part, (*base.spools, spool)), report


def _replaced(part: Part, before: SpooledPart | None) -> str:
    """Return where what a part had before came from, if that was or may have been another file."""
    origin = before.part.origin if before else ""
    return origin if part.origin and (origin != part.origin or origin == "-") else ""


def _published(
    chains: Sequence[Chain],
    before: Snapshot | None,
    layout: Layout,
    domain: str,
    metadata_schema: MetadataSchema | None,
    *,
    settings: Settings,
    full: bool,
    stage: Callable[[str], None],
    ahead: Ahead | None = None,
) -> Snapshot:
    """Make the tables, and publish them; return the snapshot before where it is the same."""
    parts = tuple(SpooledPart(chain.part, chain.names) for chain in chains)
    document = None if metadata_schema is None else metadata_schema.to_json()
    if before and not full and (before.parts, before.metadata_schema) == (parts, document):
        return before
    stage("typing the values")
    name = new_snapshot_id(before.id if before else "")
    building = ahead.into if ahead and ahead.into else building_path(layout, name)
    schema = metadata_schema or MetadataSchema({})
    threads, memory_mb = settings.threads, settings.memory_mb
    made = None
    if before is not None and not full and not (ahead and ahead.into):
        made = continued(before, chains, schema, building, threads=threads, memory_mb=memory_mb)
    if made is None:
        for chain in chains:
            chain.check()
        typed = ahead.finished(chains) if ahead else None
        if typed is None:
            building = building_path(layout, name)
        old = sound_file(layout, before, settings, look=full) if before and before.parts != parts else None
        made = materialise(
            chains, schema, building, before=old, schema=typed, begun=bool(typed), threads=threads, memory_mb=memory_mb
        )
        if before and before.parts == parts:
            made = replace(made, changes=Changes(added=0, changed=0, removed=0))
    reconcile(chains, made)
    stage("publishing the snapshot")
    snapshot = Snapshot(
        id=name,
        path=layout.snapshots / f"{name}.duckdb",
        created_at=datetime.now(UTC),
        domain=domain,
        schema=made.schema,
        counts=made.counts,
        keys=made.keys,
        changes=made.changes,
        parts=parts,
        metadata_schema=document,
    )
    snapshot.publish(layout, building)
    return snapshot


def _kept(before: Snapshot | None, parts: Sequence[Part], source: Source, scope: Scope) -> list[SpooledPart]:
    """Return what the snapshot before has and this run does not cover.

    A dataset that was there as part of a project which no longer has it goes, unless another project keeps it.
    """
    covered = {part.folder for part in parts}
    synced = {part.hash for part in parts if part.kind == "labels"}
    kept = []
    for entry in before.parts if before else ():
        if entry.part.folder in covered:
            continue
        if not source.owns(entry.part):
            kept.append(entry)
            continue
        if scope.everything:
            continue
        remaining = tuple(project for project in entry.part.projects if project[0] not in synced)
        if entry.part.projects and not remaining:
            continue
        kept.append(replace(entry, part=replace(entry.part, projects=remaining)))
    return kept


def _merged(part: Part, before: Snapshot | None) -> Part:
    """Add the projects that the snapshot before knew a dataset to be in, and that this run did not ask about."""
    known = next((p.part.projects for p in before.parts if p.part.folder == part.folder), ()) if before else ()
    return replace(part, projects=tuple({**dict(known), **dict(part.projects)}.items()))
