"""Reading back what an edit wrote: compared with what was meant, and put into the local snapshot on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from metaquery.edits.documents import same
from metaquery.sources.comparison import IndexEntry, known_units
from metaquery.sources.encord import in_order
from metaquery.store.raw import rows_of
from metaquery.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from metaquery.edits.records import Record
    from metaquery.sources import Progress, Scope
    from metaquery.store.chain import Chain
    from metaquery.store.layout import Layout
    from metaquery.store.spool import Part, Spool
    from metaquery.wire import EncordClient, Page

__all__ = ["ReadingBack"]


class ReadingBack:
    """A source of the data units that an edit touched, and of no others.

    A generation that it makes has the index entries that its units had, and the time of the listing before: it says
    nothing of other units, so the next sync compares with the listing that there was.

    Parameters
    ----------
    client, layout
        The server, and the workspace.
    record
        The edit, settled.
    page_rows, connections
        Units a request, and requests in flight.
    """

    resumes = False

    def __init__(
        self, client: EncordClient, layout: Layout, record: Record, *, page_rows: int, connections: int
    ) -> None:
        self._client = client
        self._layout = layout
        self._size = page_rows
        self._connections = connections
        self.touched: dict[str, dict[str, bytes | None]] = {}
        """By dataset and data hash, what is to be there; None where the edit only looked."""
        self.wrong: dict[str, str] = {}
        """By data hash, why the server does not have what was written."""
        for batch in record.batches:
            written = set(batch.written())
            for place, work in enumerate(batch.works):
                if place in batch.conflicts:
                    continue
                wanted = batch.new(place) if place in written else None
                for dataset, data_hash in ((batch.dataset, work.data_hash), *work.others):
                    self.touched.setdefault(dataset, {})[data_hash] = wanted

    @property
    def domain(self) -> str:
        """The server."""
        return self._client.domain

    def owns(self, part: Part) -> bool:
        """Whether a part came from a server."""
        return not part.origin

    def plan(self, scope: Scope) -> tuple[Part, ...]:  # noqa: ARG002  # what was touched is the scope
        """Return the datasets that have touched units."""
        parts = (entry.part for entry in Snapshot.current(self._layout).parts)
        return tuple(part for part in parts if part.kind == "units" and part.hash in self.touched and not part.origin)

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        """Read the touched units of a dataset into a generation of their own."""
        if base is None:
            raise TypeError(part)
        spool.restart()
        known = known_units(base)
        digests: dict[str, int] = {}
        duplicates = False
        wanted = [data_hash for data_hash in self.touched[part.hash] if data_hash in known]
        for page in self.pages(part.hash, wanted):
            got = [row.data_hash for row in rows_of(page.body)]
            duplicates = duplicates or len(got) > len(set(got))
            digests |= {data_hash: known[data_hash] for data_hash in got if data_hash in known}
            spool.append("rows", page.body)
            progress(part, len(digests), len(wanted))
        point = base.last.checkpoint
        index = [IndexEntry(data_hash, None, digest) for data_hash, digest in digests.items()]
        spool.append(
            "index",
            msgspec.json.encode(index),
            total=point.total,
            expected=len(digests),
            received=len(digests),
            duplicates=duplicates,
            listed_at=point.listed_at,
            base=base.last.folder.name,
            complete=True,
        )

    def check(self) -> None:
        """Read all touched units, for what is wrong alone."""
        for dataset, wanted in self.touched.items():
            for _ in self.pages(dataset, list(wanted)):
                pass

    def pages(self, dataset: str, wanted: Sequence[str]) -> Iterator[Page]:
        """Yield pages of data rows, each compared with what is to be there."""
        batches = [wanted[at : at + self._size] for at in range(0, len(wanted), self._size)]
        meant = self.touched[dataset]

        def read(some: Sequence[str]) -> Page:
            return self._client.data_rows(dataset, some)

        for asked, page in zip(batches, in_order(read, batches, self._connections), strict=True):
            seen = dict(rows_of(page.body))
            absent = [data_hash for data_hash in asked if data_hash not in seen]
            if absent:
                again = read(absent)
                yield again
                seen |= dict(rows_of(again.body))
            for data_hash in asked:
                wish = meant[data_hash]
                if wish is None:
                    continue
                if data_hash not in seen:
                    self.wrong[data_hash] = "the server took it, and does not list it any more"
                elif not same(seen[data_hash], wish):
                    self.wrong[data_hash] = "the server took it, and has another value now"
            yield page
