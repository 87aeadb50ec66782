"""`continued()`: the tables of a snapshot from those of the one before and the generations that came since.

The file of the snapshot before is copied, and the copy gets what changed: 10,000 units in a million take 0.7 s of
processor beyond the copy (`benchmarks/README.md`), where typing everything anew takes 15. How each key fared is told
from the description of the snapshot before, and from the rows that are taken out and put in; that every unit is there
once is counted anew. The outcome is that of
`materialise` over the same chains but for the order of rows; where that cannot be promised (another schema, other
parts, a key outside the schema whose type may change) nothing is made, and the caller types anew.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from metaquery.store.annotations import insert_annotations
from metaquery.store.chain import largest_row
from metaquery.store.counting import counted, values_of
from metaquery.store.durable import full_disk
from metaquery.store.infer import infer_fields, still_inferred
from metaquery.store.materialise import MISFITS, UNLISTED, expectations, refuse_twice, typed_units, unit_parameters
from metaquery.store.pages import INDEX, NAMES, REMOVED, UNITS
from metaquery.store.session import writing
from metaquery.store.snapshot import Changes

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    import duckdb

    from metaquery.schema import MetadataSchema, Schema
    from metaquery.store.chain import Chain
    from metaquery.store.counting import Materialised
    from metaquery.store.snapshot import Snapshot
    from metaquery.store.spool import Part, Spool

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
            _write_down(connection, since)
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


def _write_down(connection: duckdb.DuckDBPyConnection, since: list[tuple[Chain, int]]) -> None:
    """Write a checkpoint; let DuckDB put row groups together only where the tables have come to need it.

    Otherwise it rewrites the neighbours of the few rows that came: at a million units, 1.4 s of 1.5, and a fifth of
    the file, which the next copy has to carry too.
    """
    kinds = {chain.part.kind for chain, first in since if first < len(chain.spools)}
    touched = [table for kind, tables in _TABLES.items() if kind in kinds for table in tables]
    if not any(_is_ragged(connection, table) for table in touched):
        connection.execute("SET max_vacuum_tasks = 0")
    connection.execute("CHECKPOINT")


_TABLES = {"units": ("data",), "labels": ("labels", "predictions")}
"""What is looked at for each kind of part that has something new; `rejects` is put together when these are."""


def _is_ragged(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table has many small row groups, or so many dead rows that four groups fit into three."""
    groups, stored = connection.execute(
        """SELECT count(DISTINCT row_group_id), coalesce(sum(count), 0) FROM pragma_storage_info($table)
        WHERE column_name = 'data_hash' AND segment_type <> 'VALIDITY'""",
        {"table": table},
    ).fetchall()[0]
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
    return bool(3 * stored > 4 * rows or groups > _SMALL_GROUPS + 1.5 * rows / _GROUP_ROWS)


_GROUP_ROWS = 122_880
"""Rows of a full row group of DuckDB."""

_SMALL_GROUPS = 16
"""Row groups that a table may have beyond those that its rows need; each sync adds one."""


def _apply(
    connection: duckdb.DuckDBPyConnection,
    before: Snapshot,
    since: list[tuple[Chain, int]],
    metadata_schema: MetadataSchema,
) -> Materialised | None:
    schema = before.schema
    known = {*metadata_schema.options, *schema.names()}
    expectations(connection, schema)
    connection.execute("CREATE TEMP TABLE old (data_hash VARCHAR, content VARCHAR)")
    connection.execute("CREATE TEMP TABLE fresh (data_hash VARCHAR, content VARCHAR)")
    valid = [key.valid for key in before.keys]
    for chain, first in since:
        for spool in chain.spools[first:] if chain.part.kind == "units" else ():
            differences = _apply_units(connection, schema, chain.part, spool, known)
            if differences is None:
                return None
            valid = [count + difference for count, difference in zip(valid, differences, strict=True)]
    for chain, first in since:
        if chain.part.kind == "labels" and first < len(chain.spools) and _apply_labels(connection, chain, first):
            return None
    if not still_inferred(connection, schema):
        return None
    refuse_twice(connection, [chain for chain, _ in since])
    added, changed, removed = connection.execute("""
        SELECT count(*) FILTER (o.data_hash IS NULL), count(*) FILTER (now.content <> o.content),
            count(*) FILTER (now.data_hash IS NULL)
        FROM old o FULL JOIN fresh now ON now.data_hash = o.data_hash""").fetchall()[0]
    return counted(connection, schema, 0, Changes(added, changed, removed), valid=valid)


