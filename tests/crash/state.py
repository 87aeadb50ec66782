"""What a workspace holds, as one number; and the files that it should not have."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from metaquery.store.history import chain_of, log, with_file
from metaquery.store.layout import Layout
from metaquery.store.snapshot import Snapshot, published_ids
from metaquery.sync import current

__all__ = ["contents", "digest", "digest_of", "strays"]

_TABLES = ("data", "labels", "predictions")


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, units named by hash and not by number."""
    with duckdb.connect(path, read_only=True, config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = {"rejects": connection.execute("FROM rejects ORDER BY ALL").fetchall()}
        for table in _TABLES:
            found[table] = connection.execute(
                f"SELECT COLUMNS(* EXCLUDE (unit))::VARCHAR, (SELECT data_hash FROM data d WHERE d.unit = t.unit) "
                f"FROM {table} t ORDER BY ALL"
            ).fetchall()
        return found


def digest(root: Path) -> str | None:
    """Open the workspace, and return a number for all that its snapshot says; None where there is none."""
    snapshot = current(Layout(root))
    if snapshot is None:
        return None
    return digest_of(Layout(root), snapshot)


def digest_of(layout: Layout, snapshot: Snapshot) -> str:
    """Return a number for all that a snapshot says; its file is made again where it is not there."""
    held = contents(with_file(layout, snapshot, threads=1))
    assert {name: len(rows) for name, rows in held.items()} == {
        name: getattr(snapshot.counts, name) for name in (*_TABLES, "rejects")
    }
    text = repr((held, [(f.name, f.type) for f in snapshot.schema.fields], snapshot.counts, snapshot.keys))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def strays(layout: Layout) -> list[str]:
    """Return the files of spool and snapshots that no snapshot needs, and, with a minus, those that are missing."""
    needed, allowed = (
        {layout.current, layout.lock},
        {layout.connection, layout.schema, layout.snapshots / ".rebuilding"},
    )
    ids = published_ids(layout)
    needed |= {layout.snapshots / f"{name}.json" for name in ids} | {layout.snapshots / f"{ids[-1]}.duckdb"}
    allowed |= {layout.snapshots / f"{name}.duckdb" for name in ids[-2:]}
    for snapshot in log(layout):
        for entry in snapshot.parts:
            for spool in chain_of(layout, entry).spools:
                needed.add(spool.folder / "checkpoint.json")
                needed |= {file for stream in spool.checkpoint.pages for file in spool.files(stream)}
    folders = {parent for file in needed for parent in file.parents}
    there = set(layout.home.rglob("*"))
    files = {path for path in there if not path.is_dir()}
    empty = {path for path in there - files if path not in folders and path.parent != layout.home}
    lost = [f"-{path.relative_to(layout.home)}" for path in needed - files]
    return sorted([*(str(path.relative_to(layout.home)) for path in (files - needed - allowed) | empty), *lost])
