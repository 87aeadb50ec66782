"""A lake answered by Spark has the views that it has without: the same rows, columns, facets and files."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow.parquet as pq
import pytest

import metaquery
from metaquery.errors import EngineError, FilterTypeError, UnknownField, UsageError
from metaquery.interruption import INTERRUPTED
from tests.unit.test_lake import QUESTIONS, directory, ws

from .sessions import other

__all__ = ["directory", "ws"]

ORDERED = [
    ("data", "dark order by rowid desc, title limit 4"),
    ("data", "order by dark nulls first, at desc, title desc"),
    ("data", "it is not null order by it, sky, title limit 3"),
    ("labels", "order by annotation_id desc limit 5"),
    ("labels", "order by unit.title desc, count(label)"),
    ("data", "order by count(label) desc, title limit 7"),
]


@pytest.fixture(scope="module")
def lake(spark: Any, directory: Path) -> metaquery.Lake:
    """Open the lake, whose path has blanks, brackets and what looks like a partition, by Spark."""
    return metaquery.open_lake(directory, spark=spark)


@pytest.fixture(scope="module")
def duck(directory: Path) -> metaquery.Lake:
    return metaquery.open_lake(directory)


def sorted_rows(view: metaquery.View) -> list[dict[str, Any]]:
    return sorted(view.select_all().to_arrow().to_pylist(), key=repr)


@pytest.mark.parametrize(("on", "text"), QUESTIONS)
def test_rows_counts_and_columns_are_those_of_duckdb(
    lake: metaquery.Lake, duck: metaquery.Lake, on: str, text: str
) -> None:
    theirs, ours = lake.view(on).query(text), duck.view(on).query(text)
    assert theirs.count() == ours.count()
    assert theirs.counts() == ours.counts()
    assert sorted(theirs.ids()) == sorted(ours.ids())
    assert theirs.select_all().to_arrow().column_names == ours.select_all().to_arrow().column_names
    assert sorted_rows(theirs) == sorted_rows(ours)


@pytest.mark.parametrize(("on", "text"), ORDERED)
def test_order_and_limit_are_those_of_duckdb(lake: metaquery.Lake, duck: metaquery.Lake, on: str, text: str) -> None:
    theirs, ours = lake.view(on).query(text), duck.view(on).query(text)
    assert theirs.ids() == ours.ids()
    assert theirs.select_all().to_arrow().to_pylist() == ours.select_all().to_arrow().to_pylist()


def test_an_annotation_of_several_frames_has_its_id_once_where_it_is_first(spark: Any, tmp_path: Path) -> None:
    frames = [("a", 7), ("b", 1), ("a", 0), ("c", 3), ("b", 9)]
    labels = [{"data_hash": "u", "annotation_id": name, "class": "car", "frame": at} for name, at in frames]
    (tmp_path / "labels.ndjson").write_text("".join(json.dumps(row) + "\n" for row in labels))
    (tmp_path / "units.ndjson").write_text(json.dumps({"data_hash": "u", "title": "u", "client_metadata": {}}))
    made = metaquery.open(tmp_path)
    made.sync_files(units=tmp_path / "units.ndjson", labels=tmp_path / "labels.ndjson")
    made.export_lake(tmp_path / "lake", parts=1)
    found = metaquery.open_lake(tmp_path / "lake", spark=spark).labels
    assert found.order_by("frame desc").ids() == made.labels.order_by("frame desc").ids() == ["b", "a", "c"]
    assert sorted(found.ids()) == ["a", "b", "c"]
    assert found.filter("frame > 100").ids() == []


@pytest.mark.parametrize("text", ["true", "dark", "rowid > 100"])
def test_facets_and_descriptions_are_those_of_duckdb(lake: metaquery.Lake, duck: metaquery.Lake, text: str) -> None:
    assert lake.data.filter(text).facets() == duck.data.filter(text).facets()
    assert lake.data.filter(text).describe() == duck.data.filter(text).describe()


def test_what_a_view_tells_without_rows_is_the_same(lake: metaquery.Lake, duck: metaquery.Lake) -> None:
    assert lake.data.complete("sky = '").candidates == duck.data.complete("sky = '").candidates
    assert lake.data.complete("in collection '").candidates == duck.data.complete("in collection '").candidates
    assert lake.data.filter("sky = 'grey'").why_nothing() == duck.data.filter("sky = 'grey'").why_nothing()
    assert lake.data.filter("dark and rowid = 7").clauses() == duck.data.filter("dark and rowid = 7").clauses()
    assert lake.data.misfits() == duck.data.misfits()
    assert "WHERE u.`dark`" in lake.data.filter("dark").sql().text
    assert lake.data.search("blue").count() == duck.data.search("blue").count()


def test_a_dataframe_runs_when_it_is_asked_and_not_before(spark: Any, lake: metaquery.Lake) -> None:
    before = len(spark.sparkContext.statusTracker().getJobIdsForGroup(None))
    frame = lake.data.filter("dark").select("title", "rowid", "at").order_by("title").to_spark()
    assert len(spark.sparkContext.statusTracker().getJobIdsForGroup(None)) == before
    assert frame.columns == ["title", "rowid", "at"]
    assert [row.title for row in frame.limit(2).collect()] == ["0", "12"]
    assert frame.groupBy("rowid").count().collect()[0].asDict() == {"rowid": 7.0, "count": 10}


def test_rows_that_spark_found_become_a_collection_of_a_workspace(
    lake: metaquery.Lake, ws: metaquery.Workspace
) -> None:
    made = lake.data.filter("dark and rowid = 7").collect("From Spark", into=ws)
    assert made.members == 10
    assert made.provenance.filter == "dark and rowid = 7"
    assert made.provenance.unknown == lake.data.filter("dark and rowid = 7").counts().unknown
    assert made.provenance.snapshot == ws.snapshot().id
    assert sorted(ws.data.filter("in collection 'From Spark'").ids()) == sorted(lake.data.filter("dark").ids())
    with pytest.raises(UsageError, match="a lake takes no new Collections"):
        lake.data.filter("dark").collect("Mine")


@pytest.mark.parametrize("name", ["rows.csv", "rows.ndjson", "rows.parquet"])
def test_files_are_those_of_duckdb(lake: metaquery.Lake, duck: metaquery.Lake, tmp_path: Path, name: str) -> None:
    for place, each in (("theirs", lake), ("ours", duck)):
        (tmp_path / place).mkdir()
        each.data.query("dark order by title").select("title", "rowid", "at", "it", "here", "like", "tags").export(
            tmp_path / place / name
        )
    theirs, ours = tmp_path / "theirs" / name, tmp_path / "ours" / name
    if name.endswith(".parquet"):
        assert pq.read_table(theirs).to_pylist() == pq.read_table(ours).to_pylist()
    else:
        assert theirs.read_text() == ours.read_text()


def test_a_filter_without_a_form_is_refused_before_anything_runs(lake: metaquery.Lake) -> None:
    with pytest.raises(FilterTypeError, match="upper has no form on Spark") as refused:
        lake.data.filter("dark and upper(sky) = 'BLUE'").count()
    assert refused.value.span.start == len("dark and ")
    with pytest.raises(UnknownField, match="did you mean 'dark'"):
        lake.data.filter("drak")


def test_a_session_of_another_time_zone_is_refused_whenever_it_is_asked(spark: Any, directory: Path) -> None:
    session = other(spark)
    opened = metaquery.open_lake(directory, spark=session).data
    assert opened.count() == 30
    session.conf.set("spark.sql.session.timeZone", "Europe/Paris")
    for ask in (opened.count, opened.to_spark, metaquery.open_lake(directory, spark=session).data.count):
        with pytest.raises(UsageError, match="'Europe/Paris'"):
            ask()
    session.conf.set("spark.sql.session.timeZone", "Etc/UTC")
    assert opened.count() == 30


def test_a_file_that_is_gone_is_named(spark: Any, ws: metaquery.Workspace, tmp_path: Path) -> None:
    ws.export_lake(tmp_path / "lake", parts=2)
    opened = metaquery.open_lake(tmp_path / "lake", spark=spark).data
    assert opened.count() == 30
    gone = sorted((tmp_path / "lake" / "data").iterdir())[1]
    before = metaquery.open_lake(tmp_path / "lake", spark=spark).data
    gone.unlink()
    for view in (opened, before):
        with pytest.raises(EngineError, match=re.escape(gone.name)):
            view.filter("dark").ids()


def tables(session: Any) -> set[str]:
    return set(session.sql("SHOW TABLES").toArrow().column("tableName").to_pylist())


def test_views_of_the_users_session_are_neither_used_nor_touched(spark: Any, directory: Path) -> None:
    session = other(spark)
    for name in ("data", "tags", "labels", "members", "rejects"):
        session.createDataFrame([("mine",)], "mine string").createOrReplaceTempView(name)
    mine = tables(session)
    opened = metaquery.open_lake(directory, spark=session).data
    assert opened.filter("dark and tags has 'seen' and any label and free is not missing").count() == 5
    assert opened.select("title").to_spark().count() == 30
    assert session.table("data").collect()[0].mine == session.table("tags").collect()[0].mine == "mine"
    ours = tables(session) - mine
    assert len(ours) == 6
    assert all(name.startswith("metaquery_") for name in ours)
    opened.engine.close()
    assert tables(session) == mine


def test_our_views_go_with_the_lake(spark: Any, directory: Path) -> None:
    session = other(spark)
    lake = metaquery.open_lake(directory, spark=session)
    lake.data.count()
    assert len(tables(session)) == 6
    del lake
    gc.collect()
    assert tables(session) == set()


def test_two_lakes_in_one_session_do_not_meet(
    spark: Any, ws: metaquery.Workspace, lake: metaquery.Lake, tmp_path: Path
) -> None:
    (tmp_path / "units.ndjson").write_text(
        json.dumps({"data_hash": "x", "title": "x", "client_metadata": {"dark": True}})
    )
    made = metaquery.open(tmp_path)
    made.sync_files(units=tmp_path / "units.ndjson")
    made.export_lake(tmp_path / "lake", parts=1)
    another = metaquery.open_lake(tmp_path / "lake", spark=spark)
    assert another.data.filter("dark").ids() == ["x"]
    assert lake.data.filter("dark").count() == 10
    assert another.data.filter("dark").count() == 1


SLOW = "SELECT count(*) FROM range(100000000000000) WHERE hash(id) = 1"


@pytest.fixture
def stoppable(spark: Any, directory: Path) -> metaquery.View:
    """Open the lake in a session as users have it: what is not compiled does not look whether it is to stop."""
    session = other(spark, **{"codegen.wholeStage": "true", "codegen.factoryMode": "FALLBACK"})
    return metaquery.open_lake(directory, spark=session).data


def running(spark: Any) -> bool:
    return bool(spark.sparkContext.statusTracker().getActiveJobsIds())


def test_a_statement_is_stopped_from_another_thread_and_its_session_goes_on(
    spark: Any, stoppable: metaquery.View
) -> None:
    engine = stoppable.engine
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(engine.rows, SLOW, ())
        while not asked.done():
            engine.interrupt()
            wait([asked], timeout=0.1)
        with pytest.raises(EngineError, match=INTERRUPTED):
            asked.result()
    assert stoppable.filter("dark").count() == 10


def test_ctrl_c_stops_the_job_and_not_only_the_wait(spark: Any, stoppable: metaquery.View) -> None:
    ended = Event()

    def press() -> None:
        while not running(spark) and not ended.wait(0.1):
            pass
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    presser = Thread(target=press)
    presser.start()
    try:
        with pytest.raises((KeyboardInterrupt, EngineError)):
            stoppable.engine.rows(SLOW, ())
    finally:
        ended.set()
        presser.join()
    until = time.monotonic() + 60
    while running(spark) and time.monotonic() < until:
        ended.wait(0.1)
    assert not running(spark)
    assert stoppable.filter("dark").count() == 10
