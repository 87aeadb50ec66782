"""`Manifest`: what an exported lake is of, and the files that it has; what every engine that reads one has to know.

::

    <directory>/
        metaquery-lake.json             this, written last
        data/part-00003-00000.parquet   units of part 3, of the first piece of the table
        labels/ predictions/ rejects/ members/ tags/

A row is in the part of its data unit, in every table: `part_of`. So a filter, which is a predicate on a unit and
semi-joins on it, can be asked part by part.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaquery.errors import StoreError, UsageError
from metaquery.frozen import dataclass
from metaquery.schema import RELATIONS, Schema
from metaquery.store.seal import parse_sealed, write_sealed
from metaquery.store.snapshot import Counts, KeyCount, Snapshot
from metaquery.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MANIFEST", "MOST_PARTS", "TABLES", "Held", "LakeFile", "LakeTable", "Manifest", "column_entries", "file_name",
    "parse_manifest", "part_of", "read_manifest",
]  # fmt: skip

MANIFEST = "metaquery-lake.json"
"""The manifest's name, in the directory of the lake."""

TABLES = ("data", "labels", "predictions", "rejects", "members", "tags")
"""The tables, by the names that SQL has for them."""

MOST_PARTS = 4096
"""Parts at most; each is a file a table and piece."""

_FORMAT = 1
"""Form of the tables and of the manifest; another number is another form."""

_HASH = "the first eight hexadecimal digits of md5(data_hash as UTF-8), as a number, modulo parts"


def part_of(data_hash: str, parts: int) -> int:
    """Return the part, from 0, that the rows of a data unit are in.

    Every engine can compute it: DuckDB `('0x' || substr(md5(data_hash), 1, 8))::UINTEGER % parts`, Spark
    `conv(substr(md5(data_hash), 1, 8), 16, 10) % parts`.
    """
    return int(hashlib.md5(data_hash.encode(), usedforsecurity=False).hexdigest()[:8], 16) % parts


