"""Tables on a terminal of 80 and of 200 columns: cells are cut, rows never wrapped; what is too wide is vertical."""

from __future__ import annotations

import io
import os

import pyarrow as pa
import pytest
from rich.cells import cell_len

from metaquery.formats.table import write_table

SHORT = pa.table({"title": ["scene_00.jpg", "場面" * 40], "note": ["x" * 100, None], "speed": [3.5, 120.0]})
WIDE = pa.table({f"column_{n:02}": [f"value {n} {'y' * n * 8}"] for n in range(8)})


class _Screen(io.BytesIO):
    def fileno(self) -> int:
        return 0


def drawn(table: pa.Table, columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
    screen = _Screen()
    assert write_table(table.to_reader(), screen) == table.num_rows
    return screen.getvalue().decode().splitlines()


@pytest.mark.parametrize("columns", [80, 200])
def test_no_line_is_longer_than_the_screen_and_no_column_is_lost(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for table in (SHORT, WIDE):
        lines = drawn(table, columns, monkeypatch)
        assert max(map(cell_len, lines)) <= columns
        assert all(any(name in line for line in lines) for name in table.column_names)


def test_at_80_columns_long_cells_are_cut_and_wide_rows_are_vertical(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(SHORT, 80, monkeypatch)[2] == f"scene_00.jpg                        {'x' * 33}…     3.5"
    assert drawn(WIDE, 80, monkeypatch)[:3] == [f"── 1 {'─' * 64}", "column_00  value 0", "column_01  value 1 yyyyyyyy"]
    assert drawn(WIDE, 80, monkeypatch)[-1] == f"column_07  value 7 {'y' * 51}…"


def test_at_200_columns_the_same_rows_are_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    row = drawn(WIDE, 200, monkeypatch)[2]
    assert row.count("value") == 8
    assert row.endswith("value 7 yyyyyyyyyyyyyyyyy…")
