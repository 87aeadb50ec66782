"""An edit in the journal: what it means to write, with the old values, before the first request; then how it goes.

planned     once: what is done, where, by which key, and the changes
targets     a line a batch: documents, their units, their old values as texts
begun       the plan is whole; without it, nothing was sent
sending     a batch is about to be written; other old values than the plan's, where it is so
sent        a batch is settled: what was there already, in conflict, failed
done        everything was settled and read back
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from metaquery.edit_journals import PREFIX, journals
from metaquery.edits.documents import Change, changed
from metaquery.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.edits.plan import EditPlan
    from metaquery.store.layout import Layout

__all__ = ["Batch", "Record", "Work", "records"]

_BATCH = 1_000
"""Documents a request, as the official SDK bundles them (§5.4)."""


class Work(msgspec.Struct, frozen=True, gc=False):
    """One document to write: a `Target` as the journal keeps it; `others` are dataset and data hash."""

    item: str | None
    data_hash: str
    title: str | None
    change: Change
    old: bytes
    others: tuple[tuple[str, str], ...]


@dataclass
class Batch:
    """Documents of one dataset that are written by one request, and how that went.

    Attributes
    ----------
    number, dataset, works
        What it is.
    found
        Old values on the server where they are not the plan's, by place.
    sending, sent
        Whether it was about to be written, and is settled.
    already, conflicts, failed
        Places of documents that were as they should be, that somebody else had changed, and that failed, and why.
    """

    number: int
    dataset: str
    works: list[Work]
    found: dict[int, bytes] = field(default_factory=dict)
    sending: bool = False
    sent: bool = False
    already: set[int] = field(default_factory=set)
    conflicts: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    def old(self, place: int) -> bytes:
        """Return the document that was there before this edit."""
        return self.found.get(place, self.works[place].old)

    def new(self, place: int) -> bytes:
        """Return the document that this edit writes."""
        return changed(self.old(place), self.works[place].change)

    def written(self) -> Iterator[int]:
        """Yield the places that were written."""
        for place in range(len(self.works)) if self.sent else ():
            if not (place in self.already or place in self.conflicts or place in self.failed):
                yield place


@dataclass
class Record:
    """One edit, as its journal tells it."""

    journal: Journal
    head: dict[str, Any]
    batches: list[Batch]
    begun: bool = False
    done: dict[str, Any] | None = None

    @classmethod
    def begin(cls, layout: Layout, plan: EditPlan, fingerprint: str) -> Record:
        """Write a plan down, durably, before anything of it is sent."""
        host = urlsplit(plan.server).netloc.replace(":", "_")
        journal = Journal(layout.journal / f"{PREFIX}{plan.id}-{host}.jsonl")
        head = {
            "step": "planned", "time": _now(), "id": plan.id, "words": plan.words, "server": plan.server,
            "key": fingerprint, "snapshot": plan.snapshot, "request": plan.request, "undoes": plan.undoes,
            "units": plan.units, "unchanged": plan.unchanged, "replace": plan.replace,
            "outside": plan.outside, "no_schema": plan.no_schema,
        }  # fmt: skip
        changes: dict[bytes, int] = {}
        places: dict[int, int] = {}  # by change object: that of a filter is one for all units
        for target in plan.targets:
            if id(target.change) not in places:
                places[id(target.change)] = changes.setdefault(_written(target.change), len(changes))
        head["changes"] = [msgspec.Raw(text) for text in changes]
        batches: list[Batch] = []
        lines = _lines(plan, places, batches)
        journal.record_all(chain((msgspec.json.encode(head),), lines, (b'{"step":"begun"}',)))
        return cls(journal, head, batches, begun=True)

    @classmethod
    def read(cls, journal: Journal) -> Record | None:
        """Read an edit back; None where there is none."""
        entries = journal.entries()
        head = next(entries, None)
        if head is None or head.get("step") != "planned":
            return None
        changes = [_read(change) for change in head["changes"]]
        record = cls(journal, head, [])
        for entry in entries:
            record._take(entry, changes)
        return record

    def _take(self, entry: dict[str, Any], changes: list[Change]) -> None:
        match entry["step"]:
            case "targets":
                works = [
                    Work(item, unit, title, changes[change], old.encode(), tuple([(d, h) for d, h in others]))
                    for item, unit, title, change, old, others in entry["works"]
                ]
                self.batches.append(Batch(len(self.batches), entry["dataset"], works))
            case "begun":
                self.begun = True
            case "sending":
                batch = self.batches[entry["batch"]]
                batch.sending = True
                batch.found |= {int(place): text.encode() for place, text in entry["found"].items()}
            case "sent":
                batch = self.batches[entry["batch"]]
                batch.sent = True
                batch.already = set(entry["already"])
                batch.conflicts = {int(place): why for place, why in entry["conflicts"].items()}
                batch.failed = {int(place): why for place, why in entry["failed"].items()}
            case "done":
                self.done = entry

    @property
    def id(self) -> str:
        """Names the edit."""
        return str(self.head["id"])

    @property
    def settled(self) -> tuple[int, int]:
        """Documents that are settled, and documents in all."""
        return sum(len(b.works) for b in self.batches if b.sent), sum(len(b.works) for b in self.batches)

    def sending(self, batch: Batch) -> None:
        """Say that a batch is about to be written."""
        batch.sending = True
        found = {str(place): text.decode() for place, text in batch.found.items()}
        self.journal.record("sending", time=_now(), batch=batch.number, found=found)

    def settle(self, batch: Batch) -> None:
        """Say how a batch went."""
        batch.sent = True
        self.journal.record(
            "sent",
            time=_now(),
            batch=batch.number,
            already=sorted(batch.already),
            conflicts=batch.conflicts,
            failed=batch.failed,
        )

    def finish(self, **counts: Any) -> None:
        """Say that everything was settled and read back."""
        self.done = {"step": "done", "time": _now(), **counts}
        self.journal.record("done", **{name: value for name, value in self.done.items() if name != "step"})


def records(layout: Layout, edit: str = "", *, unfinished: bool = False) -> list[Record]:
    """Return the edits whose plan was written down, newest first.

    Parameters
    ----------
    layout
        The workspace.
    edit
        Beginning of the id; others are not read.
    unfinished
        Whether those that are done are left out; they are not read either.
    """
    found = (Record.read(Journal(file)) for file in journals(layout, edit, unfinished=unfinished))
    return [record for record in found if record is not None and record.begun]


def _batched(plan: EditPlan) -> Iterator[tuple[str, list[Any]]]:
    by_dataset: dict[str, list[Any]] = {}
    for target in plan.targets:
        by_dataset.setdefault(target.unit.dataset_hash, []).append(target)
    for dataset, some in by_dataset.items():
        for start in range(0, len(some), _BATCH):
            yield dataset, some[start : start + _BATCH]


def _lines(plan: EditPlan, places: dict[int, int], batches: list[Batch]) -> Iterator[bytes]:
    """Yield a line a batch, and add the batch to those that there are: a plan is never in memory as text."""
    for number, (dataset, some) in enumerate(_batched(plan)):
        works, rows = [], []
        for target in some:
            unit, change, old = target.unit, target.change, target.old
            others = tuple([(other.dataset_hash, other.data_hash) for other in target.others])
            works.append(Work(unit.item_uuid, unit.data_hash, unit.title, change, old, others))
            rows.append((unit.item_uuid, unit.data_hash, unit.title, places[id(change)], old.decode(), others))
        batches.append(Batch(number, dataset, works))
        yield msgspec.json.encode({"step": "targets", "dataset": dataset, "works": rows})


def _written(change: Change) -> bytes:
    return msgspec.json.encode({
        "set": {key: text.decode() for key, text in change.set.items()},
        "remove": change.remove,
        "replace": change.replace,
        "document": change.document.decode() if change.document is not None else None,
    })  # fmt: skip


def _read(data: dict[str, Any]) -> Change:
    return Change(
        {key: text.encode() for key, text in data["set"].items()},
        tuple(data["remove"]),
        data["replace"],
        data["document"].encode() if data["document"] is not None else None,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
