"""`materialise()`: spooled pages to typed tables, by SQL; misfits to the table `rejects`.

The tables of a snapshot::

    data         a row a data unit: the built-in columns of `schema.DATA`, `item_uuid`, `content_md5`, `unit`, and
                 a column a metadata key
    rejects      data_hash, field, raw, expected: values that do not fit their key's type; `field` is NULL where the
                 whole client metadata is not an object
    labels, predictions
                 a row an annotation and frame (a classification: a row a range of frames)

`unit` numbers the data units of a snapshot, and stands in `labels` and `predictions` too: a semi-join on it takes a
third of the time of one on `data_hash`.

Strict typing costs about a fifth over lenient casts (`measurements.md` §3) and is what makes counts right. Each
document is parsed once for all keys, and the misfits come out of the same pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from metaquery.errors import CorruptSpool, NoSpace
from metaquery.store.annotations import create_annotations, insert_annotations
from metaquery.store.durable import full_disk
from metaquery.store.infer import infer_fields
from metaquery.store.pages import DOCUMENT, INDEX, UNITS, json_pointer, quoted
from metaquery.store.snapshot import Changes, Counts, KeyCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from metaquery.schema import Field, MetadataSchema, Schema
    from metaquery.store.spool import Part, Spool

__all__ = ["Materialised", "materialise"]


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


_BUILT_IN = (
    "data_hash VARCHAR NOT NULL, title VARCHAR, data_type VARCHAR, dataset_hash VARCHAR, dataset_title VARCHAR, "
    "projects VARCHAR[], created_at TIMESTAMPTZ, last_edited_at TIMESTAMPTZ, width BIGINT, height BIGINT, "
    'duration DOUBLE, fps DOUBLE, frames BIGINT, file_size BIGINT, "index" BIGINT, item_uuid VARCHAR, '
    "content_md5 UBIGINT, unit INTEGER"
)

_ROWS = f"""
    SELECT u.data_hash, u.data_title AS title, lower(u.data_type) AS data_type, $dataset_hash AS dataset_hash,
        $dataset_title AS dataset_title, $projects::VARCHAR[] AS projects,
        try_cast(u.created_at AS TIMESTAMPTZ) AS created_at,
        try_cast(u.last_edited_at AS TIMESTAMPTZ) AS last_edited_at,
        try_cast(u.width AS BIGINT) AS width, try_cast(u.height AS BIGINT) AS height,
        try_cast(u.duration AS DOUBLE) AS duration, try_cast(u.frames_per_second AS DOUBLE) AS fps,
        CASE WHEN lower(u.data_type) = 'image' THEN 1
            ELSE try_cast(round(try_cast(u.duration AS DOUBLE) * try_cast(u.frames_per_second AS DOUBLE)) AS BIGINT)
            END AS frames,
        try_cast(u.file_size AS BIGINT) AS file_size, p."index", u.backing_item_uuid AS item_uuid,
        md5_number_lower(concat_ws(chr(31), u.data_title, u.backing_item_uuid, u.client_metadata::VARCHAR))
            AS content_md5, ($first + p."index")::INTEGER AS unit,
        u.client_metadata AS given, {DOCUMENT} AS document
    FROM {UNITS} u JOIN positions p ON p.data_hash = u.data_hash"""

_ONCE = " QUALIFY row_number() OVER (PARTITION BY u.data_hash) = 1"

_WHOLE = """CASE WHEN document IS NULL AND json_type(given) <> 'NULL' AND given::VARCHAR <> '""'
        THEN {'field': NULL::INTEGER, 'raw': given::VARCHAR} END"""
"""A misfit of the whole document: client metadata that is no object."""


def materialise(
    spools: Iterable[tuple[Part, Spool]],
    metadata_schema: MetadataSchema,
    into: Path,
    *,
    before: Path | None = None,
    progress: Callable[[Part], None] = lambda _: None,
    threads: int = 0,
    memory_mb: int = 0,
) -> Materialised:
    """Build the tables of a snapshot from complete spools.

    Parameters
    ----------
    spools
        Each part with its complete generation.
    metadata_schema
        The organisation's; keys that it does not have are inferred over all rows.
    into
        File to make; must not exist.
    before
        DuckDB file of the snapshot before, to count changes against.
    progress
        Called after each part.
    threads, memory_mb
        As in `Settings`.

    Raises
    ------
    CorruptSpool
        A page is not JSON, or not of the protocol's form.
    NoSpace
        The disk is full.
    """
    spools = list(spools)
    connection = duckdb.connect(into)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if threads:
            connection.execute("SET threads = $n", {"n": threads})
        if memory_mb:
            connection.execute("SET memory_limit = $n", {"n": f"{memory_mb}MB"})
        with full_disk(into):
            return _build(connection, spools, metadata_schema, before, progress)
    except duckdb.IOException as error:
        if "No space left" not in str(error):
            raise
        raise NoSpace(
            "the disk is full: the snapshot could not be built",
            hint="the snapshot before is intact; make room and run the command again",
        ) from error
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise CorruptSpool(
            f"a spooled page cannot be read: {str(error).splitlines()[0]}",
            hint="run the sync again with --full",
        ) from error
    finally:
        connection.close()


def _build(
    connection: duckdb.DuckDBPyConnection,
    spools: list[tuple[Part, Spool]],
    metadata_schema: MetadataSchema,
    before: Path | None,
    progress: Callable[[Part], None],
) -> Materialised:
    units = [(part, spool) for part, spool in spools if part.kind == "units"]
    files = [f for _, spool in units for f in spool.files("rows")]
    schema = metadata_schema.schema(infer_fields(connection, files, known=metadata_schema.options))
    columns = "".join(f", {quoted(f.column)} {f.column_type}" for f in schema.fields)
    connection.execute(f"CREATE TABLE data ({_BUILT_IN}{columns}, misfits STRUCT(field INTEGER, raw VARCHAR)[])")
    first = 0
    for part, spool in units:
        _insert_units(connection, schema, part, spool, first)
        # Places in the index are counted from 0 without gaps, and rows that went meanwhile keep theirs.
        first += spool.checkpoint.position
        progress(part)
    _move_misfits(connection, schema)
    create_annotations(connection)
    orphans = 0
    for part, spool in spools:
        if part.kind == "labels":
            orphans += insert_annotations(connection, part, spool)
            progress(part)
    result = _counted(connection, schema, orphans, _changes(connection, before) if before else None)
    connection.execute("CHECKPOINT")
    return result


def _insert_units(connection: duckdb.DuckDBPyConnection, schema: Schema, part: Part, spool: Spool, first: int) -> None:
    files = [str(f) for f in spool.files("rows")]
    if not files:
        return
    connection.execute(
        f'CREATE OR REPLACE TEMP TABLE positions AS SELECT data_hash, "index" FROM {INDEX}',
        {"files": [str(f) for f in spool.files("index")]},
    )
    parameters: dict[str, Any] = {
        "files": files,
        "first": first,
        "dataset_hash": part.hash,
        "dataset_title": part.title,
        "projects": sorted(title for _, title in part.projects),
    }
    if schema.fields:
        parameters["pointers"] = [json_pointer(f.name) for f in schema.fields]
    parameters |= {f"values_{n}": list(f.values) for n, f in enumerate(schema.fields) if f.type == "ENUM"}
    rows = _ROWS + (_ONCE if spool.checkpoint.duplicates else "")
    connection.execute(f"INSERT INTO data {_typed(schema, rows)}", parameters)


def _typed(schema: Schema, rows: str) -> str:
    """Return SQL that adds the typed columns and the misfits to `rows`.

    JSON null counts as missing, so values pass through one projection that makes it SQL NULL.
    """
    values = [f"CASE WHEN json_type(x[{n}]) <> 'NULL' THEN x[{n}] END AS x{n}" for n in _places(schema)]
    typed = [
        f"{f.parse_sql(f'x{n}', f'$values_{n - 1}')} AS t{n}"
        for n, f in zip(_places(schema), schema.fields, strict=True)
    ]
    misfits = [
        f"CASE WHEN x{n} IS NOT NULL AND t{n} IS NULL THEN {{'field': {n}::INTEGER, 'raw': x{n}::VARCHAR}} END"
        for n in _places(schema)
    ]
    built_in = ", ".join(column.strip().split(" ")[0] for column in _BUILT_IN.split(","))
    extracted = ", json_extract(document, $pointers) AS x" if schema.fields else ""
    return f"""
    SELECT {", ".join([built_in, *(f"t{n}" for n in _places(schema))])},
        list_filter([{", ".join([_WHOLE, *misfits])}], lambda e: e IS NOT NULL) AS misfits
    FROM (SELECT {", ".join(["*", *typed])}
        FROM (SELECT {", ".join(["* " + ("EXCLUDE (x)" if schema.fields else ""), *values])}
            FROM (SELECT *{extracted} FROM ({rows}))))"""


def _places(schema: Schema) -> range:
    return range(1, len(schema.fields) + 1)


def _move_misfits(connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    connection.execute("CREATE TEMP TABLE expectations (place INTEGER, field VARCHAR, expected VARCHAR)")
    for place, field in zip(_places(schema), schema.fields, strict=True):
        connection.execute(
            "INSERT INTO expectations VALUES ($place, $field, $expected)",
            {"place": place, "field": field.name, "expected": _expected(field)},
        )
    connection.execute("""
        CREATE TABLE rejects AS
        SELECT m.data_hash, e.field, m.misfit.raw AS raw, coalesce(e.expected, 'an object') AS expected
        FROM (SELECT data_hash, unnest(misfits) AS misfit FROM data) m
        LEFT JOIN expectations e ON e.place = m.misfit.field""")
    connection.execute("ALTER TABLE data DROP COLUMN misfits")


def _expected(field: Field) -> str:
    if field.type == "ENUM":
        shown = ", ".join(field.values[:_SHOWN_VALUES])
        return f"one of {shown}{', …' if len(field.values) > _SHOWN_VALUES else ''}"
    if field.type == "VECTOR":
        return f"a list of {field.size} numbers"
    return field.field_type.expected


_SHOWN_VALUES = 8


def _changes(connection: duckdb.DuckDBPyConnection, before: Path) -> Changes:
    connection.execute("ATTACH $path AS before (READ_ONLY)", {"path": str(before)})
    added, changed, removed = connection.execute("""
        SELECT count(*) FILTER (old.data_hash IS NULL),
            count(*) FILTER (old.content_md5 <> new.content_md5),
            count(*) FILTER (new.data_hash IS NULL)
        FROM data new FULL JOIN before.data old ON old.data_hash = new.data_hash""").fetchall()[0]
    connection.execute("DETACH before")
    return Changes(added, changed, removed)


def _counted(
    connection: duckdb.DuckDBPyConnection, schema: Schema, orphans: int, changes: Changes | None
) -> Materialised:
    def rows(table: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    invalid = {
        field: (count, raw)
        for field, count, raw in connection.execute(
            "SELECT field, count(*), arg_min(raw, data_hash) FROM rejects GROUP BY field"
        ).fetchall()
    }
    selected = "".join(f", count({quoted(f.column)})" for f in schema.fields)
    total, *valid = connection.execute(f"SELECT count(*){selected} FROM data").fetchall()[0]
    keys = []
    for field, count in zip(schema.fields, valid, strict=True):
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
        units=dict(
            connection.execute("SELECT dataset_hash, count(DISTINCT data_hash) FROM data GROUP BY ALL").fetchall()
        ),
    )
