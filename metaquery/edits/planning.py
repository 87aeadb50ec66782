"""How edits are planned: from changes of data units, from an edit that is taken back, from one that was interrupted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.edits.documents import Change
from metaquery.edits.plan import EditPlan, effects
from metaquery.edits.records import records
from metaquery.edits.units import Target, Unit, targets
from metaquery.store.journal import new_id
from metaquery.store.lock import write_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from metaquery.connections import Connections
    from metaquery.edits.fitting import Fitting
    from metaquery.edits.records import Record
    from metaquery.edits.report import EditReport
    from metaquery.edits.units import Units

__all__ = ["Planner"]


@dataclass(frozen=True)
class Planner:
    """Makes plans.

    Attributes
    ----------
    units
        Of the newest snapshot.
    server
        Where they are written.
    """

    units: Units
    server: Connections

    def edit(
        self,
        changes: Sequence[tuple[Unit, Change]],
        words: str,
        fitting: Fitting,
        *,
        keys: Iterable[str],
        replace: bool,
        where: str | None = None,
    ) -> EditPlan:
        """Plan changes of data units.

        Raises
        ------
        EditError
            Two units of one storage item are to become different, or a unit came from a file.
        """
        told: dict[str, Any] = {"outside": fitting.outside(keys), "no_schema": not fitting.known, "replace": replace}
        # What a filter matches may be less by the time that the edit is asked for again.
        asked = where or [(unit.data_hash, _plain(change)) for unit, change in changes]
        return self._planned(targets(self.units, changes), words, _digest(words, asked), **told)

    def undo(self, record: Record, every: Sequence[Record]) -> EditPlan:
        """Plan to put back what was there before an edit, and is not back yet: a later edit may want the same again.

        Parameters
        ----------
        record
            The edit.
        every
            All edits, and so what of it was undone.
        """
        words = f"undo {record.id} ({record.head['words']})"
        found = _back(record, self.units, _undone(record, every))
        return self._planned(found, words, _digest(record.id), undoes=record.id)

    def _planned(self, found: Sequence[Target], words: str, request: str, **told: Any) -> EditPlan:
        held = self.server.current
        domain = held.domain if held else self.units.snapshot.domain
        for record in records(self.server.layout, unfinished=True):
            if (record.head["request"], record.head["server"]) == (request, domain):
                return self.resumed(record)
        keys, same = effects(found)
        size = sum(1 + len(target.others) for target in found)
        return EditPlan(
            id=new_id(),
            words=words,
            server=domain,
            snapshot=self.units.snapshot.id,
            targets=tuple(target for place, target in enumerate(found) if place not in same),
            keys=keys,
            units=size,
            unchanged=sum(1 + len(found[place].others) for place in same),
            request=request,
            run=self._run,
            **{"outside": (), "no_schema": False, "replace": False, "undoes": "", "resumes": False, **told},
        )

    def resumed(self, record: Record) -> EditPlan:
        """Return the plan of an edit that was interrupted."""
        units, head = self.units, record.head
        works = [work for batch in record.batches for work in batch.works]
        known = units.by_hash({h for work in works for h in (work.data_hash, *(o for _, o in work.others))})
        found = [
            Target(
                known.get(work.data_hash) or _gone(work.data_hash, batch.dataset, work.title, work.item),
                tuple(known[other] for _, other in work.others if other in known),
                work.old,
                work.change,
            )
            for batch in record.batches
            for work in batch.works
        ]
        keys, _ = effects(found)
        return EditPlan(
            record.id, head["words"], head["server"], head["snapshot"], tuple(found), keys, head["units"],
            head["unchanged"], tuple(head["outside"]), head["no_schema"], head["replace"], head["undoes"],
            head["request"], resumes=True, run=self._run,
        )  # fmt: skip

    def _run(self, plan: EditPlan, **how: Any) -> EditReport:
        from metaquery.edits.applying import apply  # with it comes httpx

        with write_lock(self.server.layout.home / "edits.lock"):
            return apply(plan, self.server, **how)


def _plain(change: Change) -> tuple[object, ...]:
    return sorted(change.set.items()), change.remove, change.replace


def _digest(*asked: object) -> str:
    """Return what stands for a request, so that an interrupted edit is known when it is asked for again."""
    return hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()


def _gone(data_hash: str, dataset: str, title: str | None, item: str | None) -> Unit:
    return Unit(data_hash, dataset, "", -1, title, item)


def _undone(record: Record, every: Sequence[Record]) -> frozenset[str]:
    """Return the data units of whose documents an edit was taken back; not those where that was taken back itself."""
    found: set[str] = set()
    for other in every:
        if other.head["undoes"] == record.id:
            back = {batch.works[place].data_hash for batch in other.batches for place in batch.written()}
            found |= back - _undone(other, every)
    return frozenset(found)


def _back(record: Record, units: Units, undone: frozenset[str]) -> list[Target]:
    """Return what puts the documents of an edit back; those that it may have written, where it was interrupted."""
    found = []
    works = [work for batch in record.batches for work in batch.works]
    known = units.by_hash({h for work in works for h in (work.data_hash, *(o for _, o in work.others))})
    for batch in record.batches:
        unsure = range(len(batch.works)) if batch.sending and not batch.sent else batch.failed
        for place in sorted({*batch.written(), *unsure}):
            work = batch.works[place]
            if work.data_hash in undone:
                continue
            unit = known.get(work.data_hash) or _gone(work.data_hash, batch.dataset, work.title, work.item)
            others = tuple(known[other] for _, other in work.others if other in known)
            found.append(Target(unit, others, batch.new(place), Change(document=batch.old(place))))
    return found
