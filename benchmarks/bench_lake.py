"""A lake: writing one against bare `COPY … TO … (PARTITION_BY …)`, asking one against SQL by hand over the same files.

By hand, each table is one `COPY` by the same parts and with the same compression; it makes nothing durable, keeps no
manifest, and cannot go on where it was killed. Target: export at 80 % of its speed or more, that is at most 1.25 times
its time; a filter at most 1.10 times the query by hand, plus 2 ms, by the processor. Writing is measured in processes
of their own, in turn: by the clock and by the processor, as other work on the machine falls on both unevenly; and how
much memory each has needed at most. `python -m benchmarks.bench_lake --units 1000000 --parts 16`
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

import metaquery
from benchmarks.apart import apart, spending
from benchmarks.compare import compare
from benchmarks.data import generated

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLES = ("data", "labels", "predictions", "rejects")
_PART = "('0x' || substr(md5(data_hash), 1, 8))::UINTEGER % {parts} AS part"
_MEMORY = "800MB"
"""What an export takes where nobody says, and so what is given by hand."""

_DAY = datetime(2023, 1, 2, tzinfo=UTC)
_FILTER = "dark = true and captured_at > 2023-01-01"
_BY_HAND = "dark AND captured_at >= $day"


def _by_hand(snapshot: Path, to: Path, parts: int) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute(f"SET temp_directory = '{to}.spill'")
        connection.execute(f"ATTACH '{snapshot}' AS snapshot (READ_ONLY)")
        for table in _TABLES:
            connection.execute(
                f"COPY (SELECT *, {_PART.format(parts=parts)} FROM snapshot.{table}) TO '{to / table}' "
                "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (part))"
            )


def _one(side: str, root: Path, parts: int) -> None:
    """Write a lake, in this process, and print what it took."""
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        to = Path(folder) / "lake"
        workspace = metaquery.open(root)
        snapshot = workspace.snapshot().path
        with snapshot.open("rb") as file:  # both find it in the system's memory
            while file.read(1 << 20):
                pass
        with spending() as spent:
            if side == "by hand":
                to.mkdir()
                _by_hand(snapshot, to, parts)
            else:
                workspace.export_lake(to, parts=parts)
        size = sum(file.stat().st_size for file in to.rglob("*.parquet"))
    print(json.dumps(spent | {"megabytes": size / 1e6}))


def _exports(root: Path, parts: int, runs: int) -> bool:
    """Write in turn, print the medians, and return whether ours was quick enough by clock or processor."""
    found: dict[str, list[dict[str, float]]] = {"by hand": [], "metaquery": []}
    for _ in range(runs):
        for side, taken in found.items():
            taken.append(apart("bench_lake", "--side", side, "--root", str(root), "--parts", str(parts)))
    medians = {
        side: {name: statistics.median(one[name] for one in taken) for name in taken[0]}
        for side, taken in found.items()
    }
    for side, told in medians.items():
        print(f"export {side:<12}" + "  ".join(f"{name} {value:,.1f}" for name, value in told.items()), flush=True)
    ratios = {name: medians["metaquery"][name] / medians["by hand"][name] for name in ("seconds", "processor", "peak")}
    print("export, times by hand: " + ", ".join(f"{name} x{ratio:.2f}" for name, ratio in ratios.items()), flush=True)
    return min(ratios["seconds"], ratios["processor"]) <= 1.25


def _queries(lake: Path, runs: int) -> bool:
    """Ask in turn; return whether each of ours was quick enough."""
    opened = metaquery.open_lake(lake)
    view, labels = opened.data, opened.labels
    hand = duckdb.connect().cursor()
    hand.execute("SET TimeZone = 'UTC'")
    data, label = (f"read_parquet('{lake / name}/*.parquet')" for name in ("data", "labels"))

    def rows(sql: str) -> Callable[[], object]:
        given = {"day": _DAY} if "$day" in sql else {}
        return lambda: hand.execute(sql, given).fetchall()

    def arrow(sql: str) -> Callable[[], object]:
        return lambda: hand.sql(sql, params={"day": _DAY}).to_arrow_table()

    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "count": (lambda: view.filter(_FILTER).count(), rows(f"SELECT count(*) FROM {data} WHERE {_BY_HAND}")),
        "ids to Arrow": (
            lambda: view.filter(_FILTER).select("data_hash").to_arrow(),
            arrow(f"SELECT data_hash FROM {data} WHERE {_BY_HAND}"),
        ),
        "units with a label": (
            lambda: view.filter(f"{_FILTER} and any label(class = 'car')").count(),
            rows(
                f"SELECT count(*) FROM {data} AS u WHERE {_BY_HAND} "
                f"AND EXISTS (SELECT 1 FROM {label} AS l WHERE l.unit = u.unit AND l.class = 'car')"
            ),
        ),
        "labels of a unit": (
            lambda: labels.filter("class = 'car' and dark").count(),
            rows(
                f"SELECT count(*) FROM {label} AS l LEFT JOIN {data} AS u ON u.unit = l.unit "
                "WHERE l.class = 'car' AND u.dark"
            ),
        ),
    }
    assert cases["count"][0]() == cases["count"][1]()[0][0]  # type: ignore[index]
    met = [compare(name, *both, runs, clock=time.process_time) for name, both in cases.items()]
    return all(met)


def main() -> int:
    """Measure, print the tables, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=16)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--without-labels", action="store_true")
    parser.add_argument("--side")
    parser.add_argument("--root", type=Path)
    options = parser.parse_args()
    if options.side:
        _one(options.side, options.root, options.parts)
        return 0
    print(f"making or finding {options.units:,} units …", flush=True)
    workspace = generated(options.units, labelled=not options.without_labels)
    root = workspace.layout.root
    quick = _exports(root, options.parts, options.runs)
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        lake = Path(folder) / "lake"
        workspace.export_lake(lake, parts=options.parts)
        quick = _queries(lake, options.runs * 4 + 1) and quick
        shutil.rmtree(lake)
    return 0 if quick else 1


if __name__ == "__main__":
    sys.exit(main())
