"""What keeping history costs: bytes a sync, queries on the current snapshot, and asking for the past.

A workspace of 100,000 units is synced twenty times, one unit in a hundred edited each time. Beside it stands a
workspace that saw the last state alone: the same queries on both, in turn, say what having history costs. Making the
file of the oldest snapshot again is compared with reading it once it is there. Target: queries at most 1.10 times those
without history, plus 2 ms. `python -m benchmarks.bench_history --units 100000`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import duckdb

import metaquery
from benchmarks.compare import compare
from metaquery import Workspace

_SYNCS = 20
_FILTER = "dark = true and captured_at > 2023-01-01"

_ROWS = """
    SELECT 'unit-' || i AS data_hash, 'scene ' || i AS title, 'image' AS data_type, 'all' AS dataset_hash,
        {'captured_at': strftime(TIMESTAMP '2022-06-01' + INTERVAL (hash(i) % 700) DAY, '%Y-%m-%dT%H:%M:%SZ'),
         'city': ['Oslo', 'Paris', 'Lyon', 'Bern', 'Łódź'][1 + (hash(i, 0) % 5)::INT],
         'dark': hash(i, 1) % 3 = 0, 'speed': (hash(i, 2) % 1300) / 10, 'note': 'a remark on unit ' || i,
         'rig': uuid()} AS client_metadata
    FROM range(?) t(i)"""


def main() -> None:
    """Run, print, and exit with 1 where a target is missed."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--units", type=int, default=100_000)
    units = options.parse_args().units
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        grown, fresh = (_workspace(home / name) for name in ("grown", "fresh"))
        raw, files = [], []
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE unit AS {_ROWS}", [units])
            for sync in range(_SYNCS + 1):
                if sync:
                    connection.execute(
                        "UPDATE unit SET client_metadata = struct_update(client_metadata, "
                        f"city := 'Town ' || hash(data_hash, {sync}) % 50) WHERE hash(data_hash, {sync}) % 100 = 0"
                    )
                connection.execute(f"COPY unit TO '{home / 'units.ndjson'}' (FORMAT json)")
                grown.sync_files(units=home / "units.ndjson")
                raw.append(_bytes(grown.layout.spool))
                files.append(grown.snapshot().path.stat().st_size)
        fresh.sync_files(units=home / "units.ndjson")
        print(f"{units:,} units, {_SYNCS} syncs, 1 in 100 edited by each")
        print(f"raw pages of the first sync   {raw[0] / 1e6:8.2f} MB")
        print(f"raw pages a later sync adds   {(raw[-1] - raw[0]) / _SYNCS / 1e6:8.2f} MB")
        print(f"a snapshot's DuckDB file      {files[-1] / 1e6:8.2f} MB, which is what a copy for each would add")
        ok = _queries(grown, fresh)
        _past(grown)
    sys.exit(0 if ok else 1)


def _workspace(root: Path) -> Workspace:
    root.mkdir()
    return metaquery.open(root, threads=2)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _queries(grown: Workspace, fresh: Workspace) -> bool:
    """Compare the current snapshot of both; the answers first."""
    with_history, without = grown.data, fresh.data
    assert with_history.filter(_FILTER).count() == without.filter(_FILTER).count()
    counted = compare("count, with history", with_history.filter(_FILTER).count, without.filter(_FILTER).count, runs=21)
    ids = compare(
        "ids, with history",
        with_history.filter(_FILTER).select("data_hash").to_arrow,
        without.filter(_FILTER).select("data_hash").to_arrow,
        runs=21,
    )
    return counted and ids


def _past(workspace: Workspace) -> None:
    oldest = workspace.history.log()[-1].snapshot.id
    for what in ("as of the oldest, first time", "as of the oldest, again"):
        start = time.perf_counter()
        workspace.as_of(oldest).data.filter(_FILTER).count()
        print(f"{what:<30}{time.perf_counter() - start:8.2f} s")


if __name__ == "__main__":
    main()
