"""Parquet: columns with their types, instants in UTC, zstd."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["write_parquet"]


def write_parquet(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, and return how many there were."""
    count = 0
    with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            count += batch.num_rows
    return count
