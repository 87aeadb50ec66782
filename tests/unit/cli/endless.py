"""`python -m tests.unit.cli.endless …`: `metaquery …`, in which a filter on the city `Endless` never ends.

It says `RUNNING` from within the statement. With `DEAF` in the environment it does not end where it is told to, either.
"""

from __future__ import annotations

import os
from contextlib import suppress
from threading import current_thread, main_thread
from typing import Any

import duckdb

import metaquery.engines.duckdb as engines
from metaquery.cli import failures, main

STATEMENT = "SELECT count(*) FROM range(1_000_000_000_000) b WHERE b.range < (SELECT running())"
"""A day's work, of which nothing is kept."""


class Engine(engines.DuckDBEngine):
    """One that is asked in the main thread alone; the count while typing is not held."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        with suppress(duckdb.CatalogException):  # connections to one file share it
            self._connection.create_function("running", said, [], "BIGINT", side_effects=True)

    def rows(self, text: str, parameters: Any) -> Any:
        if "Endless" not in parameters or current_thread() is not main_thread():
            return super().rows(text, parameters)
        return super().rows(STATEMENT, ())


def said() -> int:
    os.write(2, b"RUNNING\n")
    return 1


if __name__ == "__main__":
    if os.environ.get("DEAF"):
        failures._PATIENCE_S = 600.0
        ours = engines.interruptible
        engines.interruptible = lambda work, _stop: ours(work, lambda: os.write(2, b"STOPPING\n"))  # type: ignore[assignment]
    engines.DuckDBEngine = Engine  # type: ignore[misc]
    main()
