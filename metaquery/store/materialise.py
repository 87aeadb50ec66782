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

from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from metaquery.errors import SyncError
from metaquery.store.annotations import create_annotations, insert_annotations
from metaquery.store.chain import largest_row
from metaquery.store.counting import counted
from metaquery.store.infer import infer_chains, others_expected
from metaquery.store.pages import DOCUMENT, UNITS, json_pointer, listed_bytes, quoted
from metaquery.store.session import writing
from metaquery.store.snapshot import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import duckdb

    from metaquery.schema import Field, MetadataSchema, Schema
    from metaquery.store.chain import Chain
    from metaquery.store.checkpoint import Checkpoint
    from metaquery.store.counting import Materialised
    from metaquery.store.spool import Part

__all__ = [
    "MISFITS",
    "UNLISTED",
    "create_data",
    "expectations",
    "expected",
    "insert_pages",
    "materialise",
    "move_misfits",
    "refuse_twice",
    "typed_units",
    "unit_parameters",
]


_BUILT_IN = (
    "data_hash VARCHAR NOT NULL, title VARCHAR, data_type VARCHAR, dataset_hash VARCHAR, dataset_title VARCHAR, "
    "projects VARCHAR[], created_at TIMESTAMPTZ, last_edited_at TIMESTAMPTZ, width BIGINT, height BIGINT, "
    'duration DOUBLE, fps DOUBLE, frames BIGINT, file_size BIGINT, "index" BIGINT, item_uuid VARCHAR, '
    "content_md5 UBIGINT, unit INTEGER"
)

_ROWS = f"""
    SELECT u.data_hash, nfc_normalize(u.data_title) AS title, lower(u.data_type) AS data_type,
        $dataset_hash AS dataset_hash, $dataset_title AS dataset_title, $projects::VARCHAR[] AS projects,
        try_cast(u.created_at AS TIMESTAMPTZ) AS created_at,
        try_cast(u.last_edited_at AS TIMESTAMPTZ) AS last_edited_at,
        try_cast(u.width AS BIGINT) AS width, try_cast(u.height AS BIGINT) AS height,
        try_cast(u.duration AS DOUBLE) AS duration, try_cast(u.frames_per_second AS DOUBLE) AS fps,
        CASE WHEN lower(u.data_type) = 'image' THEN 1
            ELSE try_cast(round(try_cast(u.duration AS DOUBLE) * try_cast(u.frames_per_second AS DOUBLE)) AS BIGINT)
            END AS frames,
        try_cast(u.file_size AS BIGINT) AS file_size, p."index", u.backing_item_uuid AS item_uuid,
        md5_number_lower(concat_ws(chr(31), u.data_title, u.backing_item_uuid, u.client_metadata::VARCHAR))
            AS content_md5, p.unit::INTEGER AS unit,
        u.client_metadata AS given, {DOCUMENT} AS document
    FROM $source u JOIN positions p ON p.data_hash = u.data_hash
    WHERE u.data_hash NOT IN (SELECT name FROM superseded WHERE generation > $generation)"""

_ONCE = " QUALIFY row_number() OVER (PARTITION BY u.data_hash) = 1"

_WHOLE = """CASE WHEN document IS NULL AND json_type(given) <> 'NULL' AND given::VARCHAR <> '""'
        THEN {'field': NULL::INTEGER, 'raw': given::VARCHAR} END"""
"""A misfit of the whole document: client metadata that is no object."""


