"""An earlier snapshot answers as it did when it was the newest."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

import metaquery
from metaquery.errors import FilterError, NoSnapshot, StoreError, UnknownField, UsageError
from metaquery.store.pins import Pin, is_pinned, unpinned
from metaquery.store.snapshot import Snapshot

from .world import World, rows_of


def ids(world: World) -> list[str]:
    """Return the ids of the snapshots, oldest first."""
    return [entry.snapshot.id for entry in reversed(world.workspace.history.log())]


def test_each_snapshot_answers_as_it_did_when_it_was_the_newest(world: World) -> None:
    edits = [
        lambda: None,
        lambda: world.units.update(d1={"city": "Nice", "dark": "perhaps"}),
        lambda: world.units.pop("d0"),
        lambda: world.units.update(d6={"city": "Oslo", "speed": 12.5, "operator": 5}),
        lambda: world.labelled.update(d4="tram"),
    ]
    then = {}
    for edit in edits:
        edit()
        name = world.sync().snapshot.id
        then[name] = rows_of(world.workspace, name)
    assert len(set(map(str, then.values()))) == len(edits)
    assert len(list(world.workspace.layout.snapshots.glob("*.duckdb"))) < len(edits)
    for name, rows in then.items():
        assert rows_of(world.workspace, name) == rows


def test_a_snapshot_is_named_by_the_beginning_of_its_id_by_a_day_and_by_a_time(four: World) -> None:
    first, second, *_, last = four.workspace.history.log()[::-1]
    workspace = four.workspace
    assert workspace.as_of(first.snapshot.id[:-1]).data.count() == 6
    assert workspace.as_of(second.snapshot.created_at.isoformat()).data.filter("city = 'Nice'").count() == 1
    between = second.snapshot.created_at - timedelta(microseconds=1)
    assert workspace.as_of(between.isoformat()).snapshot == first.snapshot
    assert workspace.as_of(f"{last.snapshot.created_at:%Y-%m-%d}").snapshot == last.snapshot
    with pytest.raises(NoSnapshot, match="by 2001-01-01\nthe first that is kept is of"):
        workspace.as_of("2001-01-01")
    with pytest.raises(UsageError, match="no snapshot and no date"):
        workspace.as_of("yesterday")


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("%Y-%m-%d %H:%M:%S", 0),
        ("%Y-%m-%d %H:%M:%S+00:00", 0),
        ("%Y-%m-%dT%H:%M:%S+05:30", 5.5),
        ("%Y%m%dT%H%M%SZ", 0),
        ("%Y-%m-%d %H:%M", 0),
        ("%Y-%m-%dT%H:%MZ", 0),
        ("%Y-%m-%dT%H", 0),
        ("%Y-%m-%d", 0),
        ("%Y%m%d", 0),
    ],
)
def test_a_time_means_all_of_the_second_minute_or_day_that_is_written(four: World, written: str, zone: float) -> None:
    """The log shows seconds: who asks by such a time means the snapshot beside it, and not the one before."""
    last = four.workspace.snapshot()
    local = last.created_at + timedelta(hours=zone)
    assert four.workspace.as_of(local.strftime(written)).snapshot == last


def test_a_fraction_of_a_second_is_as_long_as_its_last_digit(four: World) -> None:
    second = four.workspace.history.log()[::-1][1].snapshot
    exact = second.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")
    assert four.workspace.as_of(exact).snapshot == second
    assert four.workspace.as_of(exact[:-3]).snapshot.created_at >= second.created_at


def test_a_snapshot_that_was_dropped_is_not_answered_by_another(four: World) -> None:
    """Its id reads as a time 14 hours behind UTC, too."""
    with pytest.raises(UsageError, match="no snapshot and no date"):
        four.workspace.as_of("29991124T174415-141099585")


def test_a_view_asks_the_same_of_an_earlier_snapshot(four: World) -> None:
    view = (
        four.workspace.data.filter("city in ('Oslo', 'Nice')").order_by("title desc").limit(2).select("title", "city")
    )
    then = view.as_of(ids(four)[0])
    assert [row["title"] for row in view.to_arrow().to_pylist()] == ["d6.jpg", "d3.jpg"]
    assert [row["title"] for row in then.to_arrow().to_pylist()] == ["d3.jpg", "d0.jpg"]
    assert then.columns == view.columns
    assert repr(then).endswith(f"snapshot {ids(four)[0]}>")


def test_an_earlier_snapshot_has_its_own_schema(world: World) -> None:
    world.schema["city"] = "datetime"
    first = world.sync().snapshot.id
    world.schema["city"] = "string"
    world.units["d1"]["rig"] = "r1"
    world.sync()
    assert world.workspace.data.filter("city = 'Oslo'").count() == 2
    then = world.workspace.as_of(first)
    assert then.data.filter("city is invalid").count() == 6
    with pytest.raises(FilterError):
        then.data.filter("city = 'Oslo'")
    with pytest.raises(UnknownField, match="rig"):
        world.workspace.data.select("rig").as_of(first)


def test_collections_of_an_earlier_snapshot_are_tags_at_once(four: World) -> None:
    first = ids(four)[0]
    made = four.workspace.as_of(first).data.filter("city = 'Oslo'").collect("Oslo then")
    assert (made.members, made.provenance.snapshot) == (2, first)
    assert four.workspace.as_of(first).data.filter("tags has 'Oslo then'").count() == 2
    assert four.workspace.data.filter("tags has 'Oslo then'").count() == 1


def test_the_log_says_what_each_snapshot_changed(four: World) -> None:
    four.schema["rig"] = "uuid"
    four.rematerialise()
    log = four.workspace.history.log()
    assert [entry.snapshot.counts.data for entry in log] == [6, 6, 5, 6, 6]
    changes = [entry.snapshot.changes for entry in log]
    assert [(c.added, c.changed, c.removed) if c else None for c in changes] == [
        (0, 0, 0), (1, 1, 0), (0, 0, 1), (0, 1, 0), None,
    ]  # fmt: skip
    assert [entry.schema_changed for entry in log] == [True, False, False, False, False]
    assert [entry.on_disk for entry in log] == [True, True, False, False, False]
    assert [entry.current for entry in log] == [True, False, False, False, False]
    assert four.workspace.history.log(2) == log[:2]


def test_an_empty_workspace_has_no_log(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshot, match="metaquery sync"):
        metaquery.open(tmp_path).history.log()


def test_a_view_pins_its_snapshot_until_it_is_gone(four: World) -> None:
    layout, workspace = four.workspace.layout, four.workspace
    view, other = workspace.data, workspace.as_of(ids(four)[-1]).labels
    name = view.snapshot.id
    assert is_pinned(layout, name)
    assert not is_pinned(layout, ids(four)[0])
    del view
    assert is_pinned(layout, name)
    del other
    assert not is_pinned(layout, name)


def test_a_pin_of_a_process_that_died_holds_nothing(four: World) -> None:
    layout, name = four.workspace.layout, ids(four)[0]
    code = (
        "import os, pathlib\n"
        "from metaquery.store.layout import Layout\n"
        "from metaquery.store.pins import Pin, is_pinned\n"
        f"layout = Layout(pathlib.Path({str(layout.root)!r}))\n"
        f"pin = Pin(layout, {name!r})\n"
        f"assert is_pinned(layout, {name!r})\n"
        "os._exit(1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1
    assert not is_pinned(layout, name)
    with pytest.raises(NoSnapshot, match="pruned"):
        Pin(layout, "20010101T000000-000000000")


def test_who_opens_a_snapshot_while_its_file_goes_waits_and_gets_it_made_again(four: World) -> None:
    first, counts = ids(four)[0], []
    moment = four.workspace.as_of(first)
    assert moment.data.count() == 6
    del moment
    reader = threading.Thread(target=lambda: counts.append(four.workspace.as_of(first).data.count()))
    with unpinned(four.workspace.layout, first) as free:
        assert free
        reader.start()
        assert four.workspace.snapshot().id != first
        (four.workspace.layout.snapshots / f"{first}.duckdb").unlink()
        assert counts == []
    reader.join()
    assert counts == [6]


def test_a_snapshot_that_was_pruned_after_it_was_superseded_is_passed_over(four: World) -> None:
    layout, last = four.workspace.layout, ids(four)[-1]
    layout.current.write_text("20010101T000000-000000000\n")
    reading = layout.snapshots / "20010101T000000-000000000.json"

    class Pointer:
        """`CURRENT`, which is replaced between two readings."""

        asked = 0

        def read_text(self, errors: str = "strict") -> str:
            self.asked += 1
            return reading.stem if self.asked == 1 else last

    class Moving(type(layout)):  # type: ignore[misc]
        current = Pointer()

    assert Snapshot.current(Moving(layout.root)).id == last
    with pytest.raises(StoreError, match="is not in"):
        four.workspace.snapshot()


def test_who_has_to_wait_for_an_earlier_snapshot_is_told_what_for(four: World) -> None:
    told: list[str] = []

    class Waiting:
        def __init__(self, words: str) -> None:
            told.append(words)

        def __enter__(self) -> None:
            told.append("begins")

        def __exit__(self, *_: object) -> None:
            told.append("ends")

    workspace = metaquery.open(four.root, waiting=Waiting)
    first = ids(four)[0]
    moment = workspace.as_of(first)
    assert told == []
    assert moment.data.count() == 6
    assert told == [f"making the snapshot {first} again from what was read for it", "begins", "ends"]
    assert workspace.as_of(first).data.count() == 6
    assert len(told) == 3


def test_a_view_that_is_gone_lets_its_snapshot_go_at_once(four: World) -> None:
    name = four.workspace.snapshot().id
    view = four.workspace.data
    view.filter("tags has 'none' or city = 'Oslo'").count()
    view.complete("city = ")
    assert is_pinned(four.workspace.layout, name)
    del view
    assert not is_pinned(four.workspace.layout, name)
