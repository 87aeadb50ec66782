"""The fixture as the oracle has it: its values, missing and invalid ones told apart by the oracle's own rules.

Shares nothing with the store: two readings of the same documents have to come to the same rows.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any, Self

from metaquery.language import parse
from metaquery.language import syntax as s
from metaquery.schema import RELATIONS
from tests.differential.oracle import Oracle, Row, Unit, World
from tests.differential.oracle_reading import INVALID, MISSING, Kind, read_value

from .blocks import Block
from .fixture import fixture
from .language import described, schema_of

BUILT_IN = {
    name: {"data_hash": "STRING"} | {field.name: field.type for field in relation.fields}
    for name, relation in RELATIONS.items()
}
"""Labels and predictions have their unit's hash, too."""
INSTANT = Kind("DATETIME")


class Digits(float):
    """A number that is written as it was read."""

    text: str

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.text = text
        return made


def as_json(value: Any) -> str:
    return value.text if isinstance(value, Digits) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def metadata(document: Any) -> dict[str, str]:
    """Return the JSON text of each key of a unit's client metadata; none where it is no object."""
    if isinstance(document, str):
        document = json.loads(document, parse_float=Digits)
    return {key: as_json(value) for key, value in document.items()} if isinstance(document, dict) else {}


def kinds() -> dict[str, Kind]:
    """Return the type of each key."""
    found = {}
    for name, described_type in (described()["fields"] | described()["namesakes"]).items():
        type_, *details = described_type.split()
        found[name] = Kind(type_, size=int(details[0])) if type_ == "VECTOR" else Kind(type_, tuple(details))
    return found


@cache
def units() -> list[Unit]:
    return [
        _unit(dataset, place, unit) for dataset in fixture()["datasets"] for place, unit in enumerate(dataset["units"])
    ]


def _unit(dataset: Row, place: int, unit: Row) -> Unit:
    own = {name: _plain(value) for name, value in unit.items() if name != "client_metadata"}
    own |= {name: _instant(unit[name]) for name in ("created_at", "last_edited_at")}
    own |= {name: dataset[name] for name in ("dataset_hash", "dataset_title")}
    titles = [title for title, members in fixture()["collections"].items() if unit["data_hash"] in members]
    own |= {"projects": sorted(dataset["projects"]), "index": float(place), "tags": sorted(titles)}
    texts = metadata(unit["client_metadata"])
    found = {name: read_value(texts.get(name), kind) for name, kind in kinds().items()}
    values = {name: value for name, value in found.items() if value is not MISSING and value is not INVALID}
    raw = {name: texts[name] for name, value in found.items() if value is INVALID}
    return Unit(unit["data_hash"], own, values, raw)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int) else value


def _instant(text: str | None) -> Any:
    return None if text is None else read_value(json.dumps(text), INSTANT)


@cache
def related() -> dict[str, dict[str, list[Row]]]:
    """Return the labels and predictions of each unit."""
    found: dict[str, dict[str, list[Row]]] = {"label": {}, "prediction": {}}
    for relation, rows in found.items():
        for row in fixture()[f"{relation}s"]:
            own = {name: _plain(value) for name, value in row.items()}
            own |= {"created_at": _instant(row["created_at"]), "project_hash": row["project_title"]}
            rows.setdefault(row["data_hash"], []).append(own)
    return found


def world_of(block: Block) -> World:
    known = {field.name for field in schema_of(block).fields}
    return World(
        types={name: kind.type for name, kind in kinds().items() if name in known},
        built_in=BUILT_IN,
        related=related(),
        members={title: set(members) for title, members in fixture()["collections"].items()},
        now=datetime.fromisoformat(described()["now"]),
        zone=block.given.get("zone", described()["time_zone"]),
        saved={relation: _parsed(texts) for relation, texts in described()["saved"].items()},
    )


def _parsed(texts: dict[str, str]) -> dict[str, s.Expr]:
    return {name: parse(text) for name, text in texts.items()}


def verdicts(block: Block, tree: s.Expr) -> dict[str, Any]:
    """Return for each row of the block's relation whether the filter is true, false or, as None, unknown."""
    world = world_of(block)
    relation = block.given.get("on", "data")
    if relation == "data":
        return {unit.hash: Oracle(world, unit).value(tree) for unit in units()}
    return {
        row["annotation_id"]: Oracle(world, unit, relation, row).value(tree)
        for unit in units()
        for row in related()[relation.removesuffix("s")].get(unit.hash, [])
    }
