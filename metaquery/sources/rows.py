"""Rows of files: NDJSON, CSV and Parquet, each row as its members' JSON texts.

NDJSON is never encoded anew: a member keeps its bytes. A cell of a CSV file is a text, whatever it looks like; what
a key's type makes of it is decided where the schema is known (`FileSource`).
"""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING

import msgspec

from metaquery.errors import SyncError, UsageError
from metaquery.json_members import members_of
from metaquery.store.tables import parquet_rows
from metaquery.unreadable import is_too_deep, mended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Row", "RowError", "file_format", "read_rows"]

Row = dict[str, msgspec.Raw]
"""JSON text by name."""

_LONGEST = 15 << 20
"""Bytes of a row; DuckDB's reader of pages is made for objects of 16 MB."""

_FLAT = 50
"""Brackets of a row below which nobody looks how deep they go."""

_SUFFIXES = {
    ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
}  # fmt: skip


class RowError(ValueError):
    """A row that cannot be taken.

    Parameters
    ----------
    reason
        Why, in words that other rows may share.
    found
        What stands in this one.
    """

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(f"{reason}: {found}" if found else reason)
        self.reason = reason
        self.found = found


def file_format(name: str, path: Path) -> str:
    """Return the format of a file: by the end of its name, for standard input by how it begins.

    Raises
    ------
    UsageError
        The name says nothing.
    """
    if name == "-":
        with path.open("rb") as file:
            start = file.read(4_096)
        if start.startswith(b"PAR1"):
            return "parquet"
        return "ndjson" if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")) else "csv"
    suffix = "." + name.rpartition(".")[2].lower()
    if suffix not in _SUFFIXES:
        raise UsageError(f"what kind of file is {name}?", hint=f"its name may end with {', '.join(_SUFFIXES)}")
    return _SUFFIXES[suffix]


def read_rows(path: Path, kind: str) -> Iterator[tuple[int, Row | RowError]]:
    """Yield each row with its line (in Parquet, the number of the row; both begin with 1), or why it is none.

    Parameters
    ----------
    path, kind
        The file and what `file_format` says it is.

    Raises
    ------
    SyncError
        The file cannot be read as a whole; file and line are named.
    """
    return _READERS[kind](path)


def _ndjson(path: Path) -> Iterator[tuple[int, Row | RowError]]:
    begun = False
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            line = text.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else text.strip()
            if line[:1] == b"[" and not begun:  # of its lines, all but the last end with a comma
                raise SyncError(
                    f"{path} is one JSON array, and not an object a line",
                    hint="write an object a line (NDJSON), as jq -c '.[]' does; nothing was published",
                )
            if line:
                begun = True
                yield number, _members(line)


def _members(line: bytes) -> Row | RowError:
    if len(line) > _LONGEST:
        return RowError(f"longer than {_LONGEST >> 20} MB")
    try:
        if not line.isascii():
            line.decode()
        try:
            return _decoded(line)
        except (msgspec.DecodeError, RecursionError):
            return _decoded(mended(line, metadata_alone=b'"client_metadata"' not in line))
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        return _unread(error)


def _unread(error: Exception) -> RowError:
    if isinstance(error, UnicodeDecodeError):
        return RowError("not UTF-8")
    if isinstance(error, RecursionError):
        return RowError("nested too deeply")
    if isinstance(error, msgspec.ValidationError):
        return RowError("no JSON object")
    return RowError("not JSON", str(error).removeprefix("JSON is malformed: "))


def _decoded(line: bytes) -> Row:
    if b"\\u" in line:
        msgspec.json.decode(line)  # half of a surrogate pair: no reader of the pages would take it
    if line.count(b"[") + line.count(b"{") > _FLAT and is_too_deep(line):
        raise RecursionError
    return members_of(line)


def _delimited(delimiter: str) -> Callable[[Path], Iterator[tuple[int, Row | RowError]]]:
    def read(path: Path) -> Iterator[tuple[int, Row | RowError]]:
        csv.field_size_limit(min(_LONGEST, sys.maxsize))
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            try:
                names = next(reader, [])
                twice = sorted({name for name in names if names.count(name) > 1})
                if twice:
                    raise SyncError(f"{path}, line 1: two columns are called {twice[0]!r}")
                before = reader.line_num
                for cells in reader:
                    if cells:
                        yield before + 1, _cells(names, cells)
                    before = reader.line_num
            except csv.Error as error:
                raise SyncError(
                    f"{path}, line {reader.line_num}: not CSV: {error}", hint="nothing was published"
                ) from error

    return read


def _cells(names: list[str], cells: list[str]) -> Row | RowError:
    if len(cells) != len(names):
        return RowError(f"not as many cells as names, of which there are {len(names)}", f"{len(cells)} cells")
    try:
        return {
            name: msgspec.Raw(msgspec.json.encode(cell) if cell else b"null")
            for name, cell in zip(names, cells, strict=True)
        }
    except UnicodeEncodeError:
        return RowError("not UTF-8")


def _parquet(path: Path) -> Iterator[tuple[int, Row | RowError]]:
    for number, row in enumerate(parquet_rows(path), 1):
        yield number, {name: msgspec.Raw(text) for name, text in row.items()}


_READERS: dict[str, Callable[[Path], Iterator[tuple[int, Row | RowError]]]] = {
    "ndjson": _ndjson,
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "parquet": _parquet,
}
