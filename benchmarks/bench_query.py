"""The seed's filter at a million units: metaquery against hand-written SQL, on the same file, in the same run.

Target: at most 1.10 times the hand-written query, plus 2 ms. Run it with `make bench`, or
`python -m benchmarks.bench_query --units 100000`.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from benchmarks.compare import compare
from benchmarks.data import generated

if TYPE_CHECKING:
    from collections.abc import Callable

FILTER = "dark = true and captured_at > 2023-01-01"
BY_HAND = "FROM data WHERE dark AND captured_at >= $day"
DAY = datetime(2023, 1, 2, tzinfo=UTC)


def main() -> int:
    """Measure, print the table, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    print(f"making or finding {options.units:,} units …", flush=True)
    workspace = generated(options.units)
    view = workspace.data
    by_hand = duckdb.connect(view.snapshot.path, read_only=True).cursor()
    by_hand.execute("SET TimeZone = 'UTC'")

    def rows(sql: str) -> Callable[[], object]:
        return lambda: by_hand.execute(sql, {"day": DAY}).fetchall()

    def arrow(sql: str) -> Callable[[], object]:
        return lambda: by_hand.sql(sql, params={"day": DAY}).to_arrow_table()

    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "count": (lambda: view.filter(FILTER).count(), rows(f"SELECT count(*) {BY_HAND}")),
        "count with unknown": (
            lambda: view.filter(FILTER).counts(),
            rows(
                "SELECT count(*) FILTER (p), count(*) FILTER (p IS NULL), count(*), "
                "count(*) FILTER (p IS NULL AND dark IS NULL), count(*) FILTER (p IS NULL AND captured_at IS NULL) "
                "FROM (SELECT dark AND captured_at >= $day AS p, dark, captured_at FROM data)"
            ),
        ),
        "ids to Arrow": (
            lambda: view.filter(FILTER).select("data_hash").to_arrow(),
            arrow(f"SELECT data_hash {BY_HAND}"),
        ),
        "first 50 by time": (
            lambda: view.filter(FILTER).select("title, captured_at").order_by("captured_at").limit(50).to_arrow(),
            arrow(f"SELECT title, captured_at {BY_HAND} ORDER BY captured_at, data_hash LIMIT 50"),
        ),
    }
    assert view.filter(FILTER).count() == by_hand.execute(f"SELECT count(*) {BY_HAND}", {"day": DAY}).fetchall()[0][0]
    missed = [name for name, (ours, theirs) in cases.items() if not compare(name, ours, theirs, options.runs)]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
