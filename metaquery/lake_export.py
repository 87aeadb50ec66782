"""`export_lake()`: a snapshot as plain Parquet in parts, for engines that know nothing of us.

The lake is made beside its directory, which is there when it is whole and not before. What is done is written down
piece by piece: a piece is rows of one table, which become a file a part. A killed export is gone on with by the same
call; what is finished is not written again. The order of what is durable::

    <name>.metaquery-lake/.state/members-…     the members of Collections and tags, as they are now
    <name>.metaquery-lake/.state/plan.json     which snapshot, how many parts, which pieces
    <name>.metaquery-lake/<table>/part-…       the files of a piece, each complete
    <name>.metaquery-lake/.state/done.jsonl    a line for the piece
    <name>.metaquery-lake/metaquery-lake.json  the manifest: all pieces are there
    <name>                                     the whole, renamed

"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from metaquery.engines.base import Membership
from metaquery.errors import EngineError, UsageError, WorkspaceLocked
from metaquery.frozen import dataclass
from metaquery.lake_manifest import (
    MANIFEST,
    MOST_PARTS,
    TABLES,
    Held,
    LakeFile,
    LakeTable,
    Manifest,
    column_entries,
    file_name,
    read_manifest,
)
from metaquery.schema import RELATIONS
from metaquery.store.durable import clear_leftovers, fsync_folder, full_disk, publish, read_json, write_json
from metaquery.store.journal import Journal
from metaquery.store.lock import Holder, holder, write_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from metaquery.engines.lake import LakeWriter, Shape
    from metaquery.pinned import Pinned
    from metaquery.settings import Settings
    from metaquery.store.snapshot import Snapshot

__all__ = ["LakeExport", "LakeSource", "Members", "export_lake"]

_UNITS = 500_000
"""Data units of a part where nobody says, at most."""

_TRIES = 5
"""How often the members are looked for again, where another process replaces them meanwhile."""


class Members(NamedTuple):
    """A Collection or a tag, and the Parquet file of its members."""

    held: Held
    path: Path


@dataclass(frozen=True)
class LakeSource:
    """What is exported.

    Attributes
    ----------
    snapshot
        Its description.
    file
        Returns its DuckDB file.
    members
        Returns the Collections and tags, as the snapshot has them.
    saved
        Saved filters, text by relation and name.
    settings
        Threads and memory.
    """

    snapshot: Snapshot
    file: Callable[[], Path]
    members: Callable[[], Sequence[Members]]
    saved: dict[str, dict[str, str]]
    settings: Settings

    @classmethod
    def of(cls, pinned: Pinned) -> LakeSource:
        """Return a workspace's snapshot, with Collections, tags and saved filters as they are now."""

        def members() -> list[Members]:
            return [
                Members(Held(c.title, c.members, c.relation, c.kind == "tag"), c.path) for c in pinned.evaluation.all()
            ]

        saved = {name: pinned.saved(name) for name in RELATIONS}
        return cls(pinned.snapshot, pinned.file, members, saved, pinned.settings)


@dataclass(frozen=True, slots=True)
class LakeExport:
    """What was exported.

    Attributes
    ----------
    path
        The directory.
    snapshot
        Id of the snapshot.
    parts
        In how many parts each table is.
    rows
        Rows of each table.
    files, bytes
        How many files there are beside the manifest, and their size.
    found
        How many of the files were there already: those of an export that was interrupted, or all.
    """

    path: Path
    snapshot: str
    parts: int
    rows: dict[str, int]
    files: int
    bytes: int
    found: int

    @classmethod
    def of(cls, path: Path, manifest: Manifest, found: int | None = None) -> LakeExport:
        """Return what a manifest tells; without a number, all files were there."""
        tables = manifest.tables
        files = [file for table in tables.values() for file in table.files]
        rows = {name: table.rows for name, table in tables.items()}
        size = sum(file.bytes for file in files)
        many = len(files) if found is None else found
        return cls(path, manifest.snapshot.id, manifest.parts, rows, len(files), size, many)


