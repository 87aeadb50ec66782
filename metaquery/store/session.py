"""`writing()`: a connection to a file of ours that is being made."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from metaquery.errors import CorruptSpool, NoSpace
from metaquery.store.durable import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["writing"]


@contextmanager
def writing(path: Path, *, threads: int = 0, memory_mb: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file to write; instants are in UTC.

    Parameters
    ----------
    path
        The file.
    threads, memory_mb
        As in `Settings`; 0 leaves it to DuckDB.

    Raises
    ------
    CorruptSpool
        What is read is not JSON, or not of the protocol's form.
    NoSpace
        The disk is full.
    """
    connection = duckdb.connect(path)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if threads:
            connection.execute("SET threads = $n", {"n": threads})
        if memory_mb:
            connection.execute("SET memory_limit = $n", {"n": f"{memory_mb}MB"})
        with full_disk(path):
            yield connection
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
