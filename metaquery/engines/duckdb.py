"""`DuckDBEngine`: a read-only connection to one snapshot, with the Collections' members beside it."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import duckdb

from metaquery.engines.member_views import create_views
from metaquery.errors import EngineError
from metaquery.interruptible import interruptible
from metaquery.interruption import INTERRUPTED, stoppable
from metaquery.language.dialects import DUCKDB
from metaquery.store.durable import unwritable
from metaquery.store.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from metaquery.engines.base import Membership
    from metaquery.language.dialects import Dialect

__all__ = ["DuckDBEngine", "DuckDBPair", "Gathered", "failures", "regex_judge", "rows_over"]

Result = TypeVar("Result")

_BATCH_ROWS = 100_000

_DEPTH = 4_000
"""DuckDB's own limit of 1,000 is below what the language allows: a chain of 500 `div` comes to about 1,000."""

_GATHERED_MB = 1_000
"""Ten million annotations are several times as much."""

_TRIES = 5
"""How often members are looked for again: each time, somebody has replaced them within a millisecond."""

_DAMAGE = "corrupt|checksum|not a valid duckdb|deseriali[sz]e"
"""What DuckDB says of a file that is not what was written; each block has a checksum."""

_INTERRUPTED = "Query interrupted"
"""What DuckDB's client makes of Ctrl-C while a statement runs, in place of Python's own exception."""

_MEMBERS = re.compile(r"\b(?:members|tags)\b")
_EVERY = re.compile(r"\btags AS t\b|\btag NOT IN\b")
"""What the templates `tags` and `tags only` say; all others name the Collections that they are about by parameters."""

Memberships: TypeAlias = "Callable[[DuckDBEngine, frozenset[str] | None], Sequence[Membership]]"
"""Given the engine that asks, returns the Collections and tags of some titles, or all."""


