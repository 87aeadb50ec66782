"""Rows of a Parquet file as JSON: what a file has typed, DuckDB writes down without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from metaquery.errors import SyncError
from metaquery.store.pages import PARQUET, quoted
from metaquery.store.session import SESSION, Interruptible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["parquet_rows"]

_ROWS = 2_048
"""Rows fetched at a time."""


def parquet_rows(path: Path) -> Iterator[dict[str, bytes]]:
    """Yield the rows of a Parquet file: JSON text by column.

    Instants are ISO 8601 in UTC, numbers that are not finite are null, binary values that hold UTF-8 are texts.

    Raises
    ------
    SyncError
        The file is not Parquet, or damaged.
    """
    try:
        with Interruptible(duckdb.connect()) as connection:
            connection.execute(SESSION)
            columns = connection.execute(f"DESCRIBE FROM {PARQUET}", [str(path)]).fetchall()
            names = [column[0] for column in columns]
            selected = ", ".join(_json_sql(quoted(name), kind) for name, kind, *_ in columns)
            connection.execute(f"SELECT {selected} FROM {PARQUET}", [str(path)])
            while rows := connection.fetchmany(_ROWS):
                for row in rows:
                    yield {n: b"null" if x is None else x.encode() for n, x in zip(names, row, strict=True)}
    except duckdb.Error as error:
        raise SyncError(
            f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}", hint="nothing was published"
        ) from error


def _json_sql(column: str, kind: str) -> str:
    """Return SQL of the JSON text of a column of this type."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"to_json(strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'))::VARCHAR"
    if kind in {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}:
        return f"to_json(strftime({column}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%fZ'))::VARCHAR"
    if kind in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isfinite({column}) THEN to_json({column})::VARCHAR END"
    if kind == "BLOB":
        return f"to_json(decode({column}))::VARCHAR"
    if kind == "JSON":
        return f"replace({column}::VARCHAR, chr(10), ' ')"  # a line break inside a text is escaped
    return f"to_json({column})::VARCHAR"
