"""A snapshot that no workspace has, exported as a lake and opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from metaquery.engines.base import Membership
from metaquery.engines.lake import LakeEngine
from metaquery.lake import open_lake
from metaquery.lake_export import LakeSource, Members, export_lake
from metaquery.lake_manifest import Held
from metaquery.settings import Settings
from metaquery.store.counting import Materialised
from metaquery.store.snapshot import Snapshot

__all__ = ["lake_over"]


def lake_over(
    file: Path, made: Materialised, memberships: Sequence[Membership], directory: Path, *, parts: int
) -> LakeEngine:
    """Export what was materialised into a file, with some Collections, and return the engine over it."""
    snapshot = Snapshot("1", file, datetime.now(UTC), "", made.schema, made.counts, made.keys, None, ())
    members = [
        Members(Held(one.title, pq.read_metadata(one.path).num_rows, "data", one.tag), one.path) for one in memberships
    ]
    settings = Settings(threads=1)
    export_lake(LakeSource(snapshot, lambda: file, lambda: members, {}, settings), directory, parts)
    engine = open_lake(directory, threads=1).data.engine
    assert isinstance(engine, LakeEngine)
    return engine
