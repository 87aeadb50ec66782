"""`ws.unit()`: one data unit whole, as it is or as it was last, with all that became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metaquery.errors import CorruptSpool, NotFound, UsageError
from metaquery.unit import UnitEvent, ValueChange

from .world import World


def told(events: tuple[UnitEvent, ...]) -> list[tuple[str, dict[str, tuple[str | None, str | None]]]]:
    return [
        (event.change, {change.field: (change.before, change.after) for change in event.fields}) for event in events
    ]


def test_each_snapshot_that_changed_it_says_which_values_from_what_to_what(world: World) -> None:
    world.sync()
    world.units["d0"] = {"city": "Oslo", "dark": False, "speed": 9007199254740993}
    world.sync()
    world.units["d1"]["city"] = "Nice"
    world.sync()
    del world.units["d0"]
    world.sync()
    world.units["d0"] = {"city": "Oslo"}
    world.sync()
    unit = world.workspace.unit("d0")
    assert told(unit.history) == [
        ("added", {}),
        ("changed", {"dark": ("true", "false"), "speed": (None, "9007199254740993"), "operator": ('"Åsa"', None)}),
        ("removed", {}),
        ("added", {}),
    ]
    assert unit.gone is None
    kept = [entry.snapshot.id for entry in reversed(world.workspace.history.log())]
    assert [event.snapshot for event in unit.history] == [kept[0], kept[1], kept[3], kept[4]]


def test_a_read_of_everything_and_another_schema_change_nothing_of_a_unit(world: World) -> None:
    world.sync()
    world.schema["city"] = "number"
    world.sync(full=True)
    world.rematerialise()
    assert told(world.workspace.unit("d0").history) == [("added", {})]


def test_built_in_fields_change_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sync()
    rows = world.rows()
    rows["d0"][1].update(data_title="other.jpg", width=1)
    monkeypatch.setattr(World, "rows", lambda _: rows)
    world.sync(full=True)
    unit = world.workspace.unit("other.jpg")
    assert unit.history[-1].fields == (
        ValueChange("title", "unit", '"d0.jpg"', '"other.jpg"'),
        ValueChange("width", "unit", "1280", "1"),
    )
    assert world.workspace.unit("d0").title == "other.jpg"


@pytest.mark.parametrize("name", ["d0", "d0.jpg"])
def test_a_unit_that_is_gone_is_shown_as_it_was_last_with_when_it_went(world: World, name: str) -> None:
    world.sync()
    world.units["d0"]["city"] = "Nice"
    world.sync()
    last = world.workspace.snapshot()
    del world.units["d0"]
    world.sync()
    unit = world.workspace.unit(name)
    assert (unit.data_hash, unit.snapshot) == ("d0", last.id)
    assert unit.gone == unit.history[-1]
    assert (unit.gone.change, unit.gone.snapshot) == ("removed", world.workspace.snapshot().id)
    assert unit.metadata[0].value == "Nice"
    assert [label["class"] for label in unit.labels] == ["car"]
    with pytest.raises(NotFound):
        world.workspace.unit(name, as_of=world.workspace.snapshot().id)


def test_an_earlier_snapshot_has_it_as_it_was_then(world: World) -> None:
    world.sync()
    first = world.workspace.snapshot()
    world.units["d0"] = {"city": "Nice"}
    world.sync()
    assert [value.value for value in world.workspace.unit("d0", as_of=first.id).metadata] == ["Oslo", True, "Åsa"]
    assert [value.value for value in world.workspace.unit("d0").metadata] == ["Nice"]


def test_history_begins_with_the_first_snapshot_that_is_kept(world: World) -> None:
    world.sync()
    world.units["d1"]["city"] = "Nice"
    world.sync()
    world.units["d0"]["city"] = "Nice"
    world.sync()
    world.workspace.history.prune(2)
    assert [event.change for event in world.workspace.unit("d0").history] == ["there", "changed"]


HOSTILE = {
    "city": "Robert'); DROP TABLE data;--",
    "dark": "perhaps",
    "speed": None,
    "captured_at": "2023-02-30",
    "a\u202eb\n": "\x1b[2J",
    'quote"s': 12345678901234567890,
}


def test_every_key_has_its_text_its_type_and_why_it_does_not_fit(world: World) -> None:
    world.units["d0"] = HOSTILE
    world.sync()
    unit = world.workspace.unit("d0")
    found = {value.key: (value.type, value.source, json.loads(value.text), value.expected) for value in unit.metadata}
    assert found == {
        "city": ("STRING", "schema", HOSTILE["city"], None),
        "dark": ("BOOLEAN", "schema", "perhaps", "true or false"),
        "speed": ("NUMBER", "schema", None, None),
        "captured_at": ("DATETIME", "schema", "2023-02-30", found["captured_at"][3]),
        "a\u202eb\n": ("STRING", "inferred", "\x1b[2J", None),
        'quote"s': ("NUMBER", "inferred", 12345678901234567890, None),
    }
    assert found["captured_at"][3]
    assert {value.key: value.value for value in unit.metadata}["city"] == HOSTILE["city"]
    assert unit.missing == ("speed", "operator")
    assert json.loads(json.dumps(unit.to_json()))["metadata"][1]["text"] == '"perhaps"'


def test_metadata_that_is_no_object_has_no_keys_and_is_shown(world: World) -> None:
    world.units["d0"] = [1, "x"]  # type: ignore[assignment]
    world.sync()
    unit = world.workspace.unit("d0")
    assert (unit.metadata, unit.not_an_object) == ((), '[1, "x"]')
    assert world.workspace.unit("d1").not_an_object is None


def test_a_key_that_the_schema_has_no_more_is_there_all_the_same(world: World) -> None:
    world.schema["dark"] = {"ty": "tombstone", "deleted_ty": {"ty": "boolean"}}
    world.sync()
    (value,) = [value for value in world.workspace.unit("d0").metadata if value.key == "dark"]
    assert (value.type, value.source, value.text, value.value) == (None, "deleted", "true", None)


def test_collections_and_tags_are_told_apart(world: World) -> None:
    world.sync()
    ws = world.workspace
    ws.data.filter("dark").collect("Night")
    ws.data.filter("city = 'Oslo'").collect("Oslo", live=True)
    ws.collections.make("checked", ws.data.filter("dark").selection(), kind="tag")
    unit = ws.unit("d0")
    assert (unit.collections, unit.tags) == (("Night", "Oslo"), ("checked",))
    assert (ws.unit("d1").collections, ws.unit("d1").tags) == ((), ())


def test_several_of_one_title_are_listed_and_one_that_is_not_there_is_guessed(world: World) -> None:
    rows = world.rows()
    rows["d1"][1]["data_title"] = "d0.jpg"
    world.rows = lambda: rows  # type: ignore[method-assign]
    world.sync()
    with pytest.raises(UsageError, match=r"2 data units are called 'd0.jpg'\ngive a data hash: d0 \(Set\), d1 \(Set\)"):
        world.workspace.unit("d0.jpg")
    with pytest.raises(NotFound, match=r"no data unit 'd2.jgp'\ndid you mean 'd2.jpg'\?"):
        world.workspace.unit("d2.jgp")
    with pytest.raises(NotFound, match="metadata list shows them"):
        world.workspace.unit("'; DROP TABLE data; --")
    assert world.workspace.unit(3, dataset="Set").data_hash == "d3"


def test_several_that_are_gone_and_had_one_title_are_listed(world: World) -> None:
    rows = world.rows()
    for name in ("d0", "d1"):
        rows[name][1]["data_title"] = 'twins "é".jpg'
    world.rows = lambda: rows  # type: ignore[method-assign]
    world.sync()
    del rows["d0"], rows["d1"]
    world.sync()
    with pytest.raises(UsageError, match=r"2 data units that are gone were called .*\ngive a data hash: d0, d1"):
        world.workspace.unit('twins "é".jpg')
    assert world.workspace.unit("d1").title == 'twins "é".jpg'


def test_damaged_pages_are_named_and_nothing_is_guessed(world: World) -> None:
    world.sync()
    (page,) = Path(world.root).glob(".metaquery/spool/units*/*/rows-000000.json.zst")
    page.write_bytes(page.read_bytes()[:-9] + b"123456789")
    with pytest.raises(CorruptSpool, match="are not what was written"):
        world.workspace.unit("d0")


@pytest.mark.parametrize("left", ["lost", "{}"])
def test_a_snapshot_that_cannot_be_read_is_said_and_the_others_tell(world: World, left: str) -> None:
    world.sync()
    first = world.workspace.snapshot()
    world.units["d0"]["city"] = "Nice"
    world.sync()
    world.units["d0"]["city"] = "Rome"
    world.sync()
    middle = world.workspace.history.before(world.workspace.snapshot())
    (Path(world.root) / ".metaquery" / "snapshots" / f"{middle}.json").write_text(left)
    history = world.workspace.unit("d0").history
    assert told(history) == [("added", {}), ("unreadable", {}), ("changed", {"city": ('"Oslo"', '"Rome"')})]
    assert history[0].snapshot == first.id