class DuckDBEngine:
    """Runs SQL over one snapshot.

    Parameters
    ----------
    path
        The snapshot's DuckDB file; opened read-only, so any number of processes may.
    memberships
        The Collections and tags, for the views `members(collection, data_hash)` and `tags(data_hash, tag)`; or
        a function that returns those of some titles, or of None all, called by each statement that asks for them.
    threads
        0 is one a core.
    memory_mb
        0 leaves it to DuckDB.
    """

    dialect: Dialect = DUCKDB

    def __init__(
        self,
        path: Path,
        memberships: Sequence[Membership] | Memberships = (),
        *,
        threads: int = 0,
        memory_mb: int = 0,
    ) -> None:
        self._memberships: Memberships = memberships if callable(memberships) else lambda *_: memberships
        self._connection = self._connected(path)
        self._path = path
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._keeping, self._kept = Lock(), set[str]()
        if threads:
            self._connection.execute("SET threads = $n", {"n": threads})
        self._memory_mb = memory_mb
        if memory_mb:
            self._connection.execute("SET memory_limit = $n", {"n": f"{memory_mb}MB"})

    def _connected(self, path: Path) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(path, read_only=True)
        except duckdb.Error as error:
            raise _unopened(error, path) from error

    def stream(self, text: str, parameters: Sequence[Any]) -> pa.RecordBatchReader:
        """Run a query and hand its rows over in batches of up to 100,000.

        Each stream has a connection of its own, so that several can be read at once.
        """
        session, reader = self._run(
            text,
            parameters,
            lambda session: (session, session.sql(text, params=list(parameters)).to_arrow_reader(_BATCH_ROWS)),
        )
        return _watched(reader, session, self._path)

    def rows(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small; imports no Arrow."""
        return self._run(text, parameters, lambda session: session.execute(text, list(parameters)).fetchall())

    def write_parquet(self, text: str, parameters: Sequence[Any], path: Path) -> int:
        """Run a query into a Parquet file, and return its rows."""
        statement = f"COPY ({text}) TO ? (FORMAT parquet, COMPRESSION zstd)"
        given = [*parameters, str(path)]
        return self._run(text, parameters, lambda session: int(session.execute(statement, given).fetchall()[0][0]))

    def keep(self, name: str, text: str, parameters: Sequence[Any]) -> bool:
        """Keep the rows of a query in memory as the table `kept.<name>`, for every statement from now on; once.

        Returns
        -------
        bool
            Whether they are there; not while another thread sees to it, nor where there is too little memory for them.
        """
        if name in self._kept:
            return True
        if not self._keeping.acquire(blocking=False):
            return False
        try:
            if not self._kept:
                self._connection.cursor().execute("ATTACH IF NOT EXISTS ':memory:' AS kept (READ_WRITE)")
            kept = f"CREATE OR REPLACE TABLE kept.{name} AS {text}"
            self._run(kept, parameters, lambda session: session.execute(kept, list(parameters)))
            self._kept.add(name)
        except EngineError as error:
            if not isinstance(error.__cause__, duckdb.OutOfMemoryException):
                raise
            return False
        finally:
            self._keeping.release()
        return True

    @contextmanager
    def gathered(self, text: str, parameters: Sequence[Any]) -> Iterator[Gathered]:
        """Keep the rows of a query as the table `gathered`, for statements that have to be about the same ones.

        They lie in DuckDB's memory, where nobody says of a gigabyte, and on disk beyond that.
        """
        kept = f"CREATE TEMP TABLE gathered AS {text}"

        def keep(session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
            if not self._memory_mb:
                session.execute(f"SET memory_limit = '{_GATHERED_MB}MB'")
            session.execute(kept, list(parameters))
            return session

        try:
            session = self._run(kept, parameters, keep)
            try:
                yield Gathered(session, self._path)
            finally:
                session.close()
        finally:
            if not self._memory_mb:
                self._connection.execute("RESET memory_limit")

    def regex_error(self, pattern: str) -> str | None:
        """Return what RE2 says against a pattern, None where it takes it."""
        return _regex_error(self._connection.cursor(), pattern)

    def interrupt(self) -> None:
        """Stop the statements that are running, from another thread; each fails there."""
        for session in tuple(self._running):
            session.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _run(self, text: str, parameters: Sequence[Any], work: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result:
        """Run a statement; again where another process replaced the members that it was about to read."""
        with failures(text, self._path):
            for _ in range(_TRIES if _MEMBERS.search(text) else 0):
                with suppress(duckdb.IOException):
                    return self._work(text, parameters, work)
            return self._work(text, parameters, work)

    def _work(
        self, text: str, parameters: Sequence[Any], work: Callable[[duckdb.DuckDBPyConnection], Result]
    ) -> Result:
        session = self._session(text, parameters)
        self._running.add(session)
        try:
            with stoppable(session):
                return interruptible(lambda: work(session), session.interrupt)
        finally:
            self._running.discard(session)

    def _session(self, text: str, parameters: Sequence[Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection for one statement: settings and temporary views belong to a connection.

        Without its parameters, the members of every Collection are there.
        """
        session = self._plain_session()
        if _MEMBERS.search(text):
            titles = None if parameters is None or _EVERY.search(text) else _texts(parameters)
            found = self._memberships(self, titles)
            create_views(
                session.execute, [m for m in found if titles is None or m.title in titles], every=titles is None
            )
        return session

    def _plain_session(self) -> duckdb.DuckDBPyConnection:
        session = self._connection.cursor()
        session.execute(SESSION)
        session.execute(f"SET max_expression_depth = {_DEPTH}")
        return session


def regex_judge() -> Callable[[str], str | None]:
    """Return what says what RE2 has against a pattern, for engines that have another kind of expression."""
    connection = duckdb.connect(":memory:")
    return lambda pattern: _regex_error(connection, pattern)


def rows_over(name: str, tables: Sequence[pa.Table]) -> Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]:
    """Return what runs SQL over a table of some rows that are here, all of the same columns."""
    import pyarrow as pa  # who has rows has it

    connection = duckdb.connect(":memory:")
    connection.execute(SESSION)
    connection.register(name, pa.concat_tables(tables))
    return lambda text, parameters: connection.execute(text, list(parameters)).fetchall()


def _regex_error(connection: duckdb.DuckDBPyConnection, pattern: str) -> str | None:
    try:
        connection.execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
    return None


