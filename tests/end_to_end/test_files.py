"""metaquery without a server: units, labels and predictions from NDJSON, CSV and Parquet."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import metaquery
from metaquery.collection.ids import read_ids
from metaquery.errors import StoreError, SyncError, UsageError
from metaquery.schema import DATA
from metaquery.sources import files

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery import Workspace

SCHEMA = {"dark": "boolean", "speed": "number", "city": "string", "seen": "datetime"}

DOCUMENTS: list[Any] = [
    {"dark": True, "speed": 12.5, "city": "Oslo", "seen": "2023-05-01T10:00:00Z"},
    {"dark": False, "speed": 9007199254740993, "city": 'a "quoted", text\nof two lines', "seen": None},
    {"speed": "fast", "city": "Łódź", "seen": "2023-02-30"},
    {},
    {"city": "x" * 200_000, "nested": {"a": [1, {"b": None}]}},
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ws").mkdir()
    return metaquery.open(tmp_path / "ws")


def units(count: int = len(DOCUMENTS)) -> list[dict[str, Any]]:
    return [
        {"data_hash": f"u{n}", "title": f"Unit {n}", "data_type": "image", "created_at": "2024-01-01T00:00:00Z",
         "dataset_hash": f"d{n % 2}", "dataset_title": f"Set {n % 2}", "width": 640, "fps": None,
         "client_metadata": DOCUMENTS[n % len(DOCUMENTS)]}
        for n in range(count)
    ]  # fmt: skip


def ndjson(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def converted(path: Path, target: Path) -> Path:
    """The same rows by DuckDB, with client metadata as JSON text."""
    options = "HEADER" if target.suffix == ".csv" else "FORMAT parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (client_metadata::VARCHAR AS client_metadata) FROM read_json('{path}', "
            f"columns = {{data_hash: 'VARCHAR', title: 'VARCHAR', data_type: 'VARCHAR', created_at: 'VARCHAR', "
            f"dataset_hash: 'VARCHAR', dataset_title: 'VARCHAR', width: 'BIGINT', fps: 'DOUBLE', "
            f"client_metadata: 'JSON'}})) TO '{target}' ({options})"
        )
    return target


def tables(workspace: Workspace) -> dict[str, Any]:
    with duckdb.connect(workspace.snapshot().path, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return {
            "data": connection.execute(
                "SELECT to_json(d)::VARCHAR FROM (SELECT * EXCLUDE (content_md5, unit) FROM data) d ORDER BY data_hash"
            ).fetchall(),
            "rejects": connection.execute("FROM rejects ORDER BY ALL").fetchall(),
        }


def synced(folder: Path, *arguments: str) -> list[str]:
    """Return what a sync into the workspace `ws` of a folder prints."""
    command = [sys.executable, "-m", "metaquery", "sync", "--workspace", "ws", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_same_rows_give_the_same_tables_in_every_format(tmp_path: Path) -> None:
    source = ndjson(tmp_path / "units.ndjson", units(40))
    results = []
    for file in (source, converted(source, tmp_path / "units.csv"), converted(source, tmp_path / "units.parquet")):
        (tmp_path / file.suffix).mkdir()
        workspace = metaquery.open(tmp_path / file.suffix)
        workspace.sync_files(units=file, schema=SCHEMA)
        results.append(tables(workspace))
    assert len(results[0]["data"]) == 40
    assert results[0]["rejects"]
    assert results[0] == results[1] == results[2]


def test_without_a_column_client_metadata_the_other_columns_are_the_keys(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "u.csv").write_text("data_hash,title,dark,speed,city\na,A,True,12.5,7\nb,B,,1e3x,\n")
    workspace.sync_files(units=tmp_path / "u.csv", schema=SCHEMA)
    assert workspace.data.filter("dark = true and speed = 12.5 and city = '7'").count() == 1
    assert workspace.data.filter("speed is invalid and dark is missing").count() == 1


def test_typed_columns_of_parquet_keep_their_types(tmp_path: Path, workspace: Workspace) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'a' AS data_hash, true AS dark, 1.5::DOUBLE AS speed, 'nan'::DOUBLE AS gap, "
            f"TIMESTAMP '2023-05-01 10:00:00' AS seen) TO '{tmp_path / 'u.parquet'}' (FORMAT parquet)"
        )
    workspace.sync_files(units=tmp_path / "u.parquet")
    assert workspace.data.filter("dark and speed = 1.5 and seen = 2023-05-01 and gap is missing").count() == 1


def test_a_schema_that_comes_with_a_file_is_in_the_history_of_schemas_once(
    tmp_path: Path, workspace: Workspace
) -> None:
    file = ndjson(tmp_path / "units.ndjson", units(3))
    for schema in (SCHEMA, SCHEMA, {"city": "string"}):
        workspace.sync_files(units=file, schema=schema)
    kept = workspace.schema.history.all()
    assert [(version.how, len(version.schema or {})) for version in kept] == [
        ("set here alone", 4),
        ("set here alone", 1),
    ]


def test_files_of_which_one_cannot_be_taken_leave_no_page(tmp_path: Path, workspace: Workspace) -> None:
    file = ndjson(tmp_path / "units.ndjson", units(3))
    workspace.sync_files(units=file)
    pages = sorted(workspace.layout.spool.rglob("*"))
    twice = ndjson(tmp_path / "others.ndjson", [{"data_hash": "u1", "dataset_hash": "d9"}])
    with pytest.raises(SyncError, match="is in two datasets"):
        workspace.sync_files(units=twice)
    assert sorted(path for path in workspace.layout.spool.rglob("*") if path.is_file()) == [
        path for path in pages if path.is_file()
    ]
    assert workspace.data.count() == 3


def moved(rows: list[dict[str, Any]], *places: int) -> list[dict[str, Any]]:
    """Return the rows with some of them in the other dataset, at its end: each comes before the other is looked at."""
    there = [{**rows[at], "dataset_hash": f"d{1 - int(rows[at]['dataset_hash'][1])}",
              "dataset_title": f"Set {1 - int(rows[at]['dataset_hash'][1])}"} for at in places]  # fmt: skip
    return [*(row for at, row in enumerate(rows) if at not in places), *there]


def test_an_edited_file_is_a_difference(tmp_path: Path, workspace: Workspace) -> None:
    rows = units(20)
    file = ndjson(tmp_path / "units.ndjson", rows)
    workspace.sync_files(units=file)
    rows[3]["client_metadata"] = {"city": "Bergen"}
    del rows[10]
    report, _ = workspace.sync_files(units=ndjson(file, [*rows, {**units(21)[20]}]))
    assert (report.changes.added, report.changes.changed, report.changes.removed) == (1, 1, 1)
    assert sum(part.unchanged for part in report.parts) == 18
    assert workspace.data.filter("city = 'Bergen'").count() == 1
    report, _ = workspace.sync_files(units=ndjson(file, moved(rows, 5, 6)))
    assert (report.changes.added, report.changes.changed, report.changes.removed) == (0, 2, 1)
    diff = workspace.diff()
    assert (diff.added, diff.changed, diff.removed, diff.described) == (0, 2, 1, 0)
    assert workspace.data.filter("dataset_hash = 'd0'").count() == 9
    report, _ = workspace.sync_files(units=ndjson(file, rows))
    assert report.changes.changed == 2
    report, _ = workspace.sync_files(units=ndjson(file, [row for row in rows if row["dataset_hash"] == "d0"]))
    assert workspace.data.count() == report.snapshot.counts.data == 9
    report, _ = workspace.sync_files(units=file)
    assert not report.published


def test_predictions_are_continued_and_orphans_counted(tmp_path: Path, workspace: Workspace) -> None:
    workspace.sync_files(units=ndjson(tmp_path / "units.ndjson", units(20)))
    rows = [{"data_hash": f"u{n}", "class": "car", "confidence": n / 20, "frame": 0, "model": "m"} for n in range(20)]
    report, _ = workspace.sync_files(predictions=ndjson(tmp_path / "p.ndjson", rows), labels=None)
    assert [part.title for part in report.kept] == ["Set 0", "Set 1"]
    assert workspace.predictions.filter("confidence > 0.5 and model = 'm'").count() == 9
    rows[2]["class"] = "bus"
    rows[4:5] = [{"data_hash": "nobody", "class": "car"}]
    report, _ = workspace.sync_files(predictions=ndjson(tmp_path / "p.ndjson", [*rows, {**rows[2], "frame": 7}]))
    assert workspace.predictions.filter("class = 'bus'").count() == 2
    assert (report.snapshot.counts.predictions, report.snapshot.counts.orphans) == (20, 1)
    report, _ = workspace.sync_files(labels=ndjson(tmp_path / "l.ndjson", rows[:2]))
    assert (report.snapshot.counts.predictions, report.snapshot.counts.labels) == (20, 2)


def test_continued_predictions_are_those_of_a_fresh_workspace(tmp_path: Path, workspace: Workspace) -> None:
    workspace.sync_files(units=ndjson(tmp_path / "units.ndjson", units(20)))
    rows = [{"data_hash": f"u{n % 20}", "class": "car", "frame": n, "prediction_hash": f"p{n}"} for n in range(100)]
    file = ndjson(tmp_path / "p.ndjson", rows)
    workspace.sync_files(predictions=file)
    rows[5]["class"] = "bus"
    report, _ = workspace.sync_files(predictions=ndjson(file, rows[:-1]))
    assert report.parts[0].unchanged > 0
    (tmp_path / "fresh").mkdir()
    fresh = metaquery.open(tmp_path / "fresh")
    fresh.sync_files(units=tmp_path / "units.ndjson", predictions=file)
    assert stored_predictions(workspace) == stored_predictions(fresh)


def stored_predictions(workspace: Workspace) -> list[Any]:
    with duckdb.connect(workspace.snapshot().path, read_only=True) as connection:
        return connection.execute("SELECT * EXCLUDE (unit) FROM predictions ORDER BY ALL").fetchall()


def test_rows_that_cannot_be_taken_are_counted_with_their_lines(tmp_path: Path, workspace: Workspace) -> None:
    file = tmp_path / "u.ndjson"
    lines = [
        b'{"data_hash": "a"}',
        b"{oops",
        b'{"title": "x"}',
        b'{"data_hash": "a"}',
        b"[1]",
        b'{"data_hash": "\xff"}',
    ]
    file.write_bytes(b"\n".join(lines) + b"\n")
    report, (rows,) = workspace.sync_files(units=file)
    assert (rows.rows, rows.taken, rows.rejected) == (6, 1, 5)
    assert [str(reason) for reason in rows.rejections.reasons] == [
        "line 2: not JSON: object keys must be strings (byte 1)",
        "line 3: no data_hash",
        "line 4: data_hash occurs before: a",
        "line 5: no JSON object",
        "line 6: not UTF-8",
    ]
    assert report.snapshot.counts.data == 1
    file.write_bytes(b"{oops\n")
    with pytest.raises(SyncError, match="1 rejected; line 1"):
        workspace.sync_files(units=file)
    assert workspace.data.count() == 1


def test_each_dataset_of_a_file_accounts_for_its_rows(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    rows = [*units(5), units(1)[0], {"dataset_hash": "d1", "data_hash": None}, {"dataset_hash": "lost"}]
    file = ndjson(tmp_path / "u.ndjson", rows)
    file.write_text(file.read_text() + "{oops\n")
    lines = synced(tmp_path, "--from", str(file))
    assert f"{file}: expected 9 rows, got 5, rejected 4" in lines
    assert "Set 0: expected 4 data units, got 3, rejected 1" in lines
    assert "Set 1: expected 3 data units, got 2, rejected 1" in lines
    assert "lost: expected 1 data unit, got 0, rejected 1" in lines


def test_rows_that_are_rejected_for_one_reason_are_told_together(tmp_path: Path) -> None:
    """A reason has a line, however many rows; what stands in them can neither steer a terminal nor fill it."""
    (tmp_path / "ws").mkdir()
    ndjson(tmp_path / "u.ndjson", [{"data_hash": "a"}])
    wrong = ["high", "l\x1b[2Jow", "x" * 100, *["?"] * 409]
    rows = [{"data_hash": "a", "class": "car", "confidence": value} for value in [0.5, *wrong]]
    rows += [{"data_hash": "a"}, {"class": "car"}, {"class": "car"}]
    ndjson(tmp_path / "p.ndjson", rows)
    lines = synced(tmp_path, "--from", "u.ndjson", "--predictions", "p.ndjson")
    assert lines[1:5] == [
        "p.ndjson: expected 416 rows, got 1, rejected 415",
        f"  412 rows: confidence is no number (first 3: line 2: high; line 3: l\\u{{1B}}[2Jow; line 4: {'x' * 79}…)",
        "  2 rows: no data_hash (line 415; line 416)",
        "  line 414: no class",
    ]


def test_a_broken_file_names_itself_and_its_line(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "u.csv").write_text('data_hash,city\na,"Oslo\n')
    (tmp_path / "u.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SyncError, match=r"u\.csv, line 2"):
        workspace.sync_files(units=tmp_path / "u.csv")
    with pytest.raises(SyncError, match=r"u\.parquet"):
        workspace.sync_files(units=tmp_path / "u.parquet")
    with pytest.raises(UsageError, match="no file"):
        workspace.sync_files(units=tmp_path / "none.csv")
    assert not list((tmp_path / "ws" / ".metaquery").glob(".incoming/*"))


def test_parquet_keeps_names_that_differ_in_case_alone(tmp_path: Path, workspace: Workspace) -> None:
    """DuckDB calls the second of them `city_1`."""
    file = tmp_path / "u.parquet"
    pq.write_table(pa.table({"data_hash": ["a"], "City": ["Oslo"], "city": ["Rome"], "CITY": ["Nice"]}), file)
    workspace.sync_files(units=file)
    assert {field.name for field in workspace.snapshot().schema.fields} == {"City", "city", "CITY"}
    document = json.loads(workspace.metadata.get("a"))
    assert document == {"City": "Oslo", "city": "Rome", "CITY": "Nice"}


@pytest.mark.parametrize(
    ("columns", "names", "wrong"),
    [
        ([["a"], [{"A": 1, "a": 2}]], ["data_hash", "client_metadata"], "'client_metadata' has 'A' and 'a'"),
        ([["a"], [[{"A": 1, "a": 2}]]], ["data_hash", "boxes"], "has 'A' and 'a'"),
        ([["a"], [1], [2]], ["data_hash", "x", "x"], "two columns are called 'x'"),
    ],
)
def test_parquet_whose_names_cannot_be_told_apart_is_refused(
    columns: list[Any], names: list[str], wrong: str, tmp_path: Path, workspace: Workspace
) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array(column) for column in columns], names=names), tmp_path / "u.parquet")
    with pytest.raises(SyncError, match=wrong):
        workspace.sync_files(units=tmp_path / "u.parquet")


def test_a_file_is_not_read_from_one_whose_name_its_own_would_match(tmp_path: Path, workspace: Workspace) -> None:
    for name, data_hash in {"p[12].parquet": "wanted", "p1.parquet": "other"}.items():
        pq.write_table(pa.table({"data_hash": [data_hash]}), tmp_path / name)
    workspace.sync_files(units=tmp_path / "p[12].parquet")
    assert workspace.data.ids() == ["wanted"]


def test_bytes_that_are_no_text_cost_no_file(tmp_path: Path, workspace: Workspace) -> None:
    pq.write_table(pa.table({"data_hash": ["a", "b"], "raw": [b"\xff", b"text"]}), tmp_path / "u.parquet")
    workspace.sync_files(units=tmp_path / "u.parquet")
    assert workspace.data.filter("raw = 'text'").ids() == ["b"]
    assert workspace.data.count() == 2


def test_an_array_is_no_ndjson_also_with_a_line_a_row(tmp_path: Path, workspace: Workspace) -> None:
    """Every line but the last ends with a comma, and is no JSON: one unit of three would be there."""
    file = tmp_path / "u.json"
    file.write_text('[\n{"data_hash": "a"},\n{"data_hash": "b"},\n{"data_hash": "c"}\n]\n')
    with pytest.raises(SyncError, match="is one JSON array, and not an object a line"):
        workspace.sync_files(units=file)


def test_values_that_do_not_fit_a_built_in_field_are_left_empty_and_told(tmp_path: Path, workspace: Workspace) -> None:
    """DuckDB's casts would take `infinity` for a time and 640.6 for 641 pixels, and pass over the others in silence."""
    rows: list[dict[str, Any]] = [
        {"created_at": "infinity", "width": 640.6, "fps": "nan", "duration": "1e999"},
        {"created_at": "epoch", "width": "640", "fps": 25, "duration": "2.5"},
        {"created_at": 1700000000, "width": 640.0, "fps": None, "duration": ""},
        {"created_at": "2024-01-01T10:00:00+02:00", "width": {"px": 1}, "file_size": 2**64},
        {"created_at": "2024-02-30", "width": "1_000", "file_size": 2**53},
    ]
    units = ndjson(tmp_path / "u.ndjson", [{"data_hash": f"u{n}", **row} for n, row in enumerate(rows)])
    labels = [{"data_hash": "u0", "class": "car", "created_at": at} for at in ("yesterday", "2024-01-01")]
    _, (file, marks) = workspace.sync_files(units=units, labels=ndjson(tmp_path / "l.ndjson", labels))
    assert (file.taken, marks.taken) == (5, 2)
    assert [str(why) for why in file.misfits.reasons] == [
        "4 rows: created_at is no ISO 8601 date or time (first 3: line 1: infinity; line 2: epoch; line 3: 1700000000)",
        '3 rows: width is no whole number (line 1: 640.6; line 4: {"px": 1}; line 5: 1_000)',
        "line 1: fps is no number: nan",
        "line 1: duration is no number: 1e999",
        "line 4: file_size is no whole number: 18446744073709551616",
    ]
    assert [str(why) for why in marks.misfits.reasons] == ["line 1: created_at is no ISO 8601 date or time: yesterday"]
    view = workspace.data.select("created_at", "width", "fps", "duration", "file_size").order_by("data_hash")
    assert [[*row.values()] for row in view.to_arrow().to_pylist()] == [
        [None, None, None, None, None],
        [None, 640, 25.0, 2.5, None],
        [None, 640, None, None, None],
        [datetime(2024, 1, 1, 8, tzinfo=UTC), None, None, None, None],
        [None, None, None, None, 2**53],
    ]


