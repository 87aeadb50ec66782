"""An organisation in memory, and a workspace that is synced from it: all of metaquery but the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

import metaquery
from metaquery.schema import MetadataSchema
from metaquery.settings import Settings
from metaquery.sources import Progress, Scope
from metaquery.sources.comparison import IndexEntry, Listed, Name, difference, digest, known_labels, known_units
from metaquery.store.chain import Chain
from metaquery.store.spool import Part, Spool
from metaquery.sync import SyncReport, rematerialise, sync
from metaquery.workspace import Workspace

UNITS = Part("units", "set", "Set", (("p", "Project"),))
LABELS = Part("labels", "p", "Project")
SCHEMA = {"city": "string", "dark": "boolean", "speed": "number", "captured_at": "datetime"}


@dataclass
class World:
    """What is on the server: edit `units` and `labelled`, then `sync()`."""

    root: Path
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    labelled: dict[str, str] = field(default_factory=dict)
    schema: dict[str, Any] = field(default_factory=lambda: dict(SCHEMA))
    domain: str = "memory"
    resumes: bool = False

    def owns(self, part: Part) -> bool:
        return True

    @property
    def workspace(self) -> Workspace:
        return metaquery.open(self.root)

    def sync(self, *, full: bool = False) -> SyncReport:
        schema = MetadataSchema.from_json(self.schema)
        return sync(
            self, Scope(), self.workspace.layout, metadata_schema=schema, settings=Settings(threads=1), full=full
        )

    def rematerialise(self) -> SyncReport:
        schema = MetadataSchema.from_json(self.schema)
        return rematerialise(self.workspace.layout, schema, settings=Settings(threads=1))

    def plan(self, scope: Scope) -> tuple[Part, ...]:
        return UNITS, LABELS

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        rows = self.rows() if part.kind == "units" else self.label_rows()
        listed = [Listed(name, digest(json.dumps(row[0]).encode())) for name, row in rows.items()]
        found = None
        if base:
            known = known_units(base) if part.kind == "units" else known_labels(base)
            found = difference(listed, known, ordered=part.kind == "units")
        wanted = listed if found is None else found.wanted
        new = {row.name for row in listed} if found is None else found.added
        if found and found.removed:
            spool.append("removed", msgspec.json.encode([Name(name) for name in found.removed]))
        if wanted and part.kind == "units":
            places = {row.name: place for place, row in enumerate(listed)}
            index = [IndexEntry(r.name, places[r.name] if r.name in new else None, r.digest) for r in wanted]
            spool.append("index", msgspec.json.encode(index))
        elif wanted:
            spool.append("label_rows", b"[" + b",".join(json.dumps(rows[r.name][0]).encode() for r in wanted) + b"]")
        for at in range(0, len(wanted), 3):
            page = [rows[row.name][1] for row in wanted[at : at + 3]]
            spool.append("rows" if part.kind == "units" else "labels", json.dumps(page, ensure_ascii=False).encode())
        spool.advance(
            total=len(listed),
            expected=len(wanted),
            received=len(wanted),
            listed_at=1.0,
            base="" if found is None or base is None else base.last.folder.name,
            complete=True,
        )

    def rows(self) -> dict[str, tuple[Any, Any]]:
        """Return what is listed of each data unit, and its row."""
        found = {}
        for name, metadata in self.units.items():
            row = {
                "data_hash": name, "data_title": f"{name}.jpg", "data_type": "IMAGE", "width": 1280, "height": 720,
                "created_at": "2024-05-01 12:00:06", "last_edited_at": "2024-05-01 12:00:03", "file_size": 1,
                "frames_per_second": None, "duration": None, "backing_item_uuid": f"i-{name}",
                "client_metadata": metadata,
            }  # fmt: skip
            found[name] = (row, row)
        return found

    def label_rows(self) -> dict[str, tuple[Any, Any]]:
        """Return what is listed of each label row that has a unit, and the row with its one label."""
        found = {}
        for name, value in self.labelled.items():
            if name in self.units:
                listed = {"label_hash": f"l-{name}", "data_hash": name, "branch_name": "main"}
                box = {"objectHash": f"o-{name}", "value": value, "createdBy": "ana"}
                unit = {"data_sequence": 0, "labels": {"objects": [box], "classifications": []}}
                row = {**listed, "data_units": {name: unit}, "classification_answers": {}}
                found[f"l-{name}"] = ({**listed, "edits": value}, row)
        return found


def rows_of(workspace: Workspace, ref: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of a snapshot, of all that can be asked for."""
    moment = workspace.as_of(ref)
    found = {}
    for relation in ("data", "labels", "predictions"):
        table = moment.view(relation).select_all().to_arrow()
        found[relation] = sorted(tuple(map(str, row.items())) for row in table.to_pylist())
    rejects = moment.data.engine.rows("SELECT * FROM rejects ORDER BY ALL", ())
    return {**found, "rejects": rejects}
