"""What every fork of `tests.forked` has imported before it begins."""

from importlib import import_module

import duckdb  # noqa: F401
import httpx  # noqa: F401
import pyarrow.parquet  # noqa: F401
import stamina  # noqa: F401

from metaquery.cli.root import COMMANDS

for entry in COMMANDS.values():
    import_module(f"metaquery.cli.{entry.module}")
for name in ("push", "edits", "sync", "sources.encord", "sources.files", "wire", "history", "language.complete"):
    import_module(f"metaquery.{name}")
