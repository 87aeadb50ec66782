"""Datasets and their data units: which storage item backs which unit, in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from metaquery.sandbox.clock import now
from metaquery.sandbox.identity import UuidFamily, uuid_of
from metaquery.sandbox.storage import OPENED_AT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.sandbox.source import UnitSource

__all__ = ["Dataset", "Datasets"]


@dataclass(slots=True)
class Dataset:
    """A dataset: the units it had from the start, then those linked since, in that order for ever."""

    uuid: str
    title: str
    description: str
    created: float
    edited: float
    first: range = range(0)
    linked: list[int] = field(default_factory=list)
    items: set[int] = field(default_factory=set)
    """Items of `linked`."""
    backing_folder: str | None = None


class _Linked(NamedTuple):
    item: int
    dataset: str
    created: float


class Datasets:
    """Every dataset and data unit of the organisation.

    Units are numbered: unit `u` below `source.units` is backed by item `u`; the rest were linked since.
    """

    def __init__(self, source: UnitSource) -> None:
        self._base = source.units
        self._seed = source.seed
        self._family = UuidFamily(source.seed, "data")
        self._linked: list[_Linked] = []
        self._by_item: dict[int, list[int]] = {}
        self._removed: set[int] = set()
        self.all: dict[str, Dataset] = {}
        self._plans: list[str] = []
        for plan in source.datasets:
            uuid = uuid_of(source.seed, f"dataset {plan.title}")
            self._plans.append(uuid)
            self.all[uuid] = Dataset(
                uuid, plan.title, plan.description, OPENED_AT, OPENED_AT,
                range(plan.start, source.units, plan.step),
            )  # fmt: skip

    def __len__(self) -> int:
        return self._base + len(self._linked)

    def titled(self, title: str) -> str:
        """Hash of the dataset planned under that title."""
        return next(d.uuid for d in self.all.values() if d.title == title)

    def create(self, title: str, description: str, backing_folder: str | None = None) -> Dataset:
        """Make an empty dataset."""
        uuid = uuid_of(self._seed, f"dataset {len(self.all)} {title}")
        self.all[uuid] = Dataset(uuid, title, description, now(), now(), backing_folder=backing_folder)
        return self.all[uuid]

    def data_hash(self, unit: int) -> str:
        """Give the data hash of a unit."""
        return self._family.uuid(unit)

    def find(self, data_hash: object) -> int | None:
        """Give the number of the unit with that data hash, None where there is none (any more)."""
        number = self._family.number(data_hash)
        return number if number is not None and number < len(self) and number not in self._removed else None

    def item(self, unit: int) -> int:
        """Item that backs a unit."""
        return unit if unit < self._base else self._linked[unit - self._base].item

    def dataset(self, unit: int) -> Dataset:
        """Give the dataset a unit belongs to."""
        if unit < self._base:
            return self.all[self._plans[unit % len(self._plans)]]
        return self.all[self._linked[unit - self._base].dataset]

    def created(self, unit: int) -> float:
        """When a unit was linked."""
        return OPENED_AT + unit if unit < self._base else self._linked[unit - self._base].created

    def units(self, dataset: Dataset) -> Iterator[int]:
        """Units of a dataset in linking order: their position is their index (encord-wire-protocol.md §4.2)."""
        if not self._removed:
            yield from dataset.first
            yield from tuple(dataset.linked)
            return
        for unit in (*dataset.first, *dataset.linked):
            if unit not in self._removed:
                yield unit

    def holds(self, dataset: Dataset, item: int) -> bool:
        """Whether an item backs a unit of the dataset."""
        return (item in dataset.first and item not in self._removed) or item in dataset.items

    def uses(self, item: int) -> list[int]:
        """Units that an item backs."""
        linked = self._by_item.get(item, [])
        first = [item] if item < self._base and item not in self._removed else []
        return first + [u for u in linked if u not in self._removed]

    def link(self, dataset: Dataset, item: int) -> int:
        """Make a new unit of an item; returns its number."""
        self._linked.append(_Linked(item, dataset.uuid, now()))
        unit = len(self) - 1
        dataset.linked.append(unit)
        dataset.items.add(item)
        dataset.edited = now()
        self._by_item.setdefault(item, []).append(unit)
        return unit

    def remove(self, unit: int) -> None:
        """Take a unit out of its dataset; its item stays."""
        dataset, item = self.dataset(unit), self.item(unit)
        self._removed.add(unit)
        if unit >= self._base and not any(self.dataset(u) is dataset for u in self.uses(item)):
            dataset.items.discard(item)
        dataset.edited = now()
