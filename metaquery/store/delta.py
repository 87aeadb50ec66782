"""`continued()`: the tables of a snapshot from those of the one before and the generations that came since.

The file of the snapshot before is copied, and meanwhile it is found out from that file what came, was replaced and went
(`arrivals`); the copy gets it in one transaction. That takes a fraction of typing everything anew
(`benchmarks/README.md`). How each key fared is told from the description of the snapshot before, and from the rows that
are taken out and put in. The outcome is that of
`materialise` over the same chains but for the order of rows; where that cannot be promised (another schema, other
parts, a key outside the schema whose type may change) nothing is made, and the caller types anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.store.annotations import insert_annotations
from metaquery.store.arrivals import arrivals
from metaquery.store.chain import largest_row
from metaquery.store.copying import copying
from metaquery.store.counting import counted
from metaquery.store.durable import full_disk
from metaquery.store.infer import still_inferred
from metaquery.store.materialise import MISFITS, expectations, refuse_twice
from metaquery.store.pages import NAMES, REMOVED
from metaquery.store.session import writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from metaquery.schema import MetadataSchema, Schema
    from metaquery.store.arrivals import Arrivals
    from metaquery.store.chain import Chain
    from metaquery.store.counting import Materialised
    from metaquery.store.snapshot import Snapshot

__all__ = ["continued"]

_LARGEST_SHARE = 0.25
"""Of the rows of a part that may have changed; where more have, typing anew is faster, and leaves no holes."""


def continued(
    before: Snapshot,
    chains: Sequence[Chain],
    metadata_schema: MetadataSchema,
    into: Path,
    *,
    threads: int = 0,
    memory_mb: int = 0,
) -> Materialised | None:
    """Build the tables of a snapshot from the one before.

    Parameters
    ----------
    before
        The published snapshot; its file is only read.
    chains
        Every part with its complete generations.
    metadata_schema
        The organisation's.
    into
        File to make; must not exist.
    threads, memory_mb
        As in `Settings`.

    Returns
    -------
    Materialised or None
        None where the tables have to be typed anew; `into` does not exist then.

    Raises
    ------
    CorruptSpool, NoSpace
        As `materialise`.
    """
    since = _since(before, chains)
    if since is None or not before.path.exists() or before.counts.orphans or not _same(before.schema, metadata_schema):
        return None
    largest = largest_row(chains)
    with (
        full_disk(into),
        copying(before.path, into) as copy,
        writing(into, threads=threads, memory_mb=memory_mb, largest=largest, later=True) as connection,
    ):
        came = _arrivals(connection, before, since, metadata_schema)
        if came is not None:
            copy.whole()
            made = _changed(connection, before, since, came, into)
            if made is not None:
                copy.durable()
                return made
    into.unlink()
    return None


def _arrivals(
    connection: duckdb.DuckDBPyConnection,
    before: Snapshot,
    since: list[tuple[Chain, int]],
    metadata_schema: MetadataSchema,
) -> Arrivals | None:
    """Find out what came, without a look at the copy, which is still being made."""
    connection.execute("ATTACH $path AS before (READ_ONLY)", {"path": str(before.path)})
    connection.execute("USE before")
    expectations(connection, before.schema)
    generations = [
        (chain.part, spool) for chain, first in since if chain.part.kind == "units" for spool in chain.spools[first:]
    ]
    return arrivals(connection, before.schema, generations, {*metadata_schema.options, *before.schema.names()})


def _since(before: Snapshot, chains: Sequence[Chain]) -> list[tuple[Chain, int]] | None:
    """Return each chain with the number of its first new generation; None where they do not continue the snapshot."""
    known = {entry.part: entry.generations for entry in before.parts}
    if len(known) != len(chains):
        return None
    found = []
    for chain in chains:
        had = known.get(chain.part)
        if had is None or chain.names[: len(had)] != had:
            return None
        new = sum(spool.checkpoint.received for spool in chain.spools[len(had) :])
        if new > _LARGEST_SHARE * max(chain.expected, 1):
            return None
        found.append((chain, len(had)))
    return found


def _same(schema: Schema, metadata_schema: MetadataSchema) -> bool:
    """Whether the organisation's schema types its keys as the snapshot has them."""
    return metadata_schema.schema(tuple(f for f in schema.fields if f.inferred)) == schema


def _changed(
    connection: duckdb.DuckDBPyConnection,
    before: Snapshot,
    since: list[tuple[Chain, int]],
    came: Arrivals,
    into: Path,
) -> Materialised | None:
    """Change the copy, in one transaction; None where the tables have to be typed anew."""
    connection.execute("ATTACH $path AS made", {"path": str(into)})
    connection.execute("USE made")
    connection.execute("BEGIN")
    made = _apply(connection, before, since, came)
    connection.execute("COMMIT" if made else "ROLLBACK")
    if made:
        _write_down(connection, before, since)
    connection.execute("USE memory")
    connection.execute("DETACH made")
    return made


