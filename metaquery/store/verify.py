"""`verify()`: whether a snapshot's file, its description and the raw layer say the same; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from metaquery.errors import CorruptSpool, StoreError
from metaquery.store.history import chain_of
from metaquery.store.pages import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot

__all__ = ["Check", "verify"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    what
        In words.
    wrong
        What is wrong; None where nothing is.
    """

    what: str
    wrong: str | None


def verify(layout: Layout, snapshot: Snapshot) -> Iterator[Check]:
    """Check one snapshot, and yield what was checked as it is done.

    A file that was cleared away is not made again for it: then the raw layer alone is checked.
    """
    yield from _raw(layout, snapshot)
    if not snapshot.path.exists():
        return
    try:
        connection = duckdb.connect(snapshot.path, read_only=True)
    except duckdb.Error as error:
        yield Check("the file opens", str(error).splitlines()[0])
        return
    try:
        for what, expected, sql in _questions(layout, snapshot):
            try:
                found = connection.execute(sql).fetchall()
            except duckdb.Error as error:
                yield Check(what, str(error).splitlines()[0])
                continue
            yield Check(what, None if found == expected else f"expected {_shown(expected)}, found {_shown(found)}")
    finally:
        connection.close()


def _raw(layout: Layout, snapshot: Snapshot) -> Iterator[Check]:
    """Check that every page of every generation is there and can be decompressed."""
    for entry in snapshot.parts:
        what, wrong = f"raw pages of the {entry.part.kind} of {entry.part.title}", None
        try:
            for spool in chain_of(layout, entry).spools:
                if not spool.checkpoint.complete:
                    wrong = f"the generation {spool.folder.name} is not complete"
                for stream in spool.checkpoint.pages:
                    for _ in spool.bodies(stream):
                        pass
        except (OSError, CorruptSpool, StoreError) as error:
            wrong = str(error).splitlines()[0]
        yield Check(what, wrong)


def _questions(layout: Layout, snapshot: Snapshot) -> Iterator[tuple[str, list[Any], str]]:
    """Yield what is checked, the answer there has to be, and the SQL that asks."""
    counts = snapshot.counts
    for table in ("data", "labels", "predictions", "rejects"):
        expected = getattr(counts, table)
        yield f"rows of {table}: {expected:,}", [(expected,)], f"SELECT count(*) FROM {table}"
    totals = [(p.part.hash, chain_of(layout, p).expected) for p in snapshot.parts if p.part.kind == "units"]
    totals = sorted((name, total) for name, total in totals if total)
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
