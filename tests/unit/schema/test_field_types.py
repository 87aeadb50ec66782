"""Strict typing, value by value: filter-language.md §5.1. What does not fit is NULL, never guessed."""

import duckdb
import pytest

from metaquery.schema import Field

FITS = {
    "NUMBER": [("1", "1.0"), ("-0.5", "-0.5"), ("9007199254740993", "9007199254740992.0"), ("1e3", "1000.0")],
    "STRING": [
        ('"a"', "a"),
        ('""', ""),
        (r'"e\u0301"', "é"),
        (r'"\"quoted\""', '"quoted"'),
        ('"true"', "true"),
    ],
    "BOOLEAN": [("true", "true"), ("false", "false")],
    "DATETIME": [
        ('"20230401"', "2023-04-01 00:00:00+00"),
        ('"2023-04-01"', "2023-04-01 00:00:00+00"),
        ('"2023-04-01T10:20"', "2023-04-01 10:20:00+00"),
        ('"2023-04-01 10:20:30.5Z"', "2023-04-01 10:20:30.5+00"),
        ('"2023-04-01T10:20:30+02:00"', "2023-04-01 08:20:30+00"),
        ('"2023-04-01T10:20:30.123456789012-0530"', "2023-04-01 15:50:30.123456+00"),
        ('"2024-02-29T23:59:59+14"', "2024-02-29 09:59:59+00"),
    ],
    "UUID": [('"3FA85F64-5717-4562-B3FC-2C963F66AFA6"', "3fa85f64-5717-4562-b3fc-2c963f66afa6")],
    "ENUM": [('"rain"', "rain")],
    "POINT": [('{"latitude": -90, "longitude": 180}', "{'latitude': -90.0, 'longitude': 180.0}")],
    "VECTOR": [("[1, 2.5]", "[1.0, 2.5]")],
}

MISFITS = {
    "NUMBER": ['"1"', "true", "[1]", "NaN", "Infinity", "1e400", '"NaN"'],
    "STRING": ["1", "true", '["a"]', '{"a": 1}'],
    "BOOLEAN": ['"true"', "1", "0", "[true]"],
    "DATETIME": [
        "20230401",
        '"20230431"',
        '"2023-02-30"',
        '"2023-4-1"',
        '"infinity"',
        '"epoch"',
        '"now"',
        '"2023-04-01 (BC)"',
        '"0000-01-01"',
        '"2023-04-01T24:00"',
        '"2023-04-01T10:20:60"',
        '"2023-04-01T10"',
        '"2023-04-01T10:20 Europe/Oslo"',
        '"2023-04-01T10:20+24:00"',
        '"2023-04-01T10:20-02:60"',
        '"0001-01-01T00:00+14:00"',
        '"last Tuesday"',
        '""',
    ],
    "UUID": ['"3fa85f64571745623fc2c963f66afa6"', '"{3fa85f64-5717-4562-b3fc-2c963f66afa6}"', "1"],
    "ENUM": ['"rian"', '"Rain"', "1"],
    "POINT": [
        '{"latitude": 91, "longitude": 0}',
        '{"latitude": "1", "longitude": 0}',
        "[1, 2]",
        '"POINT(1 2)"',
        "{}",
    ],
    "VECTOR": ["[1, 1e39]", "[1]", "[1, 2, 3]", '["1", 2]', "[1, null]", '"[1, 2]"', "[[1, 2]]"],
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def typed(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> str | None:
    field = Field("key", name, values=("fog", "rain"), size=2)
    sql = field.parse_sql("x", "['fog', 'rain']")
    return connection.execute(f"SELECT ({sql})::VARCHAR FROM (SELECT $x::JSON AS x)", {"x": text}).fetchall()[0][0]


@pytest.mark.parametrize(("name", "text", "value"), [(n, *pair) for n, pairs in FITS.items() for pair in pairs])
def test_what_fits_is_read(connection: duckdb.DuckDBPyConnection, name: str, text: str, value: str) -> None:
    assert typed(connection, name, text) == value


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in MISFITS.items() for text in texts])
def test_what_does_not_fit_is_null(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    assert typed(connection, name, text) is None
