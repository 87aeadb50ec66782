"""How a value is written as text, so that every text format agrees cell for cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["flat", "instants_as_text", "rows"]


def instants_as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Write instants as ISO 8601 in UTC (`2023-04-01T10:20:30.5Z`), leaving other columns as they are."""
    columns = [_instant(column) if pa.types.is_timestamp(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Write instants as ISO 8601, and lists and structs as JSON, so that every column is a scalar."""
    batch = instants_as_text(batch)
    columns = [_json(column) if pa.types.is_nested(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Give rows as dicts that JSON can hold; a number that JSON cannot (not finite) becomes null."""
    yield from instants_as_text(batch).to_pylist()


def _instant(column: pa.Array) -> pa.Array:
    text = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    return pc.replace_substring_regex(text, r"\.?0*Z$", "Z") if column.type.unit != "s" else text


def _json(column: pa.Array) -> pa.Array:
    encode = msgspec.json.Encoder().encode
    return pa.array([None if v is None else encode(v).decode() for v in column.to_pylist()], pa.string())
