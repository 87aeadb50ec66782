"""Columns with their types, instants in UTC: Parquet; Arrow's IPC, as a file or as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

__all__ = ["write_arrow_file", "write_arrow_stream", "write_parquet"]


def write_parquet(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, compressed by zstd, and return how many there were."""
    return _written(reader, pq.ParquetWriter(out, reader.schema, compression="zstd"))


def write_arrow_file(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, not compressed, so that it can be mapped into memory; return how many there were."""
    return _written(reader, pa.ipc.new_file(out, reader.schema))


def write_arrow_stream(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, and return how many there were; what reads it need not wait for the end."""
    return _written(reader, pa.ipc.new_stream(out, reader.schema))


def _written(reader: pa.RecordBatchReader, sink: AbstractContextManager[Any]) -> int:
    count = 0
    with sink as writer:
        for batch in reader:
            writer.write_batch(batch)
            count += batch.num_rows
    return count
