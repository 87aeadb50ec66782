"""`Collection`: a title, a description, and frozen members, with where they came from.

Collections live outside snapshots and outlive them. One is two files: the members as Parquet, written first, and
its record as JSON, written last and atomically, so a Collection is there whole or not at all. Its title is a tag on
every member from that moment on, as `tags` reads the same two files.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.errors import CollectionError, UsageError
from metaquery.store.durable import publish, read_json, write_json
from metaquery.store.lock import write_lock
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from metaquery.store.layout import Layout

__all__ = ["Collection", "Collections", "Provenance"]

_IN_NO_TITLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, which no file can hold."""

_IN_NO_TEXT = re.compile("[\x00\ud800-\udfff]")

_TITLE_LIMIT = 10_000
"""Characters of a title; of a description the same."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the members came from.

    Attributes
    ----------
    filter
        Canonical text; None where every row was taken.
    snapshot
        Id of the snapshot that answered.
    unknown
        Rows for which the filter was unknown then, and which are not members.
    author
        The account's name on this machine.
    time_zone
        Zone of the filter's dates and times without one.
    """

    filter: str | None
    snapshot: str
    unknown: int
    author: str
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Collection:
    """A named, frozen set of rows of one relation.

    Attributes
    ----------
    id
        UUID of ours; Encord's is another, and is in the push's journal.
    title
        Unique in the workspace; the tag on every member.
    description
        Free text.
    relation
        `data`, `labels` or `predictions`.
    members
        How many.
    created_at
        UTC.
    provenance
        Where the members came from.
    path
        Parquet file of the members: `data_hash`, and for labels and predictions the rest of their key.
    """

    id: str
    title: str
    description: str
    relation: str
    members: int
    created_at: datetime
    provenance: Provenance
    path: Path

    def to_arrow(self) -> pa.Table:
        """Return the members' keys."""
        import pyarrow.parquet as pq  # Arrow costs 180 ms; a title needs none of it

        return pq.read_table(self.path)

    def data_hashes(self) -> list[str]:
        """Return the members' data hashes, each once, sorted."""
        return sorted(set(self.to_arrow().column("data_hash").to_pylist()))


class Collections:
    """The Collections of one workspace.

    Parameters
    ----------
    layout
        Of the workspace.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def all(self) -> list[Collection]:
        """Return every Collection, newest last."""
        files = self._layout.collections.glob("*.json") if self._layout.collections.exists() else ()
        return sorted((self._read(file) for file in files), key=lambda c: (c.created_at, c.id))

    def get(self, title: str) -> Collection:
        """Return the Collection of exactly this title, or of this id.

        Raises
        ------
        CollectionError
            There is none; the nearest titles are named.
        """
        every = self.all()
        wanted = unicodedata.normalize("NFC", title)
        for collection in every:
            if wanted in {collection.title, collection.id}:
                return collection
        meant = similar(wanted, [c.title for c in every])
        hint = f"did you mean {meant[0]!r}?" if meant else "metaquery collection list shows what there is"
        raise CollectionError(f"there is no Collection {title!r}", hint=hint)

    def create(
        self,
        title: str,
        *,
        description: str,
        relation: str,
        provenance: Callable[[], Provenance],
        write: Callable[[Path], int],
    ) -> Collection:
        """Make a Collection.

        Parameters
        ----------
        title, description
            As the user wrote them; the title is normalised to NFC, and blanks around it go.
        relation
            What the members are rows of.
        provenance
            Called once the title is known to be free.
        write
            Called with a path; writes the members there as Parquet and returns how many there are.

        Raises
        ------
        UsageError
            The title is empty or too long, or has characters that no text can have.
        CollectionError
            The title is taken.
        WorkspaceLocked
            Another process is writing for longer than a few seconds.
        """
        title = _checked(title, description)
        self._layout.collections.mkdir(parents=True, exist_ok=True)
        with write_lock(self._layout.collections / ".lock", wait_s=10.0):
            taken = next((c for c in self.all() if c.title == title), None)
            if taken is not None:
                raise CollectionError(
                    f"there is a Collection {title!r} already, of {taken.members:,} {taken.relation}",
                    hint="choose another title",
                )
            name = str(uuid.uuid4())
            path = self._layout.collections / f"{name}.parquet"
            beside = self._layout.collections / f".{name}.parquet"
            try:
                members = write(beside)
                publish(beside, path)
            finally:
                beside.unlink(missing_ok=True)
            collection = Collection(name, title, description, relation, members, datetime.now(UTC), provenance(), path)
            write_json(path.with_suffix(".json"), _record(collection))
        return collection

    def _read(self, file: Path) -> Collection:
        data = read_json(file)
        return Collection(
            id=data["id"],
            title=data["title"],
            description=data["description"],
            relation=data["relation"],
            members=data["members"],
            created_at=datetime.fromisoformat(data["created_at"]),
            provenance=Provenance(**data["provenance"]),
            path=file.with_suffix(".parquet"),
        )


def _record(collection: Collection) -> dict[str, Any]:
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "relation": collection.relation,
        "members": collection.members,
        "created_at": collection.created_at.isoformat(),
        "provenance": asdict(collection.provenance),
    }


def _checked(title: str, description: str) -> str:
    title = unicodedata.normalize("NFC", title).strip()
    if not title:
        raise UsageError("a Collection needs a title", hint="its title becomes a tag on every member")
    for name, text in (("title", title), ("description", description)):
        if len(text) > _TITLE_LIMIT:
            raise UsageError(f"the {name} has {len(text):,} characters, and may have {_TITLE_LIMIT:,}")
        refused = _IN_NO_TITLE if name == "title" else _IN_NO_TEXT
        wrong = refused.search(text)
        if wrong is not None:
            raise UsageError(f"the {name} has the character U+{ord(wrong[0]):04X}", hint="leave it out")
    return title
