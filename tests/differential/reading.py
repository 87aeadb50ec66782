"""What the oracle knows of a `RawWorld`: the same text, read by its own rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unicodedata import normalize

from metaquery.schema import RELATIONS, Schema

from .oracle import Row, Unit, World
from .oracle_calendar import DAY, SECOND, days
from .oracle_reading import INVALID, MISSING, Kind, read_value
from .oracle_values import Moment
from .worlds import TITLES, RawAnnotation, RawUnit, RawWorld

DATASETS = [("set-a", "Set A", ("Zoo", "Street scenes")), ("set-b", "Set B", ())]
"""Hash, title, and titles of the projects."""

PROJECT = ("p0", "Zoo")
STAGE = "Annotate 1"

BUILT_IN = {name: {field.name: field.type for field in relation.fields} for name, relation in RELATIONS.items()}


def data_hash(serial: int) -> str:
    return f"unit-{serial:03d}"


def label_hash(unit: int, branch: str) -> str:
    return f"label-{unit}-{branch}"


def annotation_id(serial: int) -> str:
    return f"o{serial}"


def kinds(world: RawWorld, schema: Schema) -> dict[str, Kind]:
    """Return the type of each key: as the organisation's schema has it, else as the store read it off the data."""
    declared = {key.name: key.type for key in world.keys if key.declared}
    assert {field.name: field.type for field in schema.fields if not field.inferred} == declared
    return {field.name: Kind(field.type, field.values, field.size or 0) for field in schema.fields}


def read(world: RawWorld, schema: Schema, now: datetime) -> tuple[World, list[Unit]]:
    """Return the world and its units."""
    types = kinds(world, schema)
    units = [_unit(serial, unit, types, world) for serial, unit in enumerate(world.units)]
    related: dict[str, dict[str, list[Row]]] = {"label": {}, "prediction": {}}
    for serial, annotation in enumerate(world.annotations):
        rows = related["prediction" if annotation.predicted else "label"]
        rows.setdefault(data_hash(annotation.unit), []).extend(_rows(serial, annotation))
    members = {title: {data_hash(n) for n in chosen} for title, chosen in zip(TITLES, world.chosen, strict=True)}
    return World({name: kind.type for name, kind in types.items()}, BUILT_IN, related, members, now), units


def _unit(serial: int, unit: RawUnit, types: dict[str, Kind], world: RawWorld) -> Unit:
    texts = dict(reversed(unit.members)) if unit.whole is None else {}  # of a name that comes twice, the first counts
    found = {name: read_value(texts.get(name), kind) for name, kind in types.items()}
    values = {name: value for name, value in found.items() if value is not MISSING and value is not INVALID}
    raw = {name: texts[name] for name, value in found.items() if value is INVALID}
    return Unit(data_hash(serial), _own(serial, unit, world), values, raw)


def _own(serial: int, unit: RawUnit, world: RawWorld) -> Row:
    width, height, duration, rate = (None if size is None else float(size) for size in unit.sizes)
    frames = None if duration is None or rate is None else duration * rate
    dataset, dataset_title, projects = DATASETS[unit.dataset]
    return {
        "data_hash": data_hash(serial),
        "title": normalize("NFC", unit.title),
        "data_type": unit.data_type.lower(),
        "dataset_hash": dataset,
        "dataset_title": dataset_title,
        "projects": sorted(projects),
        "created_at": _read_utc(unit.created_at),
        "last_edited_at": _read_utc(unit.created_at),
        "width": width,
        "height": height,
        "duration": duration,
        "fps": rate,
        "frames": 1.0 if unit.data_type == "IMAGE" else frames,
        "file_size": None,
        "index": float(sum(other.dataset == unit.dataset for other in world.units[:serial])),
        "tags": sorted(t for t, chosen in zip(TITLES, world.chosen, strict=True) if serial in chosen),
    }


def _read_utc(text: str | None) -> Any:
    if text is None:
        return None
    day, _, clock = text.partition(" ")
    year, month, date = map(int, day.split("-"))
    hour, minute, second = map(int, clock.split(":"))
    return Moment(days(year, month, date) * DAY + (hour * 3600 + minute * 60 + second) * SECOND)


def _rows(serial: int, annotation: RawAnnotation) -> list[Row]:
    """Return a row a range of frames, with the fields of labels and predictions alike."""
    common = {
        "label_hash": label_hash(annotation.unit, annotation.branch),
        "annotation_id": annotation_id(serial),
        "class": annotation.value,
        "shape": "classification" if annotation.classified else "bounding_box",
        "answer": annotation.answer,
        "annotator": annotation.annotator,
        "stage": STAGE,
        "confidence": None if annotation.confidence is None else float(annotation.confidence),
        "model": None if annotation.branch == "main" else annotation.branch,
        "created_at": None if annotation.created is None else Moment(annotation.created),
        "project_hash": PROJECT[0],
        "project_title": PROJECT[1],
    }
    return [{**common, "frame": float(first), "last_frame": float(last)} for first, last in annotation.frames]
