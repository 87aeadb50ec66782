"""Data units from a file, `sync --from` NDJSON, CSV and Parquet, against DuckDB reading the same file by hand.

By hand, each file goes into the same typed table and the same `rejects`, by the rules of `bench_store.by_hand`, which
says what it leaves out. It does not either: keep the rows as a raw layer that a corrected schema is applied to, make
them durable before they are typed, find units that are there twice, take a digest of each row by which the next sync
knows what has changed, or name the line of a row that cannot be taken. No target; that both found as many values is
checked. Each is measured in a process of its own, in turn. `python -m benchmarks.bench_files --units 1000000`
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import duckdb

import metaquery
from benchmarks.apart import apart, spending
from benchmarks.bench_store import by_hand
from benchmarks.data import SCHEMA
from benchmarks.pages import unit_pages

_KINDS = ("ndjson", "csv", "parquet")
_COLUMNS = (
    "data_hash", "data_title", "data_type", "created_at", "last_edited_at", "width", "height", "file_size",
    "frames_per_second", "duration", "backing_item_uuid", "client_metadata",
)  # fmt: skip
_TYPED = ", ".join(f"'{name}': '{'JSON' if name == 'client_metadata' else 'VARCHAR'}'" for name in _COLUMNS)
_READ = {
    "ndjson": f"read_json($files, format = 'newline_delimited', columns = {{{_TYPED}}})",
    "csv": f"read_csv($files, header = true, all_varchar = false, columns = {{{_TYPED}}})",
    "parquet": "(SELECT * REPLACE (client_metadata::JSON AS client_metadata) FROM read_parquet($files))",
}


def _write(folder: Path, units: int) -> None:
    """Write the same units as each kind of file; in CSV and Parquet client metadata is one column of JSON."""
    with duckdb.connect() as connection, (folder / "units.ndjson").open("wb") as file:
        for pages, _ in unit_pages(connection, units):
            for page in pages:
                rows = json.loads(page)
                file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
        source = _READ["ndjson"].replace("$files", f"'{folder / 'units.ndjson'}'")
        connection.execute(f"COPY (FROM {source}) TO '{folder / 'units.csv'}' (FORMAT csv, HEADER)")
        connection.execute(f"COPY (FROM {source}) TO '{folder / 'units.parquet'}' (FORMAT parquet)")


def _one(side: str, kind: str, folder: Path) -> dict[str, float]:
    """Take the file in, in this process."""
    file = folder / f"units.{kind}"
    with tempfile.TemporaryDirectory(dir=folder) as place:
        with spending() as spent:
            if side == "by hand":
                made = Path(place) / "made.duckdb"
                by_hand([str(file)], made, source=_READ[kind])
            else:
                report, _ = metaquery.open(place).sync_files(units=file, schema=SCHEMA)
                made = report.snapshot.path
        with duckdb.connect(made, read_only=True) as connection:
            counted = ", ".join(f'count("{key}")' for key in SCHEMA)
            found = connection.execute(
                f"SELECT hash((SELECT (count(*), {counted}) FROM data), (SELECT count(*) FROM rejects))"
            ).fetchall()
    return {**spent, "found": found[0][0]}


def main() -> int:
    """Measure each kind of file, and return 1 where both sides did not find the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", nargs=3, metavar=("SIDE", "KIND", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        side, kind, folder = options.one
        print(json.dumps(_one(side, kind, Path(folder))))
        return 0
    same = True
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), options.units)
        for kind in _KINDS:
            runs: dict[str, list[dict[str, float]]] = {"by hand": [], "metaquery": []}
            for _ in range(options.runs):
                for side, done in runs.items():
                    done.append(apart("bench_files", "--one", side, kind, folder))
            same &= len({run["found"] for done in runs.values() for run in done}) == 1
            medians = {
                side: {name: statistics.median(run[name] for run in done) for name in ("seconds", "processor", "peak")}
                for side, done in runs.items()
            }
            for side, spent in medians.items():
                print(
                    f"{kind:<8} {side:<10} {spent['seconds']:7.2f} s   {spent['processor']:7.2f} s of processor   "
                    f"{options.units / spent['seconds']:9,.0f} units/s   peak {spent['peak']:5,.0f} MB"
                )
            ours, theirs = medians["metaquery"], medians["by hand"]
            by_processor = ours["processor"] / theirs["processor"]
            print(f"{'':<8} x{ours['seconds'] / theirs['seconds']:.2f}, by processor x{by_processor:.2f}", flush=True)
    print("both found the same" if same else "they did NOT find the same")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
