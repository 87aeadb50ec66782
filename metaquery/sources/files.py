"""`FileSource`: data units, labels and predictions from files, with no server.

A file is read once, row by row, into a staging folder: a file a dataset, its rows in the wire's form. From there they
go into the spool like what a server sends; where the published snapshot has the part already, only what differs does.
A row that cannot be taken is counted and reported with its line. What an interrupted sync has left is not gone on with:
reading a file again is as fast, and the file may be another.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from metaquery.errors import SyncError, UsageError
from metaquery.sources.comparison import IndexEntry, Listed, Name, difference, digest, known_units
from metaquery.sources.origins import refuse_others
from metaquery.sources.records import annotation_record, cell_types, dataset_of, unit_record
from metaquery.sources.rejections import Rejections
from metaquery.sources.rows import RowError, file_format, read_rows
from metaquery.sources.staging import Staged, Staging
from metaquery.store.durable import full_disk
from metaquery.store.spool import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from metaquery.schema import MetadataSchema
    from metaquery.sources import Progress, Scope
    from metaquery.sources.rows import Row
    from metaquery.store.chain import Chain
    from metaquery.store.layout import Layout
    from metaquery.store.spool import Spool

__all__ = ["FileReport", "FileSource"]

_PAGE_BYTES = 8 << 20
_INDEX_ROWS = 100_000


@dataclass(slots=True)
class FileReport:
    """What became of a file's rows; `rows = taken + rejected`.

    Attributes
    ----------
    name
        The file, as it was given.
    rows
        Rows that it has.
    rejections
        Why rows were rejected, with the lines of the first.
    rejected_in
        Rejected rows by hash of the dataset that they name; rows of which it cannot be read are in none.
    misfits
        Values that do not fit a built-in field, which is empty there; the rows are taken.
    alike
        Annotations with the `annotation_id` of another one of their unit and frame. They are taken, and Collections do
        not tell them apart.
    unused
        Names of columns or members that no row of its kind has, and that were passed over.
    """

    name: str
    rows: int = 0
    rejections: Rejections = field(default_factory=Rejections)
    rejected_in: dict[str, int] = field(default_factory=dict)
    misfits: Rejections = field(default_factory=Rejections)
    alike: Rejections = field(default_factory=Rejections)
    unused: set[str] = field(default_factory=set)

    @property
    def rejected(self) -> int:
        """Rows that could not be taken."""
        return self.rejections.rows

    @property
    def taken(self) -> int:
        """Rows that are in the snapshot."""
        return self.rows - self.rejected

    def reject(self, line: int, error: RowError, dataset: str | None = None) -> None:
        """Count a row that cannot be taken, and for the dataset that it is of."""
        self.rejections.add(line, error.reason, error.found)
        if dataset is not None:
            self.rejected_in[dataset] = self.rejected_in.get(dataset, 0) + 1


class FileSource:
    """Reads files.

    Parameters
    ----------
    files
        Path by what its rows are: `units`, `labels`, `predictions`; `-` is standard input.
    layout
        The workspace. Rows on their way are in a folder of it, which is removed at the end.
    metadata_schema
        By which the cells of a CSV file are read.
    """

    def __init__(self, files: dict[str, str], layout: Layout, metadata_schema: MetadataSchema | None) -> None:
        if not files:
            raise UsageError("no file is named", hint="name a file of units, labels or predictions")
        if list(files.values()).count("-") > 1:
            raise UsageError("standard input can be one file only", hint="give the others by their paths")
        self._files = files
        self._origins = {name: "-" if name == "-" else str(Path(name).resolve()) for name in files.values()}
        self._layout = layout
        self._staging = Staging(layout.incoming / str(os.getpid()))
        self._types = cell_types(metadata_schema)
        self._staged: dict[str, Staged] = {}
        self.reports: list[FileReport] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._staging.clear()

    @property
    def domain(self) -> str:
        """No server."""
        return ""

    @property
    def resumes(self) -> bool:
        """A file is read again."""
        return False

    def owns(self, part: Part) -> bool:
        """Whether a dataset came from the file of data units, so that it is gone when that no longer has it.

        Not whatever came from these files: one file may hold two kinds of rows, and standard input brings others each
        time. Annotations are a part a file, which is there whenever the file is read.
        """
        return part.kind == "units" and part.origin == self._origins.get(self._files.get("units", ""))

    def plan(self, scope: Scope) -> tuple[Part, ...]:
        """Read the files, and return their parts, datasets first.

        Raises
        ------
        SyncError
            A file cannot be read, has no row that can be taken, or was written to meanwhile.
        UsageError
            A file is not there, its kind cannot be told, or rows that are not an earlier form of its own would go.
        """
        del scope  # a file is read whole
        self._staging.begin()
        parts: list[Part] = []
        for what, name in self._files.items():
            path = self._path(name)
            report = FileReport(name)
            self.reports.append(report)
            stage = self._stage_units if what == "units" else self._stage_annotations
            with full_disk(self._staging.folder):
                before = path.stat()
                staged = stage(what, path, report)
                self._staging.flush()
            _refuse_changed(name, before, path)
            if not report.taken:
                why = "".join(f"; {reason}" for reason in report.rejections.reasons[:1])
                raise SyncError(
                    f"{name} has no row that can be taken: {report.rejected:,} rejected{why}",
                    hint="nothing was published; to start afresh, make another workspace",
                )
            for entry in staged:
                self._staged[entry.part.folder] = entry
                parts.append(entry.part)
        refuse_others(self._staged.values(), self._layout)
        return tuple(parts)

    def _path(self, name: str) -> Path:
        """Return where a file lies; standard input is written down first, as it can be read once."""
        if name != "-":
            path = Path(name)
            if path.is_dir():
                raise UsageError(f"{name} is a directory", hint="name a file of it: NDJSON, CSV or Parquet")
            if not path.exists():
                raise UsageError(f"there is no file {name}")
            if not path.is_file():
                raise UsageError(f"{name} is no file", hint="what comes from a pipe is read from standard input: -")
            return path
        path = self._staging.folder / "stdin"
        with full_disk(path), path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy, 1 << 20)
        return path

    def _rows(self, path: Path, report: FileReport) -> Iterator[tuple[int, Row]]:
        for line, row in read_rows(path, file_format(report.name, path)):
            report.rows += 1
            if isinstance(row, RowError):
                report.reject(line, row)
            else:
                yield line, row

    def _stage_units(self, what: str, path: Path, report: FileReport) -> list[Staged]:
        del what
        default = _stem(report.name)
        types = self._types if file_format(report.name, path) in {"csv", "tsv"} else {}
        seen: set[str] = set()
        datasets: dict[str, Staged] = {}
        for line, row in self._rows(path, report):
            try:
                unit = unit_record(row, types, report.unused)
            except RowError as error:
                report.reject(line, error, dataset_of(row, default))
                continue
            key = unit.dataset_hash or unit.dataset_title or default
            if unit.data_hash in seen:
                report.reject(line, RowError("data_hash occurs before", unit.data_hash), key)
                continue
            seen.add(unit.data_hash)
            for why, found in unit.misfits:
                report.misfits.add(line, why, found)
            staged = datasets.get(key)
            if staged is None:
                part = Part("units", key, unit.dataset_title or key, (), self._origins[report.name])
                staged = datasets[key] = self._staging.open(part)
            staged.digests[unit.data_hash] = digest(unit.text)
            self._staging.write(staged, unit.text)
        return list(datasets.values())

    def _stage_annotations(self, what: str, path: Path, report: FileReport) -> list[Staged]:
        """One part a file; the rows of one unit are compared together."""
        stem = _stem(report.name)
        part = Part("labels", f"{what} {stem}", stem, (), self._origins[report.name])
        staged = self._staging.open(part)
        for line, row in self._rows(path, report):
            try:
                known = staged.identities
                record = annotation_record(row, known, report.unused, predicted=what == "predictions")
            except RowError as error:
                report.reject(line, error)
                continue
            for why, found in record.misfits:
                report.misfits.add(line, why, found)
            if record.alike:
                report.alike.add(line, "annotation_id occurs before for the unit and frame", record.alike)
            before = staged.digests.get(record.data_hash, 0)
            staged.digests[record.data_hash] = digest(before.to_bytes(8, "big") + record.text)
            self._staging.write(staged, record.text)
        return [staged]

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        """Bring the part's rows into the spool: all, or those that differ from `base`."""
        staged = self._staged[part.folder]
        units = part.kind == "units"
        listed = [Listed(name, value) for name, value in staged.digests.items()]
        found = difference(listed, known_units(base), ordered=units) if base else None
        new = None if found is None else found.added
        entries = [
            IndexEntry(row.name, place if units and (new is None or row.name in new) else None, row.digest)
            for place, row in enumerate(listed)
        ]
        wanted = None
        if found is not None:
            wanted = {row.name for row in found.wanted}
            entries = [entry for entry in entries if entry.data_hash in wanted]
            if found.removed:
                spool.append("removed", msgspec.json.encode([Name(name) for name in found.removed]))
        for at in range(0, len(entries), _INDEX_ROWS):
            spool.append("index", msgspec.json.encode(entries[at : at + _INDEX_ROWS]))
        received = _copy(staged, spool, "rows" if units else "annotations", wanted, progress)
        spool.advance(
            total=staged.rows,
            expected=received,
            received=received,
            listed_at=time.time(),
            base="" if base is None or found is None else base.last.folder.name,
            complete=True,
        )


