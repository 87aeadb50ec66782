"""A lake: plain Parquet that others read as it is, and views that answer as those of the workspace do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import metaquery
from metaquery.errors import MetaqueryError, StoreError, UsageError, WorkspaceLocked
from metaquery.lake_manifest import MANIFEST, TABLES, part_of
from metaquery.schema import RELATIONS
from metaquery.store.lock import write_lock

PARTS = 3
UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
KEYS = {
    "part": "string", "rowid": "number", "date": "string", "at": "datetime", "here": "geospatial", "it": "uuid",
    "dark": "boolean", "like": {"ty": "embedding", "size": 2},
    "sky": {"ty": "enum", "values": ["blue", "grey"]},
}  # fmt: skip
FULL = {
    "part": "a", "rowid": 7, "date": "today", "at": "1969-12-31T23:59:59.999999Z", "dark": True, "it": UUID.upper(),
    "here": {"latitude": 48.85, "longitude": 2.35}, 'it\'s "a", key;': "x", "like": [0.5, -1], "sky": "blue", "free": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> metaquery.Workspace:
    """Thirty units of every type, of which every third has values, and one a misfit."""
    home = tmp_path_factory.mktemp("workspace")
    documents = [FULL if n % 3 == 0 else {} for n in range(29)] + [{"dark": "perhaps"}]
    units = [{"data_hash": f"u{n}", "title": f"{n}", "client_metadata": d} for n, d in enumerate(documents)]
    labels = [{"data_hash": f"u{n}", "annotation_id": f"l{n}", "class": "car", "frame": 0} for n in range(0, 30, 2)]
    for name, rows in {"units": units, "labels": labels}.items():
        (home / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = metaquery.open(home)
    made.sync_files(units=home / "units.ndjson", labels=home / "labels.ndjson", schema=KEYS)
    made.data.filter("dark").collect("Dark ones")
    made.labels.filter("unit.index < 9").collect("First", live=True)
    made.collections.make("seen", made.data.filter("dark").selection(), kind="tag")
    made.save_filter("there", "here is not null")
    return made


@pytest.fixture(scope="module")
def directory(ws: metaquery.Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake in a place whose name has what readers of many files take for patterns and for partitions."""
    home = tmp_path_factory.mktemp("lakes") / "date=2024" / "it's [a]*?, {b}"
    home.mkdir(parents=True)
    ws.export_lake(home / "lake", parts=PARTS)
    return home / "lake"


def test_every_row_is_in_the_part_of_its_unit_and_no_column_says_so(directory: Path) -> None:
    for table in TABLES:
        for file in sorted((directory / table).iterdir()):
            read = pq.read_table(file, partitioning=None)
            part = int(file.name.split("-")[1])
            assert {part_of(name, PARTS) for name in read["data_hash"].to_pylist()} <= {part}
            told = json.loads(read.schema.metadata[b"metaquery"])
            assert [column["column"] for column in told["columns"]] == read.column_names
            assert (told["table"], told["parts"]) == (table, PARTS)


def test_pyarrow_pandas_and_polars_read_it_with_types_that_every_engine_has(directory: Path) -> None:
    schema = pq.read_schema(next((directory / "data").iterdir()))
    names = ("at", "here", "it", "like", "sky", "meta.rowid", "projects")
    types = {name: str(schema.field(name).type) for name in names}
    assert types == {
        "at": "timestamp[us, tz=UTC]",
        "here": "struct<latitude: double, longitude: double>",
        "it": "string",
        "like": "list<element: float>",
        "sky": "string",
        "meta.rowid": "double",
        "projects": "list<element: string>",
    }
    assert ds.dataset(str(directory / "data")).to_table(filter=ds.field("dark")).num_rows == 10
    frame = pd.read_parquet(directory / "data")
    assert (len(frame), frame["part"].notna().sum()) == (30, 10)
    assert set(frame["at"].dropna()) == {pd.Timestamp("1969-12-31T23:59:59.999999Z")}
    read = pl.read_parquet([str(file) for file in (directory / "data").iterdir()], glob=False, hive_partitioning=False)
    assert read.filter(pl.col("it") == UUID)["like"].to_list() == [[0.5, -1.0]] * 10
    assert pl.read_parquet(next((directory / "predictions").iterdir()), glob=False).columns[:2] == [
        "data_hash",
        "project_hash",
    ]  # there is none, and its columns are known


