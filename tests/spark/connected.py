"""Ask a lake by Spark Connect: a process of its own, as one that has a classic session cannot have another kind."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

import metaquery
from metaquery.errors import EngineError, UsageError
from tests.unit.test_lake import QUESTIONS

ZONE = "spark.sql.session.timeZone"
SLOW = "SELECT count(*) FROM range(100000000000000) WHERE hash(id) = 1"


def main(lake: Path, workspace: Path) -> None:
    session = SparkSession.builder.remote("local[2]").config(ZONE, "UTC").getOrCreate()
    assert "connect" in type(session).__module__
    theirs, ours = metaquery.open_lake(lake, spark=session), metaquery.open_lake(lake)
    answers_alike(theirs, ours)
    assert theirs.data.filter("dark").collect("Connected", into=metaquery.open(workspace)).members == 10
    assert theirs.data.filter("dark").select("title").order_by("title").to_spark().first().title == "0"
    is_stopped(theirs.data.engine)
    is_refused_in_another_zone(session, theirs)
    theirs.data.engine.close()
    assert session.catalog.listTables() == []
    session.stop()


def answers_alike(theirs: metaquery.Lake, ours: metaquery.Lake) -> None:
    for on, text in QUESTIONS:
        one, other = theirs.view(on).query(text), ours.view(on).query(text)
        assert one.counts() == other.counts(), text
        assert sorted(one.ids()) == sorted(other.ids()), text
    assert theirs.data.facets() == ours.data.facets()


def is_stopped(engine: Any) -> None:
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(engine.rows, SLOW, ())
        while not asked.done():
            engine.interrupt()
            wait([asked], timeout=0.2)
        assert isinstance(asked.exception(), EngineError), asked.exception()


def is_refused_in_another_zone(session: Any, lake: metaquery.Lake) -> None:
    session.conf.set(ZONE, "Europe/Paris")
    with pytest.raises(UsageError, match="Europe/Paris"):
        lake.data.count()
    session.conf.set(ZONE, "UTC")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
    print("connected")  # noqa: T201
