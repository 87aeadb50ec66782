"""Keys may be called what DuckDB calls the place of a row: nothing is found, changed or removed by their values."""

from __future__ import annotations

from .world import World


def rows(world: World) -> list[tuple[object, ...]]:
    view = world.workspace.data.select("data_hash", "rowid", '"ROWID"', "file_row_number").order_by("unit.data_hash")
    table = view.to_arrow()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def test_a_key_that_is_called_rowid_is_a_key_as_others_are(world: World) -> None:
    world.units.clear()
    world.labelled.clear()
    for n in range(40):
        world.units[f"u{n:02}"] = {"rowid": 39 - n, "ROWID": f"{n % 3}", "file_row_number": 0}
    world.sync()
    world.units["u05"]["rowid"] = 0
    del world.units["u07"]
    world.sync()
    expected = [
        (name, float(unit["rowid"]), unit["ROWID"], float(unit["file_row_number"]))
        for name, unit in sorted(world.units.items())
    ]
    assert rows(world) == expected
    pages = world.workspace.data.filter("rowid < 20").order_by("unit.data_hash").paged()
    pages.prepare()
    found = pages.rows(world.workspace.data.key_columns, offset=2, limit=3).column(0).to_pylist()
    assert found == [name for name, value, *_ in expected if value < 20][2:5]
    world.rematerialise()
    assert rows(world) == expected
