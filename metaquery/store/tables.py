"""Rows of a Parquet file as JSON: what a file has typed, DuckDB writes down without loss."""

from __future__ import annotations

from glob import escape
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
    r"""Yield the rows of a Parquet file: JSON text by column.

    Instants are ISO 8601 in UTC, numbers that are not finite are null, binary values that hold UTF-8 are texts, others
    are written as `\xFF`.

    Raises
    ------
    SyncError
        The file is not Parquet, or damaged, or has names that DuckDB would change.
    """
    try:
        with Interruptible(duckdb.connect()) as connection:
            connection.execute(SESSION)
            here = [escape(str(path))]  # else `p[1].parquet` is `p1.parquet`, where there is one
            columns = connection.execute(f"DESCRIBE FROM {PARQUET}", here).fetchall()
            names = _names(path, connection.execute(_TREE, here).fetchall())
            selected = ", ".join(_json_sql(quoted(name), kind) for name, kind, *_ in columns)
            connection.execute(f"SELECT {selected} FROM {PARQUET}", here)
            while rows := connection.fetchmany(_ROWS):
                for row in rows:
                    yield {n: b"null" if x is None else x.encode() for n, x in zip(names, row, strict=True)}
    except duckdb.Error as error:
        raise SyncError(
            f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}", hint="nothing was published"
        ) from error


_TREE = "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)"
"""Names as the file has them, each before those in it; what DuckDB makes of them tells no capitals apart."""


def _names(path: Path, tree: list[tuple[str, int]]) -> list[str]:
    """Return the names of a file's columns. Those in a column cannot be got at where they differ in case alone."""

    def children(of: str, count: int) -> list[str]:
        names = []
        for _ in range(count):
            name, within = next(nodes)
            names.append(name)
            children(name, within)
        known: dict[bytes, str] = {}
        for name in names:
            form = name.encode().lower() if of else name.encode()
            if form in known:
                what = f"two columns are called {name!r}" if not of else f"{of!r} has {known[form]!r} and {name!r}"
                hint = "write that column as JSON text" if of else "nothing was published"
                raise SyncError(f"{path}: {what}, which cannot be told apart in Parquet", hint=hint)
            known[form] = name
        return names

    nodes = iter(tree[1:])
    return children("", tree[0][1])


def _json_sql(column: str, kind: str) -> str:
    """Return SQL of the JSON text of a column of this type."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"to_json(strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'))::VARCHAR"
    if kind in {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}:
        return f"to_json(strftime({column}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%fZ'))::VARCHAR"
    if kind in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isfinite({column}) THEN to_json({column})::VARCHAR END"
    if kind == "BLOB":
        return f"to_json(coalesce(try(decode({column})), {column}::VARCHAR))::VARCHAR"
    if kind == "JSON":
        return f"replace({column}::VARCHAR, chr(10), ' ')"  # a line break inside a text is escaped
    return f"to_json({column})::VARCHAR"