class Gathered:
    """Runs SQL over the table `gathered`, beside those of the snapshot; a stream has to be read before the next.

    Parameters
    ----------
    session
        Which has the table.
    path
        The snapshot's file.
    """

    def __init__(self, session: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._session = session
        self._path = path

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small."""
        with failures(text, self._path):
            return interruptible(lambda: self._session.execute(text).fetchall(), self._session.interrupt)

    def stream(self, text: str) -> pa.RecordBatchReader:
        """Run a query and hand its rows over in batches."""
        session = self._session
        with failures(text, self._path):
            reader = interruptible(lambda: session.sql(text).to_arrow_reader(_BATCH_ROWS), session.interrupt)
            return _watched(reader, session, self._path)


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
        run(SESSION)
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
            raise _unopened(error, a, b) from error
        self._paths = a, b
        create_views(run, memberships)

    def rows(self, text: str, parameters: Sequence[Any] = (), *, of: str | None = None) -> list[tuple[Any, ...]]:
        """Run a statement; `of` names the one snapshot, `a` or `b`, that tables without a database are of."""
        given = list(parameters)
        return self._run(text, lambda: self._connection.execute(text, given).fetchall(), of=of)

    def stream(self, text: str) -> pa.RecordBatchReader:
        """Run a statement over tables of one's own, and hand its rows over in batches."""
        reader = self._run(text, lambda: self._connection.sql(text).to_arrow_reader(_BATCH_ROWS))
        return _watched(reader, self._connection, *self._paths)

    def _run(self, text: str, work: Callable[[], Result], *, of: str | None = None) -> Result:
        with failures(text, *self._paths):
            self._connection.execute(f"USE {of or 'memory'}")
            return interruptible(work, self._connection.interrupt)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _texts(parameters: Sequence[Any]) -> frozenset[str]:
    """Return the texts among parameters, those in lists too: the titles that a statement names are there."""
    texts: set[str] = set()
    for parameter in parameters:
        if isinstance(parameter, str):
            texts.add(parameter)
        elif isinstance(parameter, list | tuple):
            texts.update(item for item in parameter if isinstance(item, str))
    return frozenset(texts)


def _unopened(error: duckdb.Error, *paths: Path) -> EngineError:
    return _damage(error, *paths) or EngineError(f"the snapshot {_named(paths)} cannot be opened: {error}")


def _damage(error: Exception, *paths: Path) -> EngineError | None:
    """Return what to say where the error is about a damaged file and no fault of ours."""
    told = str(error).splitlines()[0]
    if not re.search(_DAMAGE, told.lower()):
        return None
    return EngineError(
        f"the snapshot's file {_named(paths)} is damaged: {told}",
        hint="metaquery verify says what is damaged; metaquery rematerialise makes the newest snapshot's file anew, "
        "and an earlier one's is made again once it has been removed",
    )


def _named(paths: Sequence[Path]) -> str:
    return " or ".join(map(str, paths))


@contextmanager
def failures(text: str, *paths: Path) -> Iterator[None]:
    """Name what stops a statement: another thread; Ctrl-C, an error of DuckDB's own; damage; no room; a fault."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise EngineError(INTERRUPTED) from error
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
    except duckdb.Error as error:
        raise _damage(error, *paths) or unwritable(str(error)) or _short(error) or _fault(error, text) from error


def _watched(reader: pa.RecordBatchReader, session: duckdb.DuckDBPyConnection, *paths: Path) -> pa.RecordBatchReader:
    """Return the batches of a reader, which may come to a damaged block after the first."""
    import pyarrow as pa  # who reads batches has it

    def following() -> pa.RecordBatch | None:
        with stoppable(session):
            return interruptible(lambda: next(reader, None), session.interrupt)

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            while (batch := following()) is not None:
                yield batch
        except (duckdb.Error, OSError, ValueError) as error:  # Arrow's are these, too
            raise _damage(error, *paths) or _short(error) or error from error

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def _short(error: Exception) -> EngineError | None:
    """Return what to say where memory is short; Arrow hands it on as an error of its own."""
    told = str(error).partition("\n")[0]
    if not told.startswith("Out of Memory"):
        return None
    hint = "give more by METAQUERY_MEMORY_MB, or ask for fewer rows and columns"
    return EngineError(f"there is not enough memory to answer this: {told}", hint=hint)


def _fault(error: duckdb.Error, text: str) -> EngineError:
    return EngineError(
        f"DuckDB refused a statement of ours: {str(error).splitlines()[0]}",
        hint=f"this is a fault of metaquery, please report it with the filter; the statement was: {text}",
    )
