"""Storage folders and items: computed from the source, with what clients changed laid over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from metaquery.sandbox.clock import now
from metaquery.sandbox.identity import UuidFamily, uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from metaquery.sandbox.source import Media, UnitSource

__all__ = ["OPENED_AT", "Folder", "Storage"]

OPENED_AT: Final = 1_714_521_600
"""2024-05-01 00:00 UTC: when the first unit was registered; unit `u` came `u` seconds later."""


@dataclass(slots=True)
class Folder:
    """A storage folder.

    Parameters
    ----------
    metadata
        The folder's own client metadata, JSON text, or None.
    synced_dataset
        Hash of the dataset that mirrors the folder, or None.
    """

    uuid: str
    name: str
    description: str
    parent: str | None
    created: float
    edited: float
    metadata: str | None = None
    synced_dataset: str | None = None


@dataclass(slots=True)
class _Change:
    """What clients changed of an item; None where they did not."""

    edited: float
    metadata: str | None = None
    name: str | None = None
    description: str | None = None


@dataclass(slots=True)
class _Added:
    """An item that was not there from the start."""

    name: str
    folder: str
    media: Media
    url: str | None
    created: float
    members: tuple[int, ...] = ()


@dataclass(slots=True)
class _Orders:
    """Sorted listings, kept until a name or the set of items changes."""

    version: int = -1
    by_name: dict[str | None, Sequence[int]] = field(default_factory=dict)


class Storage:
    """Every folder and item of the organisation.

    Items are numbered: those below `source.units` are computed, the rest were added. All methods that take an
    item take its number.
    """

    def __init__(self, source: UnitSource) -> None:
        self.source = source
        self._family = UuidFamily(source.seed, "item")
        self._changes: dict[int, _Change] = {}
        self._added: list[_Added] = []
        self._by_url: dict[str, int] = {}
        self._orders = _Orders()
        self._version = 0
        self._renamed = False
        top = Folder(
            uuid_of(source.seed, f"folder {source.folder}"), source.folder, source.description, None,
            OPENED_AT - 60, OPENED_AT - 60,
        )  # fmt: skip
        self.top = top.uuid
        self.folders: dict[str, Folder] = {top.uuid: top}

    def __len__(self) -> int:
        return self.source.units + len(self._added)

    def uuid(self, item: int) -> str:
        """Uuid of an item."""
        return self._family.uuid(item)

    def find(self, uuid: object) -> int | None:
        """Give the number of the item with that uuid, None where there is none."""
        number = self._family.number(uuid)
        return number if number is not None and number < len(self) else None

    def _extra(self, item: int) -> _Added | None:
        return self._added[item - self.source.units] if item >= self.source.units else None

    def glance(self, item: int) -> tuple[str, str | None, Media, float, float]:
        """Give name, URL, file, and when an item was registered and last changed, at one go: lists need all."""
        if item < self.source.units and item not in self._changes:
            name, at = self.source.name(item), float(OPENED_AT + item)
            return name, f"{self.source.bucket}/{name}", self.source.media(item), at, at
        return self.name(item), self.url(item), self.media(item), self.created(item), self.edited(item)

    def name(self, item: int) -> str:
        """File name of an item."""
        change = self._changes.get(item)
        if change is not None and change.name is not None:
            return change.name
        added = self._extra(item)
        return self.source.name(item) if added is None else added.name

    def description(self, item: int) -> str:
        """Give the description of an item."""
        change = self._changes.get(item)
        return (change.description or "") if change is not None else ""

    def metadata(self, item: int) -> str:
        """Client metadata of an item: the text of a JSON object, as it was given."""
        change = self._changes.get(item)
        if change is not None and change.metadata is not None:
            return change.metadata
        return self.source.metadata(item) if item < self.source.units else "{}"

    def media(self, item: int) -> Media:
        """Give the file behind an item."""
        added = self._extra(item)
        return self.source.media(item) if added is None else added.media

    def url(self, item: int) -> str | None:
        """Where the file lies in the customer's bucket; a group has none."""
        added = self._extra(item)
        return f"{self.source.bucket}/{self.name(item)}" if added is None else added.url

    def folder(self, item: int) -> str:
        """Uuid of the folder an item lies in."""
        added = self._extra(item)
        return self.top if added is None else added.folder

    def members(self, item: int) -> tuple[int, ...]:
        """Items of a data group; none for other items."""
        added = self._extra(item)
        return () if added is None else added.members

    def created(self, item: int) -> float:
        """When an item was registered."""
        added = self._extra(item)
        return OPENED_AT + item if added is None else added.created

    def edited(self, item: int) -> float:
        """When an item last changed."""
        change = self._changes.get(item)
        return self.created(item) if change is None else change.edited

    def write(
        self,
        item: int,
        *,
        metadata: str | None = None,
        name: str | None = None,
        description: str | None = None,
        quiet: bool = False,
    ) -> None:
        """Change an item; metadata replaces what was there (encord-wire-protocol.md §11).

        The time of its last change stays as it was where `quiet`.
        """
        edited = self.edited(item) if quiet else now()
        change = self._changes.setdefault(item, _Change(edited))
        change.edited = edited
        if metadata is not None:
            change.metadata = metadata
        if description is not None:
            change.description = description
        if name is not None and name != self.name(item):
            change.name = name
            self._renamed = True
            self._version += 1

    def add(
        self, name: str, folder: str, media: Media, *, url: str | None = None, members: tuple[int, ...] = ()
    ) -> int:
        """Register a new item; returns its number."""
        self._added.append(_Added(name, folder, media, url, now(), members))
        self._version += 1
        number = len(self) - 1
        if url is not None:
            self._by_url[url] = number
        return number

    def at_url(self, url: str) -> int | None:
        """Give the item registered under that URL, None where there is none."""
        known = self._by_url.get(url)
        if known is not None or not url.startswith(f"{self.source.bucket}/"):
            return known
        name = url[len(self.source.bucket) + 1 :]
        digits = "".join(c for c in name if c.isdigit())[:9]
        number = int(digits) if digits.isascii() and digits else -1
        return number if 0 <= number < self.source.units and self.source.name(number) == name else None

    def children(self, folder: str | None, *, recursive: bool) -> Iterator[Folder]:
        """Folders in a folder (None: at the top), with all below them where `recursive`."""
        for child in list(self.folders.values()):
            if child.parent == folder:
                yield child
                if recursive:
                    yield from self.children(child.uuid, recursive=True)

    def path(self, folder: str) -> list[Folder]:
        """Give a folder and those around it, innermost first."""
        path = [self.folders[folder]]
        while (parent := path[-1].parent) is not None:
            path.append(self.folders[parent])
        return path

    def top_of(self, item: int) -> str:
        """Uuid of the top-level folder that contains an item."""
        return self.path(self.folder(item))[-1].uuid

    def listing(self, folder: str | None, *, recursive: bool, by_name: bool) -> Sequence[int]:
        """Items of a folder (None: of all folders) in order of name, or of registration."""
        inside = None if folder is None else {folder}
        if inside is not None and recursive and folder is not None:
            inside |= {f.uuid for f in self.children(folder, recursive=True)}
        added = [n + self.source.units for n, a in enumerate(self._added) if inside is None or a.folder in inside]
        base: Sequence[int] = range(self.source.units) if inside is None or self.top in inside else ()
        if not by_name or (not added and not self._renamed):
            return [*base, *added] if added else base
        return self._sorted(folder if not recursive else f"{folder}/", [*base, *added])

    def _sorted(self, key: str | None, items: list[int]) -> Sequence[int]:
        if self._orders.version != self._version:
            self._orders = _Orders(self._version)
        if key not in self._orders.by_name:
            self._orders.by_name[key] = sorted(items, key=lambda n: (self.name(n), n))
        return self._orders.by_name[key]

    @property
    def version(self) -> int:
        """Changes whenever a listing may have changed."""
        return self._version
