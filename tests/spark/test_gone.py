"""A session that is gone, or none at all: an error of ours, and no traceback of Java's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

import metaquery
from metaquery.engines.spark import SparkEngine
from metaquery.errors import EngineError, UsageError


class Gone:
    """What is left of a session when its JVM has ended: each call fails, in a way of its own."""

    class conf:  # noqa: N801  # as Spark calls it
        @staticmethod
        def get(_name: str) -> NoReturn:
            raise AssertionError

    def sql(self, *_: Any, **__: Any) -> NoReturn:
        raise ConnectionRefusedError("the JVM has ended")


def test_a_session_that_was_stopped_is_told(spark: Any) -> None:
    session: Any = Gone()
    with pytest.raises(EngineError, match="Spark did not answer: AssertionError") as raised:
        SparkEngine(session, {})
    assert raised.value.hint == "is the session still running? open the lake anew"


def test_what_is_no_session_is_refused() -> None:
    session: Any = "local[2]"
    with pytest.raises(UsageError, match=r"'local\[2\]' is no session of Spark"):
        SparkEngine(session, {})


def test_a_lake_elsewhere_needs_a_session_and_has_to_be_there(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not on this machine"):
        metaquery.open_lake("s3a://bucket/scenes")
    with pytest.raises(UsageError, match=r"Spark cannot read .*metaquery-lake\.json"):
        metaquery.open_lake(f"file://{tmp_path}/none", spark=spark)


def test_what_is_asked_in_duckdbs_sql_is_refused(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "units.ndjson").write_text('{"data_hash": "a", "title": "a.jpg", "client_metadata": {"dark": true}}\n')
    ws = metaquery.open(tmp_path)
    ws.sync_files(units=tmp_path / "units.ndjson")
    ws.export_lake(tmp_path / "lake")
    lake = metaquery.open_lake(tmp_path / "lake", spark=spark)
    assert lake.data.filter("dark").ids() == ["a"]
    for ask in (lake.data.paged, lambda: lake.boxes(["a"]), lambda: lake.labels.export(tmp_path / "x.coco.json")):
        with pytest.raises(UsageError, match="DuckDB, and Spark answers here"):
            ask()
