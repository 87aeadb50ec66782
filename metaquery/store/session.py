"""`writing()`: a connection to a file of ours that is being made; `Interruptible`, whose statements Ctrl-C ends."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import duckdb

from metaquery.errors import CorruptSpool, StoreError
from metaquery.interruptible import interruptible
from metaquery.interruption import stoppable
from metaquery.store.durable import full_disk, no_space, told_full

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

__all__ = ["SESSION", "Interruptible", "writing"]

Result = TypeVar("Result")

SESSION = "SET TimeZone = 'UTC'; SET enable_progress_bar = false"
"""How each connection begins. Where Python is typed into, DuckDB would draw a bar of its own over what is printed."""

_MEMORY_MB = 800
"""What DuckDB may use where nobody says: enough for any number of units, as the rest goes to disk."""

_COPIES = 50
"""How often a row that is read is in memory at a time: its text, its frames, its boxes, a thread each."""


class Interruptible:
    """A connection whose statements end at Ctrl-C, or by an `Interruption`; has what the store asks of one.

    Parameters
    ----------
    connection
        One of DuckDB's; closed behind the `with`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def execute(self, *statement: Any) -> Self:
        """Run a statement, given with its parameters."""
        self._run(lambda: self.connection.execute(*statement))
        return self

    def fetchmany(self, rows: int) -> list[Any]:
        """Return the next rows of the last statement."""
        return self._run(lambda: self.connection.fetchmany(rows))

    def fetchall(self) -> list[Any]:
        """Return all rows of the last statement that are left."""
        return self._run(self.connection.fetchall)

    def _run(self, work: Callable[[], Result]) -> Result:
        with stoppable(self.connection):
            return interruptible(work, self.connection.interrupt)

    def interrupt(self) -> None:
        """End the statement that another thread runs."""
        self.connection.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()


@contextmanager
def writing(
    path: Path, *, threads: int = 0, memory_mb: int = 0, largest: int = 0, later: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file to write; instants are in UTC.

    Parameters
    ----------
    path
        The file.
    threads, memory_mb
        As in `Settings`; 0 is one thread a core, and 800 MB, or what the largest row needs.
    largest
        Bytes of the largest row that is read.
    later
        Whether the file is attached by who writes it, as it is not there yet.

    Raises
    ------
    CorruptSpool
        What is read is not JSON, or not of the protocol's form.
    NoSpace
        The disk is full.
    StoreError
        There is not enough memory.
    """
    spill = path.parent / f".{path.name.removeprefix('.')}.spill"
    connection = None
    try:
        connection = duckdb.connect(":memory:" if later else path)
        connection.execute(SESSION)
        if threads:
            connection.execute("SET threads = $n", {"n": threads})
        connection.execute(
            "SET memory_limit = $n", {"n": f"{memory_mb or max(_MEMORY_MB, 400 + _COPIES * (largest >> 20))}MB"}
        )
        connection.execute("SET temp_directory = $folder", {"folder": str(spill)})
        with full_disk(path):
            yield cast("duckdb.DuckDBPyConnection", Interruptible(connection))  # what it has is typed better there
    except duckdb.Error as error:
        told = _told(error, path)
        if told is None:
            raise
        raise told from error
    finally:
        if connection is not None:
            connection.close()
        shutil.rmtree(spill, ignore_errors=True)  # DuckDB makes it when there is no more room, and may leave it


def _told(error: duckdb.Error, path: Path) -> StoreError | None:
    """Return what a failure of DuckDB means to the user; None where it is a fault of ours."""
    full = told_full(str(error))  # in errors of several classes: a commit that cannot be written is one of its own
    if full is not None:
        return no_space(full, path)
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            "there is not enough memory to make the tables",
            hint="give more by METAQUERY_MEMORY_MB; the snapshot before is intact",
        )
    if "checksum" in str(error).lower():
        return StoreError(
            f"the file of a snapshot is damaged: {str(error).splitlines()[0]}",
            hint="run: metaquery rematerialise; metaquery verify says what else is damaged",
        )
    if isinstance(error, duckdb.InvalidInputException | duckdb.ConversionException):
        return CorruptSpool(
            f"a spooled page cannot be read: {str(error).splitlines()[0]}", hint="run the sync again with --full"
        )
    return None
