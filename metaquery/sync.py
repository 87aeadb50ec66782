"""`sync()`: one run from a source to a published snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metaquery.errors import NoSnapshot, SyncError
from metaquery.schema import MetadataSchema
from metaquery.store.lock import write_lock
from metaquery.store.materialise import Materialised, materialise
from metaquery.store.snapshot import Changes, Snapshot, SpooledPart, building_path, new_snapshot_id
from metaquery.store.spool import Part, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.settings import Settings
    from metaquery.sources import Progress, Scope, Source
    from metaquery.store.layout import Layout

__all__ = ["PartReport", "SyncReport", "sync"]


@dataclass(frozen=True, slots=True)
class PartReport:
    """What one part brought.

    Attributes
    ----------
    part
        The dataset, or the project's labels.
    expected
        Rows that the server's index listed.
    received
        Rows that arrived; a published snapshot has all that were expected.
    resumed
        Rows that an interrupted run had left.
    """

    part: Part
    expected: int
    received: int
    resumed: int


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
        Whether the organisation has no metadata schema, so that every type was inferred.
    """

    snapshot: Snapshot
    parts: tuple[PartReport, ...]
    kept: tuple[Part, ...]
    schema_missing: bool

    @property
    def changes(self) -> Changes:
        """Units added, changed, removed; against nothing for the first snapshot."""
        return self.snapshot.changes or Changes(added=self.snapshot.counts.data, changed=0, removed=0)


def sync(
    source: Source,
    scope: Scope,
    layout: Layout,
    *,
    metadata_schema: MetadataSchema | None,
    settings: Settings,
    progress: Progress = lambda *_: None,
    stage: Callable[[str], None] = lambda _: None,
) -> SyncReport:
    """Read what the scope covers, and publish a snapshot of it and of all that was there before.

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
    with write_lock(layout.lock):
        before = _current(layout)
        parts = source.plan(scope)
        serving = {p.generation for p in before.parts} if before else set()
        read, reports = [], []
        for part in parts:
            stage(f"reading {'the labels of ' if part.kind == 'labels' else ''}{part.title}")
            spool = Spool.resume_or_start(layout.spool / part.folder, spare=serving)
            resumed = spool.checkpoint.received
            source.fill(part, spool, progress)
            read.append((SpooledPart(part, spool.folder.name), spool))
            reports.append(PartReport(part, spool.checkpoint.expected, spool.checkpoint.received, resumed))
        kept = [] if scope.everything else _kept(before, parts)
        stage("typing the values")
        name = new_snapshot_id()
        building = building_path(layout, name)
        merged = [_merged(entry, before) for entry in read]
        everything = [*merged, *((entry, _spool(layout, entry)) for entry in kept)]
        made = materialise(
            ((entry.part, spool) for entry, spool in everything),
            metadata_schema or MetadataSchema({}),
            building,
            before=before.path if before else None,
            threads=settings.threads,
            memory_mb=settings.memory_mb,
        )
        _reconcile(everything, made)
        stage("publishing the snapshot")
        snapshot = Snapshot(
            id=name,
            path=layout.snapshots / f"{name}.duckdb",
            created_at=datetime.now(UTC),
            domain=source.domain,
            schema=made.schema,
            counts=made.counts,
            keys=made.keys,
            changes=made.changes,
            parts=tuple(entry for entry, _ in everything),
        )
        snapshot.publish(layout, building)
    return SyncReport(snapshot, tuple(reports), tuple(k.part for k in kept), schema_missing=metadata_schema is None)


def _current(layout: Layout) -> Snapshot | None:
    try:
        return Snapshot.current(layout)
    except NoSnapshot:
        return None


def _kept(before: Snapshot | None, parts: Sequence[Part]) -> list[SpooledPart]:
    """Return what the snapshot before has and this run does not cover.

    A dataset that was there as part of a project which no longer has it goes, unless another project keeps it.
    """
    covered = {part.folder for part in parts}
    synced = {part.hash for part in parts if part.kind == "labels"}
    kept = []
    for entry in before.parts if before else ():
        if entry.part.folder in covered:
            continue
        remaining = tuple(project for project in entry.part.projects if project[0] not in synced)
        if entry.part.projects and not remaining:
            continue
        kept.append(replace(entry, part=replace(entry.part, projects=remaining)))
    return kept


def _merged(entry: tuple[SpooledPart, Spool], before: Snapshot | None) -> tuple[SpooledPart, Spool]:
    """Add the projects that the snapshot before knew a dataset to be in, and that this run did not ask about."""
    spooled, spool = entry
    known = next((p.part.projects for p in before.parts if p.part.folder == spooled.part.folder), ()) if before else ()
    projects = {**dict(known), **dict(spooled.part.projects)}
    return replace(spooled, part=replace(spooled.part, projects=tuple(projects.items()))), spool


def _spool(layout: Layout, entry: SpooledPart) -> Spool:
    return Spool(layout.spool / entry.part.folder / entry.generation)


def _reconcile(parts: Sequence[tuple[SpooledPart, Spool]], made: Materialised) -> None:
    """Refuse to publish unless every unit that a server listed is in the tables, once."""
    wrong = []
    for entry, spool in parts:
        if entry.part.kind != "units":
            continue
        rows = made.units.get(entry.part.hash, 0)
        if rows != spool.checkpoint.expected:
            wrong.append(f"{entry.part.title}: expected {spool.checkpoint.expected:,}, have {rows:,}")
    if sum(made.units.values()) != made.counts.data:
        wrong.append(f"{made.counts.data - sum(made.units.values()):,} data units occur twice")
    if wrong:
        raise SyncError(
            "units are unaccounted for, so nothing was published: " + "; ".join(wrong),
            hint="the snapshot before is intact; run the sync again",
        )
