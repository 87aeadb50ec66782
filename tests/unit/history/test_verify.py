"""What is stored is checked, and what is wrong is named."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from metaquery.errors import EngineError, NoSnapshot, StoreError
from metaquery.status import status
from metaquery.store.descriptions import Unreadable
from metaquery.store.snapshot import Changes
from metaquery.sync import SyncReport

from .world import World


def wrong(world: World, *, everything: bool = False) -> list[str]:
    """Return what is found wrong."""
    checks = world.workspace.history.verify(everything=everything)
    return [check.what for _, check in checks if check.wrong is not None]


def test_a_sound_workspace_is_found_sound_and_left_as_it_is(four: World) -> None:
    files = {path: path.stat().st_mtime_ns for path in four.root.rglob("*") if path.is_file()}
    assert wrong(four, everything=True) == []
    assert {path: path.stat().st_mtime_ns for path in four.root.rglob("*") if path.is_file()} == files
    assert len({name for name, _ in four.workspace.history.verify(everything=True)} - {""}) == 4


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


@pytest.mark.parametrize("damage", [b"{", b'{"format": 3}', None])
def test_a_sync_goes_on_with_the_snapshot_before_where_the_newest_cannot_be_read(
    four: World, damage: bytes | None
) -> None:
    layout, newest = four.workspace.layout, four.workspace.snapshot().id
    description = layout.snapshots / f"{newest}.json"
    description.unlink() if damage is None else description.write_bytes(damage)
    with pytest.raises(StoreError, match="metaquery sync"):
        four.workspace.snapshot()
    assert four.sync().snapshot.counts.data == 6
    assert wrong(four, everything=True) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"domain": "https://api.encord.com"}'])
def test_a_connection_that_is_damaged_is_told_and_costs_no_query(four: World, text: str) -> None:
    four.workspace.layout.connection.write_text(text)
    assert four.workspace.data.count() == 6
    with pytest.raises(StoreError, match=r"connection\.json"):
        four.workspace.sync()


def test_a_pointer_that_is_damaged_costs_no_snapshot(four: World) -> None:
    layout, kept = four.workspace.layout, [entry.snapshot.id for entry in four.workspace.history.log()]
    for damage, mend in ((b"1999\n", four.sync), (b"\xff", four.rematerialise), (b"", four.sync)):
        layout.current.write_bytes(damage)
        assert wrong(four) == ["CURRENT"]
        report = mend()
        assert str(report.mended).endswith(f"went on with {kept[0]}, the newest snapshot that can be read")
        kept = [report.snapshot.id, *kept] if report.published else kept
        assert [entry.snapshot.id for entry in four.workspace.history.log()] == kept


@pytest.mark.parametrize("mend", [World.sync, World.rematerialise])
def test_a_pointer_that_is_gone_is_told_and_mended_by_the_newest_snapshot_that_can_be_read(
    four: World, mend: Callable[[World], SyncReport]
) -> None:
    layout, kept = four.workspace.layout, [entry.snapshot.id for entry in four.workspace.history.log()]
    layout.current.unlink()
    (layout.snapshots / f"{kept[0]}.json").write_bytes(b"{")
    for ask in (lambda: four.workspace.data, four.workspace.history.log, lambda: four.workspace.history.prune(1)):
        with pytest.raises(NoSnapshot, match=r"is gone; the snapshots are there\nrun metaquery sync"):
            ask()
    found = status(layout, None)
    assert (str(found.trouble).count("CURRENT"), found.snapshots) == (1, 4)
    assert "description" in wrong(four)[0]
    assert "CURRENT" in wrong(four)
    assert four.workspace.as_of(kept[-1]).data.count() == 6
    assert mend(four).mended == f"CURRENT was gone: went on with {kept[1]}, the newest snapshot that can be read"
    assert [entry.snapshot.id for entry in four.workspace.history.log()][-3:] == kept[1:]
    assert wrong(four, everything=True) == []
    assert four.sync().snapshot.counts.data == 6


def test_no_snapshot_is_given_up_where_none_can_be_read(four: World) -> None:
    layout = four.workspace.layout
    files = dict.fromkeys(layout.snapshots.glob("*.json"), b"{")
    sound = {path: path.read_bytes() for path in files}
    for path, damage in files.items():
        path.write_bytes(damage)
    spooled = sorted(layout.spool.rglob("*"))
    with pytest.raises(StoreError, match=r"none of the 4 snapshots .*\nrestore one from a backup"):
        four.sync()
    assert sorted(layout.spool.rglob("*")) == spooled
    for path, text in sound.items():
        path.write_bytes(text)
    assert wrong(four, everything=True) == []


def test_an_earlier_description_that_is_damaged_stops_no_sync_and_takes_nothing_along(four: World) -> None:
    layout, first = four.workspace.layout, four.workspace.history.log()[-1].snapshot
    description = layout.snapshots / f"{first.id}.json"
    sound = description.read_bytes()
    description.write_bytes(sound[:-30])
    four.units["d9"] = {"city": "Kyiv"}
    assert four.sync().changes.added == 1
    assert wrong(four) == [f"description {first.id}.json"]
    *_, last = four.workspace.history.log()
    assert isinstance(last, Unreadable)
    assert "is given up then" in str(last.way_out)
    with pytest.raises(StoreError, match="is damaged"):
        four.workspace.as_of(f"{first.created_at}")
    description.write_bytes(sound)
    assert wrong(four, everything=True) == []


def test_a_snapshot_s_file_that_is_damaged_is_made_anew_by_rematerialise(four: World) -> None:
    four.workspace.snapshot().path.write_bytes(b"lost" * 5000)
    with pytest.raises(EngineError, match=r"duckdb is damaged: .*\nmetaquery verify .* metaquery rematerialise"):
        four.workspace.data.count()
    report = four.rematerialise()
    assert (report.snapshot.counts.data, report.changes) == (6, Changes(0, 0, 0))
    assert wrong(four) == []


@pytest.mark.parametrize("pages", ["sound", "damaged"])
def test_what_changed_is_told_although_the_file_of_the_snapshot_before_is_damaged(four: World, pages: str) -> None:
    snapshot = four.workspace.snapshot()
    sound = bytearray(snapshot.path.read_bytes())
    sound[len(sound) // 2 :] = b"0" * (len(sound) - len(sound) // 2)
    snapshot.path.write_bytes(sound)
    if pages == "damaged":
        damaged = four.workspace.layout.spool / "units-set" / snapshot.parts[0].generations[-1]
        (damaged / "rows-000000.json.zst").write_bytes(b"")
    four.units["d9"] = {"city": "Kyiv"}
    del four.units["d4"]
    against_the_one_before = Changes(2, 1, 1)  # what the damaged one brought is counted once more
    assert four.sync(full=True).changes == (Changes(1, 0, 1) if pages == "sound" else against_the_one_before)
    assert wrong(four) == []


def test_members_and_saved_filters_that_are_damaged_are_named(four: World) -> None:
    made = four.workspace.data.filter("city = 'Oslo'").collect("Oslo")
    four.workspace.filters.save("night", "data", "dark =")
    del four.units["d6"]
    four.sync()
    notes = [check.note for _, check in four.workspace.history.verify() if check.kind == "collection"]
    assert notes == ["of 1 data units that are no longer in the newest snapshot"]
    made.path.write_bytes(made.path.read_bytes()[:-9])
    assert wrong(four) == [f"members of 'Oslo': {made.members}", "saved filter @night on data"]
