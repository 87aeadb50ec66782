"""`writing()`: a connection to a file of ours that is being made."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from metaquery.errors import CorruptSpool, NoSpace, StoreError
from metaquery.store.durable import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["writing"]

_MEMORY_MB = 800
"""What DuckDB may use where nobody says: enough for any number of units, as the rest goes to disk."""


_COPIES = 50
"""How often a row that is read is in memory at a time: its text, its frames, its boxes, a thread each."""


@contextmanager
def writing(
    path: Path, *, threads: int = 0, memory_mb: int = 0, largest: int = 0
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
    connection = duckdb.connect(path)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if threads:
            connection.execute("SET threads = $n", {"n": threads})
        connection.execute(
            "SET memory_limit = $n", {"n": f"{memory_mb or max(_MEMORY_MB, 400 + _COPIES * (largest >> 20))}MB"}
        )
        connection.execute("SET temp_directory = $folder", {"folder": str(spill)})
        with full_disk(path):
            yield connection
    except duckdb.IOException as error:
        if "No space left" not in str(error):
            raise
        raise NoSpace(
            "the disk is full: the snapshot could not be built",
            hint="the snapshot before is intact; make room and run the command again",
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            "there is not enough memory to make the tables",
            hint="give more by METAQUERY_MEMORY_MB; the snapshot before is intact",
        ) from error
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise CorruptSpool(
            f"a spooled page cannot be read: {str(error).splitlines()[0]}",
            hint="run the sync again with --full",
        ) from error
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)  # DuckDB makes it when there is no more room, and may leave it