def materialise(
    chains: Iterable[Chain],
    metadata_schema: MetadataSchema,
    into: Path,
    *,
    before: Path | None = None,
    schema: Schema | None = None,
    begun: bool = False,
    progress: Callable[[Part], None] = lambda _: None,
    threads: int = 0,
    memory_mb: int = 0,
) -> Materialised:
    """Build the tables of a snapshot from complete spools.

    Parameters
    ----------
    chains
        Each part with its complete generations.
    metadata_schema
        The organisation's; keys that it does not have are inferred over all rows.
    into
        File to make; must not exist, unless it is `begun`.
    before
        DuckDB file of the snapshot before, to count changes against.
    schema
        What `metadata_schema` and the rows came to before, where they are typed for a second time, or are typed.
    begun
        Whether `into` has the data units by `schema`, and their misfits, as `Ahead` makes them.
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
    chains = list(chains)
    with writing(into, threads=threads, memory_mb=memory_mb, largest=largest_row(chains)) as connection:
        units = [chain for chain in chains if chain.part.kind == "units"]
        if not begun or schema is None:
            schema = _type_units(connection, schema, metadata_schema, units)
            move_misfits(connection, schema)
        for chain in units:
            progress(chain.part)
        refuse_twice(connection, units)
        return _complete(connection, schema, chains, before, progress)


def _complete(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    chains: list[Chain],
    before: Path | None,
    progress: Callable[[Part], None],
) -> Materialised:
    """Add the annotations to the typed data units, and count."""
    create_annotations(connection)
    orphans = 0
    for chain in chains:
        if chain.part.kind == "labels":
            orphans += insert_annotations(connection, chain)
            progress(chain.part)
    result = counted(connection, schema, orphans, _changes(connection, before) if before else None)
    connection.execute("CHECKPOINT")
    return result


def _type_units(
    connection: duckdb.DuckDBPyConnection, schema: Schema | None, metadata_schema: MetadataSchema, units: list[Chain]
) -> Schema:
    """Type the units by a schema that is known, or by what the organisation's and all rows come to; return it."""
    known = metadata_schema.options
    if schema is None:
        if not others_expected(connection, units, known) and _only_known(connection, metadata_schema, units):
            return metadata_schema.schema()
        schema = metadata_schema.schema(infer_chains(connection, units, known=known))
    _type_by(connection, schema, units)
    return schema


def _only_known(connection: duckdb.DuckDBPyConnection, metadata_schema: MetadataSchema, units: list[Chain]) -> bool:
    """Type the units by the organisation's schema alone; return whether no unit has a key that it does not have.

    That is found out in passing, by the length of each document: looking for keys first takes a fifth of the whole.
    """
    _type_by(connection, metadata_schema.schema(), units, spot=True)
    return not connection.execute(f"SELECT 1 FROM data WHERE misfits[1].field = {UNLISTED} LIMIT 1").fetchall()


def _type_by(connection: duckdb.DuckDBPyConnection, schema: Schema, units: list[Chain], *, spot: bool = False) -> None:
    """Make the table `data` of all units, numbered part after part."""
    create_data(connection, schema)
    first = 0
    for chain in units:
        first += chain.place(connection, first)
        chain.supersede(connection, "rows", "data_hash")
        for generation, spool, files in chain.generations("rows"):
            insert_pages(connection, schema, chain.part, generation, files, checkpoint=spool.checkpoint, spot=spot)