def file_name(part: int, piece: int, serial: int = 0) -> str:
    """Return the name of a file: a piece of a table has one a part, or several where so many cannot be open at once."""
    return f"part-{part:05}-{piece:05}{f'-{serial}' if serial else ''}.parquet"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A file of a table: its name in the table's folder, its rows, its size."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table.

    Attributes
    ----------
    columns
        Of each column its name, and the field that it holds: as in `column_entries`.
    files
        Its files, at least one: a table without rows has an empty one, so that its columns are known.
    """

    columns: tuple[dict[str, Any], ...]
    files: tuple[LakeFile, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(file.rows for file in self.files)


@dataclass(frozen=True, slots=True)
class Held:
    """A Collection or a tag, as it was when the lake was exported.

    Attributes
    ----------
    title
        Of the Collection, or the tag.
    members
        How many it has.
    relation
        What they are rows of.
    tag
        Whether it is a tag alone, which `in collection` does not find.
    """

    title: str
    members: int
    relation: str
    tag: bool

    @property
    def live(self) -> bool:
        """Members follow nothing here: those of a live Collection are what they were."""
        return False


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a lake holds.

    Attributes
    ----------
    version
        The metaquery that exported it.
    snapshot
        What it is of; without parts and changes, which the workspace has.
    parts
        In how many parts every table is.
    tables
        Each of `TABLES`.
    collections
        Collections and tags.
    saved
        The text of each saved filter, by relation and name.
    """

    snapshot: Snapshot
    parts: int
    tables: dict[str, LakeTable]
    collections: tuple[Held, ...] = ()
    saved: dict[str, dict[str, str]] | None = None
    version: str = __version__

    def about(self, table: str, columns: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """Return what the metadata of each file of a table says, under the key `metaquery`."""
        return {**self._head(), "table": table, "columns": list(columns)}

    def _head(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "metaquery": self.version,
            "snapshot": self.snapshot.id,
            "created_at": self.snapshot.created_at.isoformat(),
            "parts": self.parts,
            "part": _HASH,
        }

    def write(self, directory: Path) -> None:
        """Write it, durably; the files that it names have to be."""
        snapshot = self.snapshot
        tables = {
            name: {"rows": table.rows, "columns": list(table.columns), "files": [asdict(file) for file in table.files]}
            for name, table in self.tables.items()
        }
        document = self._head() | {
            "domain": snapshot.domain,
            "schema": snapshot.schema.to_json(),
            "counts": asdict(snapshot.counts),
            "keys": [asdict(key) for key in snapshot.keys],
            "metadata_schema": snapshot.metadata_schema,
            "collections": [asdict(held) for held in self.collections],
            "filters": self.saved or {},
            "tables": tables,
        }
        write_sealed(directory / MANIFEST, document)


def read_manifest(directory: Path) -> Manifest:
    """Read what `Manifest.write` wrote, and see that each file is there in its size.

    Raises
    ------
    UsageError
        There is no lake.
    StoreError
        It is not whole, damaged, or of another version.
    """
    path = directory / MANIFEST
    if not directory.is_dir():
        raise UsageError(f"there is no directory {directory}", hint="metaquery export lake DIR makes one")
    if not path.is_file():
        raise UsageError(
            f"{directory} is no exported lake: it has no {MANIFEST}", hint="metaquery export lake DIR makes one"
        )
    manifest = parse_manifest(path.read_bytes(), str(directory))
    for name, table in manifest.tables.items():
        for file in table.files:
            _check(directory / name / file.name, file)
    return manifest


def parse_manifest(content: bytes, place: str) -> Manifest:
    """Read what `Manifest.write` wrote; its files are not looked at.

    Parameters
    ----------
    content
        Of the file.
    place
        Where the lake is, for errors.

    Raises
    ------
    StoreError
        It is damaged, or of another version.
    """
    document = parse_sealed(content, f"{place}/{MANIFEST}", ())
    if document.get("format") != _FORMAT:
        raise StoreError(f"{place} was exported by another version of metaquery", hint=_ANEW)
    return _read(Path(place) / MANIFEST, document)


_ANEW = "export it anew into another directory: metaquery export lake DIR"


def _check(path: Path, file: LakeFile) -> None:
    try:
        size = path.stat().st_size
    except OSError:
        raise StoreError(f"the lake is not whole: {path} is not there", hint=f"copy it again, or {_ANEW}") from None
    if size != file.bytes:
        raise StoreError(
            f"the lake is damaged: {path} has {size:,} bytes instead of {file.bytes:,}",
            hint=f"copy it again, or {_ANEW}",
        )


def _read(path: Path, document: dict[str, Any]) -> Manifest:
    snapshot = Snapshot(
        id=document["snapshot"],
        path=path,
        created_at=datetime.fromisoformat(document["created_at"]),
        domain=document["domain"],
        schema=Schema.from_json(document["schema"]),
        counts=Counts(**document["counts"]),
        keys=tuple(KeyCount(**key) for key in document["keys"]),
        changes=None,
        parts=(),
        metadata_schema=document["metadata_schema"],
    )
    tables = {
        name: LakeTable(tuple(table["columns"]), tuple(LakeFile(**file) for file in table["files"]))
        for name, table in document["tables"].items()
    }
    collections = tuple(Held(**held) for held in document["collections"])
    return Manifest(snapshot, document["parts"], tables, collections, document["filters"], document["metaquery"])


def column_entries(table: str, names: Iterable[str], schema: Schema) -> list[dict[str, Any]]:
    """Return of each column its name and, where it holds a field, the field: name, origin, type, how it was typed.

    Parameters
    ----------
    table
        Its table.
    names
        Names of the columns.
    schema
        The client metadata; a key has another column than its name where that was taken.
    """
    fields = {field.column: field for field in RELATIONS[table].fields} if table in RELATIONS else {}
    if table == "data":
        fields |= {field.column: field for field in schema.fields}
    found = []
    for name in names:
        field = fields.get(name)
        if field is None:
            found.append({"column": name})
            continue
        entry: dict[str, Any] = {"column": name, "field": field.name, "of": field.qualifier, "type": field.type}
        if field.qualifier == "meta":
            entry["inferred"] = field.inferred
        if field.values:
            entry["values"] = list(field.values)
        if field.size is not None:
            entry["size"] = field.size
        found.append(entry)
    return found
