"""Edits that were begun and not finished, as `metaquery status` tells them: counted, without reading a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from metaquery.edits.records import journals

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.store.layout import Layout

__all__ = ["UnfinishedEdit", "unfinished_edits"]


class UnfinishedEdit(NamedTuple):
    """An edit that did not come to its end.

    Attributes
    ----------
    id, words, server
        Which, what it does, and where.
    settled, documents
        Documents that are settled, and documents in all.
    """

    id: str
    words: str
    server: str
    settled: int
    documents: int

    @property
    def next(self) -> str:
        """The command that goes on with it."""
        return f"metaquery metadata resume {self.id}"


class _Entry(msgspec.Struct, gc=False):
    step: str
    id: str = ""
    words: str = ""
    server: str = ""
    works: list[msgspec.Raw] = []
    batch: int = 0


_entries = msgspec.json.Decoder(_Entry)


def unfinished_edits(layout: Layout) -> tuple[UnfinishedEdit, ...]:
    """Return the edits that can be gone on with, newest first."""
    found = (_read(file) for file in journals(layout, unfinished=True))
    return tuple(edit for edit in found if edit is not None)


def _read(journal: Path) -> UnfinishedEdit | None:
    """Return what a journal tells; None where its plan was not written down whole, and so nothing was sent."""
    head, begun = None, False
    sizes: list[int] = []
    sent: set[int] = set()
    with journal.open("rb") as lines:
        for line in lines:
            try:
                entry = _entries.decode(line)
            except msgspec.DecodeError:  # a crash cut it off
                continue
            if entry.step == "planned":
                head = entry
            elif entry.step == "targets":
                sizes.append(len(entry.works))
            elif entry.step == "sent":
                sent.add(entry.batch)
            begun = begun or entry.step == "begun"
    if head is None or not begun:
        return None
    return UnfinishedEdit(head.id, head.words, head.server, sum(sizes[number] for number in sent), sum(sizes))
