"""`EditEntry`: an edit as `metaquery metadata log` lists it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.edits.records import records

if TYPE_CHECKING:
    from metaquery.store.layout import Layout

__all__ = ["EditEntry", "entries"]


@dataclass(frozen=True, slots=True)
class EditEntry:
    """An edit, as `metaquery metadata log` lists it.

    Attributes
    ----------
    id, time, words, server
        Which, when (ISO 8601, UTC), what, and where.
    key
        Fingerprint of the key that it was done with.
    state
        `done`, `unfinished`, or `undone by ID`.
    written, conflicts, failed
        Documents.
    """

    id: str
    time: str
    words: str
    server: str
    key: str
    state: str
    written: int
    conflicts: int
    failed: int


def entries(layout: Layout) -> tuple[EditEntry, ...]:
    """Return the edits that were begun, newest first."""
    listed = records(layout)
    undone = {str(record.head["undoes"]): record.id for record in listed if record.head["undoes"] and record.done}
    return tuple(
        EditEntry(
            record.id, record.head["time"], record.head["words"], record.head["server"], record.head["key"],
            f"undone by {undone[record.id]}" if record.id in undone else "done" if record.done else "unfinished",
            sum(len(tuple(batch.written())) for batch in record.batches),
            sum(len(batch.conflicts) for batch in record.batches),
            sum(len(batch.failed) for batch in record.batches),
        )
        for record in listed
    )  # fmt: skip
