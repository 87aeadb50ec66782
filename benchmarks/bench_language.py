"""The language's own cost, and twelve query shapes at a million units against hand-written SQL, in the same run.

Targets: parse, bind and compile five predicates in at most 3 ms the first time in a process and 1 ms after; each shape
at most 1.10 times the hand-written query, plus 2 ms. Compiling is within the measured time.
`python -m benchmarks.bench_language --units 100000`
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from benchmarks.compare import compare
from benchmarks.data import generated

if TYPE_CHECKING:
    from collections.abc import Callable

    import metaquery

FIVE = (
    "dark = true and captured_at > 2023-01-01 and city in ('Oslo', 'Paris') "
    "and speed between 50 and 90 and note is known"
)

_SITES = [f"site-{n:04d}" for n in range(0, 1000, 97)][:10]

_FIRST_MS, _AFTER_MS = 3.0, 1.0


class Shape(NamedTuple):
    """One kind of query: ours as a view's text and how it ends, theirs as SQL."""

    name: str
    ours: Callable[[metaquery.View], object]
    by_hand: str
    arrow: bool = False


def shapes(one: str) -> list[Shape]:
    """Return the twelve; `one` is a data hash that is there."""
    sites = ", ".join(f"'{site}'" for site in _SITES)
    day = "TIMESTAMPTZ '2023-01-02 00:00:00+00'"
    return [
        Shape(
            "two predicates",
            lambda v: v.filter("dark = true and captured_at > 2023-01-01").count(),
            f"SELECT count(*) FROM data WHERE dark AND captured_at >= {day}",
        ),
        Shape(
            "string and boolean",
            lambda v: v.filter("city = 'Oslo' and dark").count(),
            "SELECT count(*) FROM data WHERE city = 'Oslo' AND dark",
        ),
        Shape(
            "ilike",
            lambda v: v.filter("\"video.description\" ilike '%9 CARS%'").count(),
            "SELECT count(*) FROM data WHERE \"video.description\" ILIKE '%9 CARS%'",
        ),
        Shape(
            "regex",
            lambda v: v.filter(r"title ~ '_00[0-4]\d+'").count(),
            r"SELECT count(*) FROM data WHERE regexp_matches(title, '_00[0-4]\d+')",
        ),
        Shape(
            "in-list of ten",
            lambda v: v.filter(f'"site-id" in ({sites})').count(),
            f'SELECT count(*) FROM data WHERE "site-id" IN ({sites})',
        ),
        Shape(
            "datetime range and number",
            lambda v: v.filter("captured_at between 2023-01 and 2023-03 and speed > 50").count(),
            "SELECT count(*) FROM data WHERE captured_at >= TIMESTAMPTZ '2023-01-01 00:00:00+00' "
            "AND captured_at < TIMESTAMPTZ '2023-04-01 00:00:00+00' AND speed > 50",
        ),
        Shape(
            "top 50 sorted",
            lambda v: v.query("dark order by captured_at desc limit 50").select("title, captured_at").to_arrow(),
            "SELECT title, captured_at FROM data WHERE dark ORDER BY captured_at DESC NULLS LAST, data_hash LIMIT 50",
            arrow=True,
        ),
        Shape(
            "first 50",
            lambda v: v.query("dark limit 50").select("title, captured_at").to_arrow(),
            "SELECT title, captured_at FROM data WHERE dark ORDER BY data_hash LIMIT 50",
            arrow=True,
        ),
        Shape(
            "ids of a quarter",
            lambda v: v.filter("dark and speed > 65").select("data_hash").to_arrow(),
            "SELECT data_hash FROM data WHERE dark AND speed > 65",
            arrow=True,
        ),
        Shape(
            "any label and any prediction",
            lambda v: v.filter(
                "any label(class = 'car') and any prediction(class = 'car' and confidence > 0.9)"
            ).count(),
            "SELECT count(*) FROM data u WHERE EXISTS (SELECT 1 FROM labels l WHERE l.data_hash = u.data_hash "
            "AND l.class = 'car') AND EXISTS (SELECT 1 FROM predictions p WHERE p.data_hash = u.data_hash "
            "AND p.class = 'car' AND p.confidence > 0.9)",
        ),
        Shape(
            "one by id",
            lambda v: v.filter(f"data_hash = '{one}'").select("title, city").to_arrow(),
            f"SELECT title, city FROM data WHERE data_hash = '{one}'",
            arrow=True,
        ),
    ]


def main() -> int:
    """Measure, print the tables, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    print(f"making or finding {options.units:,} units …", flush=True)
    view = generated(options.units).data
    fine = _compiling(view)
    hand = duckdb.connect(view.snapshot.path, read_only=True).cursor()
    hand.execute("SET TimeZone = 'UTC'")
    (one,) = hand.execute("SELECT max(data_hash) FROM data").fetchall()[0]
    for shape in shapes(one):
        theirs = _arrow(hand, shape.by_hand) if shape.arrow else _rows(hand, shape.by_hand)
        fine &= compare(shape.name, lambda shape=shape: shape.ours(view), theirs, options.runs)
    return 0 if fine else 1


def _rows(hand: duckdb.DuckDBPyConnection, sql: str) -> Callable[[], object]:
    return lambda: hand.execute(sql).fetchall()


def _arrow(hand: duckdb.DuckDBPyConnection, sql: str) -> Callable[[], object]:
    return lambda: hand.sql(sql).to_arrow_table()


_FRESH = """
import time, sys
from pathlib import Path
from metaquery.language import BindOptions, DUCKDB, compile_filter, count_sql
from metaquery.schema import DATA
from metaquery.store.layout import Layout
from metaquery.store.snapshot import Snapshot
schema = Snapshot.current(Layout(Path(sys.argv[1]))).schema
start = time.perf_counter()
count_sql(compile_filter(sys.argv[2], schema, DATA, options=BindOptions()), DUCKDB)
print((time.perf_counter() - start) * 1000)
"""


def _compiling(view: metaquery.View) -> bool:
    """Measure parse + bind + compile: in fresh processes, and again and again in this one."""
    root = str(view.snapshot.path.parents[2])
    command = [sys.executable, "-c", _FRESH, root, FIVE]
    first = [float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(9)]
    after = []
    for _ in range(200):
        start = time.perf_counter()
        view.filter(FIVE).sql()
        after.append((time.perf_counter() - start) * 1_000)
    fine = True
    for name, taken, limit in (("first in a process", first, _FIRST_MS), ("after", after, _AFTER_MS)):
        median = statistics.median(taken)
        fine &= median <= limit
        verdict = "ok" if median <= limit else "MISSED"
        print(f"compile five predicates, {name:<19} {median:6.2f} ms   limit {limit:.1f} ms   {verdict}")
    return fine


if __name__ == "__main__":
    sys.exit(main())
