"""SQL and the oracle select the same rows, know the same rows to be unknown, and `not` loses none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaquery.language import (
    DUCKDB,
    BindOptions,
    canonical,
    compile_filter,
    count_sql,
    key_sql,
    parse,
    tally_sql,
    to_sql,
)
from metaquery.language import syntax as s
from metaquery.language.printing import to_text
from metaquery.schema import DATA, LABELS, PREDICTIONS
from tests.properties import filters
from tests.properties.schemas import SCHEMA

from .oracle import Oracle, Unit, World
from .oracle_values import EPOCH, Moment

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
TYPES = {f.name: f.type for f in (*DATA.fields, *SCHEMA.fields)} | {"class": "STRING", "frame": "NUMBER"}


def choose(random: Random, name: str) -> Any:  # noqa: PLR0911  # one case a type
    if random.random() < 0.2:
        return None
    match TYPES[name]:
        case "BOOLEAN":
            return random.random() < 0.5
        case "NUMBER":
            return float(random.choice(filters.NUMBERS))
        case "DATETIME":
            return Moment(
                (datetime.fromisoformat(random.choice(INSTANTS)).replace(tzinfo=UTC) - EPOCH)
                // timedelta(microseconds=1)
            )
        case "ENUM":
            return random.choice(["fog", "rain", "sun"])
        case "UUID":
            return random.choice(filters.UUIDS)
        case _:
            return random.choice(filters.CLASSES if name == "class" else filters.TEXTS)


def make_world(random: Random) -> tuple[World, list[Unit]]:
    units = []
    related: dict[str, dict[str, list[dict[str, Any]]]] = {"label": {}, "prediction": {}}
    members: dict[str, set[str]] = {name: set() for name in filters.COLLECTIONS}
    for serial in range(ROWS):
        key = f"unit-{serial:03d}"
        values = {name: choose(random, name) for name in METADATA}
        values["width"] = random.choice([None, 0.0, 50.0, 1920.0])
        values["tags"] = sorted(tag for tag in filters.TAGS if random.random() < 0.4)
        absent = [name for name in METADATA if values[name] is None]
        units.append(Unit(key, values, {name: '"n/a"' for name in absent if random.random() < 0.4}))
        for relation, rows in related.items():
            rows[key] = [
                {"class": choose(random, "class"), "frame": choose(random, "frame")}
                for _ in range(random.choice([0, 0, 1, 3]))
            ]
            del relation
        for chosen in members.values():
            if random.random() < 0.4:
                chosen.add(key)
    return World(TYPES, related, members, NOW), units


def stored(value: Any) -> Any:
    return EPOCH + timedelta(microseconds=value.micros) if isinstance(value, Moment) else value


def make_tables(connection: duckdb.DuckDBPyConnection, world: World, units: list[Unit]) -> None:
    metadata = ", ".join(f'"{f.column}" {f.column_type}' for f in SCHEMA.fields)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE data (unit INTEGER, data_hash VARCHAR, title VARCHAR, width BIGINT, {metadata})")
    for name in ("labels", "predictions"):
        own = "class VARCHAR, frame BIGINT, confidence DOUBLE"
        connection.execute(f"CREATE TABLE {name} (unit INTEGER, data_hash VARCHAR, {own})")
    connection.execute("CREATE TABLE rejects (data_hash VARCHAR, field VARCHAR, raw VARCHAR, expected VARCHAR)")
    connection.execute("CREATE TABLE tags (data_hash VARCHAR, tag VARCHAR)")
    connection.execute("CREATE TABLE members (collection VARCHAR, data_hash VARCHAR)")
    columns = ("data_hash", "width", *METADATA)
    numbers = {unit.hash: number for number, unit in enumerate(units)}
    for unit in units:
        row = [numbers[unit.hash], unit.hash, *(stored(unit.values[name]) for name in columns[1:])]
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO data (unit, {', '.join(columns)}) VALUES ({marks})", row)
        for name, raw in unit.raw.items():
            connection.execute("INSERT INTO rejects VALUES (?, ?, ?, '')", [unit.hash, name, raw])
        for tag in unit.values["tags"]:
            connection.execute("INSERT INTO tags VALUES (?, ?)", [unit.hash, tag])
    for relation, table in (("label", "labels"), ("prediction", "predictions")):
        for key, rows in world.related[relation].items():
            for row in rows:
                frame = None if row["frame"] is None else round(row["frame"] % 100)
                row["frame"] = None if frame is None else float(frame)
                values = [numbers[key], key, row["class"], frame]
                connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, NULL)", values)
    for name, keys in world.members.items():
        for key in keys:
            connection.execute("INSERT INTO members VALUES (?, ?)", [name, key])


class Case:
    """The rows, in DuckDB and as the oracle takes them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.world, self.units = make_world(Random(7))  # noqa: S311  # rows of a test
        make_tables(connection, self.world, self.units)

    def rows(self, sql: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql.text, sql.params).fetchall()


