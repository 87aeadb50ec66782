"""`Collections`: those of one workspace."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metaquery.collection.record import Collection, Provenance
from metaquery.collection.titles import checked_description, checked_title
from metaquery.errors import CollectionError
from metaquery.store.durable import publish, read_json, write_json
from metaquery.store.lock import write_lock
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from metaquery.store.layout import Layout

__all__ = ["Collections"]


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
        folder = self._layout.collections
        files = folder.glob("*.json") if folder.exists() else ()
        found = (Collection.from_json(read_json(file), folder) for file in files)
        return sorted(found, key=lambda c: (c.created_at, c.id))

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
        title, description = checked_title(title), checked_description(description)
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
            write_json(path.with_suffix(".json"), collection.to_json())
        return collection