def _apply_units(
    connection: duckdb.DuckDBPyConnection, schema: Schema, part: Part, spool: Spool, known: Container[str]
) -> list[int] | None:
    """Replace, add and remove the units that a generation has; return by how much the values of each field differ.

    None where the tables have to be typed anew: there is a key that is not `known`, an annotation lost its unit, which
    typing anew counts, or a unit comes that another dataset has yet, which is about to lose it.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE superseded (name VARCHAR, generation INTEGER)")
    connection.execute("CREATE OR REPLACE TEMP TABLE gone (data_hash VARCHAR)")
    connection.execute("CREATE OR REPLACE TEMP TABLE listed (data_hash VARCHAR, place BIGINT)")
    connection.execute("CREATE OR REPLACE TEMP TABLE came (data_hash VARCHAR)")
    removed, listed, rows = ([str(file) for file in spool.files(of)] for of in ("removed", "index", "rows"))
    if removed:
        connection.execute(f"INSERT INTO gone FROM {REMOVED}", {"files": removed})
    if rows:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE pages AS FROM {UNITS}", {"files": rows})
        connection.execute("INSERT INTO came SELECT DISTINCT data_hash FROM pages")
    _find_taken(connection)
    if connection.execute(_MOVED, {"dataset": part.hash}).fetchall():
        return None
    is_new = "FROM came WHERE data_hash NOT IN (SELECT data_hash FROM taken) LIMIT 1"
    if listed and connection.execute(is_new).fetchall():  # only these take their place from the index
        connection.execute(f"INSERT INTO listed FROM {INDEX}", {"files": listed})
    differences = [-count for count in values_of(connection, schema, "data WHERE unit IN (SELECT unit FROM taken)")]
    if _take_out(connection):
        return None
    if removed:
        _close_ranks(connection, part.hash)
    _place(connection, part.hash)
    if not rows:
        return differences
    if not _type_pages(connection, schema, part, spool, known):
        return None
    connection.execute("INSERT INTO data SELECT * EXCLUDE (misfits) FROM typed")
    connection.execute(f"INSERT INTO rejects {MISFITS.format('typed')}")
    connection.execute(f"INSERT INTO fresh SELECT data_hash, {_CONTENT} FROM typed")
    return [less + more for less, more in zip(differences, values_of(connection, schema, "typed"), strict=True)]


def _type_pages(
    connection: duckdb.DuckDBPyConnection, schema: Schema, part: Part, spool: Spool, known: Container[str]
) -> bool:
    """Make `typed` of `pages`; return whether all keys are known.

    As in `materialise`, the length of each document tells; where it does not, since one has a key twice, they are
    looked for.
    """
    for spot in (True, False):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE typed AS "
            "SELECT *, NULL::STRUCT(field INTEGER, raw VARCHAR)[] AS misfits FROM data LIMIT 0"
        )
        typed = typed_units(schema, duplicates=spool.checkpoint.duplicates, spot=spot, source="pages")
        connection.execute(f"INSERT INTO typed {typed}", {**unit_parameters(schema, part), "generation": 0})
        marked = f"SELECT 1 FROM typed WHERE misfits[1].field = {UNLISTED} LIMIT 1"
        if not spot or not connection.execute(marked).fetchall():
            return True
        if infer_fields(connection, spool.files("rows"), known):
            return False
    return True


def _find_taken(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember where the units stand that are replaced or gone."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE taken AS
        SELECT data_hash, {_CONTENT} AS content, "index" AS place, unit, dataset_hash FROM data
        WHERE data_hash IN (FROM gone UNION ALL FROM came)""")
    connection.execute("""
        INSERT INTO old SELECT data_hash, content FROM taken
        WHERE data_hash NOT IN (SELECT data_hash FROM old UNION ALL SELECT data_hash FROM fresh)""")


_CONTENT = "content_md5 || dataset_hash"
"""What a unit is changed by."""

_MOVED = "FROM taken WHERE data_hash IN (FROM came) AND dataset_hash <> $dataset LIMIT 1"


def _take_out(connection: duckdb.DuckDBPyConnection) -> int:
    """Take units that are replaced or gone out of the tables; return how many annotations lost their unit."""
    connection.execute("DELETE FROM data WHERE unit IN (SELECT unit FROM taken)")
    for table in ("rejects", "fresh"):
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
