"""What an edit has read back, put into the local snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from metaquery.sources.comparison import IndexEntry, known_units
from metaquery.store.raw import rows_of
from metaquery.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.edits.rounds import Rounds
    from metaquery.sources import Progress, Scope
    from metaquery.store.chain import Chain
    from metaquery.store.layout import Layout
    from metaquery.store.spool import Part, Spool

__all__ = ["ReadingBack"]

_rows = msgspec.json.Decoder(list[msgspec.Raw])


class ReadingBack:
    """A source of the data units that an edit touched, and of no others.

    A generation that it makes has the index entries that its units had, and the time of the listing before: it says
    nothing of other units, so the next sync compares with the listing that there was.

    Parameters
    ----------
    rounds
        The edit, under way.
    layout
        The workspace.
    """

    resumes = False

    def __init__(self, rounds: Rounds, layout: Layout) -> None:
        self._rounds = rounds
        self._layout = layout

    @property
    def domain(self) -> str:
        """The server."""
        return self._rounds.client.domain

    def owns(self, part: Part) -> bool:
        """Whether a part came from a server."""
        return not part.origin

    def plan(self, scope: Scope) -> tuple[Part, ...]:  # noqa: ARG002  # what is touched is the scope
        """Return the datasets that have touched units, in the order in which they are written."""
        parts = (entry.part for entry in Snapshot.current(self._layout).parts)
        served = {part.hash: part for part in parts if part.kind == "units" and not part.origin}
        return tuple(served[dataset] for dataset in self._rounds.datasets if dataset in served)

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        """Put the touched units of a dataset into a generation of their own, as they are read back."""
        if base is None:
            raise TypeError(part)
        spool.restart()
        known = known_units(base)
        digests: dict[str, int] = {}
        duplicates = False
        for page in self._rounds.pages(part.hash):
            fresh = {name: known[name] for name in page.names if name in known}
            duplicates = duplicates or page.rows > len(page.names)
            if fresh:
                spool.append("rows", page.body if len(fresh) == len(page.names) else _only(page.body, fresh))
            digests |= fresh
            progress(part, len(digests), len(known))
        point = base.last.checkpoint
        index = [IndexEntry(data_hash, None, digest) for data_hash, digest in digests.items()]
        spool.append(
            "index",
            *((msgspec.json.encode(index),) if index else ()),
            total=point.total,
            expected=len(digests),
            received=len(digests),
            duplicates=duplicates,
            listed_at=point.listed_at,
            base=base.last.folder.name,
            complete=True,
        )


def _only(body: bytes, known: Mapping[str, int]) -> bytes:
    """Return a page without the units that the snapshot does not have any more."""
    rows = zip(_rows.decode(body), rows_of(body), strict=True)
    return b"[" + b",".join([bytes(row) for row, unit in rows if unit.data_hash in known]) + b"]"
