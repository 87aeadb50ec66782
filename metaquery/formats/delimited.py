"""CSV (RFC 4180): a header, then a line a row; a missing value is empty, an empty text is `""`. Ids, one a line."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pc

from metaquery.formats.cells import flat

__all__ = ["write_csv", "write_ids"]


def write_csv(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, and return how many there were."""
    count = 0
    first = True
    for batch in _batches(reader):
        options = pc.WriteOptions(include_header=first, quoting_style="needed")
        pc.write_csv(flat(batch), out, write_options=options)
        first = False
        count += batch.num_rows
    return count


def _batches(reader: pa.RecordBatchReader) -> list[pa.RecordBatch] | pa.RecordBatchReader:
    """Give the batches, and an empty one where there is none: a header is written all the same."""
    first = next(iter(reader), None)
    if first is None:
        return [pa.RecordBatch.from_pylist([], schema=reader.schema)]
    return _chained(first, reader)


def _chained(first: pa.RecordBatch, rest: pa.RecordBatchReader) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(rest.schema, (b for part in ([first], rest) for b in part))


def write_ids(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write the one column, a value a line, in quotes where it has to be; return how many."""
    count = 0
    for batch in reader:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([value] for value in batch.column(0).to_pylist())
        out.write(text.getvalue().encode())
        count += batch.num_rows
    return count
