"""The batches of an edit, several at once: each is written, and read back as soon as it is.

So the server is never idle between the two, and no document that was sent has to be kept, or made again, until all are.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Self

from metaquery.edits.documents import same
from metaquery.edits.writing import Writer
from metaquery.errors import EditError, MetaqueryError
from metaquery.store.raw import documents_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from metaquery.edits.records import Batch, Record
    from metaquery.wire import EncordClient

__all__ = ["Back", "Rounds"]


class Back(NamedTuple):
    """Data rows that were read back, as they came: how many, and of which data units."""

    body: bytes
    rows: int
    names: list[str]


class Rounds:
    """Writes what is not settled, and reads everything back; ends its threads when it is left.

    Parameters
    ----------
    client, record
        The server, and the edit.
    force
        Whether documents that somebody else has changed are written, too.
    page_rows, connections
        Units read a request, and requests at once; of batches, twice as many.
    progress
        Called with documents settled and documents in all.
    """

    def __init__(
        self,
        client: EncordClient,
        record: Record,
        *,
        force: bool,
        page_rows: int,
        connections: int,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        self.client = client
        self.wrong: dict[str, str] = {}
        """By data hash, why the server does not have what was written."""
        self.datasets: dict[str, list[Batch]] = {}
        """By dataset, the batches that touch units of it, in the order in which they are written."""
        for batch in record.batches:
            for dataset in {batch.dataset: None} | {other: None for work in batch.works for other, _ in work.others}:
                self.datasets.setdefault(dataset, []).append(batch)
        self._record = record
        self._writer = Writer(client, record, force, progress)
        self._size = page_rows
        # The client has no more connections than that: while some batches wait for the server, others are compared.
        self._pool = ThreadPoolExecutor(2 * connections, thread_name_prefix="metaquery-edit")
        self._futures: list[Future[dict[str, list[Back]]]] = []

    def __enter__(self) -> Self:
        self._futures = [self._pool.submit(self._round, batch) for batch in self._record.batches]
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def pages(self, dataset: str) -> Iterator[Back]:
        """Yield the pages of a dataset as they are read back, once: what was given is not kept.

        Raises
        ------
        EditError
            The server could not be reached or did not answer; what was settled is in the journal.
        """
        for batch in self.datasets[dataset]:
            yield from self._result(batch.number).pop(dataset, ())

    def finish(self) -> None:
        """Wait for all batches.

        Raises
        ------
        EditError
            As `pages`.
        """
        for number in range(len(self._futures)):
            self._result(number).clear()

    def _result(self, number: int) -> dict[str, list[Back]]:
        try:
            return self._futures[number].result()
        except MetaqueryError as error:
            self._pool.shutdown(cancel_futures=True)  # what is under way ends, and is written down
            settled, total = self._record.settled
            told = f"{settled:,} of {total:,} documents are settled"
            if settled == total:
                told = "everything was sent, and could not be read back"
            raise EditError(
                f"{error.message}; {told}",
                hint="run the same command again, or metaquery metadata resume: it goes on from there",
            ) from error

    def _round(self, batch: Batch) -> dict[str, list[Back]]:
        sent = {} if batch.sent else self._writer.write(batch)
        written = set(batch.written())
        meant: dict[str, dict[str, bytes | None]] = {}
        for place, work in enumerate(batch.works):
            if place in batch.conflicts:
                continue
            wish = (sent.get(place) or batch.new(place)) if place in written else None
            meant.setdefault(batch.dataset, {})[work.data_hash] = wish
            for dataset, data_hash in work.others:
                meant.setdefault(dataset, {})[data_hash] = wish
        return {dataset: list(self._read(dataset, some)) for dataset, some in meant.items()}

    def _read(self, dataset: str, meant: dict[str, bytes | None]) -> Iterator[Back]:
        """Read data units, ask once more for those that an answer left out, and compare what is to be there."""
        hashes = list(meant)
        for at in range(0, len(hashes), self._size):
            asked = hashes[at : at + self._size]
            seen: dict[str, bytes] = {}
            yield self._page(dataset, asked, seen)
            if absent := [data_hash for data_hash in asked if data_hash not in seen]:
                yield self._page(dataset, absent, seen)
            for data_hash in asked:
                wish = meant[data_hash]
                if wish is not None and data_hash not in seen:
                    self.wrong[data_hash] = "the server took it, and does not list it any more"
                elif wish is not None and not same(seen[data_hash], wish):
                    self.wrong[data_hash] = "the server took it, and has another value now"

    def _page(self, dataset: str, asked: Sequence[str], seen: dict[str, bytes]) -> Back:
        page = self.client.data_rows(dataset, asked)
        found = documents_of(page.body)
        seen |= found
        return Back(page.body, page.rows, list(found))
