"""Types for keys that the organisation's schema does not have, read off every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.schema import Field
from metaquery.store.pages import DOCUMENT, UNITS, json_pointer

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    import duckdb

__all__ = ["infer_fields"]

_NUMBERS = {"DOUBLE", "BIGINT", "UBIGINT", "HUGEINT"}


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
        STRING, whose misfits are counted like any others.
    """
    if not files:
        return ()
    names = [str(f) for f in files]
    rows = connection.execute(
        f"SELECT DISTINCT unnest(json_keys({DOCUMENT})) AS key FROM {UNITS} u ORDER BY key", {"files": names}
    ).fetchall()
    return tuple(_inferred(connection, names, key) for (key,) in rows if key not in known)


def _inferred(connection: duckdb.DuckDBPyConnection, files: list[str], key: str) -> Field:
    as_datetime = Field(key, "DATETIME").parse_sql("x", "NULL")
    types, texts, dates = connection.execute(
        f"""SELECT list(DISTINCT json_type(x)), count(*) FILTER (WHERE json_type(x) = 'VARCHAR'),
            count({as_datetime}) FILTER (WHERE contains(x::VARCHAR, '-'))
        FROM (SELECT json_extract({DOCUMENT}, $pointer) AS x FROM {UNITS} u)
        WHERE x IS NOT NULL AND json_type(x) <> 'NULL'""",
        {"files": files, "pointer": json_pointer(key)},
    ).fetchall()[0]
    found = set(types or ())
    if found and found <= _NUMBERS:
        return Field(key, "NUMBER", inferred=True)
    if found == {"BOOLEAN"}:
        return Field(key, "BOOLEAN", inferred=True)
    # Eight digits without hyphens are as likely a serial number as a day: only a schema can say which.
    if found == {"VARCHAR"} and texts == dates:
        return Field(key, "DATETIME", inferred=True)
    return Field(key, "STRING", inferred=True)