def test_a_row_without_an_id_is_never_numbered_as_one_that_has_it(tmp_path: Path, workspace: Workspace) -> None:
    """To take one of the two out of a Collection took both, and to add anything lost one."""
    workspace.sync_files(units=ndjson(tmp_path / "u.ndjson", [{"data_hash": "u"}]))
    rows = [{"data_hash": "u", "class": "car", "annotation_id": "1"}, {"data_hash": "u", "class": "bus"}]
    workspace.sync_files(predictions=ndjson(tmp_path / "p.ndjson", rows))
    assert workspace.predictions.collect("All").members == 2
    bus = workspace.predictions.filter("class = 'bus'").selection()
    assert workspace.collections.remove("All", bus).members == 1


def test_annotations_that_collections_do_not_tell_apart_are_taken_and_told(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    ndjson(tmp_path / "u.ndjson", [{"data_hash": "u"}])
    rows = [
        {"data_hash": "u", "class": "cat", "annotation_id": "7", "frame": 1},
        {"data_hash": "u", "class": "dog", "annotation_id": "7", "frame": 1.0},
        {"data_hash": "u", "class": "cow", "annotation_id": "7", "frame": 2},
        {"data_hash": "u", "class": "pig", "annotation_id": "7", "frame": 2, "prediction_hash": "p"},
        {"data_hash": "u", "class": "van"},
        {"data_hash": "u", "class": "bus", "annotation_id": 1},
    ]
    ndjson(tmp_path / "p.ndjson", rows)
    lines = synced(tmp_path, "--from", "u.ndjson", "--predictions", "p.ndjson")
    assert lines[1:3] == [
        "p.ndjson: expected 6 rows, got 6, rejected 0",
        "  one in Collections: 2 rows: annotation_id occurs before for the unit and frame (line 2: 7; line 6: 1)",
    ]


def test_blanks_are_no_data_hash(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "u.csv").write_text("data_hash,title\na,A\n , \n")
    _, (rows,) = workspace.sync_files(units=tmp_path / "u.csv")
    assert (rows.taken, [str(reason) for reason in rows.rejections.reasons]) == (1, ["line 3: no data_hash"])


def test_a_file_that_is_written_to_meanwhile_publishes_nothing(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ndjson(tmp_path / "units.ndjson", units(4))
    read = files.unit_record

    def growing(*row: Any) -> Any:
        with file.open("a") as writer:
            writer.write('{"data_hash": "half of a')
            monkeypatch.setattr(files, "unit_record", read)
        return read(*row)

    monkeypatch.setattr(files, "unit_record", growing)
    with pytest.raises(SyncError, match="was written to while it was read"):
        workspace.sync_files(units=file)
    ndjson(file, units(4))

    def replaced(*row: Any) -> Any:
        monkeypatch.setattr(files, "unit_record", read)
        ndjson(tmp_path / "newer.ndjson", units(2)).replace(file)
        return read(*row)

    monkeypatch.setattr(files, "unit_record", replaced)
    report, _ = workspace.sync_files(units=file)
    assert report.snapshot.counts.data == 4


def test_a_unit_in_two_files_is_refused(tmp_path: Path, workspace: Workspace) -> None:
    workspace.sync_files(units=ndjson(tmp_path / "one.ndjson", [{"data_hash": "a"}]))
    with pytest.raises(SyncError, match="the data unit a is in two datasets: one, two"):
        workspace.sync_files(units=ndjson(tmp_path / "two.ndjson", [{"data_hash": "a"}]))
    assert workspace.data.count() == 1


def test_files_of_one_name_in_two_folders_do_not_take_each_others_place(tmp_path: Path, workspace: Workspace) -> None:
    """Parts of one dataset and runs of two models are often called alike: neither may drop the other in silence."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    workspace.sync_files(units=ndjson(tmp_path / "a" / "units.ndjson", units(4)))
    workspace.sync_files(predictions=ndjson(tmp_path / "a" / "p.ndjson", [{"data_hash": "u0", "class": "car"}]))
    shard = ndjson(tmp_path / "b" / "units.ndjson", units(8)[4:])
    with pytest.raises(UsageError, match=r"b/units\.ndjson has none of the data units that .*a/units\.ndjson brought"):
        workspace.sync_files(units=shard)
    model = ndjson(tmp_path / "b" / "p.ndjson", [{"data_hash": "u1", "class": "bus"}])
    with pytest.raises(UsageError, match=r"predictions called 'p' from another file, .*a/p\.ndjson"):
        workspace.sync_files(predictions=model)
    assert (workspace.data.count(), workspace.predictions.filter("class = 'car'").count()) == (4, 1)
    report, _ = workspace.sync_files(predictions=model.rename(tmp_path / "b" / "other.ndjson"))
    assert report.snapshot.counts.predictions == 2


def test_a_newer_file_in_another_folder_takes_the_place_of_the_old_one_and_says_so(tmp_path: Path) -> None:
    """Each night's export has a folder of its own, or a file was moved: it is the same dataset still."""
    for folder in ("ws", "monday", "tuesday"):
        (tmp_path / folder).mkdir()
    workspace = metaquery.open(tmp_path / "ws")
    monday = ndjson(tmp_path / "monday" / "units.ndjson", units(4))
    workspace.sync_files(units=monday)
    moved = ndjson(tmp_path / "monday" / "p.ndjson", [{"data_hash": "u0", "class": "car"}])
    workspace.sync_files(predictions=moved)
    tuesday = ndjson(tmp_path / "tuesday" / "units.ndjson", units(6)[1:])
    lines = synced(tmp_path, "--from", str(tuesday))
    assert f"Set 0: expected 2 data units, got 2 (1 unchanged, in the place of what came from {monday})" in lines
    assert "5 data units: 2 added, 0 changed, 1 removed. 0 labels, 0 predictions." in lines
    report, _ = workspace.sync_files(predictions=moved.rename(tmp_path / "tuesday" / "p.ndjson"))
    assert report.parts[0].replaces == str(moved)
    assert report.snapshot.counts.predictions == 0
    assert report.snapshot.counts.orphans == 1


def test_what_comes_from_standard_input_leaves_other_kinds_and_other_units_alone(tmp_path: Path) -> None:
    """Units are piped in, then predictions on them: they are two files, though both are called `-`."""
    (tmp_path / "ws").mkdir()
    command = [sys.executable, "-m", "metaquery", "sync", "--workspace", str(tmp_path / "ws")]

    def piped(option: str, *rows: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        text = "".join(json.dumps(row) + "\n" for row in rows)
        return subprocess.run([*command, option, "-"], input=text, capture_output=True, text=True, check=False)

    piped("--from", *units(4))
    piped("--predictions", {"data_hash": "u0", "class": "car"})
    assert (
        "4 data units: 0 added, 0 changed, 0 removed. 1 label, 1 prediction."
        in piped("--labels", {"data_hash": "u1", "class": "bus"}).stdout
    )
    other = piped("--from", {"data_hash": "x", "dataset_hash": "d9"})
    assert other.returncode == 2
    assert "standard input has none of the data units that it brought before" in other.stderr
    newer = piped("--from", *(row for row in units(6) if row["dataset_hash"] == "d0"))
    assert "No longer there: Set 1" in newer.stdout.splitlines()
    assert "3 data units: 1 added, 0 changed, 2 removed. 0 labels, 1 prediction." in newer.stdout.splitlines()


def test_one_file_may_hold_units_and_labels(tmp_path: Path, workspace: Workspace) -> None:
    file = ndjson(tmp_path / "both.ndjson", [{"data_hash": "a", "class": "car", "speed": 1}])
    workspace.sync_files(units=file, labels=file)
    report, _ = workspace.sync_files(units=file)
    assert (report.snapshot.counts.data, report.snapshot.counts.labels) == (1, 1)
    report, _ = workspace.sync_files(labels=file)
    assert (report.snapshot.counts.data, report.snapshot.counts.labels) == (1, 1)


def test_a_hash_of_a_file_never_leaves_the_spool(tmp_path: Path, workspace: Workspace) -> None:
    row = {"data_hash": "a", "dataset_hash": "../../../outside"}
    workspace.sync_files(units=ndjson(tmp_path / "u.ndjson", [row]))
    assert workspace.data.count() == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["u.ndjson", "ws"]


def test_the_command_reads_standard_input_and_reports(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    ndjson(tmp_path / "schema.json", [SCHEMA])
    command = [sys.executable, "-m", "metaquery", "sync", "--workspace", str(tmp_path / "ws"), "--from", "-"]
    text = '{"data_hash": "a", "dark": true}\nnonsense\n'
    ran = subprocess.run(
        [*command, "--schema", str(tmp_path / "schema.json")], input=text, capture_output=True, text=True, check=True
    )
    assert "-: expected 2 rows, got 1, rejected 1" in ran.stdout
    assert "  line 2: not JSON" in ran.stdout
    again = subprocess.run([*command, "--all"], input=text, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert metaquery.open(tmp_path / "ws").data.filter("dark").count() == 1


def test_a_sync_that_is_killed_leaves_nothing_behind(tmp_path: Path, workspace: Workspace) -> None:
    workspace.sync_files(units=ndjson(tmp_path / "first.ndjson", [{"data_hash": "first"}]))
    file = ndjson(tmp_path / "units.ndjson", units(200))
    program = (
        "import os, signal, metaquery; from metaquery.store.spool import Spool; append = Spool.append\n"
        "def killed(self, stream, *bodies, **progress):\n"
        "    append(self, stream, *bodies, **progress)\n"
        "    if stream == 'rows': os.kill(os.getpid(), signal.SIGKILL)\n"
        "Spool.append = killed\n"
        f"metaquery.open({str(tmp_path / 'ws')!r}).sync_files(units={str(file)!r})"
    )
    died = subprocess.run([sys.executable, "-c", program], check=False, env={**os.environ})
    assert died.returncode == -signal.SIGKILL
    assert workspace.data.count() == 1
    report, _ = workspace.sync_files(units=file)
    assert report.snapshot.counts.data == 201
    assert not (workspace.layout.home / ".incoming").exists()


def test_a_folder_that_is_called_like_a_column_is_none(tmp_path: Path) -> None:
    """Engines read `year=2026` in a path as a column `year`, and `data_hash=x` in place of ours."""
    folder = tmp_path / "data_hash=x" / "collection=y" / "city=z"
    folder.mkdir(parents=True)
    workspace = metaquery.open(folder)
    made = converted(ndjson(tmp_path / "units.ndjson", units(4)), tmp_path / "units.parquet")
    source = made.rename(folder / "units.parquet")
    report, _ = workspace.sync_files(units=source, schema=SCHEMA)
    assert report.snapshot.counts.data == 4
    assert workspace.data.facets("city")["city"].rows == {"Oslo": 1, 'a "quoted", text\nof two lines': 1, "Łódź": 1}
    dark = workspace.data.filter("dark").collect("Dark")
    known = workspace.data.filter("speed is known").collect("Known", live=True)
    assert workspace.data.filter("in collection 'Dark'").ids() == dark.data_hashes() == ["u0"]
    assert workspace.data.filter("in collection 'Dark' or tags has 'Known'").ids() == ["u0", "u1"]
    assert (known - dark).ids() == ["u1"]
    assert workspace.collections.drift("Dark").still == 1
    workspace.collections.add("Dark", workspace.data.filter("city = 'Łódź'").selection())
    assert workspace.collections.diff("Dark", "Known").both == [("u0",)]
    workspace.export_lake(folder / "lake")
    assert metaquery.open_lake(folder / "lake").data.filter("in collection 'Dark'").ids() == ["u0", "u2"]


def test_titles_and_classes_are_found_however_their_letters_are_composed(workspace: Workspace, tmp_path: Path) -> None:
    """macOS takes letters apart in the names of files, and keyboards put them together."""
    apart, whole = "Cafe\u0301.jpg", "Caf\u00e9.jpg"
    named = [{"data_hash": "u0", "title": apart, "dataset_title": "Se\u0301rie", "client_metadata": {}}, *units(3)[1:]]
    labels = [{"data_hash": "u0", "annotation_id": "a", "label_hash": "l", "class": "ve\u0301lo", "frame": 0}]
    workspace.sync_files(
        units=ndjson(tmp_path / "units.ndjson", named),
        labels=ndjson(tmp_path / "labels.ndjson", labels),
        schema=SCHEMA,
    )
    for title in (apart, whole):
        assert workspace.data.filter("title = :title", title=title).ids() == ["u0"]
        assert workspace.unit(title).data_hash == "u0"
    assert workspace.data.filter("title contains 'é' and dataset_title = 'Série'").ids() == ["u0"]
    assert workspace.data.search("café").ids() == ["u0"]
    assert workspace.data.filter("any label(class = 'vélo')").ids() == ["u0"]
    (bar,) = workspace.labels.facets("class")["class"].bars[:1]
    assert workspace.labels.filter(str(bar.filter)).count() == bar.rows == 1
    workspace.sync_files(units=ndjson(tmp_path / "units.ndjson", named[1:]))
    assert workspace.unit(whole).gone is not None


@pytest.mark.parametrize("name", ["what?", "a\\b"])
def test_a_folder_in_which_duckdb_opens_no_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(StoreError, match="opens no file below"):
        metaquery.open(tmp_path / name)


def test_ids_that_are_names_of_files_are_found_however_their_letters_are_composed(
    workspace: Workspace, tmp_path: Path
) -> None:
    apart, whole = "Cafe\u0301.jpg", "Caf\u00e9.jpg"
    named = [{"data_hash": apart, "client_metadata": {"city": "Oslo"}}, *units(2)[1:]]
    label = {"data_hash": whole, "annotation_id": "a", "label_hash": "l", "class": "car", "frame": 0}
    workspace.sync_files(
        units=ndjson(tmp_path / "units.ndjson", named),
        labels=ndjson(tmp_path / "labels.ndjson", [label]),
        schema=SCHEMA,
    )
    assert workspace.data.filter("any label").ids() == [whole]
    for name in (apart, whole):
        assert workspace.unit(name).data_hash == whole
        assert workspace.data.filter("data_hash in :names", names=[name]).ids() == [whole]
        made = workspace.collections.newest.of_ids(read_ids([name], DATA), DATA)
        assert workspace.collections.make("Found", made, replacing=True).data_hashes() == [whole]
