"""Client metadata of single units as it is kept in the raw layer: byte for byte what the server or the file had.

DuckDB's reader would write a number anew; here no value is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from metaquery.store.chain import Chain

__all__ = ["RawUnit", "documents_of", "metadata_text", "raw_units", "rows_of"]

_NOTHING = frozenset({b"null", b'""', b""})


class RawUnit(NamedTuple):
    """A data unit's name and its client metadata, as JSON text: `{}` where there is none."""

    data_hash: str
    metadata: bytes


class _Row(msgspec.Struct, gc=False):
    data_hash: str
    client_metadata: msgspec.Raw = msgspec.Raw(b"null")


class _Name(msgspec.Struct, gc=False):
    name: str


_rows = msgspec.json.Decoder(list[_Row])
_names = msgspec.json.Decoder(list[_Name])


def rows_of(body: bytes) -> Iterator[RawUnit]:
    """Yield the units of a page of data rows."""
    for row in _rows.decode(body):
        yield RawUnit(row.data_hash, metadata_text(bytes(row.client_metadata)))


def documents_of(body: bytes) -> dict[str, bytes]:
    """Return the client metadata of a page of data rows, by data hash, as `rows_of` does; twice as fast."""
    return {row.data_hash: metadata_text(bytes(row.client_metadata)) for row in _rows.decode(body)}


def metadata_text(given: bytes) -> bytes:
    """Return client metadata as the JSON text that stands for it (`encord-wire-protocol.md` §10.5).

    A text that holds JSON is what it holds; null and an empty text are an empty object.
    """
    if given[:1] == b"{":
        return given
    if given in _NOTHING:
        return b"{}"
    if given[:1] != b'"':
        return given
    inner = msgspec.json.decode(given, type=str).encode()
    try:
        msgspec.json.decode(inner, type=msgspec.Raw)
    except msgspec.DecodeError:
        return given
    return b"{}" if inner in _NOTHING else inner


def raw_units(chain: Chain, wanted: Collection[str] | None = None) -> dict[str, bytes]:
    """Return the client metadata of the data units of a part, by data hash.

    Parameters
    ----------
    chain
        Every generation of the part.
    wanted
        Data hashes; None is all. One that the part does not have is left out.

    Raises
    ------
    CorruptSpool
        A page is gone.
    """
    found: dict[str, bytes] = {}
    for spool in chain.spools:
        for body in spool.bodies("removed"):
            for row in _names.decode(body):
                found.pop(row.name, None)
        for body in spool.bodies("rows"):
            found.update(unit for unit in rows_of(body) if wanted is None or unit.data_hash in wanted)
    return found
