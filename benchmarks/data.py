"""A workspace with any number of units, generated, seeded and kept for the next run.

The units go the way that synced ones go: pages into a spool, `materialise`, a published snapshot. Twelve keys a unit,
some 440 bytes of JSON, 10 % missing, 1 % wrongly typed, three ISO forms, as `measurements.md` has them.
"""

from __future__ import annotations

import json
import random
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import metaquery
from metaquery.errors import NoSnapshot
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.layout import Layout
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import Snapshot, SpooledPart, building_path, new_snapshot_id
from metaquery.store.spool import Part, Spool

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

_PAGE = 1_000
_SEED = 7
_FORMS = ("{0:%Y%m%d}", "{0:%Y-%m-%d}", "{0:%Y-%m-%dT%H:%M:%S}Z", "{0:%Y-%m-%dT%H:%M:%S}.25+02:00")
_CITIES = ("Paris", "Oslo", "Lyon", "Bergen", "Berlin", "Rome", "Madrid", "Aarhus", "Malmö", "Porto")
_CLASSES = ("car", "truck", "bus", "bicycle", "pedestrian", "traffic_light")
_LABELLED = 0.6
_MISFITS = ("n/a", [1], 7, "true", {"value": 1})


def generated(units: int, *, home: Path = Path(__file__).parent / "data") -> metaquery.Workspace:
    """Return a workspace of so many units, from an earlier run where there is one."""
    root = home / f"units-{units}"
    layout = Layout(root.absolute())
    try:
        Snapshot.current(layout)
    except NoSnapshot:  # none, or one of another version
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        _publish(layout, units)
    return metaquery.open(root)


def _publish(layout: Layout, units: int) -> None:
    part = Part("units", str(uuid.UUID(int=_SEED)), "Generated", (("p", "Benchmarks"),))
    spool = Spool.resume_or_start(layout.spool / part.folder)
    dice = random.Random(_SEED)  # noqa: S311  # repeatable, not secret
    index = []
    for start in range(0, units, _PAGE):
        rows = [_row(dice, number) for number in range(start, min(start + _PAGE, units))]
        index += [{"data_hash": row["data_hash"], "index": start + n, "digest": 0} for n, row in enumerate(rows)]
        spool.append("rows", json.dumps(rows).encode())
    spool.append("index", json.dumps(index).encode(), total=units, expected=units, received=units, position=units)
    spool.advance(complete=True)
    labels = Part("labels", "p", "Benchmarks")
    labelled = Spool.resume_or_start(layout.spool / labels.folder)
    _annotate(dice, labelled, [row["data_hash"] for row in index])
    name = new_snapshot_id()
    building = building_path(layout, name)
    made = materialise([Chain(part, (spool,)), Chain(labels, (labelled,))], MetadataSchema.from_json(SCHEMA), building)
    Snapshot(
        id=name,
        path=layout.snapshots / f"{name}.duckdb",
        created_at=datetime.now(UTC),
        domain="generated",
        schema=made.schema,
        counts=made.counts,
        keys=made.keys,
        changes=made.changes,
        parts=(SpooledPart(part, (spool.folder.name,)), SpooledPart(labels, (labelled.folder.name,))),
        metadata_schema=MetadataSchema.from_json(SCHEMA).to_json(),
    ).publish(layout, building)


def _annotate(dice: random.Random, spool: Spool, data_hashes: list[str]) -> None:
    """Give six in ten units a label row of one to three boxes, and as many a row of predictions."""
    listed: list[dict[str, Any]] = []
    for start in range(0, len(data_hashes), _PAGE):
        rows = []
        for data_hash in data_hashes[start : start + _PAGE]:
            for branch in ("main", "model-v1"):
                if dice.random() < _LABELLED:
                    label_hash = str(uuid.UUID(int=dice.getrandbits(128)))
                    named = {"label_hash": label_hash, "data_hash": data_hash, "branch_name": branch}
                    listed.append({**named, "workflow_graph_node": {"title": "Annotate 1"}})
                    objects = [_object(dice) for _ in range(dice.randint(1, 3))]
                    unit = {"data_sequence": 0, "labels": {"objects": objects, "classifications": []}}
                    rows.append({**named, "data_units": {data_hash: unit}, "classification_answers": {}})
        spool.append("labels", json.dumps(rows).encode())
    spool.append(
        "label_rows", json.dumps(listed).encode(), total=len(listed), expected=len(listed), received=len(listed)
    )
    spool.advance(complete=True)


def _object(dice: random.Random) -> dict[str, Any]:
    return {
        "objectHash": f"{dice.getrandbits(40):010x}",
        "value": dice.choice(_CLASSES),
        "shape": "bounding_box",
        "confidence": round(dice.random(), 3),
        "manualAnnotation": True,
        "boundingBox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4},
    }


def _row(dice: random.Random, number: int) -> dict[str, Any]:
    return {
        "data_hash": str(uuid.UUID(int=dice.getrandbits(128))),
        "data_title": f"scene_{number:07d}.jpg",
        "data_type": "IMAGE",
        "created_at": "2024-05-01 12:00:06",
        "last_edited_at": "2024-05-01 12:00:06",
        "width": 1280,
        "height": 720,
        "file_size": dice.randint(50_000, 500_000),
        "frames_per_second": None,
        "duration": None,
        "client_metadata": _metadata(dice, number),
        "backing_item_uuid": str(uuid.UUID(int=dice.getrandbits(128))),
    }


def _metadata(dice: random.Random, number: int) -> dict[str, Any]:
    captured = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(4 * 365 * 24 * 60))
    whole = {
        "captured_at": dice.choice(_FORMS).format(captured),
        "city": dice.choice(_CITIES),
        "dark": not 6 <= captured.hour < 18,
        "speed": round(dice.uniform(0, 130), 1),
        "temperature": round(dice.gauss(12, 8), 1),
        "weather": dice.choice(SCHEMA["weather"]["values"]),  # type: ignore[index]  # the one entry that is an object
        "rig": str(uuid.UUID(int=dice.getrandbits(128))),
        "frame rate": dice.choice((24, 25, 30)),
        "site-id": f"site-{dice.randint(0, 999):04d}",
        "video.description": f"a street with {dice.randint(0, 9)} cars and {dice.randint(0, 9)} people, scene {number}",
        "reviewed_at": _FORMS[2].format(captured),
        "note": f"über note {number}: 50% checked",
    }
    kept = {}
    for key, value in whole.items():
        chance = dice.random()
        if chance >= 0.1:  # the share that is missing
            kept[key] = dice.choice(_MISFITS) if chance < 0.11 else value
    return kept
