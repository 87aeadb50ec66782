"""Two snapshots are compared unit by unit and field by field."""

from __future__ import annotations

import pytest

from metaquery.cli.root import _run
from metaquery.errors import NoSnapshot, UnknownField
from metaquery.language import Untyped

from .world import World


def test_units_and_fields_that_changed_are_counted(four: World) -> None:
    log = four.workspace.history.log()[::-1]
    found = four.workspace.diff(log[0].snapshot.id, log[3].snapshot.id)
    assert (found.added, found.removed, found.changed, found.described) == (1, 1, 2, 0)
    counts = {f.field: (f.other_value, f.to_value, f.to_missing, f.to_invalid) for f in found.fields}
    assert counts == {"city": (1, 0, 0, 0), "dark": (0, 0, 1, 1), "operator": (1, 0, 1, 0)}
    assert [(u.data_hash, u.change) for u in found.units] == [
        ("d6", "added"), ("d1", "changed"), ("d2", "changed"), ("d0", "removed"),
    ]  # fmt: skip


def test_what_is_turned_round_is_turned_round(four: World) -> None:
    log = four.workspace.history.log()[::-1]
    found = four.workspace.diff(log[3].snapshot.id, log[0].snapshot.id)
    assert (found.added, found.removed, found.changed) == (1, 1, 2)
    counts = {f.field: (f.other_value, f.to_value, f.to_missing, f.to_invalid) for f in found.fields}
    assert counts == {"city": (1, 0, 0, 0), "dark": (0, 2, 0, 0), "operator": (1, 1, 0, 0)}


def test_without_names_the_newest_is_compared_with_the_one_before(four: World) -> None:
    open_meanwhile = four.workspace.data
    assert open_meanwhile.count() == 6
    log = four.workspace.history.log()
    found = four.workspace.diff()
    assert (found.before, found.after) == (log[1].snapshot.id, log[0].snapshot.id)
    changes = log[0].snapshot.changes
    assert changes
    assert (found.added, found.changed, found.removed) == (changes.added, changes.changed, changes.removed)
    with pytest.raises(NoSnapshot, match="before"):
        four.workspace.diff(None, log[-1].snapshot.id)


def test_a_filter_counts_units_that_match_in_the_one_or_the_other(four: World) -> None:
    first = four.workspace.history.log()[-1].snapshot.id
    assert [u.data_hash for u in four.workspace.diff(first, where="city = 'Oslo'").units] == ["d6", "d0"]
    assert [u.data_hash for u in four.workspace.diff(first, where="city = 'Paris'").units] == ["d1"]
    assert four.workspace.diff(first, where="dark is invalid").changed == 1
    four.workspace.as_of(first).data.filter("city = 'Paris'").collect("Paris then")
    assert four.workspace.diff(first, where="tags has 'Paris then'").changed == 1


def test_a_filter_that_fits_one_snapshot_alone_is_asked_of_that(world: World) -> None:
    first = world.sync().snapshot.id
    world.schema["rig"] = "string"
    world.units["d1"]["rig"] = "r1"
    world.sync()
    found = world.workspace.diff(where="rig = 'r1'")
    assert (found.changed, found.not_asked) == (1, first)
    with pytest.raises(UnknownField, match="rigg"):
        world.workspace.diff(where="rigg = 'r1'")


def test_a_value_that_is_given_is_read_by_each_snapshots_own_types(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.units["d1"]["speed"] = 5
    world.sync()
    world.schema["speed"] = "string"
    world.units["d1"]["speed"] = "five"
    world.units["d2"]["speed"] = "5"
    world.sync()
    for where in ("speed = :s", "speed in :s"):
        found = world.workspace.diff(where=where, params={"s": Untyped("5")})
        assert ([unit.data_hash for unit in found.units], found.not_asked) == (["d1", "d2"], None)
    monkeypatch.chdir(world.root)
    assert _run(["diff", "--where", "speed = :s", "--param", "s=5", "-f", "csv"]) == 0
    assert {line.split(",")[0].strip('"') for line in capsys.readouterr().out.splitlines()[1:]} >= {"d1", "d2"}


def test_a_field_of_another_type_is_compared_by_its_text_where_the_unit_changed(world: World) -> None:
    world.schema["city"] = "datetime"
    world.sync()
    world.schema["city"] = "string"
    world.rematerialise()
    assert (world.workspace.diff().changed, world.workspace.diff().fields) == (0, ())
    world.units["d1"] = {**world.units["d1"], "city": "Nice"}
    world.sync()
    found = world.workspace.diff(world.workspace.history.log()[-1].snapshot.id)
    assert [(f.field, f.retyped, f.changed) for f in found.fields] == [("city", True, 1)]
    assert found.to_json()["fields"][0]["to_value"] == 1


def test_every_value_that_differs_is_a_row(four: World) -> None:
    first = four.workspace.history.log()[-1].snapshot.id
    with four.workspace.diff_rows(first) as reader:
        rows = reader.read_all().to_pylist()
    assert {row["data_hash"]: row["change"] for row in rows if row["field"] is None} == {"d6": "added", "d0": "removed"}
    counts: dict[str, int] = {}
    for row in rows:
        if row["field"] is not None:
            counts[row["field"]] = counts.get(row["field"], 0) + 1
            assert row["before"] != row["after"]
    assert counts == {field.field: field.changed for field in four.workspace.diff(first).fields}
    with four.workspace.diff_rows(first, where="city = 'Paris'") as reader:
        assert set(reader.read_all().column("data_hash").to_pylist()) == {"d1"}


def test_a_misfit_that_is_another_misfit_now_has_changed(world: World) -> None:
    world.units["d1"] = {"dark": "perhaps", "seen": "2023-05-01T10:00:00.5Z"}
    world.schema["seen"] = "datetime"
    world.sync()
    world.units["d1"] = {"dark": [1, 2], "seen": "2023-05-01"}
    world.sync()
    with world.workspace.diff_rows() as reader:
        rows = {row["field"]: (row["before"], row["after"]) for row in reader.read_all().to_pylist()}
    assert rows["dark"] == ('"perhaps"', "[1,2]")
    assert rows["seen"] == ("2023-05-01T10:00:00.5Z", "2023-05-01T00:00:00Z")
    assert [field.changed for field in world.workspace.diff().fields if field.field == "dark"] == [1]
