"""Types for keys that the organisation's schema does not have, read off every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.schema import Field
from metaquery.store.pages import DOCUMENT, UNITS, json_pointer, quoted
from metaquery.unreadable import MARK

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    import duckdb

    from metaquery.schema import Schema
    from metaquery.store.chain import Chain

__all__ = ["infer_chains", "infer_fields", "others_expected", "still_inferred"]

_NUMBERS = ("DOUBLE", "BIGINT", "UBIGINT", "HUGEINT")


def infer_fields(connection: duckdb.DuckDBPyConnection, files: list[Path], known: Container[str]) -> tuple[Field, ...]:
    """Find the keys that are not `known` and give each the type that all of its values have.

    Parameters
    ----------
    connection
        Any connection; nothing is written.
    files
        Pages of data rows.
    known
        Keys of the organisation's schema, tombstones included.

    Returns
    -------
    tuple of Field
        By name. All values numbers: NUMBER; all true or false: BOOLEAN; all texts that are dates: DATETIME; else
        STRING, whose misfits are counted like any others. Values that no reader takes do not count.
    """
    if not files:
        return ()
    return _infer(connection, UNITS, {"files": [str(file) for file in files]}, known)


def others_expected(connection: duckdb.DuckDBPyConnection, chains: list[Chain], known: Container[str]) -> bool:
    """Tell whether the first pages have keys that are not `known`: a guess, which saves work and decides nothing."""
    firsts = [str(chain.files("rows")[0]) for chain in chains if chain.files("rows")][:_SAMPLED]
    return bool(firsts) and any(
        key not in known
        for (key,) in connection.execute(
            f"SELECT DISTINCT unnest(json_keys({DOCUMENT})) FROM {UNITS} u", {"files": firsts}
        ).fetchall()
    )


_SAMPLED = 4
"""Pages that are looked into."""


def infer_chains(
    connection: duckdb.DuckDBPyConnection, chains: list[Chain], known: Container[str]
) -> tuple[Field, ...]:
    """Find the keys that are not `known` in the rows that chains of data units have now, as `infer_fields`.

    What a later generation replaced or removed says nothing any more.
    """
    if all(len(chain.spools) == 1 for chain in chains):
        return infer_fields(connection, [file for chain in chains for file in chain.files("rows")], known)
    connection.execute("CREATE OR REPLACE TEMP TABLE live (client_metadata JSON)")
    for chain in chains:
        chain.place(connection, 0)
        chain.supersede(connection, "rows", "data_hash")
        for generation, _, files in chain.generations("rows"):
            connection.execute(
                f"INSERT INTO live SELECT u.client_metadata FROM {UNITS} u "
                "WHERE u.data_hash IN (SELECT data_hash FROM positions) "
                "AND u.data_hash NOT IN (SELECT name FROM superseded WHERE generation > $generation)",
                {"files": files, "generation": generation},
            )
    found = _infer(connection, "live", {}, known)
    connection.execute("DROP TABLE live")
    return found


def _infer(
    connection: duckdb.DuckDBPyConnection, source: str, parameters: dict[str, Any], known: Container[str]
) -> tuple[Field, ...]:
    rows = connection.execute(
        f"SELECT DISTINCT unnest(json_keys({DOCUMENT})) AS key FROM {source} u ORDER BY key", parameters
    ).fetchall()
    keys = [key for (key,) in rows if key not in known]
    found: list[Field] = []
    for at in range(0, len(keys), _KEYS_A_PASS):
        found += _inferred(connection, source, parameters, keys[at : at + _KEYS_A_PASS])
    return tuple(found)


_KEYS_A_PASS = 64
"""Keys that are looked at in one pass over the pages: few enough for a statement to be planned in no time."""

_EVIDENCE = """
    bool_and(k{n} IN {numbers}) FILTER (k{n} <> 'NULL'), bool_and(k{n} = 'BOOLEAN') FILTER (k{n} <> 'NULL'),
    bool_and(k{n} = 'VARCHAR' AND ({instant}) IS NOT NULL) FILTER (k{n} <> 'NULL')"""
"""Whether all values of a key are numbers, booleans, dates; NULL where there is none."""

_DATE = Field("x", "DATETIME", inferred=True)


def _inferred(
    connection: duckdb.DuckDBPyConnection, source: str, parameters: dict[str, Any], keys: list[str]
) -> list[Field]:
    places = range(1, len(keys) + 1)
    evidence = ",".join(
        _EVIDENCE.format(n=n, numbers=_NUMBERS, instant=_DATE.parse_sql(f"x{n}", "NULL")) for n in places
    )
    values = ", ".join(
        f"x[{n}] AS x{n}, CASE WHEN NOT starts_with(x[{n}]::VARCHAR, '{MARK}') THEN json_type(x[{n}]) END AS k{n}"
        for n in places
    )
    answers = connection.execute(
        f"SELECT {evidence} FROM (SELECT {values} FROM "
        f"(SELECT json_extract({DOCUMENT}, $pointers) AS x FROM {source} u))",
        {**parameters, "pointers": [json_pointer(key) for key in keys]},
    ).fetchall()[0]
    types = ("NUMBER", "BOOLEAN", "DATETIME")
    found = []
    for place, key in enumerate(keys):
        fits = answers[3 * place : 3 * place + 3]
        type_ = next((name for name, every in zip(types, fits, strict=True) if every), "STRING")
        found.append(Field(key, type_, inferred=True))
    return found


def still_inferred(
    connection: duckdb.DuckDBPyConnection, schema: Schema, *, gone: bool = True, valid: Sequence[int] | None = None
) -> bool:
    """Tell whether the types that were read off some rows are those that the rows of `data` and `rejects` have now.

    A value that does not fit, texts that are all dates now, or a key that no row has any more mean another schema.

    Parameters
    ----------
    connection
        To the tables.
    schema
        Its inferred fields are asked about.
    gone
        Whether rows that had a key may be gone, so that one without a value may be a key of none.
    valid
        Units that have a value of each field, in the schema's order, where that is known.
    """
    counts: Sequence[int | None] = valid or [None] * len(schema.fields)
    return all(
        _still(connection, field, gone=gone, valid=count)
        for field, count in zip(schema.fields, counts, strict=True)
        if field.inferred
    )


def _still(connection: duckdb.DuckDBPyConnection, field: Field, *, gone: bool, valid: int | None) -> bool:
    if valid is None:
        ((valid,),) = connection.execute(f"SELECT count({quoted(field.column)}) FROM data").fetchall()
    invalid, numbers, booleans = connection.execute(
        f"""SELECT count(*), bool_and(json_type(raw) IN {_NUMBERS}), bool_and(json_type(raw) = 'BOOLEAN')
        FROM rejects WHERE field = $name AND NOT starts_with(raw, $mark)""",
        {"name": field.name, "mark": MARK},
    ).fetchall()[0]
    if field.type != "STRING":
        return bool(valid and not invalid)
    if not valid:
        return not (numbers or booleans) if invalid else not gone
    return bool(invalid) or not _all_dates(connection, field)


def _all_dates(connection: duckdb.DuckDBPyConnection, field: Field) -> bool:
    others = connection.execute(
        f"SELECT 1 FROM (SELECT {quoted(field.column)} AS x FROM data) "
        f"WHERE x IS NOT NULL AND ({_DATE.parse_sql('to_json(x)', 'NULL')}) IS NULL LIMIT 1"
    ).fetchall()
    return not others
