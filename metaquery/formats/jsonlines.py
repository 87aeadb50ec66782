"""NDJSON, an object a line; and JSON, one array of objects. Streamed: memory does not grow with the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import msgspec

from metaquery.formats.cells import rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_json", "write_ndjson"]

_ENCODER = msgspec.json.Encoder()


def write_ndjson(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write an object a line, and return how many."""
    count = 0
    for batch in reader:
        out.write(_ENCODER.encode_lines(list(rows(batch))))
        count += batch.num_rows
    return count


def write_json(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write one array, an object a line, and return how many."""
    count = 0
    for batch in reader:
        for row in rows(batch):
            out.write((b",\n " if count else b"[\n ") + _ENCODER.encode(row))
            count += 1
    out.write(b"\n]\n" if count else b"[]\n")
    return count
