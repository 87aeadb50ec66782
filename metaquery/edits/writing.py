"""Writing an edit, a batch at a time: look first, say what is about to be written, write, say how it went.

A document is written only where the server has what the plan was made from. So a batch that was interrupted, or whose
answer was lost, can be done again: what has the new value is settled, what has the old one is written.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from metaquery.edits.documents import changed, effect, members, same
from metaquery.errors import NotFound, Refused
from metaquery.store.raw import documents_of
from metaquery.unreadable import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.edits.records import Batch, Record
    from metaquery.wire import EncordClient

__all__ = ["Writer"]

_WHOLE = frozenset({403, 405})
"""Refusals that are not about one document."""

_MARK = MARK.encode()


@dataclass
class Writer:
    """Writes the batches of an edit; any number of threads may, a batch each.

    Attributes
    ----------
    client
        Where to.
    record
        The edit.
    force
        Whether documents that somebody else has changed are written, too, the change merged into what is there.
    progress
        Called with documents settled and documents in all.
    """

    client: EncordClient
    record: Record
    force: bool
    progress: Callable[[int, int], None] = lambda *_: None
    _lock: Lock = field(default_factory=Lock)

    def write(self, batch: Batch) -> dict[int, bytes]:
        """Write a batch that is not settled yet; return the documents that were sent, by place."""
        wanted = self._look(batch, again=batch.sending)
        with self._lock:
            self.record.sending(batch)
        items = {batch.works[place].item or "": text for place, text in wanted.items() if batch.works[place].item}
        places = {batch.works[place].item or "": place for place in wanted if batch.works[place].item}
        for item, why in self._patch(items).items():
            batch.failed[places[item]] = why
        for place, text in wanted.items():
            if batch.works[place].item is None:
                self._save(batch, place, text)
        with self._lock:
            self.record.settle(batch)
            self.progress(*self.record.settled)
        return wanted

    def _look(self, batch: Batch, *, again: bool) -> dict[int, bytes]:
        """Compare a batch with what the server has now; return the documents to write, by place."""
        now = self._read(batch.dataset, [work.data_hash for work in batch.works])
        wanted: dict[int, bytes] = {}
        batch.already.clear()
        batch.conflicts.clear()
        batch.failed.clear()
        for place, work in enumerate(batch.works):
            current = now.get(work.data_hash)
            if current is None:
                batch.failed[place] = "the server does not have it any more"
                continue
            if _MARK in current:
                batch.failed[place] = "it has a value that cannot be read, and so not written back"
                continue
            old = batch.old(place)
            new = changed(old, work.change)
            if current == old and current != new:
                wanted[place] = new
            elif again and same(current, new):
                continue  # the request arrived, its answer did not
            elif same(current, old) or self.force:
                if effect(current, work.change).nothing and same(current, new):
                    batch.already.add(place)
                    continue
                if current != old:
                    batch.found[place] = current
                wanted[place] = changed(current, work.change)
            elif effect(current, work.change).nothing:
                batch.already.add(place)
            else:
                batch.conflicts[place] = _differing(old, current)
        return wanted

    def _read(self, dataset: str, hashes: Sequence[str]) -> dict[str, bytes]:
        found = documents_of(self.client.data_rows(dataset, hashes).body)
        missing = [data_hash for data_hash in hashes if data_hash not in found]
        return found | documents_of(self.client.data_rows(dataset, missing).body) if missing else found

    def _patch(self, documents: dict[str, bytes]) -> dict[str, str]:
        """Write items; return those that were not, and why. One that the server refuses does not keep back others."""
        try:
            answered = self.client.patch_items(documents)
        except (NotFound, Refused) as error:
            status = getattr(error, "status", None)
            if len(documents) == 1 or status in _WHOLE:
                return dict.fromkeys(documents, error.message)
            listed = list(documents)
            halves = listed[: len(listed) // 2], listed[len(listed) // 2 :]
            return {k: v for half in halves for k, v in self._patch({i: documents[i] for i in half}).items()}
        return {item: "the server's answer left it out" for item in documents if item not in answered}

    def _save(self, batch: Batch, place: int, text: bytes) -> None:
        work = batch.works[place]
        try:
            if not self.client.save_metadata(batch.dataset, work.data_hash, text):
                batch.failed[place] = "the server does not say that it has written it"
        except (NotFound, Refused) as error:
            batch.failed[place] = error.message


def _differing(old: bytes, current: bytes) -> str:
    """Say which keys somebody else has changed."""
    before, now = members(old), members(current)
    keys = []
    for key in {**before, **now}:
        with suppress(KeyError):
            if same(bytes(before[key]), bytes(now[key])):
                continue
        keys.append(key)
    return f"{', '.join(keys[:5])}{' and others' if len(keys) > 5 else ''} changed there" if keys else "changed there"
