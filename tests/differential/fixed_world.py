"""One world for the schema of `tests.properties.schemas`: 120 units, always the same, put into tables by hand.

For tests of which rows a filter selects, that need no more of the rows than that there are some of every kind.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import duckdb

from metaquery.schema import DATA, RELATIONS
from tests.properties import filters
from tests.properties.schemas import FIELDS, SCHEMA

from .oracle import Row, Unit, World
from .oracle_calendar import EPOCH, micros
from .oracle_values import Moment
from .reading import BUILT_IN

ROWS = 120
NOW = datetime(2024, 3, 31, 12, 30, tzinfo=UTC)
ZONES = ["UTC", "Europe/Paris", "America/St_Johns"]
INSTANTS = [
    "2022-12-31T23:59:59.999999",
    "2023-01-01T00:00:00",
    "2023-01-01T10:00:00",
    "2023-01-02T10:00:00",
    "2023-01-31T23:30:00",
    "2023-03-26T01:30:00",
    "2024-02-29T12:00:00",
    "2024-03-30T23:00:00",
    "2024-03-31T12:30:00",
]
METADATA = ("dark", "captured_at", "reviewed_at", "city", "note", "speed", "temperature", "weather", "rig")
"""Fields that have values; the others are null everywhere."""

TYPES = {field.name: field.type for field in FIELDS}


def choose(dice: Random, name: str) -> Any:  # noqa: PLR0911  # one case a type
    if dice.random() < 0.2:
        return None
    match TYPES.get(name):
        case "BOOLEAN":
            return dice.random() < 0.5
        case "NUMBER":
            return float(dice.choice(filters.NUMBERS))
        case "DATETIME":
            return Moment(micros(datetime.fromisoformat(dice.choice(INSTANTS)).replace(tzinfo=UTC)))
        case "ENUM":
            return dice.choice(["fog", "rain", "sun"])
        case "UUID":
            return dice.choice(filters.UUIDS)
        case _:
            return dice.choice(filters.CLASSES if name == "class" else filters.TEXTS)


def make_world(dice: Random) -> tuple[World, list[Unit]]:
    """Return what the oracle knows."""
    units = []
    related: dict[str, dict[str, list[Row]]] = {"label": {}, "prediction": {}}
    members: dict[str, set[str]] = {name: set() for name in filters.COLLECTIONS}
    for serial in range(ROWS):
        key = f"unit-{serial:03d}"
        values = {name: choose(dice, name) for name in METADATA}
        own = {**dict.fromkeys(BUILT_IN["data"]), "data_hash": key, "width": dice.choice([None, 0.0, 50.0, 1920.0])}
        own["tags"] = sorted(tag for tag in filters.TAGS if dice.random() < 0.4)
        absent = [name for name in METADATA if values[name] is None]
        raw = {name: '"n/a"' for name in absent if dice.random() < 0.4}
        units.append(Unit(key, own, {**own, **values}, raw))
        for relation, rows in related.items():
            rows[key] = [annotation(dice, relation) for _ in range(dice.choice([0, 0, 1, 3]))]
        for chosen in members.values():
            if dice.random() < 0.4:
                chosen.add(key)
    types = {field.name: field.type for field in FIELDS}
    return World(types, BUILT_IN, related, members, NOW), units


def annotation(dice: Random, relation: str) -> Row:
    class_, frame = choose(dice, "class"), dice.choice([None, *(float(round(n % 100)) for n in filters.NUMBERS)])
    return {**dict.fromkeys(BUILT_IN[f"{relation}s"]), "class": class_, "frame": frame}


def stored(value: Any) -> Any:
    return EPOCH + timedelta(microseconds=value.micros) if isinstance(value, Moment) else value


class Case:
    """The rows, in DuckDB and as the oracle takes them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.world, self.units = make_world(Random(7))  # noqa: S311  # rows of a test
        connection.execute("SET TimeZone = 'UTC'")
        for relation in RELATIONS.values():
            metadata = SCHEMA.fields if relation is DATA else ()
            own = [field for field in relation.fields if field.name != "data_hash"]
            columns = "".join(f', "{f.column}" {f.column_type}' for f in (*own, *metadata))
            connection.execute(f"CREATE TABLE {relation.name} (unit INTEGER, data_hash VARCHAR{columns})")
        connection.execute("CREATE TABLE rejects (data_hash VARCHAR, field VARCHAR, raw VARCHAR, expected VARCHAR)")
        connection.execute("CREATE TABLE tags (data_hash VARCHAR, tag VARCHAR)")
        connection.execute("CREATE TABLE members (collection VARCHAR, data_hash VARCHAR)")
        for number, unit in enumerate(self.units):
            self._insert(number, unit)

    def rows(self, sql: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql.text, sql.params).fetchall()

    def _insert(self, number: int, unit: Unit) -> None:
        fields = [*DATA.fields, *(field for field in SCHEMA.fields if field.name in METADATA)]
        self._row("data", number, unit.hash, {field.column: unit.values[field.name] for field in fields})
        for qualifier, rows in self.world.related.items():
            for row in rows[unit.hash]:
                self._row(f"{qualifier}s", number, unit.hash, row)
        execute = self.connection.execute
        for name, raw in unit.raw.items():
            execute("INSERT INTO rejects VALUES (?, ?, ?, '')", [unit.hash, name, raw])
        for tag in unit.own["tags"]:
            execute("INSERT INTO tags VALUES (?, ?)", [unit.hash, tag])
        for name, keys in self.world.members.items():
            if unit.hash in keys:
                execute("INSERT INTO members VALUES (?, ?)", [name, unit.hash])

    def _row(self, table: str, number: int, key: str, values: Row) -> None:
        known = {name: stored(value) for name, value in values.items() if value is not None}
        known |= {"unit": number, "data_hash": key}
        names = ", ".join(f'"{name}"' for name in known)
        marks = ", ".join("?" * len(known))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(known.values()))