def _copy(staged: Staged, spool: Spool, stream: str, wanted: set[str] | None, progress: Progress) -> int:
    """Append a part's rows, or those of the names that are wanted, as pages; return how many they are."""
    received, size = 0, 0
    page: list[bytes] = []
    for text in staged.lines():
        if wanted is not None and msgspec.json.decode(text, type=_Named).data_hash not in wanted:
            continue
        page.append(text)
        size += len(text)
        received += 1
        if size > _PAGE_BYTES:
            spool.append(stream, b"[" + b",".join(page) + b"]", received=received)
            page, size = [], 0
            progress(staged.part, received, staged.rows)
    if page:
        spool.append(stream, b"[" + b",".join(page) + b"]")
    return received


class _Named(msgspec.Struct, gc=False):
    data_hash: str


def _refuse_changed(name: str, before: os.stat_result, path: Path) -> None:
    """Refuse a file that was written to while it was read. One that took its place is another: the old was read."""
    now = path.stat()
    if before.st_ino == now.st_ino and (before.st_size, before.st_mtime_ns) != (now.st_size, now.st_mtime_ns):
        raise SyncError(
            f"{name} was written to while it was read",
            hint="nothing was published; run it again when the file is whole",
        )


def _stem(name: str) -> str:
    return "stdin" if name == "-" else Path(name).stem
