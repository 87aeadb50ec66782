"""How each key of the client metadata fared, as the commands that type values show it; and tables of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.cli.bars import columns
from metaquery.errors import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from metaquery.store.snapshot import KeyCount

__all__ = ["aligned", "key_lines"]

_EXAMPLE_LIMIT = 40


def key_lines(keys: Iterable[KeyCount]) -> list[str]:
    """Return a table of keys: type, units whose value is valid, missing, invalid, and an invalid one."""
    rows = [("key", "type", "valid", "missing", "invalid", "")]
    for key in keys:
        example = f"e.g. {_short(key.example)}" if key.example is not None else ""
        inferred = f"{key.type} (inferred)" if key.inferred else key.type
        rows.append((key.name, inferred, f"{key.valid:,}", f"{key.missing:,}", f"{key.invalid:,}", example))
    return aligned(rows, numbers={2, 3, 4})


def aligned(rows: Sequence[Sequence[str]], *, numbers: set[int]) -> list[str]:
    """Return rows as lines with their cells below each other, the columns `numbers` to the right.

    Cells may be texts of users: what would steer a terminal is shown by code point.
    """
    rows = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        blanks = [" " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)]
        padded = enumerate(zip(row, blanks, strict=True))
        cells = (blank + cell if n in numbers else cell + blank for n, (cell, blank) in padded)
        lines.append("  ".join(cells).rstrip())
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _EXAMPLE_LIMIT else f"{text[: _EXAMPLE_LIMIT - 1]}…"
