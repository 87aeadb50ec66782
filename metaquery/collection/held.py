"""`Held`: the Collections and tags that a workspace has."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from metaquery.collection.graph import users_of
from metaquery.collection.shelf import Shelf
from metaquery.errors import CollectionError
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from metaquery.collection.evaluation import Evaluation
    from metaquery.collection.record import Collection
    from metaquery.store.layout import Layout

__all__ = ["Held", "found_in", "normal"]


class Held:
    """What there is, without a way to change it; parameters as `Collections`."""

    def __init__(self, layout: Layout, home: Callable[[], Evaluation] | None = None) -> None:
        self._shelf = Shelf(layout, home)
        self._home = home

    def all(self) -> list[Collection]:
        """Return every Collection, newest last; live ones are not evaluated.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> "Fast" in [collection.title for collection in ws.collections.all()]
        True
        """
        return [c for c in self.records() if c.kind != "tag"]

    def tags(self) -> list[Collection]:
        """Return the tags that are no Collection's title.

        Examples
        --------
        >>> tag = ws.collections.make("checked", ws.data.filter("dark").selection(), kind="tag", replacing=True)
        >>> [tag.title for tag in ws.collections.tags()]
        ['checked']
        """
        return [c for c in self.records() if c.kind == "tag"]

    def records(self) -> list[Collection]:
        """Return every Collection and every tag, newest last.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> fast in ws.collections.records()
        True
        """
        return self._shelf.records()

    def settled(self) -> AbstractContextManager[list[Collection]]:
        """Give the records, of which nobody changes one meanwhile; errors as `Shelf.settled`."""
        return self._shelf.settled()

    def deleted(self) -> list[Collection]:
        """Return what was deleted in the last 30 days, newest last; `restore` brings it back.

        Examples
        --------
        >>> gone = ws.data.filter("speed > 50").collect("Gone", replacing=True)
        >>> ws.collections.delete("Gone").title
        'Gone'
        >>> ws.collections.deleted()[-1].title
        'Gone'
        """
        return self._shelf.deleted()

    @property
    def live(self) -> Path:
        """The folder of the members of live Collections, as `Shelf.live`."""
        return self._shelf.live

    def get(self, title: str) -> Collection:
        """Return the Collection, or tag, of exactly this title or of this id; a live one is not evaluated.

        Raises
        ------
        CollectionError
            There is none; the nearest titles are named.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.get("Fast").members
        2
        """
        return found_in(title, self.records())

    def named_by(self, title: str) -> tuple[str, ...]:
        """Return the titles of the live Collections that are made of this one.

        Examples
        --------
        >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
        >>> both = ws.data.filter("in collection 'Dark' and speed > 50")
        >>> live = both.collect("Dark and fast", live=True, replacing=True)
        >>> ws.collections.named_by("Dark")
        ('Dark and fast',)
        """
        records = self.records()
        return users_of(found_in(title, records), records)

    @property
    def newest(self) -> Evaluation:
        """The Collections as the newest snapshot has them.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.
        """
        if self._home is None:
            raise CollectionError("no snapshot is at hand that could tell members")
        return self._home()


def normal(title: str) -> str:
    """Return a title as records have it."""
    return unicodedata.normalize("NFC", title).strip()


def found_in(title: str, records: Sequence[Collection]) -> Collection:
    """Return the record of a title or an id; errors as `Held.get`."""
    wanted = normal(title)
    for collection in records:
        if wanted in {collection.title, collection.id}:
            return collection
    meant = similar(wanted, [c.title for c in records])
    hint = f"did you mean {meant[0]!r}?" if meant else "metaquery collection list shows what there is"
    raise CollectionError(f"there is no Collection {title!r}", hint=hint)
