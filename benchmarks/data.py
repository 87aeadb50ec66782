"""A workspace with any number of units, generated, seeded and kept for the next run.

The units go the way that synced ones go: pages into a spool, `materialise`, a published snapshot. Twelve keys a unit,
some 440 bytes of JSON, 10 % missing, 1 % wrongly typed, three ISO forms, as `measurements.md` has them.
"""

from __future__ import annotations

import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import msgspec

import metaquery
from benchmarks.pages import label_pages, unit_pages
from metaquery.errors import NoSnapshot
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.layout import Layout
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import Snapshot, SpooledPart, building_path, new_snapshot_id
from metaquery.store.spool import Part, Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCHEMA", "generated"]

SCHEMA = {
    "captured_at": "datetime",
    "city": "string",
    "dark": "boolean",
    "speed": "number",
    "temperature": "number",
    "weather": {"ty": "enum", "values": ["clear", "fog", "overcast", "rain", "snow"]},
    "rig": "uuid",
    "frame rate": "number",
    "site-id": "string",
    "video.description": "long_string",
    "reviewed_at": "datetime",
    "note": "long_string",
}


def generated(units: int, *, labelled: bool = True, home: Path = Path(__file__).parent / "data") -> metaquery.Workspace:
    """Return a workspace of so many units, with labels or without, from an earlier run where there is one."""
    root = home / f"{'units' if labelled else 'bare'}-{units}"
    layout = Layout(root.absolute())
    try:
        Snapshot.current(layout)
    except NoSnapshot:  # none, or one of another version
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        _publish(layout, units, labelled=labelled)
    return metaquery.open(root)


def _publish(layout: Layout, units: int, *, labelled: bool) -> None:
    part = Part("units", str(uuid.UUID(int=7)), "Generated", (("p", "Benchmarks"),))
    labels = Part("labels", "p", "Benchmarks")
    with duckdb.connect() as connection:
        chains = [_spooled(layout, part, "rows", "index", unit_pages(connection, units))]
        if labelled:
            chains.append(_spooled(layout, labels, "labels", "label_rows", label_pages(connection, units)))
    name = new_snapshot_id()
    building = building_path(layout, name)
    made = materialise(chains, MetadataSchema.from_json(SCHEMA), building)
    Snapshot(
        id=name,
        path=layout.snapshots / f"{name}.duckdb",
        created_at=datetime.now(UTC),
        domain="generated",
        schema=made.schema,
        counts=made.counts,
        keys=made.keys,
        changes=made.changes,
        parts=tuple(SpooledPart(chain.part, chain.names) for chain in chains),
        metadata_schema=MetadataSchema.from_json(SCHEMA).to_json(),
    ).publish(layout, building)


def _spooled(
    layout: Layout, part: Part, stream: str, listed: str, pages: Iterator[tuple[list[bytes], list[bytes]]]
) -> Chain:
    """Write down a part as a sync would, its pages first."""
    spool = Spool.resume_or_start(layout.spool / part.folder)
    rows = 0
    for main, beside in pages:
        spool.append(stream, *main)
        spool.append(listed, *beside)
        rows += sum(len(msgspec.json.decode(page, type=list[msgspec.Raw])) for page in beside)
    spool.advance(total=rows, expected=rows, received=rows, position=rows, complete=True)
    return Chain(part, (spool,))
