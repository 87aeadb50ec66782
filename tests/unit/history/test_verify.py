"""What is stored is checked, and what is wrong is named."""

from __future__ import annotations

import duckdb

from .world import World


def wrong(world: World, *, everything: bool = False) -> list[str]:
    """Return what is found wrong."""
    checks = world.workspace.history.verify(everything=everything)
    return [check.what for _, check in checks if check.wrong is not None]


def test_a_sound_workspace_is_found_sound_and_left_as_it_is(four: World) -> None:
    files = {path: path.stat().st_mtime_ns for path in four.root.rglob("*") if path.is_file()}
    assert wrong(four, everything=True) == []
    assert {path: path.stat().st_mtime_ns for path in four.root.rglob("*") if path.is_file()} == files
    assert len({name for name, _ in four.workspace.history.verify(everything=True)}) == 4


def test_rows_that_are_gone_or_refer_to_nothing_are_named(four: World) -> None:
    with duckdb.connect(four.workspace.snapshot().path) as connection:
        connection.execute("DELETE FROM data WHERE data_hash = 'd2'")
        connection.execute("INSERT INTO rejects VALUES ('d1', 'nothing', '1', 'a number')")
    named = wrong(four)
    assert "rows of data: 6" in named
    assert "data units of each of 1 datasets against the raw layer" in named
    assert "the data unit of each of the labels" in named
    assert "the field of each misfit" in named
    assert "each data unit once" not in named


def test_pages_that_are_damaged_or_gone_are_named(four: World) -> None:
    layout = four.workspace.layout
    first = next(layout.spool.glob("units-set/*/rows-000000.json.zst"))
    first.write_bytes(first.read_bytes()[:-3] + b"###")
    next(layout.spool.glob("labels-p/*/labels-000000.json.zst")).unlink()
    assert wrong(four) == ["raw pages of the units of Set", "raw pages of the labels of Project"]


def test_a_file_that_is_no_database_is_named(four: World) -> None:
    four.workspace.snapshot().path.write_bytes(b"lost" * 5000)
    assert [name.partition(" of ")[0] for name in wrong(four)] == ["every block"]