QUESTIONS = [
    ("data", "dark"), ("data", "dark is missing or dark is invalid"), ("data", "free = 1"),
    ("data", "it = '3FA85F64-5717-4562-b3fc-2c963f66afa6'"), ("data", "at < 1970-01-01"),
    ("data", "rowid = 7 and part = 'a' and date = 'today'"), ("data", "s_within(here, BBOX(2, 48, 3, 49))"),
    ("data", 'cosine_similarity("like", [0.5, -1]) > 0.9'), ("data", "@there"), ("data", "tags has 'seen'"),
    ("data", "in collection 'Dark ones'"), ("data", "tags has 'First'"), ("data", "any label(class = 'car')"),
    ("labels", "dark and in collection 'First'"), ("labels", "unit.title = '3'"),
]  # fmt: skip


@pytest.mark.parametrize(("on", "text"), QUESTIONS)
def test_its_views_answer_as_those_of_the_workspace_do(
    ws: metaquery.Workspace, directory: Path, on: str, text: str
) -> None:
    theirs, ours = metaquery.open_lake(directory).view(on).query(text), ws.view(on).query(text)
    key = [theirs.name_of(field) for field in theirs.key_columns][:1]
    assert sorted(theirs.ids()) == sorted(ours.ids())
    assert theirs.counts() == ours.counts()
    every = [view.select_all().order_by(*filter(None, key)).to_arrow() for view in (theirs, ours)]
    assert every[0] == every[1]


def test_misfits_are_counted_alike_once_they_are_kept(ws: metaquery.Workspace, directory: Path) -> None:
    lake = metaquery.open_lake(directory)
    for text in ("true", "not dark", "sky is invalid or sky is missing"):  # from the second time on they are kept
        assert lake.data.filter(text).facets() == ws.data.filter(text).facets()
        assert lake.labels.filter(text).facets("dark, sky") == ws.labels.filter(text).facets("dark, sky")
    assert lake.data.filter("true").facets("dark")["dark"].invalid == 1


def test_whatever_a_view_can_do_works_but_what_would_change_something(
    ws: metaquery.Workspace, directory: Path, tmp_path: Path
) -> None:
    lake = metaquery.open_lake(directory)
    assert lake.data.facets("sky", "at", "tags") == ws.data.facets("sky", "at", "tags")
    assert lake.data.complete("tags has '").candidates == ws.data.complete("tags has '").candidates
    assert lake.data.complete("sky = '").candidates == ws.data.complete("sky = '").candidates
    pages = lake.labels.order_by("annotation_id desc").paged()
    assert pages.rows(lake.labels.key_columns, offset=1, limit=2).column(0).to_pylist() == ["u6", "u4"]
    assert lake.labels.export(tmp_path / "labels.coco.json").left_out == {"no box: no shape": 15}
    refused: list[Callable[[], Any]] = [
        lambda: lake.data.filter("dark").collect("Mine"),
        lambda: lake.as_of("2024"),
        lambda: lake.data.as_of("2024"),
    ]
    for ask in refused:
        with pytest.raises(UsageError, match="a lake"):
            ask()
    with pytest.raises(MetaqueryError, match="did you mean 'Dark ones'"):
        lake.data.filter("in collection 'Dark one'")


def test_what_a_lake_selects_can_be_collected_into_a_workspace(ws: metaquery.Workspace, directory: Path) -> None:
    dark = metaquery.open_lake(directory).data.filter("dark")
    made = dark.collect("Of the lake", into=ws)
    assert (made.members, made.live, made.provenance.filter) == (dark.count(), False, "dark")
    assert made.provenance.snapshot == metaquery.open_lake(directory).snapshot.id
    assert sorted(ws.data.filter("in collection 'Of the lake'").ids()) == sorted(dark.ids())
    with pytest.raises(MetaqueryError, match="cannot be live"):
        dark.collect("Live of the lake", into=ws, live=True)


