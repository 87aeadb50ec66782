"""Collections of a million members: metaquery against hand-written SQL, on the same file, in the same run.

Targets: a Collection is made in at most 1.2 times the bare query that writes its ids, plus 0.3 s; a filter by
membership takes at most 1.2 times a hand-written semi-join. Run it with `make bench`, or
`python -m benchmarks.bench_collections --units 100000`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks.data import generated

if TYPE_CHECKING:
    from collections.abc import Callable

FILTER = "dark is null or dark or not dark"
HALF = "dark = true"
RATIO = 1.2


def main() -> int:
    """Measure, print the table, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    print(f"making or finding {options.units:,} units …", flush=True)
    workspace = generated(options.units)
    collections, view = workspace.collections, workspace.data
    by_hand = duckdb.connect(view.snapshot.path, read_only=True).cursor()

    def rows(sql: str, *files: Path) -> Callable[[], object]:
        return lambda: by_hand.execute(sql, [str(file) for file in files]).fetchall()

    for collection in collections.records():
        collections.delete(collection.id)
    every = view.filter(FILTER).collect("every")
    half = view.filter(HALF).collect("half")
    live = view.filter(HALF).collect("live", live=True).evaluated()
    assert every.members == options.units
    count = "SELECT count(*) FROM data WHERE data_hash IN (SELECT data_hash FROM read_parquet(?))"
    both = f"{count} AND data_hash NOT IN (SELECT data_hash FROM read_parquet(?))"

    def counts(text: str) -> Callable[[], object]:
        return lambda: view.filter(text).count()

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "ids.parquet"
        copied = "COPY (SELECT data_hash FROM data WHERE {}) TO ? (FORMAT parquet, COMPRESSION zstd)"
        made = [
            _compared(
                f"make one of {every.members:,}",
                lambda: view.filter(FILTER).collect("every", replacing=True),
                rows(copied.format("dark IS NULL OR dark OR NOT dark"), out),
                options.runs,
                margin_ms=300,
            ),
            _compared(
                f"make one of {half.members:,}",
                lambda: view.filter(HALF).collect("half", replacing=True),
                rows(copied.format("dark"), out),
                options.runs,
                margin_ms=300,
            ),
        ]
    every, half = collections.get("every"), collections.get("half")
    made += [
        _compared("in collection, every unit", counts("in collection 'every'"), rows(count, every.path), options.runs),
        _compared("in collection, half", counts("in collection 'half'"), rows(count, half.path), options.runs),
        _compared("tags has, half", counts("tags has 'half'"), rows(count, half.path), options.runs),
        _compared("in collection, live", counts("in collection 'live'"), rows(count, live.path), options.runs),
        _compared(
            "in one and not in another",
            counts("in collection 'every' and not in collection 'half'"),
            rows(both, every.path, half.path),
            options.runs,
        ),
        _compared(
            "set algebra: keys",
            lambda: collections.newest.keys_of("'every' and not 'half'"),
            rows(both.replace("count(*)", "data_hash") + " ORDER BY ALL", every.path, half.path),
            options.runs,
        ),
    ]
    return 0 if all(made) else 1


def _compared(
    name: str, ours: Callable[[], object], theirs: Callable[[], object], runs: int, *, margin_ms: float = 2.0
) -> bool:
    """Run both in turn, print one line, and return whether ours is within its limit."""
    mine, hand = [], []
    for turn in range(runs + 1):
        for run, times in ((theirs, hand), (ours, mine)):
            start = time.perf_counter()
            run()
            if turn:  # the first warms up
                times.append((time.perf_counter() - start) * 1_000)
    median, by_hand = statistics.median(mine), statistics.median(hand)
    limit = by_hand * RATIO + margin_ms
    verdict = "ok" if median <= limit else "MISSED"
    print(
        f"{name:<30} metaquery {median:7.1f} ms   by hand {by_hand:7.1f} ms   "
        f"x{median / by_hand:.2f}   limit {limit:7.1f} ms   {verdict}",
        flush=True,
    )
    return median <= limit


if __name__ == "__main__":
    sys.exit(main())
