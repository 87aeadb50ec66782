"""The store against hand-written SQL of the same strictness, on the same pages, in the same run, in turn.

- *ingest*: complete pages → typed tables, misfits and counts. By hand: one statement a table, types by the first
  character of each value, as `measurements.md` §3 has it. Target: at most 1.25 times that, 250,000 units a second.
- *delta*: 10,000 units changed → the next snapshot. By hand: the file's copy alone. Target: at most 0.7 s beyond it.

Each is measured in a process of its own, which also says how much memory it took.
`python -m benchmarks.bench_store --units 1000000`
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.data import SCHEMA, generated
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.delta import continued
from metaquery.store.history import chain_of
from metaquery.store.layout import Layout
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import Snapshot
from metaquery.store.spool import Spool

_CHANGED = 10_000
_RATIO, _UNITS_A_SECOND, _BEYOND_S = 1.25, 250_000, 0.7

_TYPES = {
    "number": "try_cast({x} AS DOUBLE)",
    "boolean": "CASE {x} WHEN 'true' THEN true WHEN 'false' THEN false END",
    "datetime": """CASE WHEN {x}[1] <> '"' THEN NULL WHEN strlen({x}) = 10
        THEN try_strptime({x}, '"%Y%m%d"')::TIMESTAMPTZ ELSE try_cast({x}[2:-2] AS TIMESTAMPTZ) END""",
    "uuid": """CASE WHEN {x}[1] = '"' THEN try_cast({x}[2:-2] AS UUID) END""",
    "string": """CASE WHEN {x}[1] = '"' THEN d.{k}->>'$' END""",
}


def by_hand(files: list[str], into: Path) -> None:
    """Ingest as an analyst who knows DuckDB well would write it."""
    kinds = {key: kind if isinstance(kind, str) else "string" for key, kind in SCHEMA.items()}
    typed = {
        key: _TYPES.get(kind, _TYPES["string"]).format(x=f'(d."{key}"::VARCHAR)', k=f'"{key}"')
        for key, kind in kinds.items()
    }
    shape = json.dumps(dict.fromkeys(kinds, "JSON"))
    columns = ", ".join(f'{sql} AS "{key}"' for key, sql in typed.items())
    misfits = ", ".join(
        f"""CASE WHEN d."{key}" IS NOT NULL AND ({sql}) IS NULL
            THEN {{'field': '{key}', 'raw': d."{key}"::VARCHAR}} END"""
        for key, sql in typed.items()
    )
    with duckdb.connect(into) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"""CREATE TABLE data AS
            SELECT data_hash, data_title, data_type, width, height, file_size, {columns},
                list_filter([{misfits}], lambda e: e IS NOT NULL) AS misfits
            FROM (SELECT *, json_transform(client_metadata, $shape) AS d FROM read_json($files, format = 'array',
                columns = {{data_hash: 'VARCHAR', data_title: 'VARCHAR', data_type: 'VARCHAR', width: 'BIGINT',
                    height: 'BIGINT', file_size: 'BIGINT', client_metadata: 'JSON'}}))""",
            {"files": files, "shape": shape},
        )
        connection.execute(
            "CREATE TABLE rejects AS SELECT data_hash, m.field, m.raw FROM "
            "(SELECT data_hash, unnest(misfits) AS m FROM data)"
        )
        connection.execute("ALTER TABLE data DROP COLUMN misfits")
        connection.execute("CHECKPOINT")


def _one(what: str, root: Path) -> dict[str, float]:
    """Do one of the things that are measured; return seconds and megabytes."""
    layout = Layout(root.absolute())
    snapshot = Snapshot.current(layout)
    units = chain_of(layout, snapshot.parts[0])
    schema = MetadataSchema.from_json(SCHEMA)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        into = Path(folder) / "made.duckdb"
        start, used = time.perf_counter(), time.process_time()
        match what:
            case "materialise":
                materialise([units], schema, into)
            case "by hand":
                by_hand([str(file) for file in units.files("rows")], into)
            case "copy":
                shutil.copyfile(snapshot.path, into)
            case _:
                labels = chain_of(layout, snapshot.parts[1])
                changed = Chain(units.part, (*units.spools, _changed(units, Path(folder) / "changed")))
                start, used = time.perf_counter(), time.process_time()
                made = continued(snapshot, [changed, labels], schema, into)
                assert made is not None
                assert made.changes is not None
                assert made.changes.changed == _CHANGED
        taken = time.perf_counter() - start
    return {"seconds": taken, "cpu": time.process_time() - used, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _changed(units: Chain, folder: Path) -> Spool:
    """Spool a generation in which some of the units have another city."""
    folder.mkdir()
    spool = Spool(folder)
    left = _CHANGED
    for body in units.spools[0].bodies("rows"):
        rows = json.loads(body)[: min(left, 100)]
        for row in rows:
            row["client_metadata"] = {**row["client_metadata"], "city": "Atlantis"}
        index = [{"data_hash": row["data_hash"], "index": None, "digest": 1} for row in rows]
        spool.append("index", json.dumps(index).encode())
        spool.append("rows", json.dumps(rows).encode())
        left -= len(rows)
        if not left:
            break
    spool.advance(total=units.expected, received=_CHANGED, complete=True, base=units.names[-1])
    return spool


def main() -> int:
    """Measure, print the table, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = generated(options.units).layout.root
    if options.one:
        print(json.dumps(_one(options.one, root)))
        return 0
    found: dict[str, list[dict[str, float]]] = {what: [] for what in ("by hand", "materialise", "copy", "continued")}
    for _ in range(options.runs):
        for what, runs in found.items():
            command = [sys.executable, "-m", "benchmarks.bench_store", "--units", str(options.units), "--one", what]
            runs.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    median = {what: statistics.median(run["seconds"] for run in runs) for what, runs in found.items()}
    memory = {what: max(run["mb"] for run in runs) for what, runs in found.items()}
    ratio, beyond = median["materialise"] / median["by hand"], median["continued"] - median["copy"]
    speed = options.units / median["materialise"]
    print(
        f"ingest   metaquery {median['materialise']:6.2f} s   by hand {median['by hand']:6.2f} s   x{ratio:.2f}   "
        f"{speed:,.0f} units/s   peak {memory['materialise']:,.0f} MB, by hand {memory['by hand']:,.0f} MB"
    )
    print(
        f"delta    metaquery {median['continued']:6.2f} s   copy    {median['copy']:6.2f} s   "
        f"beyond it {beyond:.2f} s   peak {memory['continued']:,.0f} MB"
    )
    return 0 if ratio <= _RATIO and speed >= _UNITS_A_SECOND and beyond <= _BEYOND_S else 1


if __name__ == "__main__":
    sys.exit(main())
