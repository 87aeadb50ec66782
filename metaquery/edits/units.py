"""Which data units an edit is about: found by data hash, title or index, with all that share their storage items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import msgspec

from metaquery.errors import EditError, NotFound, UsageError
from metaquery.store.history import chain_of
from metaquery.store.raw import raw_units
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from metaquery.edits.documents import Change
    from metaquery.store.evidence import Rows
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot
    from metaquery.store.spool import Part

__all__ = ["Target", "Unit", "Units", "targets"]

_ALIKE = 50
"""Names that are compared with a mistyped one once more."""

_COLUMNS = 'data_hash, dataset_hash, dataset_title, "index", title, item_uuid'


class Unit(msgspec.Struct, frozen=True, gc=False):
    """A data unit of the snapshot; the attributes are its built-in fields."""

    data_hash: str
    dataset_hash: str
    dataset_title: str
    index: int
    title: str | None
    item_uuid: str | None


class Target(msgspec.Struct, frozen=True, gc=False):
    """One document on the server that is to change: that of a storage item, or of a data unit that none backs.

    An edit has one for each of a million units, so the garbage collector is not to look through them.

    Attributes
    ----------
    unit
        The data unit by which it is read.
    others
        Other data units of the snapshot that the same item backs, and that change with it.
    old
        The document as the snapshot's raw layer has it.
    change
        What is to be done to it.
    """

    unit: Unit
    others: tuple[Unit, ...]
    old: bytes
    change: Change


@dataclass(frozen=True)
class Units:
    """Finds data units of one snapshot.

    Attributes
    ----------
    rows
        Runs SQL over the snapshot.
    snapshot
        Its description.
    layout
        Of the workspace, where the raw layer lies.
    """

    rows: Rows
    snapshot: Snapshot
    layout: Layout

    def dataset(self, name: str) -> Part:
        """Return the dataset of this title or hash; of a title that differs in case alone, where none has it as it is.

        Raises
        ------
        NotFound
            The snapshot has none; the nearest is named.
        UsageError
            Several have the title.
        """
        parts = [entry.part for entry in self.snapshot.parts if entry.part.kind == "units"]
        hits = [part for part in parts if name in {part.hash, part.title}] or [
            part for part in parts if part.title.casefold() == name.casefold()
        ]
        if len(hits) > 1:
            raise UsageError(
                f"{len(hits)} datasets are called {name!r}", hint=f"give the hash: {', '.join(p.hash for p in hits)}"
            )
        if not hits:
            meant = similar(name, [part.title for part in parts])
            listed = ", ".join(repr(part.title) for part in parts[:10]) or "none"
            hint = f"did you mean {meant[0]!r}?" if meant else f"there are: {listed}"
            raise NotFound(f"the snapshot has no dataset {name!r}", hint=hint)
        return hits[0]

    def of_dataset(self, dataset_hash: str) -> list[Unit]:
        """Return the units of a dataset, in their order."""
        return self._found('dataset_hash = ? ORDER BY "index"', [dataset_hash])

    def by_hash(self, hashes: Iterable[str]) -> dict[str, Unit]:
        """Return the units of some data hashes; those that are not there are left out."""
        return {unit.data_hash: unit for unit in self._named("data_hash", list(hashes))}

    def by_title(self, titles: Iterable[str], dataset_hash: str | None = None) -> dict[str, list[Unit]]:
        """Return the units of some titles, of one dataset or of all, by the titles as they are given."""
        given: dict[str, set[str]] = {}
        for title in titles:
            given.setdefault(normalize("NFC", title), set()).add(title)
        found: dict[str, list[Unit]] = {}
        for unit in self._named("title", list(given)):
            if dataset_hash in {None, unit.dataset_hash}:
                for title in given[str(unit.title)]:
                    found.setdefault(title, []).append(unit)
        return found

    def by_index(self, dataset_hash: str, places: Iterable[int]) -> dict[int, Unit]:
        """Return the units at some places of a dataset."""
        wanted = list(places)
        found = self._found('dataset_hash = ? AND "index" IN (SELECT unnest(?::BIGINT[]))', [dataset_hash, wanted])
        return {unit.index: unit for unit in found}

    def one(self, name: str, dataset: str | None = None) -> Unit:
        """Return the unit that a user names: by data hash, by its index in a dataset, or by a title that it alone has.

        Raises
        ------
        NotFound
            There is none.
        UsageError
            Several have the title, or an index without its dataset says too little.
        """
        told = name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")  # bytes that are no UTF-8 name nothing
        name = normalize("NFC", told)
        part = self.dataset(dataset) if dataset else None
        if (found := self.by_hash([name]).get(name)) and (part is None or found.dataset_hash == part.hash):
            return found
        titled = self.by_title([name], part.hash if part else None).get(name, [])
        if len(titled) == 1:
            return titled[0]
        if titled:
            places = ", ".join(f"{unit.data_hash} ({unit.dataset_title})" for unit in titled[:5])
            raise UsageError(f"{len(titled)} data units are called {name!r}", hint=f"give a data hash: {places}")
        if name.isascii() and name.isdecimal() and len(name) < 19:
            return self._at(int(name), part)
        meant = similar(name, self._alike(name, part))
        listed = "give a data hash, a title, or an index with --dataset; metaquery metadata list shows them"
        raise NotFound(
            f"the snapshot has no data unit {name!r}", hint=f"did you mean {meant[0]!r}?" if meant else listed
        )

    def _alike(self, name: str, part: Part | None) -> list[str]:
        """Return the titles and data hashes that a name may have been meant for: few, and told in 0.1 s a million."""
        where = "WHERE dataset_hash = ?" if part else ""
        found = self.rows(
            f"""SELECT name FROM (SELECT unnest([title, data_hash]) AS name FROM data {where}) WHERE name IS NOT NULL
            ORDER BY jaro_similarity(lower(name), lower(?), 0.5) DESC, name LIMIT {_ALIKE}""",
            [*([part.hash] if part else []), name],
        )
        return [title for (title,) in found]

    def _at(self, place: int, part: Part | None) -> Unit:
        if part is None:
            parts = [entry.part for entry in self.snapshot.parts if entry.part.kind == "units"]
            if len(parts) != 1:
                raise UsageError(f"the index {place} counts within a dataset", hint="say which: --dataset TITLE")
            part = parts[0]
        found = self.by_index(part.hash, [place]).get(place)
        if found is None:
            raise NotFound(f"the dataset {part.title!r} has no data unit {place}", hint="indices begin with 0")
        return found

    def sharing(self, items: Iterable[str]) -> dict[str, list[Unit]]:
        """Return all units of those of some storage items that back several, by item."""
        found: dict[str, list[Unit]] = {}
        several = "item_uuid IN (SELECT item_uuid FROM data GROUP BY ALL HAVING count(*) > 1)"
        for unit in self._named("item_uuid", list(items), several):
            found.setdefault(str(unit.item_uuid), []).append(unit)
        return found

    def _named(self, column: str, names: Sequence[str], besides: str = "true") -> list[Unit]:
        ordered = f'{column} IN (SELECT unnest(?::VARCHAR[])) AND {besides} ORDER BY dataset_hash, "index"'
        return self._found(ordered, [names]) if names else []

    def _found(self, condition: str, parameters: list[Any]) -> list[Unit]:
        datasets: dict[str, str] = {}  # a text for each, not one for each unit
        found = self.rows(f"SELECT {_COLUMNS} FROM data WHERE {condition}", parameters)
        return [
            Unit(data_hash, datasets.setdefault(dataset, dataset), datasets.setdefault(title, title), *rest)
            for data_hash, dataset, title, *rest in found
        ]

    def raw(self, units: Iterable[Unit]) -> dict[str, bytes]:
        """Return the documents of some units from the raw layer, by data hash."""
        wanted: dict[str, set[str]] = {}
        for unit in units:
            wanted.setdefault(unit.dataset_hash, set()).add(unit.data_hash)
        found: dict[str, bytes] = {}
        for entry in self.snapshot.parts:
            if entry.part.kind == "units" and entry.part.hash in wanted:
                found |= raw_units(chain_of(self.layout, entry), wanted[entry.part.hash])
        return found


def targets(units: Units, changes: Sequence[tuple[Unit, Change]]) -> list[Target]:
    """Return what has to be written for changes of data units, each document once, in the order of the datasets.

    Raises
    ------
    EditError
        Two units of one storage item are to become different, or a unit came from a file.
    """
    _refuse_files(units, [unit for unit, _ in changes])
    leads: dict[str, tuple[Unit, Change]] = {}
    for unit, change in changes:
        first, wanted = leads.setdefault(unit.item_uuid or f"unit {unit.data_hash}", (unit, change))
        if wanted != change:
            raise EditError(
                f"{_named(first)} and {_named(unit)} are backed by one storage item, and are to get different values",
                hint="a storage item has one client metadata: give both the same",
            )
    shared = units.sharing(unit.item_uuid for unit, _ in leads.values() if unit.item_uuid)
    documents = units.raw([unit for unit, _ in leads.values()])
    return [
        Target(
            unit,
            tuple(other for other in shared.get(unit.item_uuid or "", ()) if other.data_hash != unit.data_hash),
            documents.get(unit.data_hash, b"{}"),
            change,
        )
        for unit, change in sorted(
            leads.values(), key=lambda lead: (lead[0].dataset_title, lead[0].dataset_hash, lead[0].index)
        )
    ]


def _named(unit: Unit) -> str:
    return f"{unit.data_hash} ({unit.title})" if unit.title else unit.data_hash


def _refuse_files(units: Units, asked: Iterable[Unit]) -> None:
    files = {e.part.hash: e.part.origin for e in units.snapshot.parts if e.part.kind == "units" and e.part.origin}
    for unit in asked if files else ():
        if unit.dataset_hash in files:
            raise EditError(
                f"{_named(unit)} came from {files[unit.dataset_hash]}, not from a server",
                hint="edit the file, and sync it again",
            )
