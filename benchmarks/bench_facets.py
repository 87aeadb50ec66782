"""Facets of twelve keys at a million units, missing and invalid counted apart, against one hand-written pass.

By hand it is `GROUPING SETS` over the twelve columns, which counts each value and tells neither missing from invalid
nor the first values from the others; what it finds stays in DuckDB. Target: at most 1.25 times that, with every row and
with a filter; a description of the keys and the built-in fields within it, too. Run it with `make bench`, or
`python -m benchmarks.bench_facets --units 100000`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import TYPE_CHECKING

import duckdb

from benchmarks.compare import compare, milliseconds
from benchmarks.data import SCHEMA, generated

if TYPE_CHECKING:
    from collections.abc import Callable

RATIO = 1.25

COLUMNS = ", ".join(f'"{name}"' for name in SCHEMA)
SETS = ", ".join(f'("{name}")' for name in SCHEMA)
BY_HAND = (
    f"SELECT GROUPING({COLUMNS}) AS facet, {COLUMNS}, count(*) AS n FROM data {{}} GROUP BY GROUPING SETS ({SETS})"
)
FEW = ("city", "dark", "weather", '"frame rate"')


def main() -> int:
    """Measure, print the table, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"making or finding {options.units:,} units …", flush=True)
    data = generated(options.units).data
    by_hand = duckdb.connect(data.snapshot.path, read_only=True).cursor()
    by_hand.execute("SET TimeZone = 'UTC'")

    def grouped(where: str) -> Callable[[], object]:
        return lambda: by_hand.execute(f"SELECT facet, count(*) FROM ({BY_HAND.format(where)}) GROUP BY 1").fetchall()

    dark = data.filter("dark")
    every, filtered = grouped(""), grouped("WHERE dark")
    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "facets of 12 keys": (data.facets, every),
        "facets of 12 keys, filtered": (dark.facets, filtered),
        "description, 12 keys": (data.describe, every),
        "description, 28 fields": (lambda: data.describe(built_in=True), every),
    }
    met = [compare(name, *sides, options.runs, ratio=RATIO, margin_ms=0.0) for name, sides in cases.items()]
    alone = [milliseconds(lambda: dark.facets(*FEW)) for _ in range(options.runs)]
    print(f"{'facets of 4 keys, filtered':<30} metaquery {statistics.median(alone):7.1f} ms")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