def test_a_lake_is_not_read_from_one_whose_name_its_own_would_match(ws: metaquery.Workspace, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    small = metaquery.open(tmp_path / "small")
    (tmp_path / "units.ndjson").write_text('{"data_hash": "u0"}\n')
    small.sync_files(units=tmp_path / "units.ndjson")
    small.export_lake(tmp_path / "lake[12]", parts=1)
    ws.export_lake(tmp_path / "lake1", parts=1)
    assert metaquery.open_lake(tmp_path / "lake[12]").data.filter("data_hash is not null").count() == 1


def test_it_is_written_once_and_never_over_something_else(ws: metaquery.Workspace, tmp_path: Path) -> None:
    to = tmp_path / "lake"
    to.mkdir()
    first = ws.export_lake(to, parts=2)
    assert (first.found, {name: first.rows[name] for name in RELATIONS}) == (
        0,
        {"data": 30, "labels": 15, "predictions": 0},
    )
    before = {file: file.stat().st_mtime_ns for file in to.rglob("*")}
    assert ws.export_lake(to).found == first.files
    assert {file: file.stat().st_mtime_ns for file in to.rglob("*")} == before
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    for path, parts, words in [
        (to, 4, "is a lake already"),
        (tmp_path / "full", None, "other files"),
        (tmp_path / "full" / "mine.txt", None, "no directory"),
        (tmp_path / "no" / "where", None, "no directory"),
        (tmp_path / "another", 5000, "4,096"),
    ]:
        with pytest.raises(UsageError, match=words):
            ws.export_lake(path, parts=parts)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["full", "lake"]


def test_what_was_interrupted_is_gone_on_with_and_no_other_snapshot_is_mixed_in(
    ws: metaquery.Workspace, tmp_path: Path
) -> None:
    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ws.export_lake(tmp_path / "lake", parts=2, progress=stop)
    assert not (tmp_path / "lake").exists()
    with pytest.raises(UsageError, match=r"beginning of another export.*in 2 parts"):
        ws.export_lake(tmp_path / "lake", parts=3)
    done = ws.export_lake(tmp_path / "lake")
    assert 0 < done.found < done.files
    assert metaquery.open_lake(tmp_path / "lake").data.filter("dark").count() == 10


def test_two_do_not_write_one_lake(ws: metaquery.Workspace, tmp_path: Path) -> None:
    with (
        write_lock(tmp_path / ".lake.metaquery-lake.lock"),
        pytest.raises(WorkspaceLocked, match=rf"another metaquery is exporting to {tmp_path}/lake \(process \d+"),
    ):
        ws.export_lake(tmp_path / "lake")


@pytest.mark.parametrize("damage", ["gone", "shorter", "manifest", "half"])
def test_a_lake_that_is_not_whole_is_refused(ws: metaquery.Workspace, tmp_path: Path, damage: str) -> None:
    to = tmp_path / "lake"
    ws.export_lake(to, parts=1)
    (file,) = (to / "tags").iterdir()
    if damage == "gone":
        file.unlink()
    elif damage == "shorter":
        file.write_bytes(file.read_bytes()[:-1])
    elif damage == "manifest":
        (to / MANIFEST).write_text((to / MANIFEST).read_text().replace('"rows": 30', '"rows": 31'))
    else:
        (to / MANIFEST).unlink()
    with pytest.raises(UsageError if damage == "half" else StoreError, match=r"lake|seal"):
        metaquery.open_lake(to)


def test_bytes_that_a_disk_has_lost_are_an_error_of_ours(ws: metaquery.Workspace, tmp_path: Path) -> None:
    to = tmp_path / "lake"
    ws.export_lake(to, parts=1)
    (file,) = (to / "data").iterdir()
    file.write_bytes(b"\0" * file.stat().st_size)
    with pytest.raises(MetaqueryError, match=r"the lake .* cannot be read"):
        metaquery.open_lake(to).data.count()
