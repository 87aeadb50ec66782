"""A table for people: aligned columns, long cells cut with an ellipsis, never wrapped."""

from __future__ import annotations

import io
import os
import unicodedata
from typing import Any, BinaryIO

import pyarrow as pa

from metaquery.formats.cells import flat

__all__ = ["write_table"]

_CELL_LIMIT = 60
_UNBOUNDED = 100_000
"""Columns of a line that is not for a terminal."""


def write_table(reader: pa.RecordBatchReader, out: BinaryIO) -> int:
    """Write every row, and return how many there were.

    On a terminal the table is as wide as the screen; elsewhere as wide as it has to be. A missing value is `–`.
    """
    from rich import box  # 70 ms that other formats need not pay
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for field in reader.schema:
        right = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(Text(field.name), justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    count = 0
    for batch in reader:
        for row in zip(*(column.to_pylist() for column in flat(batch).columns), strict=True):
            table.add_row(*(Text(_cell(value)) for value in row))
            count += 1
    text = io.StringIO()
    console = Console(file=text, width=_width(out), color_system=None, emoji=False, markup=False, highlight=False)
    console.print(table)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    out.write("".join(f"{line}\n" for line in lines).encode())
    return count


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
        return f"{value:.10g}"
    shown = "".join(_visible(c) for c in str(value))
    return shown if len(shown) <= _CELL_LIMIT else f"{shown[: _CELL_LIMIT - 1]}…"


def _visible(char: str) -> str:
    """Show control and bidi characters: data must not steer a terminal."""
    return f"\\u{{{ord(char):X}}}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char
