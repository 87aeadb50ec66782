"""What has changed between two listings of a part: new rows, rows that may be others, rows that are gone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.store.chain import Chain

__all__ = ["Difference", "IndexEntry", "Listed", "Name", "difference", "digest", "known_labels", "known_units"]


class Listed(NamedTuple):
    """A row as a source lists it now.

    Attributes
    ----------
    name
        `data_hash` or `label_hash`.
    digest
        Of all that the listing says of it.
    recent
        Whether it was edited so shortly before the last listing that its time of edit does not tell the two apart.
    """

    name: str
    digest: int
    recent: bool = False


class IndexEntry(msgspec.Struct, gc=False):
    """A line of the stream `index`; a unit that was listed before has no place in it."""

    data_hash: str
    index: int | None
    digest: int


class Name(msgspec.Struct, gc=False):
    """A line of the stream `removed`."""

    name: str


class _LabelName(msgspec.Struct, gc=False):
    label_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be read, and what is no longer there.

    Attributes
    ----------
    wanted
        Rows that are new or may have changed, in the order of the listing.
    added
        Of these, the names of the new ones.
    removed
        Names.
    """

    wanted: tuple[Listed, ...]
    added: frozenset[str]
    removed: tuple[str, ...]


def digest(text: bytes) -> int:
    """Return 63 bits that stand for a text."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def difference(listed: Sequence[Listed], known: dict[str, int], *, ordered: bool) -> Difference | None:
    """Compare a listing with what was known.

    Parameters
    ----------
    listed
        As it is now, each name once.
    known
        Digests by name, in the order of the listing before.
    ordered
        Whether a row's place matters.

    Returns
    -------
    Difference or None
        None where places matter and rows changed them, or new ones stand between others: then all is new.
    """
    names = [row.name for row in listed]
    now = set(names)
    removed = tuple([name for name in known if name not in now])
    if ordered:
        staying = [name for name in known if name in now]
        if names[: len(staying)] != staying:
            return None
    wanted = tuple([row for row in listed if row.recent or known.get(row.name) != row.digest])
    return Difference(wanted, frozenset([row.name for row in wanted if row.name not in known]), removed)


def known_units(chain: Chain) -> dict[str, int]:
    """Return the digests of the data units that a chain has listed, in their order."""
    known: dict[str, int] = {}
    for spool in chain.spools:
        for body in spool.bodies("removed"):
            for row in msgspec.json.decode(body, type=list[Name]):
                known.pop(row.name, None)
        for body in spool.bodies("index"):
            known.update({row.data_hash: row.digest for row in msgspec.json.decode(body, type=list[IndexEntry])})
    return known


def known_labels(chain: Chain) -> dict[str, int]:
    """Return the digests of the label rows that a chain has listed."""
    known: dict[str, int] = {}
    for spool in chain.spools:
        for body in spool.bodies("removed"):
            for row in msgspec.json.decode(body, type=list[Name]):
                known.pop(row.name, None)
        for body in spool.bodies("label_rows"):
            for raw in msgspec.json.decode(body, type=list[msgspec.Raw]):
                name = msgspec.json.decode(raw, type=_LabelName).label_hash
                if name:
                    known[name] = digest(bytes(raw))
    return known