def create_data(connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Make the table `data`, with its misfits as a last column."""
    columns = "".join(f", {quoted(f.column)} {f.column_type}" for f in schema.fields)
    connection.execute(
        f"CREATE OR REPLACE TABLE data ({_BUILT_IN}{columns}, misfits STRUCT(field INTEGER, raw VARCHAR)[])"
    )


def insert_pages(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    part: Part,
    generation: int,
    files: list[str],
    *,
    checkpoint: Checkpoint,
    spot: bool,
) -> None:
    """Add pages of a part to the table `data`; parameters are those of `typed_units`."""
    statement = f"INSERT INTO data {typed_units(schema, duplicates=checkpoint.duplicates, spot=spot)}"
    for first in range(0, len(files), checkpoint.at_a_time):
        some = files[first : first + checkpoint.at_a_time]
        connection.execute(statement, {**unit_parameters(schema, part), "files": some, "generation": generation})


def refuse_twice(connection: duckdb.DuckDBPyConnection, chains: Iterable[Chain]) -> None:
    """Refuse a data unit that is in two parts; only files can bring one, as a server names each row anew.

    Raises
    ------
    SyncError
        There is one.
    """
    units = [chain for chain in chains if chain.part.kind == "units"]
    if len(units) == 1 or not any(chain.part.origin for chain in units):
        return
    twice = connection.execute(
        """SELECT data_hash, list(dataset_title ORDER BY dataset_title) FROM data GROUP BY data_hash
        HAVING count(*) > 1 ORDER BY data_hash LIMIT 1"""
    ).fetchall()
    for data_hash, titles in twice:
        raise SyncError(
            f"the data unit {data_hash} is in two datasets: {', '.join(titles)}",
            hint="nothing was published; a data_hash stands for one unit in the whole workspace",
        )


def unit_parameters(schema: Schema, part: Part) -> dict[str, Any]:
    """Return the parameters of the SQL that types data units."""
    parameters: dict[str, Any] = {
        "dataset_hash": part.hash,
        "dataset_title": normalize("NFC", part.title),
        "projects": sorted(normalize("NFC", title) for _, title in part.projects),
    }
    if _keys(schema):
        parameters["pointers"] = [json_pointer(key) for key in _keys(schema)]
    return parameters | {f"values_{n}": list(f.values) for n, f in enumerate(schema.fields) if f.type == "ENUM"}


def typed_units(schema: Schema, *, duplicates: bool, spot: bool = False, source: str = UNITS) -> str:
    """Return SQL of the rows of `data` that a generation has, with their misfits as a last column.

    It reads the temporary tables that `Chain.place` and `Chain.supersede` make, and takes `unit_parameters`, `files`
    and `generation`. JSON null counts as missing, so values pass through one projection that makes it SQL NULL.

    Parameters
    ----------
    schema
        The typed schema.
    duplicates
        Whether a page may have a row twice.
    spot
        Whether the first misfit of a unit is `UNLISTED` where it has a key that the schema does not have.
    source
        Where the rows are read: pages, named by the parameter `files`, or a table of their form.
    """
    rows = _ROWS.replace("$source", source) + (_ONCE if duplicates else "")
    unlisted = f"strlen(document::VARCHAR) <> {listed_bytes(_keys(schema))}" if spot else "false"
    values = [f"CASE WHEN x[{n}]::VARCHAR <> 'null' THEN x[{n}] END AS x{n}" for n in _places(schema)]
    typed = [
        f"{f.parse_sql(f'x{n}', f'$values_{n - 1}')} AS t{n}"
        for n, f in zip(_places(schema), schema.fields, strict=True)
    ]
    marked = [f"CASE WHEN unlisted THEN {{'field': {UNLISTED}, 'raw': NULL}} END"] if spot else []
    misfits = [
        f"CASE WHEN x{n} IS NOT NULL AND t{n} IS NULL THEN {{'field': {n}::INTEGER, 'raw': x{n}::VARCHAR}} END"
        for n in _places(schema)
    ]
    built_in = ", ".join(column.strip().split(" ")[0] for column in _BUILT_IN.split(","))
    extracted = ", json_extract(document, $pointers) AS x" if _keys(schema) else ""
    return f"""
    SELECT {", ".join([built_in, *(f"t{n}" for n in _places(schema))])},
        list_filter([{", ".join([*marked, _WHOLE, *misfits])}], lambda e: e IS NOT NULL) AS misfits
    FROM (SELECT {", ".join(["*", *typed])}
        FROM (SELECT {", ".join(["* " + ("EXCLUDE (x)" if extracted else ""), f"{unlisted} AS unlisted", *values])}
            FROM (SELECT *{extracted} FROM ({rows}))))"""


UNLISTED = -1
"""Stands in the place of a field for a key that the schema does not have."""


def _keys(schema: Schema) -> tuple[str, ...]:
    """Return the keys that are read off each document: those of the fields, then those that only may be there."""
    return (*schema.names(), *schema.deleted)


def _places(schema: Schema) -> range:
    return range(1, len(schema.fields) + 1)


def expectations(connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Make the temporary table `expectations (place, field, expected)`: what a misfit's number stands for."""
    connection.execute("CREATE TEMP TABLE expectations (place INTEGER, field VARCHAR, expected VARCHAR)")
    for place, field in zip(_places(schema), schema.fields, strict=True):
        connection.execute(
            "INSERT INTO expectations VALUES ($place, $field, $expected)",
            {"place": place, "field": field.name, "expected": expected(field)},
        )


MISFITS = """
    SELECT m.data_hash, e.field, m.misfit.raw AS raw, coalesce(e.expected, 'an object') AS expected
    FROM (SELECT data_hash, unnest(misfits) AS misfit FROM {}) m
    LEFT JOIN expectations e ON e.place = m.misfit.field"""
"""The rows of `rejects` that a table with misfits holds."""


def move_misfits(connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Make the table `rejects` of the misfits of `data`, which loses them."""
    expectations(connection, schema)
    connection.execute(f"CREATE TABLE rejects AS {MISFITS.format('data')}")
    connection.execute("ALTER TABLE data DROP COLUMN misfits")


def expected(field: Field) -> str:
    """Return what a value of a field has to be, in words."""
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
            count(*) FILTER (old.content_md5 <> new.content_md5 OR old.dataset_hash <> new.dataset_hash),
            count(*) FILTER (new.data_hash IS NULL)
        FROM data new FULL JOIN before.data old ON old.data_hash = new.data_hash""").fetchall()[0]
    connection.execute("DETACH before")
    return Changes(added, changed, removed)
