"""One table that holds every type that is hard, through each format, byte for byte."""

import io
import json
from datetime import UTC, datetime
from pathlib import PurePath

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metaquery.errors import UsageError
from metaquery.formats import FORMATS, format_named, format_of

HARD = pa.table(
    {
        "text": pa.array(["plain", 'quote " and, comma', "line\nbreak", "", None, "=1+1", "é🌙"]),
        "number": pa.array([1.0, 0.1, 1e300, -0.0, None, 12345678.9, 2.0**53]),
        "whole": pa.array([1, -1, 2**62, 0, None, 7, 8], pa.int64()),
        "flag": pa.array([True, False, None, True, False, True, False]),
        "at": pa.array(
            [
                datetime(2023, 4, 1, tzinfo=UTC),
                datetime(2023, 4, 1, 10, 20, 30, 500_000, tzinfo=UTC),
                datetime(2023, 4, 1, 10, 20, 30, 1, tzinfo=UTC),
                datetime(1, 1, 1, tzinfo=UTC),
                None,
                datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
                datetime(2023, 4, 1, 10, 0, 10, tzinfo=UTC),
            ],
            pa.timestamp("us", "UTC"),
        ),
        "list": pa.array([["a", "b"], [], None, ['"'], ["é"], [None], ["x"]], pa.list_(pa.string())),
        "point": pa.array(
            [{"lat": 1.5}, None, {"lat": None}, None, None, None, None], pa.struct({"lat": pa.float64()})
        ),
    }
)

INSTANTS = [
    "2023-04-01T00:00:00Z",
    "2023-04-01T10:20:30.5Z",
    "2023-04-01T10:20:30.000001Z",
    "0001-01-01T00:00:00Z",
    None,
    "9999-12-31T23:59:59Z",
    "2023-04-01T10:00:10Z",
]


def written(name: str, table: pa.Table = HARD) -> bytes:
    out = io.BytesIO()
    assert FORMATS[name].write(table.to_reader(max_chunksize=3), out) == table.num_rows
    return out.getvalue()


def test_ndjson_and_json_hold_the_same_rows() -> None:
    rows = [json.loads(line) for line in written("ndjson").splitlines()]
    assert rows == json.loads(written("json"))
    assert [row["at"] for row in rows] == INSTANTS
    assert rows[2]["whole"] == 2**62
    assert rows[0]["list"] == ["a", "b"]
    assert rows[0]["point"] == {"lat": 1.5}
    assert [row["text"] for row in rows] == HARD.column("text").to_pylist()


def test_csv_tells_empty_from_missing_and_writes_one_header() -> None:
    lines = written("csv").decode().splitlines()
    assert lines[0] == '"text","number","whole","flag","at","list","point"'
    assert written("csv").decode().count('"number"') == 1
    assert lines[1] == '"plain",1,1,true,"2023-04-01T00:00:00Z","[""a"",""b""]","{""lat"":1.5}"'
    assert '"quote "" and, comma"' in written("csv").decode()
    assert '\n"",' in written("csv").decode()
    assert "\n,,,false,," in written("csv").decode()


def test_parquet_keeps_the_types() -> None:
    assert pq.read_table(io.BytesIO(written("parquet"))).equals(HARD)


def test_a_table_is_aligned_and_steers_no_terminal() -> None:
    hostile = pa.table({"title": ["\x1b[31mred", "b\u202eidi", "x" * 200], "n": [1, 22, 333]})
    text = written("table", hostile).decode()
    assert "\x1b" not in text
    assert "\\u{1B}[31mred" in text
    assert "\\u{202E}" in text
    assert "…" in text
    widths = {len(line) for line in text.splitlines()[2:]}
    assert len(widths) == 1


def test_a_table_shows_a_missing_value_as_a_dash() -> None:
    assert written("table", pa.table({"a": pa.array([None], pa.string())})).decode().splitlines()[-1] == "–"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333333333"),
        (1711850000123.0, "1711850000123"),
        (1711850000.123, "1711850000.123"),
        (-(2.0**53), "-9007199254740992"),
        (2.0**63, "9.223372036854776e+18"),
        (1e300, "1e+300"),
    ],
)
def test_a_table_shortens_a_number_only_where_nothing_is_lost_that_was_measured(number: float, shown: str) -> None:
    assert written("table", pa.table({"a": [number]})).decode().split()[-1] == shown


@pytest.mark.parametrize("name", FORMATS)
def test_no_rows_are_written_too(name: str) -> None:
    empty = written(name, HARD.slice(0, 0))
    if name in {"json", "parquet", "csv", "table"}:
        assert empty
    if name == "json":
        assert json.loads(empty) == []


def test_a_format_is_known_by_name_or_by_the_files_ending() -> None:
    assert format_named("csv") is FORMATS["csv"]
    assert format_of(PurePath("a/b.PARQUET")) is FORMATS["parquet"]
    with pytest.raises(UsageError, match="did you mean csv"):
        format_named("cvs")
    with pytest.raises(UsageError, match=r"\.parquet"):
        format_of(PurePath("a.xls"))
