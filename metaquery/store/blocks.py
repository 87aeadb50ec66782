"""`damage_of()`: whether every block of a snapshot's file is what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from metaquery.store.session import Interruptible

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TABLES", "damage_of"]

TABLES = ("data", "labels", "predictions", "rejects")


def damage_of(path: Path) -> str | None:
    """Read every block of a snapshot's file, which its checksums are compared for; return what DuckDB finds wrong."""
    try:
        with Interruptible(duckdb.connect(path, read_only=True)) as connection:
            for table in TABLES:
                connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {table}").fetchall()
    except duckdb.Error as error:  # of several classes, the plain one among them
        return str(error).splitlines()[0]
    return None
