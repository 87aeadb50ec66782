"""`counted()`: what the tables of a snapshot hold, and how each key fared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import SyncError
from metaquery.store.pages import quoted
from metaquery.store.snapshot import Changes, Counts, KeyCount

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from metaquery.schema import Schema
    from metaquery.store.chain import Chain

__all__ = ["Materialised", "counted", "reconcile", "values_of"]


@dataclass(frozen=True, slots=True)
class Materialised:
    """What `materialise` made.

    Attributes
    ----------
    schema
        The typed schema, with columns placed.
    counts
        Rows of each table.
    keys
        How each key fared, in the schema's order.
    changes
        Against the snapshot before, where there is one.
    units
        Data units of each dataset, by its hash.
    """

    schema: Schema
    counts: Counts
    keys: tuple[KeyCount, ...]
    changes: Changes | None
    units: dict[str, int]


def counted(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    orphans: int,
    changes: Changes | None,
    *,
    valid: Sequence[int] | None = None,
    once: bool = False,
) -> Materialised:
    """Count what the tables of a snapshot hold.

    Parameters
    ----------
    connection
        To the file.
    schema, orphans, changes
        As they go into the outcome.
    valid
        Units that have a value of each field, in the schema's order, where that is known; None to count them.
    once
        Whether it is known that no number of a unit is there twice.
    """

    def rows(table: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    invalid = {
        field: (count, raw)
        for field, count, raw in connection.execute(
            "SELECT field, count(*), arg_min(raw, data_hash) FROM rejects GROUP BY field"
        ).fetchall()
    }
    total = rows("data")
    keys = []
    for field, count in zip(schema.fields, values_of(connection, schema) if valid is None else valid, strict=True):
        misfits, example = invalid.get(field.name, (0, None))
        keys.append(KeyCount(field.name, field.type, field.inferred, count, total - count - misfits, misfits, example))
    whole = invalid.get(None, (0, None))
    return Materialised(
        schema=schema,
        counts=Counts(
            data=total,
            labels=rows("labels"),
            predictions=rows("predictions"),
            rejects=rows("rejects"),
            not_objects=whole[0],
            orphans=orphans,
        ),
        keys=tuple(keys),
        changes=changes,
        units=_units(connection, once=once or _once(connection, total)),
    )


def values_of(connection: duckdb.DuckDBPyConnection, schema: Schema, rows: str = "data") -> list[int]:
    """Count the values of each field in rows of the form of `data`, in the schema's order.

    Parameters
    ----------
    connection
        To the file.
    schema
        Says the columns.
    rows
        SQL of what stands behind FROM.
    """
    selected = ", ".join(["count(*)", *(f"count({quoted(f.column)})" for f in schema.fields)])
    return list(connection.execute(f"SELECT {selected} FROM {rows}").fetchall()[0][1:])


def _units(connection: duckdb.DuckDBPyConnection, *, once: bool) -> dict[str, int]:
    """Count the units of each dataset, each once."""
    number = "count(*)" if once else "count(DISTINCT unit)"
    return dict(connection.execute(f"SELECT dataset_hash, {number} FROM data GROUP BY ALL").fetchall())


def _once(connection: duckdb.DuckDBPyConnection, total: int) -> bool:
    """Whether no number is there twice, by a bit a number: a tenth of the time of telling them apart by dataset.

    False where there are so few of so large numbers that bits are not worth their memory.
    """
    least, most = connection.execute("SELECT min(unit), max(unit) FROM data").fetchall()[0]
    if not total or most - least >= _SPARSE * total:
        return False
    ((found,),) = connection.execute(
        f"SELECT bit_count(bitstring_agg(unit, {int(least)}, {int(most)})) FROM data"
    ).fetchall()
    return bool(found == total)


_SPARSE = 16
"""Bits a unit up to which they are worth their memory: numbers of units that went stay free."""


def reconcile(chains: Sequence[Chain], made: Materialised) -> None:
    """Refuse to publish unless every unit that a source listed is in the tables, once.

    Raises
    ------
    SyncError
        Which are not.
    """
    wrong = []
    for chain in chains:
        if chain.part.kind != "units":
            continue
        rows = made.units.get(chain.part.hash, 0)
        if rows != chain.expected:
            wrong.append(f"{chain.part.title}: expected {chain.expected:,}, have {rows:,}")
    if sum(made.units.values()) != made.counts.data:
        wrong.append(f"{made.counts.data - sum(made.units.values()):,} data units occur twice")
    if wrong:
        raise SyncError(
            "units are unaccounted for, so nothing was published: " + "; ".join(wrong),
            hint="the snapshot before is intact; run the sync again with --full",
        )
