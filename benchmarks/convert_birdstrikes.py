"""Convert vega-datasets' `birdstrikes.csv` into the file that the sandbox ships.

Run by hand, once: `python benchmarks/convert_birdstrikes.py birdstrikes.csv metaquery/sandbox/birdstrikes.parquet`.
Each record becomes the JSON text of its client metadata; `metaquery/sandbox/birdstrikes.LICENCE.md` says what is
changed on the way.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

_NUMBERS = ("Cost Other", "Cost Repair", "Cost Total", "Speed IAS in knots")
_RENAMED = {"Cost Total $": "Cost Total"}


def convert(record: dict[str, str]) -> dict[str, object]:
    """Leave out what is empty, make numbers of numbers, rename what Encord's key rule forbids."""
    metadata: dict[str, object] = {}
    for column, text in record.items():
        key = _RENAMED.get(column, column)
        if text != "":
            metadata[key] = int(text) if key in _NUMBERS else text
    return metadata


def main(source: Path, target: Path) -> None:
    """Read the CSV, write one column of JSON texts."""
    with source.open(encoding="utf-8", newline="") as file:
        records = [json.dumps(convert(r), ensure_ascii=False) for r in csv.DictReader(file)]
    table = pa.table({"client_metadata": pa.array(records, pa.string())})
    parquet.write_table(table, target, compression="zstd", compression_level=19, use_dictionary=False)
    print(f"{len(records):,} records, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
