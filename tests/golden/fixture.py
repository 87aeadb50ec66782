"""`grammar/cases/fixture.json` as the product has it: spooled as Encord sends it, typed, published, with Collections.

Nothing is put into a table by hand, so that typing is part of what the cases show.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from metaquery.engines.base import Membership
from metaquery.engines.duckdb import DuckDBEngine
from metaquery.engines.lake import LakeEngine
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.counting import Materialised
from metaquery.store.materialise import materialise
from metaquery.store.spool import Part, Spool
from tests.lakes import lake_over

from .blocks import DIRECTORY

Row = dict[str, Any]


@cache
def fixture() -> dict[str, Any]:
    """Return `fixture.json`."""
    found: dict[str, Any] = json.loads((DIRECTORY / "fixture.json").read_text(encoding="utf-8"))
    return found


def engine_over(folder: Path, schema: MetadataSchema) -> DuckDBEngine:
    """Make a snapshot of the fixture in an empty folder, and open it."""
    made_over(folder, schema)
    return DuckDBEngine(folder / SNAPSHOT, memberships(folder))


def lake_engine_over(folder: Path, schema: MetadataSchema) -> LakeEngine:
    """Make a snapshot of the fixture in an empty folder, export it as a lake of three parts, and open that."""
    made = made_over(folder, schema)
    return lake_over(folder / SNAPSHOT, made, memberships(folder), folder / "lake", parts=3)


SNAPSHOT = "fixture.duckdb"


def made_over(folder: Path, schema: MetadataSchema) -> Materialised:
    chains = [Chain(part, (spool,)) for part, spool in (*units(folder), *labels(folder))]
    return materialise(chains, schema, folder / SNAPSHOT)


def memberships(folder: Path) -> list[Membership]:
    return [members(folder, title) for title in fixture()["collections"]]


def members(folder: Path, title: str) -> Membership:
    path = folder / f"{title}.parquet"
    pq.write_table(pa.table({"data_hash": fixture()["collections"][title]}), path)
    return Membership(title, path)


def units(folder: Path) -> Iterator[tuple[Part, Spool]]:
    """Spool the data units, dataset by dataset."""
    for dataset in fixture()["datasets"]:
        rows = [wire_unit(unit) for unit in dataset["units"]]
        spool = Spool.resume_or_start(folder / dataset["dataset_hash"])
        index = [{"data_hash": row["data_hash"], "index": place} for place, row in enumerate(rows)]
        spool.append("index", json.dumps(index).encode(), expected=len(rows))
        spool.append("rows", json.dumps(rows, ensure_ascii=False).encode(), received=len(rows))
        spool.advance(position=len(rows), complete=True)
        projects = tuple((title, title) for title in dataset["projects"])
        yield Part("units", dataset["dataset_hash"], dataset["dataset_title"], projects), spool


def wire_unit(unit: Row) -> Row:
    """Return a data unit as Encord's `dataset/…/data-rows` has it."""
    return {
        "data_hash": unit["data_hash"],
        "data_title": unit["title"],
        "data_type": unit["data_type"].upper(),
        "created_at": unit["created_at"].replace("T", " ").removesuffix("Z"),
        "last_edited_at": unit["last_edited_at"].replace("T", " ").removesuffix("Z"),
        "width": unit["width"],
        "height": unit["height"],
        "file_size": unit["file_size"],
        "frames_per_second": unit["fps"],
        "duration": unit["duration"],
        "client_metadata": unit["client_metadata"],
        "backing_item_uuid": f"item-{unit['data_hash']}",
    }


def labels(folder: Path) -> Iterator[tuple[Part, Spool]]:
    """Spool labels and predictions, project by project, label row by label row."""
    rows = [*fixture()["labels"], *(row | {"predicted": True} for row in fixture()["predictions"])]
    for project, within in by(rows, "project_title").items():
        listed, full = [], []
        for label_hash, found in by(within, "label_hash").items():
            stage = next((row["stage"] for row in found if "stage" in row), None)
            named = {
                "label_hash": label_hash,
                "data_hash": found[0]["data_hash"],
                "branch_name": found[0].get("model") or "main",
            }
            listed.append(named | {"workflow_graph_node": stage and {"uuid": stage, "title": stage}})
            full.append(named | {"data_units": objects(found), "classification_answers": answers(found)})
        spool = Spool.resume_or_start(folder / f"labels-{project}")
        spool.append("label_rows", json.dumps(listed).encode(), expected=len(full))
        spool.append("labels", json.dumps(full).encode(), received=len(full))
        spool.advance(complete=True)
        yield Part("labels", project, project), spool


def by(rows: list[Row], key: str) -> dict[str, list[Row]]:
    def named(row: Row) -> str:
        return str(row[key])

    return {value: list(found) for value, found in groupby(sorted(rows, key=named), named)}


def objects(rows: list[Row]) -> Row:
    """Return the objects of a label row: of a still in one piece, else frame by frame."""
    frames: Row = {}
    for row in rows:
        if row["shape"] != "classification":
            frames.setdefault(str(row["frame"]), {"objects": [], "classifications": []})["objects"].append(wire(row))
    if list(frames) == ["0"]:
        return {"unit": {"data_sequence": 0, "labels": frames["0"]}}
    return {"unit": {"labels": frames}}


def answers(rows: list[Row]) -> Row:
    """Return the classifications of a label row."""
    found = {}
    for row in rows:
        if row["shape"] == "classification":
            chosen = [{"value": answer} for answer in row["answer"].split(", ")]
            question = {"value": row["class"], "answers": chosen}
            found[row["annotation_id"]] = wire(row) | {
                "classificationHash": row["annotation_id"],
                "range": [[row["frame"], row["last_frame"]]],
                "classifications": [question],
            }
    return found


def wire(row: Row) -> Row:
    """Return an annotation as Encord's label rows have it; what is null is left out."""
    created = row["created_at"] and datetime.fromisoformat(row["created_at"])
    found = {
        "objectHash": row["annotation_id"],
        "value": row["class"],
        "shape": row["shape"],
        "createdBy": row.get("annotator"),
        "createdAt": created and created.strftime("%a, %d %b %Y %H:%M:%S UTC"),
        "manualAnnotation": "predicted" not in row,
        "confidence": row.get("confidence"),
    }
    return {key: value for key, value in found.items() if value is not None}