def export_lake(
    source: LakeSource,
    directory: str | Path,
    parts: int | None = None,
    *,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> LakeExport:
    """Write a lake; as `Workspace.export_lake`.

    Parameters
    ----------
    source
        What.
    directory, parts
        As there.
    progress
        Called with the pieces that are written, and all of them.
    """
    path = Path(directory).expanduser().absolute()
    if parts is not None and not 1 <= parts <= MOST_PARTS:
        raise UsageError(f"a lake has 1 to {MOST_PARTS:,} parts")
    if not path.parent.is_dir():
        raise UsageError(f"there is no directory {path.parent}", hint="make it first, or name another")
    lock = path.with_name(f".{path.name}.metaquery-lake.lock")
    there = _already(path, source, parts)
    if there is not None and not lock.exists():
        return there
    try:
        with full_disk(path), _alone(path, lock):
            done = _already(path, source, parts) or _Work(path, source, parts, progress).whole()
            lock.unlink(missing_ok=True)  # who waits for it finds the lake
            return done
    except PermissionError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def _alone(path: Path, lock: Path) -> Iterator[None]:
    """Hold the lock of an export."""
    with ExitStack() as held:
        try:
            held.enter_context(write_lock(lock))
        except WorkspaceLocked:
            found = holder(lock) or Holder("?", "?")
            raise WorkspaceLocked(
                f"another metaquery is exporting to {path} (process {found.pid}, since {found.since})",
                hint="wait for it, or stop it: the next one goes on with what it has written",
            ) from None
        yield


def _already(path: Path, source: LakeSource, parts: int | None) -> LakeExport | None:
    """Return the lake that is there; None where there is room for it.

    Raises
    ------
    UsageError
        Something else is there.
    """
    if not path.exists() and not path.is_symlink():
        return None
    if not path.is_dir():
        raise UsageError(f"{path} is no directory", hint="name another")
    if not (path / MANIFEST).exists():
        if any(path.iterdir()):
            raise UsageError(f"{path} has other files in it", hint="name a directory that is not there yet")
        return None
    manifest = read_manifest(path)
    if manifest.snapshot.id != source.snapshot.id or parts not in {None, manifest.parts}:
        raise UsageError(
            f"{path} is a lake already: snapshot {manifest.snapshot.id} in {manifest.parts} parts",
            hint="name another directory, or remove this one",
        )
    return LakeExport.of(path, manifest)


class _Work:
    """One export that is under way."""

    def __init__(
        self, path: Path, source: LakeSource, parts: int | None, progress: Callable[[int, int], object]
    ) -> None:
        self.path = path
        self.source = source
        self.parts = parts
        self.progress = progress
        self.beside = path.with_name(f".{path.name}.metaquery-lake")
        self.state = self.beside / ".state"
        self.journal = Journal(self.state / "done.jsonl")

    def whole(self) -> LakeExport:
        """Go on from where the last run has got to, and give the lake its name."""
        found = None
        clear_leftovers(self.beside, alone=True)
        if not (self.beside / MANIFEST).exists():
            found = self._write()
        manifest = read_manifest(self.beside)
        self._refuse_another(manifest.snapshot.id, manifest.parts)
        shutil.rmtree(self.state, ignore_errors=True)
        fsync_folder(self.beside)
        self.beside.rename(self.path)
        fsync_folder(self.path.parent)
        return LakeExport.of(self.path, manifest, found)

    def _write(self) -> int:
        """Write what is not there yet, and the manifest; return how many files were there."""
        self.state.mkdir(parents=True, exist_ok=True)
        plan = self._begun()
        source = self.source
        threads, memory_mb = source.settings.threads, source.settings.memory_mb
        held = [Held(**{k: v for k, v in entry.items() if k != "file"}) for entry in plan["members"]]
        memberships = [
            Membership(one.title, self.state / entry["file"], one.tag)
            for one, entry in zip(held, plan["members"], strict=True)
        ]
        from metaquery.engines.lake import LakeWriter  # 130 ms that who finds the lake whole need not pay

        with LakeWriter(
            source.file(), self.state / "spill", memberships, threads=threads, memory_mb=memory_mb
        ) as writer:
            found, tables = self._tables(writer, plan)
        Manifest(source.snapshot, plan["parts"], tables, tuple(held), plan["filters"]).write(self.beside)
        return found

    def _begun(self) -> dict[str, Any]:
        """Return the plan: that of the run before, or a new one."""
        path = self.state / "plan.json"
        if path.exists():
            plan: dict[str, Any] = read_json(path)
            self._refuse_another(plan["snapshot"], plan["parts"])
            return plan
        units = self.source.snapshot.counts.data
        parts = self.parts or _parts_for(units)
        plan = {
            "snapshot": self.source.snapshot.id,
            "parts": parts,
            "members": [{**asdict(held), "file": name} for held, name in self._keep_members()],
            "filters": self.source.saved,
        }
        write_json(path, plan)
        return plan

    def _refuse_another(self, snapshot: str, parts: int) -> None:
        if snapshot != self.source.snapshot.id or self.parts not in {None, parts}:
            raise UsageError(
                f"{self.beside} is the beginning of another export: snapshot {snapshot} in {parts} parts",
                hint=f"finish it with --as-of {snapshot} --parts {parts}, or remove it",
            )

    def _keep_members(self) -> list[tuple[Held, str]]:
        """Keep the files of members as they are now: Collections may change before the export is finished."""
        for left in range(_TRIES, 0, -1):
            try:
                return [(held, self._kept(n, path)) for n, (held, path) in enumerate(self.source.members())]
            except FileNotFoundError:
                if left == 1:
                    raise
        raise AssertionError

    def _kept(self, number: int, path: Path) -> str:
        kept = self.state / f"members-{number:05}.parquet"
        kept.unlink(missing_ok=True)
        try:
            os.link(path, kept)
        except FileNotFoundError:
            raise
        except OSError:  # another file system, or one without links
            shutil.copyfile(path, kept.with_suffix(".tmp"))
            publish(kept.with_suffix(".tmp"), kept)
        fsync_folder(self.state)
        return kept.name

    def _tables(self, writer: LakeWriter, plan: dict[str, Any]) -> tuple[int, dict[str, LakeTable]]:
        from metaquery.engines.lake import Shape  # it is there by now

        parts: int = plan["parts"]
        done = {e["piece"]: [LakeFile(*file) for file in e["files"]] for e in self._noted("piece")}
        found = sum(map(len, done.values()))
        pieces = {table: self._pieces(writer, table, parts) for table in TABLES}
        total = sum(map(len, pieces.values()))
        written, tables = 0, {}
        for table in TABLES:
            columns = writer.columns(table)
            entries = column_entries(table, columns, self.source.snapshot.schema)
            about = Manifest(self.source.snapshot, parts, {}).about(table, entries)
            shape = Shape(table, columns, parts, json.dumps(about, ensure_ascii=False))
            files: list[LakeFile] = []
            for number, rows in enumerate(pieces[table]):
                name = f"{table} {number}"
                files += done[name] if name in done else self._write_piece(writer, shape, number, rows)
                written += 1
                self.progress(written, total)
            tables[table] = LakeTable(tuple(entries), tuple(files))
            self._check(table, tables[table])
        return found, tables

    def _pieces(self, writer: LakeWriter, table: str, parts: int) -> list[tuple[int, int] | None]:
        """Return the pieces of a table: those that an earlier run has begun to write."""
        told = next((entry["of"] for entry in self._noted("cut") if entry["table"] == table), None)
        if told is not None:
            return [None if rows is None else (rows[0], rows[1]) for rows in told]
        pieces = writer.pieces(table, parts)
        self.journal.record("cut", table=table, of=pieces)
        return pieces

    def _write_piece(
        self, writer: LakeWriter, table: Shape, number: int, rows: tuple[int, int] | None
    ) -> list[LakeFile]:
        """Write a piece, durably, and note it."""
        writing = self.state / "writing"
        shutil.rmtree(writing, ignore_errors=True)
        folder = self.beside / table.name
        folder.mkdir(exist_ok=True)
        found = writer.write(table, rows, writing)
        if not found and number == 0:
            writing.mkdir(exist_ok=True)
            found = [writer.write_empty(table, writing / "empty.parquet")]
        files, serials = [], dict.fromkeys(range(table.parts), 0)
        for path, part, many, size in sorted(found):
            file = folder / file_name(part, number, serials[part])
            serials[part] += 1
            with path.open("rb") as whole:
                os.fsync(whole.fileno())
            path.replace(file)
            files.append(LakeFile(file.name, many, size))
        fsync_folder(folder)
        fsync_folder(self.beside)
        name = f"{table.name} {number}"
        self.journal.record("piece", piece=name, files=[[f.name, f.rows, f.bytes] for f in files])
        return files

    def _noted(self, step: str) -> Iterator[dict[str, Any]]:
        return (entry for entry in self.journal.entries() if entry["step"] == step)

    def _check(self, table: str, written: LakeTable) -> None:
        expected = getattr(self.source.snapshot.counts, table, None)
        if expected is not None and written.rows != expected:
            raise EngineError(
                f"the snapshot has {expected:,} rows of {table}, and {written.rows:,} were written",
                hint=f"metaquery verify says whether the snapshot is damaged; then remove {self.beside} and try again",
            )


def _parts_for(units: int) -> int:
    """Return the smallest power of two for which no part has more than 500,000 units."""
    parts = 1
    while parts < MOST_PARTS and units > parts * _UNITS:
        parts *= 2
    return parts
