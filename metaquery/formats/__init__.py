"""Arrow to bytes, for every face: a row of `FORMATS` a format.

A format writes what it is given: it neither reorders nor reinterprets values, and knows no queries.
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import TYPE_CHECKING, BinaryIO

from metaquery.errors import UsageError
from metaquery.frozen import dataclass
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import PurePath

    import pyarrow as pa

__all__ = ["EXPORTS", "FORMATS", "Format", "Screen", "format_named", "format_of"]


class Screen(io.BytesIO):
    """Holds what is for standard output, and is as wide as that."""

    def fileno(self) -> int:
        """Return standard output's, of which a table asks the width."""
        return sys.stdout.fileno()


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write rows.

    Attributes
    ----------
    name
        As `--format` takes it.
    suffix
        File name ending that stands for it.
    module, function
        What writes it; imported on use, as Arrow costs 180 ms.
    for_people
        Whether it is cut to a screenful unless the user says otherwise.
    binary
        Whether it is no text, and so nothing for a terminal.
    """

    name: str
    suffix: str
    module: str
    function: str
    for_people: bool = False
    binary: bool = False

    def write(self, reader: pa.RecordBatchReader, out: BinaryIO) -> int:
        """Write every row of `reader`, and return how many there were."""
        write: Callable[[pa.RecordBatchReader, BinaryIO], int] = getattr(
            importlib.import_module(self.module), self.function
        )
        return write(reader, out)


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("table", ".txt", "metaquery.formats.table", "write_table", for_people=True),
        Format("json", ".json", "metaquery.formats.jsonlines", "write_json"),
        Format("ndjson", ".ndjson", "metaquery.formats.jsonlines", "write_ndjson"),
        Format("csv", ".csv", "metaquery.formats.delimited", "write_csv"),
        Format("parquet", ".parquet", "metaquery.formats.columnar", "write_parquet", binary=True),
        Format("arrow", ".arrow", "metaquery.formats.columnar", "write_arrow_file", binary=True),
        Format("arrows", ".arrows", "metaquery.formats.columnar", "write_arrow_stream", binary=True),
    )
}
"""Every format that writes any rows, by name."""

EXPORTS: dict[str, Format] = {
    **{name: form for name, form in FORMATS.items() if not form.for_people},
    "ids": Format("ids", ".txt", "metaquery.formats.delimited", "write_ids"),
    "coco": Format("coco", ".coco.json", "metaquery.formats.jsonlines", "write_json"),
}
"""What an export may be, by name: the formats for other programs, and two that say which rows they take."""


def format_named(name: str, among: Mapping[str, Format] = FORMATS) -> Format:
    """Return the format of this name.

    Raises
    ------
    UsageError
        There is none; the nearest is named.
    """
    if name in among:
        return among[name]
    meant = similar(name, among)
    hint = f"did you mean {meant[0]}?" if meant else f"formats are {', '.join(among)}"
    raise UsageError(f"there is no format {name!r}", hint=hint)


def format_of(path: PurePath, among: Mapping[str, Format] = FORMATS) -> Format:
    """Return the format that a file's name stands for; of two endings that fit, the longer one's.

    Raises
    ------
    UsageError
        Its ending stands for none.
    """
    found = [form for form in among.values() if path.name.lower().endswith(form.suffix)]
    if not found:
        endings = ", ".join(form.suffix for form in among.values())
        raise UsageError(
            f"the name {path.name!r} does not say which format to write",
            hint=f"end it in {endings}, or give --format",
        )
    return max(found, key=lambda form: len(form.suffix))
