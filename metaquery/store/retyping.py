"""`fits()`: how the values of a snapshot would fare under other types, asked of the raw layer.

The types are applied by the SQL that a sync applies them by, to the very documents that it would read; so what is
counted here is what a rematerialisation would count.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metaquery.store.evidence import Look, looks_of_misfits
from metaquery.store.history import chain_of
from metaquery.store.materialise import MISFITS, expectations, typed_units, unit_parameters
from metaquery.store.session import writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from metaquery.schema import Schema
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot, SpooledPart

__all__ = ["Fit", "fits"]


@dataclass(frozen=True, slots=True)
class Fit:
    """How the values of one key fare under a type.

    Attributes
    ----------
    valid, invalid
        Values that fit, and that do not; units without one count in neither.
    misfits
        What those that do not fit look like, most first.
    """

    valid: int
    invalid: int
    misfits: tuple[Look, ...]


def fits(layout: Layout, snapshot: Snapshot, schema: Schema, *, threads: int = 0, memory_mb: int = 0) -> dict[str, Fit]:
    """Return how the values of a snapshot fit the fields of a schema, by key.

    Parameters
    ----------
    layout
        Of the workspace.
    snapshot
        Whose data units; keep it pinned.
    schema
        The fields that are asked about, and no others.
    threads, memory_mb
        As in `Settings`.

    Raises
    ------
    CorruptSpool
        A page is not what was written.
    """
    if not schema.fields:
        return {}
    with (
        # Named so that `clear_leftovers` removes it, should this process be killed.
        tempfile.TemporaryDirectory(prefix=".fits.", suffix=f".{os.getpid()}.tmp", dir=layout.home) as folder,
        writing(Path(folder) / "fits.duckdb", threads=threads, memory_mb=memory_mb) as connection,
    ):
        flags = [f"f{n}" for n in range(1, len(schema.fields) + 1)]
        connection.execute(
            f"CREATE TABLE typed (data_hash VARCHAR, {', '.join(f'{flag} BOOLEAN' for flag in flags)}, "
            "misfits STRUCT(field INTEGER, raw VARCHAR)[])"
        )
        for entry in snapshot.parts:
            if entry.part.kind == "units":
                _type(connection, layout, entry, schema)
        return _counted(connection, schema, flags)


def _type(connection: duckdb.DuckDBPyConnection, layout: Layout, entry: SpooledPart, schema: Schema) -> None:
    """Add the units of a part to the table `typed`."""
    chain = chain_of(layout, entry)
    chain.check()
    chain.place(connection, 0)
    chain.supersede(connection, "rows", "data_hash")
    flags = ", ".join(f"t{n} IS NOT NULL" for n in range(1, len(schema.fields) + 1))
    for generation, spool, files in chain.generations("rows"):
        units = typed_units(schema, duplicates=spool.checkpoint.duplicates)
        connection.execute(
            f"INSERT INTO typed SELECT data_hash, {flags}, misfits FROM ({units})",
            {**unit_parameters(schema, chain.part), "files": files, "generation": generation},
        )


def _counted(connection: duckdb.DuckDBPyConnection, schema: Schema, flags: Sequence[str]) -> dict[str, Fit]:
    expectations(connection, schema)
    connection.execute(f"CREATE TEMP TABLE rejects AS {MISFITS.format('typed')}")
    counts = ", ".join(f"count(*) FILTER ({flag})" for flag in flags)
    valid = connection.execute(f"SELECT {counts} FROM typed").fetchall()[0]
    looks = looks_of_misfits(lambda sql, given: connection.execute(sql, given).fetchall())
    return {
        field.name: Fit(count, sum(look.rows for look in looks.get(field.name, ())), looks.get(field.name, ()))
        for field, count in zip(schema.fields, valid, strict=True)
    }