@pytest.fixture(scope="module")
def case() -> Iterator[Case]:
    with duckdb.connect() as connection:
        yield Case(connection)


@given(tree=filters.FILTERS, zone=st.sampled_from(ZONES))
@settings(max_examples=500, deadline=None)
def test_sql_selects_what_the_oracle_selects(case: Case, tree: s.Expr, zone: str) -> None:
    world, units = case.world, case.units
    world.zone = zone
    text = to_text(tree)
    options = BindOptions(time_zone=zone, now=NOW, collections=tuple(filters.COLLECTIONS))
    query = compile_filter(text, SCHEMA, DATA, options=options)
    written = parse(text)
    verdicts = {unit.hash: Oracle(world, unit).value(written) for unit in units}
    expected = {key for key, verdict in verdicts.items() if verdict is True}
    sql = key_sql(query, DUCKDB)
    found = {row[0] for row in case.rows(sql)}
    assert found == expected, (text, sql)
    tally = tally_sql(query, DUCKDB).sql
    matched, unknown, total, *gaps = case.rows(tally)[0]
    assert (matched, unknown, total) == (len(expected), list(verdicts.values()).count(None), ROWS), text
    assert all(0 <= gap <= unknown for gap in gaps)
    count = count_sql(query, DUCKDB)
    assert case.rows(count) == [(len(expected),)]
    again = compile_filter(canonical(query), SCHEMA, DATA, options=options)
    assert key_sql(again, DUCKDB).params == sql.params, (text, canonical(query))


@given(tree=filters.FILTERS)
@settings(max_examples=100, deadline=None)
def test_true_false_and_unknown_share_the_rows_out(case: Case, tree: s.Expr) -> None:
    counts = []
    for text in (tree, s.Not(tree), s.IsUnknown(s.And((tree, s.Bool(value=True))))):
        query = compile_filter(to_text(text), SCHEMA, DATA, options=BindOptions(now=NOW))
        sql = count_sql(query, DUCKDB)
        counts.append(case.rows(sql)[0][0])
    assert sum(counts) == ROWS, to_text(tree)


@pytest.mark.parametrize("relation", [LABELS, PREDICTIONS], ids=lambda r: r.name)
@given(tree=filters.rows())
@settings(max_examples=40, deadline=None)
def test_rows_of_units_are_selected_as_inside_a_quantifier(case: Case, relation: Any, tree: s.Expr) -> None:
    world, units = case.world, case.units
    query = compile_filter(to_text(tree), SCHEMA, relation)
    sql = to_sql(query, DUCKDB, columns=(relation.get("class"), SCHEMA.get("city")))
    sql = type(sql)(sql.text.partition(" ORDER BY ")[0], sql.params, sql.names)
    found = case.rows(sql)
    expected = [
        (row["class"], unit.values["city"])
        for unit in units
        for row in world.related[relation.qualifier][unit.hash]
        if Oracle(world, unit, row).value(tree) is True
    ]
    assert sorted(map(str, found)) == sorted(map(str, expected))