def _apply(
    connection: duckdb.DuckDBPyConnection, before: Snapshot, since: list[tuple[Chain, int]], came: Arrivals
) -> Materialised | None:
    schema = before.schema
    connection.execute("DELETE FROM data WHERE rowid IN (SELECT row FROM old)")
    connection.execute("DELETE FROM rejects WHERE data_hash IN (SELECT data_hash FROM old)")
    connection.execute("INSERT INTO data SELECT * EXCLUDE (misfits) FROM arrived")
    connection.execute(f"INSERT INTO rejects {MISFITS.format('arrived')}")
    for dataset_hash in came.shrunk:
        _close_ranks(connection, dataset_hash)
    for chain, first in since:
        if chain.part.kind == "labels" and first < len(chain.spools) and _apply_labels(connection, chain, first):
            return None
    valid = [key.valid + difference for key, difference in zip(before.keys, came.differences, strict=True)]
    if not still_inferred(connection, schema, valid=valid):
        return None
    refuse_twice(connection, [chain for chain, _ in since])
    return counted(connection, schema, 0, came.changes, valid=valid, once=came.once)


def _close_ranks(connection: duckdb.DuckDBPyConnection, dataset_hash: str) -> None:
    """Count the places of a dataset anew."""
    connection.execute(
        """UPDATE data SET "index" = r.place FROM (
            SELECT unit, row_number() OVER (ORDER BY "index") - 1 AS place FROM data WHERE dataset_hash = $dataset) r
        WHERE r.unit = data.unit AND data."index" <> r.place""",
        {"dataset": dataset_hash},
    )


def _write_down(connection: duckdb.DuckDBPyConnection, before: Snapshot, since: list[tuple[Chain, int]]) -> None:
    """Write a checkpoint; let DuckDB put row groups together only where the tables have come to need it.

    Otherwise it rewrites the neighbours of the few rows that came: at a million units, 1.4 s of 1.5, and a fifth of
    the file, which the next copy has to carry too.
    """
    kinds = {chain.part.kind for chain, first in since if first < len(chain.spools)}
    touched = [table for kind, tables in _TABLES.items() if kind in kinds for table in tables]
    had = sum(len(entry.generations) for entry in before.parts)
    have = sum(len(chain.spools) for chain, _ in since)
    looks = have // _SMALL_GROUPS > had // _SMALL_GROUPS
    if not any(_has_holes(connection, table) or (looks and _is_ragged(connection, table)) for table in touched):
        connection.execute("SET max_vacuum_tasks = 0")
    connection.execute("CHECKPOINT made")


_TABLES = {"units": ("data",), "labels": ("labels", "predictions")}
"""What is looked at for each kind of part that has something new; `rejects` is put together when these are."""


def _has_holes(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table has so many dead rows that four row groups fit into three."""
    ((stored,),) = connection.execute(
        "SELECT estimated_size FROM duckdb_tables() WHERE database_name = 'made' AND table_name = $table",
        {"table": table},
    ).fetchall()
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return bool(3 * stored > 4 * rows)


def _is_ragged(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table has many small row groups; to look takes 0.2 s at ten million rows."""
    ((groups, rows),) = connection.execute(
        """SELECT count(DISTINCT row_group_id), coalesce(sum(count), 0) FROM pragma_storage_info($table)
        WHERE column_name = 'data_hash' AND segment_type <> 'VALIDITY'""",
        {"table": table},
    ).fetchall()
    return bool(groups > _SMALL_GROUPS + 1.5 * rows / _GROUP_ROWS)


_GROUP_ROWS = 122_880
"""Rows of a full row group of DuckDB."""

_SMALL_GROUPS = 16
"""Row groups that a table may have beyond those that its rows need. Each generation adds one at most, so the groups are
counted as often as so many have come."""


def _apply_labels(connection: duckdb.DuckDBPyConnection, chain: Chain, first: int) -> int:
    """Replace, add and remove the annotations of a project's label rows, or a file's; return how many have no unit."""
    for spool in chain.spools[first:] if chain.part.origin else ():
        for reader, stream in ((NAMES.replace("$key", "data_hash"), "index"), (REMOVED, "removed")):
            files = [str(file) for file in spool.files(stream)]
            for table in ("labels", "predictions") if files else ():
                connection.execute(
                    f"DELETE FROM {table} WHERE project_hash = $project AND data_hash IN (FROM {reader})",
                    {"files": files, "project": chain.part.hash},
                )
    for spool in () if chain.part.origin else chain.spools[first:]:
        for reader, stream in ((NAMES.replace("$key", "label_hash"), "label_rows"), (REMOVED, "removed")):
            files = [str(file) for file in spool.files(stream)]
            for table in ("labels", "predictions") if files else ():
                connection.execute(f"DELETE FROM {table} WHERE label_hash IN (FROM {reader})", {"files": files})
    return insert_annotations(connection, chain, since=first)
