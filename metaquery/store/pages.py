"""How DuckDB reads the pages of a spool: the columns of each stream, and a unit's client metadata as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ANNOTATIONS", "DOCUMENT", "ENTRIES", "INDEX", "LABEL_ROWS", "NAMES", "PARQUET", "REMOVED",
    "UNITS", "annotation_rows", "json_pointer", "listed_bytes", "quoted",
]  # fmt: skip


_LEAST_MB = 16
"""What DuckDB's reader expects of an object where nobody says."""

PARQUET = "read_parquet(?, hive_partitioning = false)"
"""The rows of a Parquet file, its path a parameter. Left to itself DuckDB takes a folder `year=2026` for a column."""


def _reader(columns: str, *, object_mb: int = _LEAST_MB) -> str:
    spec = ", ".join(f"{c.partition(':')[0]}: '{c.partition(':')[2] or 'VARCHAR'}'" for c in columns.split())
    # Left to guess whether rows are objects, DuckDB 2.0 takes fifteen times as long for a single column.
    return (
        f"read_json($files, format = 'array', records = true, maximum_object_size = {object_mb << 20}, "
        f"ignore_errors = false, hive_partitioning = false, columns = {{{spec}}})"
    )


INDEX = _reader("data_hash index:BIGINT")
"""The order of a dataset's units, as `sources` wrote it; without a place, a unit that was listed before."""

ENTRIES = _reader("data_hash index:BIGINT digest:BIGINT")
"""The same with the digests, by which the next sync tells what has changed."""

REMOVED = _reader("name")
"""What a generation says is no longer there."""

NAMES = _reader("$key")
"""The names alone of rows; `$key` is their member."""

UNITS = _reader(
    "data_hash data_title data_type created_at last_edited_at width height file_size frames_per_second duration "
    "backing_item_uuid client_metadata:JSON"
)
"""Data rows with client metadata (`encord-wire-protocol.md` §4.3). Texts, as casts that fail must not lose a row."""

ANNOTATIONS = _reader(
    "data_hash project_title label_hash annotation_id class shape answer annotator stage confidence model frame "
    "last_frame created_at x y w h predicted:BOOLEAN"
)
"""Labels and predictions that came from files, as `sources` wrote them."""

LABEL_ROWS = _reader("label_hash data_hash branch_name workflow_graph_node:JSON")
"""A project's label rows (§6.2)."""


def annotation_rows(largest: int) -> str:
    """Return the reader of label rows with their labels (§6.3); one row holds all frames of a video.

    Parameters
    ----------
    largest
        Bytes of the largest row; the reader takes several times that of memory.
    """
    columns = "label_hash data_hash branch_name data_units:JSON classification_answers:JSON"
    return _reader(columns, object_mb=max(_LEAST_MB, (largest >> 20) + 1))


DOCUMENT = """CASE WHEN starts_with(u.client_metadata::VARCHAR, '{') THEN u.client_metadata
        WHEN starts_with(u.client_metadata::VARCHAR, '"') THEN CASE WHEN json_valid(u.client_metadata->>'$')
            AND json_type(u.client_metadata->>'$') = 'OBJECT' THEN json(u.client_metadata->>'$') END END"""
"""Client metadata as an object: v2 sends a text that holds JSON, legacy the object itself (§10.5).

The reader writes each value anew, without blanks, so its first character says what it is, and a fifth of the time that
`json_type` takes, which parses it. `json` does the same to what was within a text.
"""


def listed_bytes(keys: Sequence[str]) -> str:
    """Return SQL of how long a `DOCUMENT` is that has none but these keys, whose values are `x[1]`, `x[2]`, ….

    A document that has other keys, or one twice, is longer. A key is written in no fewer bytes than it has, and
    `json_extract` writes a value as the reader does; so no document is as long by chance.
    """
    around = len('"":,')
    members = [
        f"coalesce(strlen(x[{place}]::VARCHAR) + {len(key.encode()) + around}, 0)"
        for place, key in enumerate(keys, start=1)
    ]
    while len(members) > 1:  # in pairs: DuckDB limits how deeply expressions nest
        members = [f"({' + '.join(members[at : at + 2])})" for at in range(0, len(members), 2)]
    return f"greatest(strlen('{{}}'), strlen('{{') + {''.join(members) or '0'})"


def json_pointer(key: str) -> str:
    """Return the JSON pointer to a member (RFC 6901), for `json_extract`; case and every character count."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def quoted(identifier: str) -> str:
    """Return a quoted identifier: the one place where the store writes a name into SQL."""
    return '"' + identifier.replace('"', '""') + '"'
