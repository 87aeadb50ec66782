"""The store against hand-written SQL of the same strictness, on the same pages, in the same run, in turn.

*ingest*: complete pages → a published form of `data` and `rejects`. Target: at most 1.25 times by hand, and 1.2 GB.
Units a second are shown for both sides and judged for neither: 250,000 were asked for, which SQL by hand does not reach
on two cores either.

- Both sides read the same zstd pages, make the same columns, built-in ones and the digest that tells changed units
  included, hold each value to the same rules (`filter-language.md` §5.1), and write what does not fit to `rejects`.
  That they found the same is checked.
- By hand does not: look for keys that the schema does not have, take client metadata that is a text, give each unit
  its place in the dataset's index, refuse a unit that is missing or there twice, count how each key fared.

*delta*: 10,000 units changed → the next file, durable. By hand: the file's copy alone, made durable too, as a snapshot
is published only when the disk has it: `cp` comes back while the file is in memory. Target: at most 0.7 s beyond it.
*spread*: the same where the units that changed lie all over the file, and not side by side. Beyond the copy that is not
made durable is shown, and not judged.

Each is measured in a process of its own, which also says how much memory and processor time it took.
`python -m benchmarks.bench_store --units 1000000`; more than two million units have no labels.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.apart import apart, spending
from benchmarks.data import SCHEMA, generated
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.delta import continued
from metaquery.store.history import chain_of
from metaquery.store.layout import Layout
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import Snapshot
from metaquery.store.spool import Spool

_CHANGED, _A_PAGE = 10_000, 100
_LABELLED = 2_000_000
_RATIO, _PEAK_MB, _BEYOND_S = 1.25, 1_200, 0.7

_ZONE = r"(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?"
_INSTANT = rf'"(\d{{8}}|\d{{4}}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{{1,12}})?)?{_ZONE})?)"'

_TYPES = {
    "number": "CASE WHEN isfinite(try_cast({x} AS DOUBLE)) THEN try_cast({x} AS DOUBLE) END",
    "boolean": "CASE {x} WHEN 'true' THEN true WHEN 'false' THEN false END",
    "datetime": f"""CASE WHEN regexp_full_match({{x}}, '{_INSTANT}') THEN CASE WHEN strlen({{x}}) = 10
        THEN try_strptime({{x}}, '"%Y%m%d"')::TIMESTAMPTZ ELSE try_cast({{x}}[2:-2] AS TIMESTAMPTZ) END END""",
    "uuid": r"""CASE WHEN regexp_full_match({x}, '"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"')
        THEN try_cast({x}[2:-2] AS UUID) END""",
    "string": """CASE WHEN {x}[1] = '"' THEN nfc_normalize({j}->>'$') END""",
    "enum": "CASE WHEN {x}[1] = '\"' AND nfc_normalize({j}->>'$') IN ({values}) THEN nfc_normalize({j}->>'$') END",
}
_PLAIN = {"long_string": "string"}
_WORDS = {"number": "a number", "boolean": "true or false", "uuid": "a UUID", "string": "text",
          "datetime": "an ISO 8601 date or date and time"}  # fmt: skip


def by_hand(files: list[str], into: Path, *, source: str | None = None) -> None:
    """Ingest as an analyst who knows DuckDB well would write it; `source` is how the files are read, else as pages."""
    typed, misfits = [], []
    for place, (key, kind) in enumerate(SCHEMA.items(), start=1):
        name = "enum" if isinstance(kind, dict) else _PLAIN.get(kind, kind)
        allowed = ", ".join(f"'{value}'" for value in kind["values"]) if isinstance(kind, dict) else ""
        sql = _TYPES[name].replace("{x}", f"(x{place}::VARCHAR)").replace("{j}", f"x{place}")
        typed.append(f'{sql.replace("{values}", allowed)} AS "{key}"')
        expected = _WORDS.get(name, "one of " + allowed.replace("'", ""))
        misfits.append(
            f"""CASE WHEN x{place} IS NOT NULL AND "{key}" IS NULL
                THEN {{'field': '{key}', 'raw': x{place}::VARCHAR, 'expected': '{expected}'}} END"""
        )
    read = _BUILT_IN + (source or _PAGES)
    values = ", ".join(f"nullif(d[{n}], 'null'::JSON) AS x{n}" for n in range(1, len(SCHEMA) + 1))
    pointers = [f"/{key}" for key in SCHEMA]
    with duckdb.connect(into) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = '800MB'")
        connection.execute(
            f"""CREATE TABLE data AS
            SELECT * EXCLUDE ({", ".join(f"x{n}" for n in range(1, len(SCHEMA) + 1))}),
                list_filter([{", ".join(misfits)}], lambda e: e IS NOT NULL) AS misfits
            FROM (SELECT *, {", ".join(typed)} FROM (SELECT * EXCLUDE (d), {values} FROM ({read})))""",
            {"files": files, "pointers": pointers},
        )
        connection.execute(
            "CREATE TABLE rejects AS SELECT data_hash, m.field, m.raw, m.expected FROM "
            "(SELECT data_hash, unnest(misfits) AS m FROM data)"
        )
        connection.execute("ALTER TABLE data DROP COLUMN misfits")
        connection.execute("CHECKPOINT")


_BUILT_IN = """
    SELECT data_hash, data_title AS title, lower(data_type) AS data_type, 'set' AS dataset_hash,
        'Generated' AS dataset_title, ['Benchmarks'] AS projects, try_cast(created_at AS TIMESTAMPTZ) AS created_at,
        try_cast(last_edited_at AS TIMESTAMPTZ) AS last_edited_at, try_cast(width AS BIGINT) AS width,
        try_cast(height AS BIGINT) AS height, try_cast(duration AS DOUBLE) AS duration,
        try_cast(frames_per_second AS DOUBLE) AS fps,
        CASE WHEN lower(data_type) = 'image' THEN 1
            ELSE round(try_cast(duration AS DOUBLE) * try_cast(frames_per_second AS DOUBLE))::BIGINT END AS frames,
        try_cast(file_size AS BIGINT) AS file_size, backing_item_uuid AS item_uuid,
        md5_number_lower(concat_ws(chr(31), data_title, backing_item_uuid, client_metadata::VARCHAR)) AS content_md5,
        json_extract(client_metadata, $pointers) AS d
    FROM """

_PAGES = """read_json($files, format = 'array', columns = {data_hash: 'VARCHAR', data_title: 'VARCHAR',
        data_type: 'VARCHAR', created_at: 'VARCHAR', last_edited_at: 'VARCHAR', width: 'VARCHAR', height: 'VARCHAR',
        file_size: 'VARCHAR', frames_per_second: 'VARCHAR', duration: 'VARCHAR', backing_item_uuid: 'VARCHAR',
        client_metadata: 'JSON'})"""


def _found(path: Path) -> str:
    """Return a digest of what both sides have to have found: values, and what does not fit."""
    columns = ", ".join(f'"{key}"' for key in (*_COMPARED, *SCHEMA))
    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT (SELECT (count(*), bit_xor(hash({columns}))) FROM data), "
            "(SELECT (count(*), bit_xor(hash(data_hash, field, raw, expected))) FROM rejects)"
        ).fetchall()
    return str(rows)


_COMPARED = (
    "data_hash", "title", "data_type", "projects", "created_at", "last_edited_at", "width", "height", "duration", "fps",
    "frames", "file_size", "item_uuid", "content_md5",
)  # fmt: skip


def _one(what: str, root: Path) -> dict[str, Any]:
    """Do one of the things that are measured; return seconds, processor seconds, megabytes and a digest."""
    layout = Layout(root.absolute())
    snapshot = Snapshot.current(layout)
    chains = [chain_of(layout, entry) for entry in snapshot.parts]
    schema = MetadataSchema.from_json(SCHEMA)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        into = Path(folder) / "made.duckdb"
        step = chains[0].spools[0].checkpoint.pages["rows"] * _A_PAGE // _CHANGED if what == "spread" else 1
        changed = _changed(chains[0], Path(folder) / "changed", step) if what in {"delta", "spread"} else None
        with spending() as spent:
            match what:
                case "materialise":
                    materialise(chains[:1], schema, into)
                case "by hand":
                    by_hand([str(file) for file in chains[0].files("rows")], into)
                case "cp" | "copy":
                    shutil.copyfile(snapshot.path, into)
                    if what == "copy":
                        with into.open("rb") as copy:
                            os.fsync(copy.fileno())
                case _:
                    assert changed is not None
                    chains[0] = Chain(chains[0].part, (*chains[0].spools, changed))
                    made = continued(snapshot, chains, schema, into)
                    assert made is not None
                    assert made.changes is not None
                    assert made.changes.changed == _CHANGED
        found = _found(into) if what in {"materialise", "by hand"} else ""
    return {**spent, "found": found}


def _changed(units: Chain, folder: Path, step: int) -> Spool:
    """Spool a generation in which some of the units have another city: the first of each so many pages."""
    folder.mkdir()
    spool = Spool(folder)
    left = _CHANGED
    for body in islice(units.spools[0].bodies("rows"), 0, None, step):
        rows = json.loads(body)[: min(left, _A_PAGE)]
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
    parser.add_argument("--delta", action="store_true", help="only the copies and the deltas")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = generated(options.units, labelled=options.units <= _LABELLED).layout.root
    if options.one:
        print(json.dumps(_one(options.one, root)))
        return 0
    runs: dict[str, list[dict[str, Any]]] = {what: [] for what in (() if options.delta else _INGEST) + _DELTA}
    for _ in range(options.runs):
        for what, done in runs.items():
            done.append(apart("bench_store", "--units", str(options.units), "--one", what))
    for name, done in runs.items():
        side = _median(done)
        print(
            f"{name:<11} {side['seconds']:7.2f} s   {side['processor']:7.2f} s of processor   "
            f"peak {side['peak']:6,.0f} MB",
            flush=True,
        )
    verdicts = {} if options.delta else _ingest(runs, options.units)
    verdicts.update(_beyond(name, runs) for name in ("delta", "spread"))
    for line, met in verdicts.items():
        print(f"{line:<80} {'ok' if met else 'MISSED'}")
    return 0 if all(verdicts.values()) else 1


_INGEST = ("by hand", "materialise")
_DELTA = ("cp", "copy", "delta", "spread")


def _ingest(runs: dict[str, list[dict[str, Any]]], units: int) -> dict[str, bool]:
    """Compare what both sides found, show their speed, and return what is judged."""
    assert len({run["found"] for what in _INGEST for run in runs[what]}) == 1
    by_hand_, ingest = (_median(runs[what]) for what in _INGEST)
    ratio, by_processor = (ingest[of] / by_hand_[of] for of in ("seconds", "processor"))
    print("ingest {} units/s, by hand {}".format(*(f"{units / side['seconds']:,.0f}" for side in (ingest, by_hand_))))
    return {
        f"ingest x{ratio:.2f} by hand (by processor x{by_processor:.2f}), limit x{_RATIO}": ratio <= _RATIO,
        f"ingest peak {ingest['peak']:,.0f} MB, limit {_PEAK_MB:,} MB": ingest["peak"] <= _PEAK_MB,
    }


def _beyond(name: str, runs: dict[str, list[dict[str, Any]]]) -> tuple[str, bool]:
    """Say how much longer a delta took than the copy, and whether that is within the target."""
    delta, copy, cp = (_median(runs[what]) for what in (name, "copy", "cp"))
    beyond, busy = delta["seconds"] - copy["seconds"], delta["processor"] - copy["processor"]
    beside = delta["seconds"] - cp["seconds"]
    line = f"{name} {beyond:.2f} s beyond the copy ({busy:.2f} s of processor; beyond cp {beside:.2f} s)"
    return f"{line}, limit {_BEYOND_S} s", beyond <= _BEYOND_S


def _median(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return medians, and the largest peak."""
    found = {name: statistics.median(run[name] for run in runs) for name in ("seconds", "processor")}
    return {**found, "peak": max(run["peak"] for run in runs)}


if __name__ == "__main__":
    sys.exit(main())
