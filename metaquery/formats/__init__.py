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
    from collections.abc import Callable
    from pathlib import PurePath

    import pyarrow as pa

__all__ = ["FORMATS", "Format", "Screen", "format_named", "format_of"]


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
    """

    name: str
    suffix: str
    module: str
    function: str
    for_people: bool = False

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
        Format("parquet", ".parquet", "metaquery.formats.columnar", "write_parquet"),
    )
}
"""Every format, by name."""


def format_named(name: str) -> Format:
    """Return the format of this name.

    Raises
    ------
    UsageError
        There is none; the nearest is named.
    """
    if name in FORMATS:
        return FORMATS[name]
    meant = similar(name, FORMATS)
    hint = f"did you mean {meant[0]}?" if meant else f"formats are {', '.join(FORMATS)}"
    raise UsageError(f"there is no format {name!r}", hint=hint)


def format_of(path: PurePath) -> Format:
    """Return the format that a file's name stands for.

    Raises
    ------
    UsageError
        Its ending stands for none.
    """
    found = next((f for f in FORMATS.values() if f.suffix == path.suffix.lower()), None)
    if found is None:
        endings = ", ".join(f.suffix for f in FORMATS.values())
        raise UsageError(
            f"the name {path.name!r} does not say which format to write",
            hint=f"end it in {endings}, or give --format",
        )
    return found
