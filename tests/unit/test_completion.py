"""Values for completion: by frequency from the snapshot, looked up once, counted where that is quick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from queue import Queue
from threading import Event
from typing import Any

import duckdb
import pytest

from metaquery.completion import Completer
from metaquery.engines.duckdb import DuckDBEngine
from metaquery.language import Sql
from metaquery.schema import DATA, LABELS, Field, Schema
from metaquery.store.snapshot import Counts
from tests.golden.fixture import engine_over
from tests.golden.language import metadata_schema

MANY = 300_000
"""Units of the large snapshot: more than are read for the values of a field."""


def counts(units: int, labels: int = 0) -> Counts:
    return Counts(data=units, labels=labels, predictions=0, rejects=0, not_objects=0, orphans=0)


class Asked:
    """Runs statements, and remembers them."""

    def __init__(self, engine: DuckDBEngine) -> None:
        self.engine = engine
        self.statements: list[str] = []

    def __call__(self, sql: Sql) -> list[tuple[Any, ...]]:
        self.statements.append(sql.text)
        return self.engine.rows(sql.text, sql.params)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDBEngine:
    return engine_over(tmp_path_factory.mktemp("fixture"), metadata_schema())


@pytest.fixture
def asked(engine: DuckDBEngine) -> Asked:
    return Asked(engine)


@pytest.fixture
def completer(asked: Asked) -> Completer:
    schema = metadata_schema().schema()
    return Completer(schema, counts(25, 10), rows=asked, collections=lambda: (), saved=lambda _: {})


def by_hand(engine: DuckDBEngine, column: str, table: str = "data") -> dict[Any, int]:
    statement = f"SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    return dict(engine.rows(statement, []))


def values(completer: Completer, name: str, *, zone: str = "UTC") -> list[tuple[object, int | None]]:
    field = metadata_schema().schema().get(name) or DATA.get(name)
    assert field is not None
    return list(completer.values(field, zone))


def test_values_are_those_of_the_rows_most_frequent_first(completer: Completer, engine: DuckDBEngine) -> None:
    assert values(completer, "city") == list(by_hand(engine, "city").items())
    assert values(completer, "city")[0] == ("Paris", 4)


@pytest.mark.parametrize("name", ["speed", "dark", "weather", "width"])
def test_numbers_truths_and_choices_have_values_too(completer: Completer, engine: DuckDBEngine, name: str) -> None:
    assert dict(values(completer, name)) == by_hand(engine, name) != {}


def test_uuids_are_texts(completer: Completer) -> None:
    assert ("3fa85f64-5717-4562-b3fc-2c963f66afa6", 1) in [(value, 1) for value, _ in values(completer, "rig")]


def test_points_and_vectors_have_none(completer: Completer, asked: Asked) -> None:
    assert values(completer, "loc") == values(completer, "vector") == []
    assert asked.statements == []


def test_moments_are_days_of_the_time_zone(completer: Completer) -> None:
    utc, kiritimati = (dict(values(completer, "captured_at", zone=zone)) for zone in ("UTC", "Pacific/Kiritimati"))
    assert all(type(day) is date for day in (*utc, *kiritimati))
    assert utc[date(2023, 1, 1)] == 4
    assert utc.keys() != kiritimati.keys()


def test_lists_have_their_elements(completer: Completer, engine: DuckDBEngine) -> None:
    (streets,) = engine.rows("SELECT count(*) FROM data WHERE list_contains(projects, 'Street scenes')", [])[0]
    assert dict(values(completer, "projects"))["Street scenes"] == streets > 1


def test_fields_of_labels_count_labels(completer: Completer, engine: DuckDBEngine) -> None:
    field = LABELS.get("class")
    assert field is not None
    assert dict(completer.values(field, "UTC")) == by_hand(engine, "class", "labels") != {}


def test_values_are_looked_up_once(completer: Completer, asked: Asked) -> None:
    for text in ("city = ", "city = 'P", "city in ('x', "):
        completer.complete(text, len(text), DATA)
    assert len(asked.statements) == 1
    completer.complete("captured_at > ", 14, DATA)
    completer.complete("captured_at > ", 14, DATA, time_zone="Asia/Tokyo")
    assert len(asked.statements) == 3


def test_values_that_are_not_at_hand_are_looked_up_beside_and_who_asked_last_is_told(asked: Asked) -> None:
    look, told = Event(), Queue[str]()

    def slow(sql: Sql) -> list[tuple[Any, ...]]:
        assert look.wait(60)
        return asked(sql)

    schema = metadata_schema().schema()
    completer = Completer(schema, counts(25), rows=slow, collections=lambda: (), saved=lambda _: {})
    for text in ("city = '", "city = 'P"):
        assert completer.complete(text, len(text), DATA, later=partial(told.put, text)).candidates == ()
    assert completer.complete("ci", 2, DATA, later=partial(told.put, "ci")).candidates[0].text == "city"
    look.set()
    assert told.get(timeout=60) == "city = 'P"
    done = completer.complete("city = 'P", 9, DATA, later=partial(told.put, "again"))
    assert done.candidates[0].text == "'Paris'"
    assert (len(asked.statements), told.qsize()) == (1, 0)


def test_names_and_operators_need_no_database(completer: Completer, asked: Asked) -> None:
    for text in ("", "ci", "city ", "lower(", "dark and not "):
        assert completer.complete(text, len(text), DATA).candidates
    assert asked.statements == []


# ------------------------------------------------------------------ a large snapshot

LARGE = Schema(
    (Field("few", "STRING"), Field("each", "STRING"), Field("captured_at", "DATETIME"), Field("empty", "DATETIME"))
)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    path = tmp_path_factory.mktemp("large") / "large.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "CREATE TABLE data AS SELECT 'u' || i AS data_hash, 'value ' || i % 7 AS few, 'each ' || i AS each, "
            "TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_hours(i % 50_000) AS captured_at, "
            f"CAST(NULL AS TIMESTAMPTZ) AS empty FROM range({MANY}) AS t(i)"
        )
    engine = DuckDBEngine(path)
    yield Asked(engine)
    engine.close()


def over(large: Asked, units: int = MANY) -> Completer:
    return Completer(LARGE, counts(units), rows=large, collections=lambda: (), saved=lambda _: {})


def test_few_values_of_many_rows_are_counted(large: Asked) -> None:
    found = over(large).values(LARGE.fields[0], "UTC")
    assert len(found) == 7
    assert sum(count or 0 for _, count in found) == MANY


def test_many_values_of_many_rows_are_a_sample_without_counts(large: Asked) -> None:
    found = over(large).values(LARGE.fields[1], "UTC")
    assert 1_000 < len(found) <= 10_000
    assert {count for _, count in found} == {None}
    done = over(large).complete("each = 'each 1", 14, DATA)
    assert {candidate.detail for candidate in done.candidates if candidate.kind == "value"} == {""}


def test_the_first_and_the_last_day_of_many_rows_are_known(large: Asked) -> None:
    days = {value for value, _ in over(large).values(LARGE.fields[2], "UTC")}
    assert {date(2020, 1, 1), date(2025, 9, 14)} <= days
    assert over(large).values(LARGE.fields[3], "UTC") == ()
    first = over(large).complete("captured_at > 2", 15, DATA).candidates[:2]
    assert [(c.text, c.detail) for c in first] == [("2025-09-14", "latest"), ("2020-01-01", "earliest")]


def test_of_very_many_rows_a_sample_is_read_and_nothing_counted(large: Asked) -> None:
    large.statements.clear()
    found = over(large, units=3_000_000).values(LARGE.fields[0], "UTC")
    assert len(large.statements) == 1
    assert "SAMPLE" in large.statements[0]
    assert {count for _, count in found} <= {None}


def told(values: list[object], name: str = "city", type_: str = "STRING") -> str | None:
    """Return the example of a field that has these values, most frequent first."""
    field = Field(name, type_)
    found = Completer(
        Schema((field,)),
        counts(len(values)),
        rows=lambda _: [(value, 1) for value in values],
        collections=lambda: (),
        saved=lambda _: {},
    )
    return found.example(field, "UTC")


def test_the_example_of_a_field_is_a_frequent_value_as_a_filter_writes_it(completer: Completer) -> None:
    fields = metadata_schema().schema()
    examples = {name: completer.example(fields.get(name), "UTC") for name in ("city", "speed", "dark", "loc")}
    assert examples == {"city": "'Paris'", "speed": "-7", "dark": "true", "loc": None}
    assert told([date(2023, 5, 1)], "captured_at", "DATETIME") == "2023-05-01"
    assert told(["O'Hare \u202e", "x"]) == "'O''Hare \\u{202E}'"
    assert told(["long " * 20]) == f"'{'long ' * 7}long…'"


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN PRIVATE KEY-----",
        "https://bucket.s3.eu-west-1.amazonaws.com/a.jpg?X-Amz-Signature=0123&X-Amz-Date=20260101",
        "https://storage.googleapis.com/a.jpg?Expires=1&Signature=abc",
        "https://user:word@example.com/",
        "eyJhbGciOiJIUzI1NiJ9.e30.abc",
    ],
)
def test_what_looks_like_a_secret_is_no_example(secret: str) -> None:
    assert told([secret, "Oslo"]) == "'Oslo'"
    assert told([secret]) is None
    assert told(["Oslo"], "api key") is told(["Oslo"], "client_secret") is None
