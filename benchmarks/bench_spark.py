"""Spark on this machine over a lake: ours against Spark's SQL by hand, and both beside DuckDB over the same lake.

- from a filter's text to Spark's SQL: target 20 ms.
- a count, ids, facets by Spark against statements by hand in the same session: at most 1.25 times, plus 50 ms. What
  Spark itself takes to plan a statement is on both sides.
- the same by DuckDB over the lake, and over the snapshot: to be read, without a target. Spark is not made for one
  machine; this says when it is worth to have more.

It needs Java and `pip install 'metaquery[spark]'`. `python -m benchmarks.bench_spark --units 1000000`
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import metaquery
from benchmarks.compare import compare, milliseconds
from benchmarks.data import generated
from metaquery.language import DIALECTS, compile_filter, count_sql, key_sql
from metaquery.schema import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

COMPILED_MS = 20
RATIO, MARGIN_MS = 1.25, 50

_FILTER = "dark = true and captured_at > 2023-01-01"
_BY_HAND = "dark AND captured_at >= TIMESTAMP '2023-01-02 00:00:00'"
_FILTERS = (
    _FILTER,
    f"{_FILTER} and any prediction(class = 'car' and confidence < 0.5)",
    "city in ('Paris', 'Oslo') and (speed - 10) / temperature > 2 or note icontains 'wet' or speed is invalid",
    "title matches '^scene_[0-9]+[05]$' and date_trunc('month', captured_at) = 2023-05-01T00:00Z",
)
"""A short one, a semi-join, arithmetic and texts, a regular expression and a calendar."""


def _session(cores: str, memory: str) -> Any:
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.memory", memory)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )


def _compiled(workspace: metaquery.Workspace) -> bool:
    schema, spark = workspace.snapshot().schema, DIALECTS["spark"]

    def compile_(text: str) -> None:
        query = compile_filter(text, schema, DATA)
        key_sql(query, spark)
        count_sql(query, spark)

    met = True
    for text in _FILTERS:
        compile_(text)
        median = statistics.median(milliseconds(lambda text=text: compile_(text)) for _ in range(51))  # type: ignore[misc]
        met = met and median <= COMPILED_MS
        print(f"compile {text[:48]:<50} {median:6.2f} ms   limit {COMPILED_MS} ms", flush=True)
    return met


def _cases(view: Any, labels: Any) -> dict[str, Callable[[], object]]:
    return {
        "count": lambda: view.filter(_FILTER).count(),
        "matched, unknown, total": lambda: view.filter(_FILTER).counts(),
        "units with a label": lambda: view.filter(f"{_FILTER} and any label(class = 'car')").count(),
        "labels of dark units": lambda: labels.filter("class = 'car' and dark").count(),
        "ids to Arrow": lambda: view.filter(_FILTER).select("data_hash").to_arrow(),
        "first 50 in order": lambda: view.filter(_FILTER).order_by("speed desc").limit(50).to_arrow(),
        "facets of two keys": lambda: view.filter(_FILTER).facets("weather", "dark"),
    }


def _by_hand(session: Any, lake: Path) -> dict[str, Callable[[], object]]:
    for name in ("data", "labels"):
        session.read.parquet(f"file://{lake / name}").createOrReplaceTempView(f"hand_{name}")
    labelled = "EXISTS (SELECT 1 FROM hand_labels AS l WHERE l.unit = u.unit AND l.class = 'car')"
    return {
        "count": lambda: session.sql(f"SELECT count(*) FROM hand_data WHERE {_BY_HAND}").collect(),
        "units with a label": lambda: session.sql(
            f"SELECT count(*) FROM hand_data AS u WHERE {_BY_HAND} AND {labelled}"
        ).collect(),
        "labels of dark units": lambda: session.sql(
            "SELECT count(*) FROM hand_labels AS l LEFT JOIN hand_data AS u ON u.unit = l.unit "
            "WHERE l.class = 'car' AND u.dark"
        ).collect(),
        "ids to Arrow": lambda: session.sql(f"SELECT data_hash FROM hand_data WHERE {_BY_HAND}").toArrow(),
    }


def main() -> int:
    """Measure, print the tables, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=16)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cores", default="*")
    parser.add_argument("--memory", default="4g")
    options = parser.parse_args()
    print(f"making or finding {options.units:,} units …", flush=True)
    workspace = generated(options.units)
    met = [_compiled(workspace)]
    with tempfile.TemporaryDirectory(dir=workspace.layout.root.parent) as folder:
        lake = Path(folder) / "lake"
        workspace.export_lake(lake, parts=options.parts)
        start = time.perf_counter()
        session = _session(options.cores, options.memory)
        print(f"a session starts in {time.perf_counter() - start:.1f} s", flush=True)
        asked = metaquery.open_lake(lake, spark=session)
        print(f"its first count takes {milliseconds(lambda: asked.data.filter(_FILTER).count()):,.0f} ms", flush=True)
        duck = metaquery.open_lake(lake)
        sides = {
            "spark": _cases(asked.data, asked.labels),
            "lake": _cases(duck.data, duck.labels),
            "snapshot": _cases(workspace.data, workspace.labels),
        }
        hand = _by_hand(session, lake)
        assert sides["spark"]["count"]() == sides["lake"]["count"]() == sides["snapshot"]["count"]()
        for name, by_hand in hand.items():
            ours = sides["spark"][name]
            met.append(compare(name, ours, by_hand, options.runs, ratio=RATIO, margin_ms=MARGIN_MS))
        for name in sides["spark"]:
            told = []
            for side, cases in sides.items():
                cases[name]()
                told.append(
                    f"{side} {statistics.median(milliseconds(cases[name]) for _ in range(options.runs)):9,.1f} ms"
                )
            print(f"{name:<26}" + "   ".join(told), flush=True)
        session.stop()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
