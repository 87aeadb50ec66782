"""`compact()`: several generations of a chain as one, without what the later of them replace or remove.

A chain that has the one in place of the several says the same: every row that is left is copied as it came, byte by
byte; a unit keeps its place, and every row its digest, so that the next sync goes on as before. Pages pass through one
after another, and what replaces what is asked of DuckDB, so memory does not grow with the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from metaquery.store.pages import ENTRIES, REMOVED
from metaquery.store.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from metaquery.store.chain import Chain
    from metaquery.store.spool import Part

__all__ = ["compact"]

_PAGE_BYTES = 8 << 20

_INDEX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class _Form:
    """How the generations of one kind of part are told.

    Attributes
    ----------
    key
        The member that is a row's identity.
    naming
        The stream whose names replace those of earlier generations.
    copied
        Streams of raw rows, the main one last.
    indexed
        Whether there is a stream `index`.
    """

    key: str
    naming: str
    copied: tuple[str, ...]
    indexed: bool


_UNITS = _Form("data_hash", "rows", ("rows",), indexed=True)
_LABELS = _Form("label_hash", "label_rows", ("label_rows", "labels"), indexed=False)
_ANNOTATIONS = _Form("data_hash", "index", ("annotations",), indexed=True)
"""Of a file: the annotations of one data unit are replaced together."""


class _Named(msgspec.Struct, gc=False):
    data_hash: str | None = None
    label_hash: str | None = None


def compact(connection: duckdb.DuckDBPyConnection, chain: Chain, base: str) -> Spool:
    """Write one generation in place of several; they stay as they are.

    Parameters
    ----------
    connection
        For temporary tables.
    chain
        The generations, which follow each other.
    base
        Name of the generation that they continue; empty where the first of them holds all of its part.

    Raises
    ------
    CorruptSpool
        A page is gone or damaged.
    NoSpace
        The disk is full; what was written is gone again.
    """
    chain.check()  # what is copied gets digests of its own, by which it would pass for sound
    form = _form(chain.part)
    spool = Spool.begin_compacted(chain.spools[0])
    try:
        chain.supersede(connection, form.naming, form.key)
        if form.indexed:
            _write_index(connection, chain, spool)
        received = 0
        for stream in form.copied:
            received = _copy(connection, chain, form.key, stream, spool)
        if base:
            _write_removed(connection, chain, spool)
        last = chain.last.checkpoint
        spool.advance(
            total=last.total,
            expected=received,
            received=received,
            position=received,
            duplicates=any(s.checkpoint.duplicates for s in chain.spools),
            base=base,
            listed_at=last.listed_at,
            replaces=chain.names,
            complete=True,
        )
    except BaseException:
        spool.discard()  # it may be what fills the disk
        raise
    return spool.reveal()


def _form(part: Part) -> _Form:
    if part.kind == "units":
        return _UNITS
    return _ANNOTATIONS if part.origin else _LABELS


_STANDING = """
    SELECT data_hash, arg_max(place, generation) FILTER (place IS NOT NULL) AS place,
        arg_max(digest, generation) AS digest
    FROM listed l
    WHERE NOT EXISTS (FROM unlisted r WHERE r.name = l.data_hash AND r.generation > l.generation)
    GROUP BY data_hash
    ORDER BY coalesce(max(generation) FILTER (place IS NOT NULL), min(generation)), place NULLS LAST, data_hash"""
"""What is listed in the end, in the order in which `Chain.place` puts it."""


def _write_index(connection: duckdb.DuckDBPyConnection, chain: Chain, into: Spool) -> None:
    """Write the entries that are left; units that are new in these generations are counted through."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE listed (data_hash VARCHAR, place BIGINT, digest BIGINT, generation INTEGER)"
    )
    _fill(connection, chain, "index", f"INSERT INTO listed SELECT *, $number FROM {ENTRIES}")
    _fill_unlisted(connection, chain)
    found = connection.execute(_STANDING)
    places = count()
    while rows := found.fetchmany(_INDEX_ROWS):
        entries = [
            {"data_hash": name, "index": None if place is None else next(places), "digest": digest}
            for name, place, digest in rows
        ]
        into.append("index", msgspec.json.encode(entries))


def _write_removed(connection: duckdb.DuckDBPyConnection, chain: Chain, into: Spool) -> None:
    """Write what earlier generations may have and these remove; what came back since stands behind the others."""
    _fill_unlisted(connection, chain)
    found = connection.execute("SELECT DISTINCT name FROM unlisted ORDER BY name")
    while rows := found.fetchmany(_INDEX_ROWS):
        into.append("removed", msgspec.json.encode([{"name": name} for (name,) in rows]))


def _fill_unlisted(connection: duckdb.DuckDBPyConnection, chain: Chain) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE unlisted (name VARCHAR, generation INTEGER)")
    _fill(connection, chain, "removed", f"INSERT INTO unlisted SELECT *, $number FROM {REMOVED}")


def _fill(connection: duckdb.DuckDBPyConnection, chain: Chain, stream: str, insert: str) -> None:
    for number, _, files in chain.generations(stream):
        connection.execute(insert, {"files": files, "number": number})


def _copy(connection: duckdb.DuckDBPyConnection, chain: Chain, key: str, stream: str, into: Spool) -> int:
    """Copy the rows that no later generation replaces or removes; return how many they are."""
    received, size = 0, 0
    page: list[bytes] = []
    for generation, spool in enumerate(chain.spools):
        for rows in _batches(spool, stream, key):
            replaced = _replaced(connection, generation, [name for name, _ in rows if name is not None])
            for name, row in rows:
                if name in replaced:
                    continue
                page.append(row)
                size += len(row)
                received += 1
                if size >= _PAGE_BYTES:
                    into.append(stream, b"[" + b",".join(page) + b"]")
                    page, size = [], 0
    if page:
        into.append(stream, b"[" + b",".join(page) + b"]")
    return received


def _batches(spool: Spool, stream: str, key: str) -> Iterator[list[tuple[str | None, bytes]]]:
    """Yield the rows of a stream with their names, some pages' worth at a time."""
    rows: list[tuple[str | None, bytes]] = []
    size = 0
    for body in spool.bodies(stream):
        for raw in msgspec.json.decode(body, type=list[msgspec.Raw]):
            rows.append((getattr(msgspec.json.decode(raw, type=_Named), key), bytes(raw)))
            size += len(rows[-1][1])
            if size >= _PAGE_BYTES:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


def _replaced(connection: duckdb.DuckDBPyConnection, generation: int, names: list[str]) -> set[str]:
    """Return which of the names a later generation replaces or removes."""
    found = connection.execute(
        "SELECT DISTINCT name FROM superseded WHERE generation > $generation AND name IN (SELECT unnest($names))",
        {"generation": generation, "names": names},
    )
    return {name for (name,) in found.fetchall()}
