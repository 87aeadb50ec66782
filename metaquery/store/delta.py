"""`continued()`: the tables of a snapshot from those of the one before and the generations that came since.

The file of the snapshot before is copied, and the copy gets what changed: 10,000 units in 10 million take half a
second beyond the copy, where typing everything anew takes 30 (`measurements.md` §6). The outcome is that of
`materialise` over the same chains but for the order of rows; where that cannot be promised (another schema, other
parts, a key outside the schema whose type may change) nothing is made, and the caller types anew.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from metaquery.store.annotations import insert_annotations
from metaquery.store.chain import largest_row
from metaquery.store.durable import full_disk
from metaquery.store.infer import infer_fields, still_inferred
from metaquery.store.materialise import MISFITS, counted, expectations, refuse_twice, typed_units, unit_parameters
from metaquery.store.pages import INDEX, NAMES, REMOVED
from metaquery.store.session import writing
from metaquery.store.snapshot import Changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from metaquery.schema import MetadataSchema, Schema
    from metaquery.store.chain import Chain
    from metaquery.store.materialise import Materialised
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
    with full_disk(into):
        shutil.copyfile(before.path, into)
    with writing(into, threads=threads, memory_mb=memory_mb, largest=largest_row(chains)) as connection:
        made = _apply(connection, before, since, metadata_schema)
        if made is not None:
            connection.execute("CHECKPOINT")
    if made is None:
        into.unlink()
    return made


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


def _apply(
    connection: duckdb.DuckDBPyConnection,
    before: Snapshot,
    since: list[tuple[Chain, int]],
    metadata_schema: MetadataSchema,
) -> Materialised | None:
    schema = before.schema
    units = [(chain, first) for chain, first in since if chain.part.kind == "units"]
    files = [file for chain, first in units for spool in chain.spools[first:] for file in spool.files("rows")]
    known = {*metadata_schema.options, *schema.names()}
    if infer_fields(connection, files, known=known):
        return None
    expectations(connection, schema)
    connection.execute("CREATE TEMP TABLE old (data_hash VARCHAR, content_md5 UBIGINT, place BIGINT, unit INTEGER)")
    connection.execute("CREATE TEMP TABLE fresh (data_hash VARCHAR)")
    left_out = 0
    for chain, first in units:
        left_out += _apply_units(connection, schema, chain, first)
    if left_out:
        return None  # annotations without their unit: typing anew counts them
    for chain, first in since:
        if chain.part.kind == "labels" and first < len(chain.spools) and _apply_labels(connection, chain, first):
            return None
    if not still_inferred(connection, schema):
        return None
    refuse_twice(connection, [chain for chain, _ in since])
    added, changed, removed = connection.execute("""
        SELECT (SELECT count(DISTINCT data_hash) FROM fresh WHERE data_hash NOT IN (SELECT data_hash FROM old)),
            count(*) FILTER (now.content_md5 <> o.content_md5), count(*) FILTER (now.data_hash IS NULL)
        FROM old o LEFT JOIN data now ON now.data_hash = o.data_hash""").fetchall()[0]
    return counted(connection, schema, 0, Changes(added, changed, removed))


def _apply_units(connection: duckdb.DuckDBPyConnection, schema: Schema, chain: Chain, first: int) -> int:
    """Replace, add and remove the units of a part; return how many annotations lost their unit."""
    left_out = 0
    for spool in chain.spools[first:]:
        part, rows = chain.part, [str(file) for file in spool.files("rows")]
        connection.execute("CREATE OR REPLACE TEMP TABLE superseded (name VARCHAR, generation INTEGER)")
        connection.execute("CREATE OR REPLACE TEMP TABLE gone (data_hash VARCHAR)")
        connection.execute("CREATE OR REPLACE TEMP TABLE listed (data_hash VARCHAR, place BIGINT)")
        removed = [str(file) for file in spool.files("removed")]
        if removed:
            connection.execute(f"INSERT INTO gone FROM {REMOVED}", {"files": removed})
        listed = [str(file) for file in spool.files("index")]
        if listed:
            connection.execute(f"INSERT INTO listed FROM {INDEX}", {"files": listed})
        if rows:
            names = NAMES.replace("$key", "data_hash")
            connection.execute(f"CREATE OR REPLACE TEMP TABLE came AS SELECT DISTINCT data_hash FROM {names}",
                               {"files": rows})  # fmt: skip
        else:
            connection.execute("CREATE OR REPLACE TEMP TABLE came (data_hash VARCHAR)")
        left_out += _take_out(connection)
        if removed:
            _close_ranks(connection, part.hash)
        _place(connection, part.hash)
        if rows:
            typed = typed_units(schema, duplicates=spool.checkpoint.duplicates)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE typed AS {typed}",
                {**unit_parameters(schema, part), "files": rows, "generation": 0},
            )
            connection.execute("INSERT INTO data SELECT * EXCLUDE (misfits) FROM typed")
            connection.execute(f"INSERT INTO rejects {MISFITS.format('typed')}")
            connection.execute("INSERT INTO fresh SELECT data_hash FROM typed")
    return left_out


def _take_out(connection: duckdb.DuckDBPyConnection) -> int:
    """Take units that are replaced or gone out of the tables, and remember where they stood."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE taken AS
        SELECT data_hash, content_md5, "index" AS place, unit FROM data
        WHERE data_hash IN (FROM gone UNION ALL FROM came)""")
    connection.execute("INSERT INTO old FROM taken WHERE data_hash NOT IN (SELECT data_hash FROM old)")
    for table in ("data", "rejects"):
        connection.execute(f"DELETE FROM {table} WHERE data_hash IN (SELECT data_hash FROM taken)")
    left_out = 0
    for table in ("labels", "predictions"):
        (count,) = connection.execute(f"DELETE FROM {table} WHERE data_hash IN (FROM gone)").fetchall()[0]
        left_out += count
    return left_out


def _close_ranks(connection: duckdb.DuckDBPyConnection, dataset_hash: str) -> None:
    """Count the places of a dataset anew, with those of units that are about to be put back."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE ranks AS
        SELECT data_hash, row_number() OVER (ORDER BY place) - 1 AS place FROM (
            SELECT data_hash, "index" AS place FROM data WHERE dataset_hash = $dataset
            UNION ALL SELECT data_hash, place FROM taken WHERE data_hash IN (FROM came))""",
        {"dataset": dataset_hash},
    )
    connection.execute(
        'UPDATE data SET "index" = r.place FROM ranks r WHERE r.data_hash = data.data_hash '
        'AND data.dataset_hash = $dataset AND data."index" <> r.place',
        {"dataset": dataset_hash},
    )
    connection.execute("UPDATE taken SET place = r.place FROM ranks r WHERE r.data_hash = taken.data_hash")


def _place(connection: duckdb.DuckDBPyConnection, dataset_hash: str) -> None:
    """Make `positions` for the units that come in: those that are replaced stand where they stood, others behind."""
    (places, numbers) = connection.execute(
        """SELECT (SELECT count(*) FROM data WHERE dataset_hash = $dataset)
                + (SELECT count(*) FROM taken WHERE data_hash IN (FROM came)),
            greatest((SELECT coalesce(max(unit), -1) FROM data), (SELECT coalesce(max(unit), -1) FROM taken)) + 1""",
        {"dataset": dataset_hash},
    ).fetchall()[0]
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE positions AS
        SELECT data_hash, place AS "index", unit FROM taken
        WHERE data_hash IN (FROM came)
        UNION ALL
        SELECT data_hash, row_number() OVER (ORDER BY place) - 1 + $places AS "index",
            (row_number() OVER (ORDER BY place) - 1 + $numbers)::INTEGER AS unit
        FROM listed WHERE place IS NOT NULL AND data_hash IN (FROM came)
            AND data_hash NOT IN (SELECT data_hash FROM taken)""",
        {"places": places, "numbers": numbers},
    )


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
