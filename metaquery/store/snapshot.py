"""`Snapshot`: one consistent moment of the workspace; published once, never modified.

A snapshot is a new file name plus a pointer. Its DuckDB file is built under a name that starts with a full stop,
gets its name when it is whole, then its description is written, then `CURRENT` is swapped: a crash at any point
leaves the snapshot before, and what lies beyond it is removed by the next run. The description is JSON beside the
file, so that a filter can be bound, and names be completed, without opening a database.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from metaquery.errors import NoSnapshot, StoreError
from metaquery.frozen import dataclass
from metaquery.schema import Schema
from metaquery.store.durable import clear_leftovers, publish, write_bytes
from metaquery.store.seal import read_sealed, write_sealed
from metaquery.store.spool import Part

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.schema import Relation
    from metaquery.store.layout import Layout

__all__ = [
    "Changes",
    "Counts",
    "KeyCount",
    "Snapshot",
    "SpooledPart",
    "building_path",
    "clear_unpublished",
    "current_id",
    "made_at",
    "mend_pointer",
    "new_snapshot_id",
    "published_ids",
]

_FORMAT = 3
"""Form of the tables and of the description; another number is another form."""

_NAMES = (
    "format", "id", "created_at", "domain", "schema", "counts", "keys", "changes", "parts", "metadata_schema"
)  # fmt: skip

_SYNC_AGAIN = "restore it from a backup, or run metaquery sync: it goes on with the snapshot before"


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How the values of one key fared; `valid + missing + invalid` is the number of units.

    Attributes
    ----------
    name, type, inferred
        The field.
    valid, missing, invalid
        Units whose value fits, that have none, whose value does not fit.
    example
        The JSON text of one value that does not fit.
    """

    name: str
    type: str
    inferred: bool
    valid: int
    missing: int
    invalid: int
    example: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of each table.

    Attributes
    ----------
    data, labels, predictions, rejects
        Rows.
    not_objects
        Data units whose client metadata is no object; they are in `data`, without keys.
    orphans
        Annotations left out because their data unit is no longer there.
    """

    data: int
    labels: int
    predictions: int
    rejects: int
    not_objects: int
    orphans: int

    def of(self, relation: Relation) -> int:
        """Return the rows of a relation."""
        rows: int = getattr(self, relation.name)
        return rows


@dataclass(frozen=True, slots=True)
class Changes:
    """Data units against the snapshot before; a unit is changed when its title, item, dataset or client metadata is."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class SpooledPart:
    """A part, and the generations of its pages that the snapshot was made from, oldest first."""

    part: Part
    generations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published snapshot.

    Attributes
    ----------
    id
        Sorts by time of publication.
    path
        The DuckDB file; open it read-only.
    created_at
        When it was published, UTC.
    domain
        The server it was read from.
    schema
        What filters are bound against.
    counts, keys
        Rows, and how each key fared.
    changes
        Against the snapshot before it; None for the first.
    parts
        What it holds.
    metadata_schema
        The organisation's schema in its typed form, as the values were typed by; None where there was none.
    """

    id: str
    path: Path
    created_at: datetime
    domain: str
    schema: Schema
    counts: Counts
    keys: tuple[KeyCount, ...]
    changes: Changes | None
    parts: tuple[SpooledPart, ...]
    metadata_schema: dict[str, Any] | None = None

    @classmethod
    def current(cls, layout: Layout) -> Snapshot:
        """Return the published snapshot.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.
        StoreError
            Its files are gone or damaged.
        """
        name = current_id(layout)
        while name is not None and not _files(layout, name)[1].exists():
            before, name = name, current_id(layout)
            if name == before:
                break  # no other was published since, after which this one may be pruned: it is missing
        if name is None and published_ids(layout):
            raise NoSnapshot(
                f"{layout.current}, which says which snapshot is the newest, is gone; the snapshots are there",
                hint="run metaquery sync or metaquery rematerialise: either goes on with the newest that can be read",
            )
        if name is None:
            raise NoSnapshot(
                f"nothing has been synced into {layout.root} yet",
                hint="run: metaquery sync --project TITLE, or --from FILE with no server; -w DIR is another workspace",
            )
        return cls.load(layout, name)

    @classmethod
    def load(cls, layout: Layout, name: str) -> Snapshot:
        """Return the snapshot of this id."""
        path, description = _files(layout, name)
        if not description.exists():
            raise StoreError(
                f"the snapshot {name} is not in {layout.snapshots}",
                hint="run metaquery sync to make a new one",
            )
        data = _described(layout, description)
        try:
            if data.get("format") != _FORMAT:
                held = ", ".join(p["part"]["title"] for p in data["parts"])
                raise NoSnapshot(
                    f"the snapshot {name} was made by another version of metaquery",
                    hint=f"sync anew what it held: {held}",
                )
            return cls(
                id=data["id"],
                path=path,
                created_at=datetime.fromisoformat(data["created_at"]),
                domain=data["domain"],
                schema=Schema.from_json(data["schema"]),
                counts=Counts(**data["counts"]),
                keys=tuple(KeyCount(**k) for k in data["keys"]),
                changes=Changes(**data["changes"]) if data["changes"] else None,
                parts=tuple(SpooledPart(Part.from_json(p["part"]), tuple(p["generations"])) for p in data["parts"]),
                metadata_schema=data["metadata_schema"],
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:  # of one that has no seal
            raise StoreError(f"{description} is damaged: {error!r}", hint=_way_out(layout, description)) from error

    def publish(self, layout: Layout, building: Path) -> None:
        """Make this the current snapshot, durably.

        Parameters
        ----------
        layout
            The workspace; its write lock has to be held.
        building
            The finished DuckDB file, which gets the name `path`.
        """
        publish(building, self.path)
        self.describe(layout)
        write_bytes(layout.current, f"{self.id}\n".encode())

    def describe(self, layout: Layout) -> None:
        """Write the description, durably; in place of an earlier one, where generations were compacted."""
        description: dict[str, Any] = {
            "format": _FORMAT,
            "id": self.id,
            "created_at": self.created_at.isoformat(),
            "domain": self.domain,
            "schema": self.schema.to_json(),
            "counts": asdict(self.counts),
            "keys": [asdict(k) for k in self.keys],
            "changes": asdict(self.changes) if self.changes else None,
            "parts": [{"part": p.part.to_json(), "generations": list(p.generations)} for p in self.parts],
            "metadata_schema": self.metadata_schema,
        }
        write_sealed(_files(layout, self.id)[1], description)


def new_snapshot_id(after: str = "") -> str:
    """Return an id that says when it was made, and sorts behind `after` even if the clock was set back."""
    seconds, rest = divmod(time.time_ns(), 10**9)  # the clock is read once: its second may end between two readings
    made = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))}-{rest:09d}"
    if made > after:
        return made
    second, _, rest_before = after.partition("-")
    return f"{second}-{int(rest_before) + 1:09d}"


def made_at(name: str) -> datetime:
    """Return when a snapshot was made, as its id says: to the second, UTC."""
    return datetime.strptime(f"{name.partition('-')[0]}+0000", "%Y%m%dT%H%M%S%z")


def published_ids(layout: Layout) -> list[str]:
    """Return the ids of the snapshots that are kept, oldest first; the last is the current one.

    Where `CURRENT` names none of them, nothing tells which were published: then all that have a description.
    """
    current = current_id(layout)
    ids = sorted(path.stem for path in layout.snapshots.glob("[0-9]*.json"))
    return [name for name in ids if name <= current] if current is not None and current in ids else ids


def mend_pointer(layout: Layout) -> str | None:
    """Let `CURRENT` name the newest snapshot that can be read, where it names none. The write lock has to be held.

    What is behind that one counts as unpublished, and goes with what a dead run has left. Returns what was wrong and
    is mended, in words.

    Raises
    ------
    StoreError
        There are snapshots, and none can be read: to go on without would give up all that they hold.
    """
    named = current_id(layout)
    ids = sorted((path.stem for path in layout.snapshots.glob("[0-9]*.json")), reverse=True)
    if (named is None and not ids) or (named is not None and _is_readable(layout, named)):
        return None
    newest = next((name for name in ids if _is_readable(layout, name)), None)
    if newest is not None:
        write_bytes(layout.current, f"{newest}\n".encode())
        wrong = "was gone" if named is None else f"named {named!r}, which cannot be read"
        return f"CURRENT {wrong}: went on with {newest}, the newest snapshot that can be read"
    if ids:
        raise StoreError(
            f"none of the {len(ids)} snapshots in {layout.snapshots} can be read",
            hint="restore one from a backup, or remove all of them and sync anew what they held",
        )
    layout.current.unlink(missing_ok=True)
    return None


def _is_readable(layout: Layout, name: str) -> bool:
    try:
        Snapshot.load(layout, name)
    except NoSnapshot:  # of another version: nothing is damaged
        return True
    except StoreError:
        return False
    return True


def building_path(layout: Layout, name: str) -> Path:
    """Return where a snapshot is built; what a dead run left there is removed. The write lock has to be held."""
    layout.snapshots.mkdir(parents=True, exist_ok=True)
    clear_unpublished(layout)
    return layout.snapshots / f".building-{name}.duckdb"


def clear_unpublished(layout: Layout) -> None:
    """Remove what a run that failed or died left of a snapshot. The write lock has to be held."""
    clear_leftovers(layout.home)
    clear_leftovers(layout.snapshots, alone=True)
    published = set(published_ids(layout))
    for left in layout.snapshots.iterdir() if layout.snapshots.exists() else ():
        begun = left.name.startswith(".building-")
        if begun or (left.stem[:1].isdigit() and left.stem.partition(".")[0] not in published):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def current_id(layout: Layout) -> str | None:
    """Return the id that `CURRENT` has; None where there is no such file."""
    try:
        return layout.current.read_text(errors="replace").strip()
    except FileNotFoundError:
        return None


def _described(layout: Layout, description: Path) -> dict[str, Any]:
    try:
        return read_sealed(description, _NAMES)
    except StoreError as error:
        raise StoreError(error.message, hint=_way_out(layout, description)) from None


def _way_out(layout: Layout, description: Path) -> str:
    """Return what helps where a description is damaged: an earlier snapshot can only be given up."""
    ids = published_ids(layout)
    if ids == [description.stem]:
        return f"restore it from a backup, or remove {description} and sync anew what it held"
    if ids[-1:] == [description.stem]:
        return _SYNC_AGAIN
    return f"restore it from a backup, or remove {description}: that snapshot is given up then"


def _files(layout: Layout, name: str) -> tuple[Path, Path]:
    return layout.snapshots / f"{name}.duckdb", layout.snapshots / f"{name}.json"
