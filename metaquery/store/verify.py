"""`verify()`: whether a snapshot's file, its description and the raw layer say the same; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from metaquery.errors import StoreError
from metaquery.store.blocks import TABLES, damage_of
from metaquery.store.history import chain_of
from metaquery.store.pages import quoted
from metaquery.store.seal import is_sealed
from metaquery.store.session import Interruptible
from metaquery.store.snapshot import published_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.store.descriptions import Unreadable
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot, SpooledPart

__all__ = ["NOT_KEPT", "Check", "units_of", "unreadable", "verify"]

NOT_KEPT = "no checksum was kept"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    kind
        `current`, `description`, `raw`, `file`, `table`, `collection` or `filter`.
    what
        In words.
    wrong
        What is wrong; None where nothing is.
    way_out
        What to do where something is wrong.
    note
        What is worth saying though nothing is wrong.
    """

    kind: str
    what: str
    wrong: str | None = None
    way_out: str | None = None
    note: str | None = None


def verify(layout: Layout, snapshot: Snapshot) -> Iterator[Check]:
    """Check one snapshot, and yield what was checked as it is done.

    A file that was cleared away is not made again for it: then the raw layer alone is checked.
    """
    yield _description(layout, snapshot)
    totals: list[tuple[str, int]] = []
    for entry in snapshot.parts:
        yield _raw(layout, entry, totals)
    if not snapshot.path.exists():
        yield Check("file", f"file {snapshot.path.name}", note="cleared away, and made again when asked for")
        return
    current = published_ids(layout)[-1:] == [snapshot.id]
    hint = "run: metaquery rematerialise" if current else f"remove {snapshot.path}: it is made again when asked for"
    wrong = damage_of(snapshot.path)
    yield Check("file", f"every block of {snapshot.path.name}", wrong, hint)
    if wrong is not None:
        return
    with Interruptible(duckdb.connect(snapshot.path, read_only=True)) as connection:
        for what, expected, sql in _questions(snapshot, sorted(totals)):
            try:
                found = connection.execute(sql).fetchall()
            except duckdb.Error as error:
                yield Check("table", what, str(error).splitlines()[0], hint)
                continue
            wrong = None if found == expected else f"expected {_shown(expected)}, found {_shown(found)}"
            yield Check("table", what, wrong, hint)


def units_of(layout: Layout, names: list[str]) -> set[str]:
    """Return which of these data units the newest snapshot has; all of them where its file cannot be asked."""
    path = layout.snapshots / f"{(published_ids(layout) or [''])[-1]}.duckdb"
    try:
        with Interruptible(duckdb.connect(path, read_only=True)) as connection:
            sql = "SELECT data_hash FROM data WHERE data_hash IN (SELECT unnest($names))"
            return {name for (name,) in connection.execute(sql, {"names": names}).fetchall()}
    except duckdb.Error:  # it is not there, or damaged: a check of its own says so
        return set(names)


def unreadable(found: Unreadable) -> Check:
    """Say that a description cannot be read."""
    return Check("description", f"description {found.id}.json", found.wrong, found.way_out)


def _description(layout: Layout, snapshot: Snapshot) -> Check:
    """Say that the description was read, which it was to get here, and whether by its seal."""
    path = layout.snapshots / f"{snapshot.id}.json"
    return Check("description", f"description {path.name}", note=None if is_sealed(path) else NOT_KEPT)


def _raw(layout: Layout, entry: SpooledPart, totals: list[tuple[str, int]]) -> Check:
    """Check that every page of every generation is what was written; add how many units a part has to `totals`."""
    what, wrong, note = f"raw pages of the {entry.part.kind} of {entry.part.title}", None, None
    try:
        chain = chain_of(layout, entry)
        if entry.part.kind == "units" and chain.expected:
            totals.append((entry.part.hash, chain.expected))
        chain.check()
        for spool in chain.spools:
            if spool.undigested:
                note = NOT_KEPT
                for stream in spool.checkpoint.pages:
                    for _ in spool.bodies(stream):
                        pass
    except (OSError, StoreError) as error:
        wrong = error.message if isinstance(error, StoreError) else str(error)
    return Check("raw", what, wrong, entry.part.way_out, note)


def _questions(snapshot: Snapshot, totals: list[tuple[str, int]]) -> Iterator[tuple[str, list[Any], str]]:
    """Yield what is checked, the answer there has to be, and the SQL that asks."""
    counts = snapshot.counts
    for table in TABLES:
        expected = getattr(counts, table)
        yield f"rows of {table}: {expected:,}", [(expected,)], f"SELECT count(*) FROM {table}"
    yield (
        f"data units of each of {len(totals):,} datasets against the raw layer",
        totals,
        "SELECT dataset_hash, count(*) FROM data GROUP BY 1 ORDER BY 1",
    )
    yield (
        "each data unit once",
        [(0, 0)],
        ("SELECT count(*) - count(DISTINCT data_hash), count(*) - count(DISTINCT unit) FROM data"),
    )
    for table in ("labels", "predictions"):
        yield (
            f"the data unit of each of the {table}",
            [(0,)],
            (
                f"SELECT count(*) FROM {table} l WHERE NOT EXISTS "
                "(FROM data d WHERE d.data_hash = l.data_hash AND d.unit = l.unit)"
            ),
        )
    yield (
        "the data unit of each misfit",
        [(0,)],
        ("SELECT count(*) FROM rejects WHERE data_hash NOT IN (SELECT data_hash FROM data)"),
    )
    names = sorted({key.name for key in snapshot.keys if key.invalid} | ({""} if counts.not_objects else set()))
    yield (
        "the field of each misfit",
        [(name,) for name in names],
        ("SELECT DISTINCT coalesce(field, '') FROM rejects ORDER BY 1"),
    )
    fields = {key.name: key for key in snapshot.keys}
    for field in snapshot.schema.fields:
        key = fields[field.name]
        yield (
            f"valid, missing and invalid values of {field.name}",
            [(key.valid, counts.data - key.valid)],
            (f"SELECT count({quoted(field.column)}), count(*) - count({quoted(field.column)}) FROM data")
            if key.valid + key.missing + key.invalid == counts.data
            else "SELECT 'the description', 'does not add up'",
        )


def _shown(rows: list[Any]) -> str:
    text = ", ".join(" ".join(map(str, row)) for row in rows[:5])
    return f"{text or 'nothing'}{', …' if len(rows) > 5 else ''}"
