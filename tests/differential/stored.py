"""A `RawWorld` in DuckDB, put there by the product: pages into spools, `materialise`, the engine on top."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from metaquery.engines.base import Membership
from metaquery.engines.duckdb import DuckDBEngine
from metaquery.schema import MetadataSchema, Schema
from metaquery.store.chain import Chain
from metaquery.store.materialise import materialise
from metaquery.store.spool import Part, Spool

from .oracle_calendar import EPOCH
from .reading import DATASETS, PROJECT, STAGE, annotation_id, data_hash, label_hash
from .worlds import OPTIONS, TITLES, RawAnnotation, RawUnit, RawWorld

_PAGE = 20


class Stored:
    """The tables of a world, open for queries; its files go when it does."""

    def __init__(self, world: RawWorld) -> None:
        self.root = root = Path(mkdtemp(prefix="world-"))
        spools = [*_units(world, root), _labels(world, root)]
        options = {key.name: OPTIONS[key.type][key.option] for key in world.keys if key.declared}
        chains = [Chain(part, (spool,)) for part, spool in spools]
        self.made = made = materialise(chains, MetadataSchema.from_json(options), root / "snapshot.duckdb", threads=1)
        self.schema: Schema = made.schema
        self.keys = made.keys
        self.memberships = list(_memberships(world, root))
        self.engine = DuckDBEngine(root / "snapshot.duckdb", self.memberships, threads=1)

        self._session = self.engine._session("members and tags")
        weakref.finalize(self, _remove, self.engine, root)

    def rows(self, sql: Any) -> list[tuple[Any, ...]]:
        """Run a statement, in the one session: a new one each time takes longer than most filters do."""
        return self._session.execute(sql.text, sql.params).fetchall()


def _remove(engine: DuckDBEngine, root: Path) -> None:
    engine.close()
    shutil.rmtree(root)


@lru_cache(maxsize=8)
def stored(world: RawWorld) -> Stored:
    """Return the tables of a world; making them takes longer than a dozen filters do."""
    return Stored(world)


def _units(world: RawWorld, root: Path) -> Iterable[tuple[Part, Spool]]:
    for place, (name, title, projects) in enumerate(DATASETS):
        spool = Spool.resume_or_start(root / "spool" / name)
        mine = [(serial, unit) for serial, unit in enumerate(world.units) if unit.dataset == place]
        index = [{"data_hash": data_hash(serial), "index": n} for n, (serial, _) in enumerate(mine)]
        spool.append("index", json.dumps(index).encode(), expected=len(mine))
        rows = [_unit(serial, unit) for serial, unit in mine]
        pages = [f"[{','.join(rows[at : at + _PAGE])}]".encode() for at in range(0, len(rows), _PAGE)]
        spool.append("rows", *pages, received=len(rows), position=len(rows), complete=True)
        yield Part("units", name, title, tuple((f"p{n}", project) for n, project in enumerate(projects))), spool


def _unit(serial: int, unit: RawUnit) -> str:
    """Return a data row (`encord-wire-protocol.md` §4.3), client metadata as an object or as a text that holds one."""
    width, height, duration, rate = unit.sizes
    row = {
        "data_hash": data_hash(serial),
        "data_title": unit.title,
        "data_type": unit.data_type,
        "created_at": unit.created_at,
        "last_edited_at": unit.created_at,
        "width": width,
        "height": height,
        "file_size": None,
        "frames_per_second": rate,
        "duration": duration,
        "backing_item_uuid": f"i{serial}",
    }
    document = f"{{{','.join(f'{json.dumps(name)}:{text}' for name, text in unit.members)}}}"
    if unit.as_text:
        document = json.dumps(document)
    return f'{json.dumps(row)[:-1]},"client_metadata":{document if unit.whole is None else unit.whole}}}'


def _labels(world: RawWorld, root: Path) -> tuple[Part, Spool]:
    """Spool a label row a unit and branch (§6.3), objects by frame as in a video."""
    spool = Spool.resume_or_start(root / "spool" / "labels")
    listed, full = [], []
    for unit, branch in sorted({(a.unit, a.branch) for a in world.annotations}):
        mine = [(n, a) for n, a in enumerate(world.annotations) if (a.unit, a.branch) == (unit, branch)]
        named = {"label_hash": label_hash(unit, branch), "data_hash": data_hash(unit), "branch_name": branch}
        listed.append({**named, "workflow_graph_node": {"uuid": "w", "title": STAGE}})
        frames: dict[str, dict[str, list[Any]]] = {}
        for n, a in mine:
            if not a.classified:
                frames.setdefault(str(a.frames[0][0]), {"objects": []})["objects"].append(_object(n, a))
        answers = {annotation_id(n): _classification(n, a) for n, a in mine if a.classified}
        full.append({**named, "data_units": {"x": {"labels": frames}}, "classification_answers": answers})
    spool.append("label_rows", json.dumps(listed).encode(), expected=len(full))
    spool.append("labels", json.dumps(full).encode(), received=len(full), complete=True)
    return Part("labels", *PROJECT), spool


def _object(serial: int, annotation: RawAnnotation) -> dict[str, Any]:
    named = {"objectHash": annotation_id(serial), "shape": "bounding_box"}
    return {**named, "value": annotation.value, **_made(annotation, "%a, %d %b %Y %H:%M:%S UTC")}


def _classification(serial: int, annotation: RawAnnotation) -> dict[str, Any]:
    answered = [{"value": annotation.value, "answers": annotation.answer}]
    named = {"classificationHash": annotation_id(serial), "range": annotation.frames, "classifications": answered}
    return {**named, **_made(annotation, "%Y-%m-%d %H:%M:%S")}


def _made(annotation: RawAnnotation, form: str) -> dict[str, Any]:
    made = {"createdBy": annotation.annotator, "confidence": annotation.confidence}
    if annotation.created is not None:
        made["createdAt"] = (EPOCH + timedelta(microseconds=annotation.created)).strftime(form)
    return made if annotation.manual is None else {**made, "manualAnnotation": annotation.manual}


def _memberships(world: RawWorld, root: Path) -> Iterable[Membership]:
    with duckdb.connect() as connection:
        for n, (title, chosen) in enumerate(zip(TITLES, world.chosen, strict=True)):
            path = root / f"members-{n}.parquet"
            members = {"members": [data_hash(serial) for serial in sorted(chosen)]}
            source = "SELECT unnest($members::VARCHAR[]) AS data_hash"
            connection.execute(f"COPY ({source}) TO '{path}' (FORMAT parquet)", members)
            yield Membership(title, path)
