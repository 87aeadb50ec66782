"""`status()`: where a workspace stands, from what lies on disk alone: neither DuckDB nor the network is asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.collection import Collections
from metaquery.corrections import in_doubt
from metaquery.delivery import delivery
from metaquery.edit_journals import UnfinishedEdit, unfinished_edits
from metaquery.errors import MetaqueryError, NoSnapshot
from metaquery.frozen import dataclass
from metaquery.schema import MetadataSchema
from metaquery.store.durable import read_json
from metaquery.store.journal import Journal
from metaquery.store.lock import Holder, holder
from metaquery.store.snapshot import Snapshot, made_at, published_ids
from metaquery.store.survey import Sizes, sizes, unfinished

if TYPE_CHECKING:
    from metaquery.collection import Collection
    from metaquery.connections import Connection
    from metaquery.delivery import Delivery
    from metaquery.store.layout import Layout
    from metaquery.store.spool import Spool

__all__ = ["Status", "Unfinished", "status"]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A read that was begun and not published; the next sync of the part goes on with it.

    Attributes
    ----------
    kind
        `units` of a dataset, `labels` of a project.
    title
        Of the part; its hash where no snapshot has it yet.
    received, expected
        Rows that are durable, and rows that have to be read.
    """

    kind: str
    title: str
    received: int
    expected: int


@dataclass(frozen=True, slots=True)
class Status:
    """Where a workspace stands.

    Attributes
    ----------
    workspace
        Its directory.
    connection
        How the server is reached; None where it is not connected.
    snapshot
        The newest snapshot; None where there is none.
    trouble
        Why there is no snapshot, or why it cannot be read; None where it can.
    in_doubt
        Keys whose type does not fit their values.
    schema_applied
        Whether the snapshot was typed by the metadata schema as it was last set or seen here.
    snapshots, oldest
        Ids that are kept: how many, and when the oldest was made.
    sizes
        Bytes on disk.
    collections
        Each with what has become of it on the connected server; None where none is connected.
    unfinished
        What a sync has read and not published.
    unfinished_edits
        Edits of client metadata that did not come to their end.
    writer
        Who holds the lock now; None where nobody does.
    """

    workspace: str
    connection: Connection | None
    snapshot: Snapshot | None
    trouble: MetaqueryError | None
    in_doubt: tuple[str, ...]
    schema_applied: bool
    snapshots: int
    oldest: datetime | None
    sizes: Sizes
    collections: tuple[tuple[Collection, Delivery | None], ...]
    unfinished: tuple[Unfinished, ...]
    unfinished_edits: tuple[UnfinishedEdit, ...]
    writer: Holder | None

    def to_json(self) -> dict[str, Any]:
        """Return all of it, for scripts."""
        held = self.snapshot
        return {
            "workspace": self.workspace,
            "connection": asdict(self.connection) if self.connection else None,
            "snapshot": None
            if held is None
            else {
                "id": held.id,
                "created_at": held.created_at.isoformat(),
                "age_s": round((datetime.now(UTC) - held.created_at).total_seconds()),
                **asdict(held.counts),
            },
            "trouble": None if self.trouble is None else str(self.trouble),
            "schema": {"applied": self.schema_applied, "in_doubt": list(self.in_doubt)},
            "history": {"snapshots": self.snapshots, "oldest": self.oldest.isoformat() if self.oldest else None},
            "bytes": {**asdict(self.sizes), "total": self.sizes.total},
            "collections": [
                {
                    "title": made.title,
                    "relation": made.relation,
                    "members": made.members,
                    "state": sent.state if sent else None,
                    "left_out": sent.left_out if sent else 0,
                }
                for made, sent in self.collections
            ],
            "unfinished": [asdict(entry) for entry in self.unfinished],
            "unfinished_edits": [edit._asdict() for edit in self.unfinished_edits],
            "writer": self.writer._asdict() if self.writer else None,
        }


def status(layout: Layout, connection: Connection | None) -> Status:
    """Find out where a workspace stands.

    Parameters
    ----------
    layout
        The workspace.
    connection
        How its server is reached.
    """
    snapshot, trouble = None, None
    try:
        snapshot = Snapshot.current(layout)
    except MetaqueryError as error:
        trouble = error
    ids = published_ids(layout)
    schema = MetadataSchema.from_json(read_json(layout.schema)).to_json() if layout.schema.exists() else None
    made = Collections(layout).all()
    return Status(
        workspace=str(layout.root),
        connection=connection,
        snapshot=snapshot,
        trouble=trouble,
        in_doubt=tuple(key.name for key in snapshot.keys if in_doubt(key)) if snapshot else (),
        schema_applied=snapshot is None or snapshot.metadata_schema == schema,
        snapshots=len(ids),
        oldest=made_at(ids[0]) if ids else None,
        sizes=sizes(layout),
        collections=tuple((c, _delivered(layout, c, connection)) for c in made),
        unfinished=tuple(_unfinished(part, spool, snapshot) for part, spool in _begun(layout, snapshot, trouble)),
        unfinished_edits=unfinished_edits(layout),
        writer=holder(layout.lock),
    )


def _delivered(layout: Layout, collection: Collection, connection: Connection | None) -> Delivery | None:
    return delivery(Journal.of(layout, collection.id, connection.domain)) if connection else None


def _begun(layout: Layout, snapshot: Snapshot | None, trouble: MetaqueryError | None) -> list[tuple[str, Spool]]:
    """Return what was begun; nothing where the snapshot is there and cannot be read, as that tells what is new."""
    return unfinished(layout, snapshot) if trouble is None or isinstance(trouble, NoSnapshot) else []


def _unfinished(folder: str, spool: Spool, snapshot: Snapshot | None) -> Unfinished:
    kind, _, name = folder.partition("-" if "-" in folder else "_")
    known = {e.part.folder: e.part.title for e in snapshot.parts} if snapshot else {}
    return Unfinished(kind, known.get(folder, name), spool.checkpoint.received, spool.checkpoint.expected)
