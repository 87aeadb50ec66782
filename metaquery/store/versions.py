"""`Versions`: the rows of one data unit in every generation of the raw layer, byte for byte as they came.

What a snapshot had of a unit is told without typing it again: the last of its generations that has the unit's row, or
says that it is gone, decides. A page is decoded only where the name is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

import msgspec

from metaquery.errors import CorruptSpool
from metaquery.store.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot, SpooledPart
    from metaquery.store.spool import Part

__all__ = ["Version", "Versions", "hashes_named"]

_PLAIN = re.compile(r"[\w. -]+", re.ASCII)
"""Names that JSON is never written otherwise for."""


class Version(NamedTuple):
    """A data unit as a snapshot has it: the part that it is in, and its row, JSON."""

    part: Part
    row: bytes


class _Name(msgspec.Struct, gc=False):
    name: str


class _Row(msgspec.Struct, gc=False):
    data_hash: str
    data_title: str | None = None


_names = msgspec.json.Decoder(list[_Name])
_texts = msgspec.json.Decoder(list[msgspec.Raw])
_row = msgspec.json.Decoder(_Row)

_GONE = b""
"""Stands for a row where a generation says that there is none any more."""


class Versions:
    """One data unit through all snapshots.

    Parameters
    ----------
    layout
        Of the workspace.
    data_hash
        The unit.
    """

    def __init__(self, layout: Layout, data_hash: str) -> None:
        self._layout = layout
        self.data_hash = data_hash
        self._touched: dict[tuple[str, str], bytes | None] = {}

    def of(self, snapshot: Snapshot) -> Version | None:
        """Return the unit as a snapshot has it; None where it does not.

        Raises
        ------
        CorruptSpool
            A page is gone, or not what was written.
        """
        for entry in _units(snapshot):
            row = None
            for generation in entry.generations:
                found = self._in(entry, generation)
                row = row if found is None else found
            if row:
                return Version(entry.part, row)
        return None

    def _in(self, entry: SpooledPart, generation: str) -> bytes | None:
        """Return the row that a generation has; None where it says nothing of the unit."""
        place = (entry.part.folder, generation)
        if place not in self._touched:
            self._touched[place] = self._looked_up(_spool(self._layout, entry.part, generation))
        return self._touched[place]

    def _looked_up(self, spool: Spool) -> bytes | None:
        for row, found in _rows(spool, self.data_hash):
            if row.data_hash == self.data_hash:
                return found
        for body in spool.bodies("removed"):
            if any(gone.name == self.data_hash for gone in _names.decode(body)):
                return _GONE
        return None


def hashes_named(layout: Layout, snapshots: Iterable[Snapshot], name: str) -> list[str]:
    """Return the data units that some snapshots had of this data hash or title, sorted.

    Raises
    ------
    CorruptSpool
        A page is gone, or not what was written.
    """
    name = normalize("NFC", name)
    places = {(e.part.folder, name): e.part for s in snapshots for e in _units(s) for name in e.generations}
    return sorted({
        row.data_hash
        for (_, generation), part in places.items()
        for row, _ in _rows(_spool(layout, part, generation), name)
        if name in {row.data_hash, normalize("NFC", row.data_title or "")}
    })  # fmt: skip


def _units(snapshot: Snapshot) -> Iterator[SpooledPart]:
    return (entry for entry in snapshot.parts if entry.part.kind == "units")


def _spool(layout: Layout, part: Part, generation: str) -> Spool:
    spool = Spool(layout.spool / part.folder / generation)
    if not spool.checkpoint.complete:
        raise CorruptSpool(f"the generation {spool.folder} is gone, or not complete", hint=part.way_out)
    return spool


def _rows(spool: Spool, name: str) -> Iterator[tuple[_Row, bytes]]:
    """Yield the rows that may have a name, each with its text."""
    needle = name.encode() if _PLAIN.fullmatch(name) else b""
    for body in spool.bodies("rows"):
        for text in _texts.decode(body) if needle in body else ():
            if needle in bytes(text):
                yield _row.decode(text), bytes(text)
