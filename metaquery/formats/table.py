"""A table for people: aligned columns, long cells cut with an ellipsis, never wrapped; vertical if it is too wide."""

from __future__ import annotations

import io
import os
import unicodedata
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from metaquery.formats.cells import flat
from metaquery.formats.numbers import number_shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["write_table"]

_CELL_LIMIT = 60
_LEAST = 12
"""Columns of the screen that a cell may be cut to; a table that would need shorter ones is vertical."""

_GAP = 3
"""Columns between two cells."""

_UNBOUNDED = 100_000
"""Columns of a line that is not for a terminal."""


def write_table(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, and return how many there were.

    On a terminal the table is as wide as the screen; elsewhere as wide as it has to be. A missing value is `–`. Where
    the screen has no room for a few letters of each cell, a row is several lines, a column each.
    """
    names = [_cell(name) for name in reader.schema.names]
    right = [pa.types.is_integer(field.type) or pa.types.is_floating(field.type) for field in reader.schema]
    rows = [
        [_cell(value) for value in row]
        for batch in reader
        for row in zip(*(column.to_pylist() for column in flat(batch).columns), strict=True)
    ]
    width = _width(out)
    lines = _vertical(names, rows, width) if _is_too_wide(names, rows, width) else _table(names, right, rows, width)
    out.write("".join(f"{line.rstrip()}\n" for line in lines).encode())
    return len(rows)


def _is_too_wide(names: list[str], rows: list[list[str]], width: int) -> bool:
    from rich.cells import cell_len

    widest = [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)]
    return len(names) > 1 and sum(min(cells, _LEAST) + _GAP for cells in widest) - _GAP > width


def _vertical(names: list[str], rows: list[list[str]], width: int) -> Iterator[str]:
    """Return a line a cell, behind its column's name, and a line above each row."""
    from rich.cells import cell_len, set_cell_size

    label = min(max(map(cell_len, names)), max(width // 3, 1))
    for number, row in enumerate(rows, 1):
        yield f"── {number:,} ".ljust(min(width, label + _CELL_LIMIT), "─")
        for name, cell in zip(names, row, strict=True):
            said = cell if cell_len(cell) <= width - label - 2 else f"{set_cell_size(cell, max(width - label - 3, 0))}…"
            yield f"{set_cell_size(name, label)}  {said}"


def _fitted(names: list[str], rows: list[list[str]], width: int) -> list[list[str]]:
    """Return the heading and the rows with the longest cells cut, so that every column has a place on the screen."""
    from rich.cells import cell_len, set_cell_size

    widest = [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)]
    room = width - _GAP * (len(names) - 1)
    most = max(widest, default=0)
    while most > 1 and sum(min(cells, most) for cells in widest) > room:
        most -= 1
    return [
        [cell if cell_len(cell) <= most else f"{set_cell_size(cell, most - 1).rstrip()}…" for cell in row]
        for row in (names, *rows)
    ]


def _table(names: list[str], right: list[bool], rows: list[list[str]], width: int) -> list[str]:
    from rich import box  # 70 ms that other formats need not pay
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    heading, *cells = _fitted(names, rows, width)
    for name, is_number in zip(heading, right, strict=True):
        table.add_column(Text(name), justify="right" if is_number else "left", no_wrap=True, overflow="ellipsis")
    for row in cells:
        table.add_row(*map(Text, row))
    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, emoji=False, markup=False, highlight=False)
    console.print(table)
    return text.getvalue().splitlines()


def _width(out: BinaryIO) -> int:
    try:
        return os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError, io.UnsupportedOperation):
        return _UNBOUNDED


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_shown(value)
    shown = "".join(_visible(c) for c in str(value))
    return shown if len(shown) <= _CELL_LIMIT else f"{shown[: _CELL_LIMIT - 1]}…"


def _visible(char: str) -> str:
    """Show control and bidi characters: data must not steer a terminal."""
    return f"\\u{{{ord(char):X}}}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char
