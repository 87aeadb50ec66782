"""`DuckDBEngine`: a read-only connection to one snapshot, with the Collections' members beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb

from metaquery.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pyarrow as pa

    from metaquery.engines.base import Membership

__all__ = ["DuckDBEngine", "DuckDBPair"]

_BATCH_ROWS = 100_000

_DEPTH = 4_000
"""DuckDB's own limit of 1,000 is below what the language allows: a chain of 500 `div` comes to about 1,000."""

_MEMBERS = re.compile(r"\b(?:members|tags)\b")


class DuckDBEngine:
    """Runs SQL over one snapshot.

    Parameters
    ----------
    path
        The snapshot's DuckDB file; opened read-only, so any number of processes may.
    memberships
        The Collections, for the views `members(collection, data_hash)` and `tags(data_hash, tag)`.
    threads
        0 is one a core.
    memory_mb
        0 leaves it to DuckDB.
    """

    def __init__(
        self, path: Path, memberships: Sequence[Membership] = (), *, threads: int = 0, memory_mb: int = 0
    ) -> None:
        self._memberships = tuple(memberships)
        try:
            self._connection = duckdb.connect(path, read_only=True)
        except duckdb.Error as error:
            raise EngineError(f"the snapshot {path} cannot be opened: {error}") from error
        if threads:
            self._connection.execute("SET threads = $n", {"n": threads})
        if memory_mb:
            self._connection.execute("SET memory_limit = $n", {"n": f"{memory_mb}MB"})

    def stream(self, text: str, parameters: Sequence[Any]) -> pa.RecordBatchReader:
        """Run a query and hand its rows over in batches of up to 100,000.

        Each stream has a connection of its own, so that several can be read at once.
        """
        try:
            return self._session(text).sql(text, params=list(parameters)).to_arrow_reader(_BATCH_ROWS)
        except duckdb.Error as error:
            raise _fault(error, text) from error

    def rows(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small; imports no Arrow."""
        try:
            return self._session(text).execute(text, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise _fault(error, text) from error

    def write_parquet(self, text: str, parameters: Sequence[Any], path: Path) -> int:
        """Run a query into a Parquet file, and return its rows."""
        statement = f"COPY ({text}) TO ? (FORMAT parquet, COMPRESSION zstd)"
        try:
            done = self._session(text).execute(statement, [*parameters, str(path)])
            return int(done.fetchall()[0][0])
        except duckdb.Error as error:
            raise _fault(error, text) from error

    def regex_error(self, pattern: str) -> str | None:
        """Return what RE2 says against a pattern, None where it takes it."""
        try:
            self._connection.cursor().execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
        except duckdb.Error as error:
            return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
        return None

    def interrupt(self) -> None:
        """Stop what is running, from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _session(self, text: str) -> duckdb.DuckDBPyConnection:
        """Return a connection for one statement: settings and temporary views belong to a connection."""
        session = self._connection.cursor()
        session.execute("SET TimeZone = 'UTC'")
        session.execute(f"SET max_expression_depth = {_DEPTH}")
        if _MEMBERS.search(text):
            _create_views(session.execute, self._memberships)
        return session


class DuckDBPair:
    """Runs SQL over two snapshots at once, which it sees as the databases `a` and `b`.

    Parameters
    ----------
    a, b
        Their DuckDB files; only read.
    memberships, threads, memory_mb
        As for `DuckDBEngine`.
    """

    def __init__(
        self, a: Path, b: Path, memberships: Sequence[Membership] = (), *, threads: int = 0, memory_mb: int = 0
    ) -> None:
        self._connection = duckdb.connect(":memory:")
        run = self._connection.execute
        run("SET TimeZone = 'UTC'")
        run(f"SET max_expression_depth = {_DEPTH}")
        run("SET temp_directory = $folder", {"folder": f"{a}.tmp"})
        if threads:
            run("SET threads = $n", {"n": threads})
        if memory_mb:
            run("SET memory_limit = $n", {"n": f"{memory_mb}MB"})
        try:
            run("ATTACH $path AS a (READ_ONLY)", {"path": str(a)})
            run("ATTACH $path AS b (READ_ONLY)", {"path": str(b)})
        except duckdb.Error as error:
            raise EngineError(f"the snapshots {a} and {b} cannot be opened: {error}") from error
        _create_views(run, memberships)

    def rows(self, text: str, parameters: Sequence[Any] = (), *, of: str | None = None) -> list[tuple[Any, ...]]:
        """Run a statement; `of` names the one snapshot, `a` or `b`, that tables without a database are of."""
        try:
            self._connection.execute(f"USE {of or 'memory'}")
            return self._connection.execute(text, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise _fault(error, text) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _create_views(execute: Callable[..., object], memberships: Sequence[Membership]) -> None:
    if memberships:
        files = [str(m.path) for m in memberships]
        execute("SET VARIABLE member_files = $files", {"files": files})
        execute(
            "CREATE TEMP TABLE collection_files AS SELECT unnest($titles) AS title, unnest($files) AS file",
            {"titles": [m.title for m in memberships], "files": files},
        )
        execute("""CREATE TEMP VIEW members AS
            SELECT f.title AS collection, m.data_hash
            FROM read_parquet(getvariable('member_files'), union_by_name = true, filename = true) m
            JOIN collection_files f ON f.file = m.filename""")
    else:
        execute("CREATE TEMP TABLE members (collection VARCHAR, data_hash VARCHAR)")
    execute("CREATE TEMP VIEW tags AS SELECT DISTINCT data_hash, collection AS tag FROM members")


def _fault(error: duckdb.Error, text: str) -> EngineError:
    return EngineError(
        f"DuckDB refused a statement of ours: {str(error).splitlines()[0]}",
        hint=f"this is a fault of metaquery, please report it with the filter; the statement was: {text}",
    )
