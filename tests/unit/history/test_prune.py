"""Pruning drops snapshots and bytes, and changes no answer that can still be asked for."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from metaquery.cli.root import cli
from metaquery.errors import UsageError
from metaquery.sources.comparison import known_labels, known_units
from metaquery.store.history import chain_of, log, sweep
from metaquery.store.keep import Keep
from metaquery.store.pins import Pin

from .world import World, rows_of


def ids(world: World) -> list[str]:
    """Return the ids of the snapshots, newest first."""
    return [entry.snapshot.id for entry in world.workspace.history.log()]


def held(world: World) -> dict[str, object]:
    """Return all that each snapshot answers, typed anew, and what the next sync compares with."""
    layout = world.workspace.layout
    for name in ids(world):
        (layout.snapshots / f"{name}.duckdb").unlink(missing_ok=True)
    found: dict[str, object] = {}
    for snapshot in log(layout):
        known = [
            list((known_units if e.part.kind == "units" else known_labels)(chain_of(layout, e)).items())
            for e in snapshot.parts
        ]
        found[snapshot.id] = rows_of(world.workspace, snapshot.id), known[0], sorted(known[1])
    return found


def test_a_snapshot_that_cannot_be_read_is_spared_with_all_that_it_may_need(four: World) -> None:
    layout, (*_, second, first) = four.workspace.layout, ids(four)
    description = layout.snapshots / f"{second}.json"
    sound = description.read_bytes()
    rows = rows_of(four.workspace, second)
    description.write_bytes(sound[:-9])
    spooled = sorted(layout.spool.rglob("*"))
    report = four.workspace.history.prune(1)
    assert ([entry.id for entry in report.unreadable], len(report.dropped)) == ([second], 2)
    assert sorted(layout.spool.rglob("*")) == spooled
    log, prune = told("log", four), told("prune", four, "--keep", "1", "--dry-run")
    assert f"{second}  –" in log
    assert "cannot be read: metaquery verify says why" in log
    assert f"damaged  {second}: it stays, and with it every raw page" in prune
    assert "that snapshot is given up then" in prune
    assert [entry["snapshot"] for entry in json.loads(told("log", four, "--json"))][-1] == second
    description.write_bytes(sound)
    assert rows_of(four.workspace, second) == rows
    assert four.workspace.history.prune(1).dropped[0].id == second
    assert first not in ids(four)
    assert len(list(layout.spool.glob("*/*"))) == 2


def told(command: str, world: World, *options: str) -> str:
    done = CliRunner().invoke(cli, [command, "--workspace", str(world.root), *options])
    assert done.exit_code == 0, done.output
    return done.output


def edit(world: World, dice: Random) -> None:
    """Change, remove, add and bring back units and labels."""
    for name in dice.sample(sorted(world.units), min(len(world.units), dice.randrange(3))):
        world.units[name] = {"city": dice.choice(["Oslo", "Nice", 5]), "speed": dice.randrange(9)}
    for name in dice.sample(sorted(world.units), dice.randrange(2) if len(world.units) > 2 else 0):
        del world.units[name]
    for _ in range(dice.randrange(3)):
        world.units[f"d{dice.randrange(12)}"] = {"city": "Bonn", "dark": dice.choice([True, "perhaps"])}
    for name in dice.sample(sorted(world.units), min(len(world.units), dice.randrange(3))):
        world.labelled[name] = dice.choice(["car", "tram"])


@given(seed=st.integers(0, 10**6), syncs=st.integers(2, 6), keeps=st.lists(st.integers(1, 4), min_size=1, max_size=2))
@settings(max_examples=3, deadline=None)
def test_what_is_kept_answers_as_before_and_the_next_sync_goes_on(seed: int, syncs: int, keeps: list[int]) -> None:
    dice = Random(seed)  # noqa: S311 - repeatable on purpose
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), {f"d{n}": {"city": "Oslo"} for n in range(6)}, {"d1": "car"})
        world.sync()
        for keep in keeps:
            for _ in range(syncs):
                edit(world, dice)
                world.sync(full=dice.random() < 0.15)
            before = held(world)
            world.workspace.history.prune(keep)
            wanted = sorted(before, reverse=True)[:keep]
            assert held(world) == {name: before[name] for name in wanted}
        edit(world, dice)
        world.sync()
        now = rows_of(world.workspace, ids(world)[0])
        anew = World(Path(folder) / "anew", world.units, world.labelled)
        anew.root.mkdir()
        anew.sync(full=True)
        assert now == rows_of(anew.workspace, ids(anew)[0])


def test_a_pruned_chain_is_one_generation_a_snapshot(four: World) -> None:
    report = four.workspace.history.prune(2)
    assert report.after is not None
    assert report.after.raw < report.before.raw
    assert (len(report.dropped), report.kept, report.spared) == (2, 2, ())
    newest = log(four.workspace.layout)[0]
    assert len(newest.parts[0].generations) == 2
    again = four.workspace.history.prune(2)
    assert again.after == again.before


def test_what_a_reader_has_open_is_spared_with_its_pages(four: World) -> None:
    oldest, before = ids(four)[-1], held(four)
    pin = Pin(four.workspace.layout, oldest)
    report = four.workspace.history.prune(1)
    assert [(entry.snapshot.id, entry.collection) for entry in report.spared] == [(oldest, None)]
    pin.release()
    assert held(four) == {name: before[name] for name in (ids(four)[0], oldest)}


def test_what_a_collection_was_made_from_is_spared(four: World) -> None:
    oldest = ids(four)[-1]
    four.workspace.as_of(oldest).data.filter("city = 'Oslo'").collect("Oslo then")
    report = four.workspace.history.prune(1)
    assert [(entry.snapshot.id, entry.collection) for entry in report.spared] == [(oldest, "Oslo then")]


def test_a_dry_run_does_nothing(four: World) -> None:
    before = ids(four)
    report = four.workspace.history.prune(1, dry_run=True)
    assert ([s.id for s in report.dropped], report.after) == (before[1:], None)
    assert ids(four) == before


def test_a_prune_beside_verify_leaves_it_what_it_checks(four: World) -> None:
    checks = four.workspace.history.verify()
    first = next(checks)
    four.workspace.history.prune(1)
    assert [check.what for _, check in (first, *checks) if check.wrong] == []


def test_rows_of_files_that_a_killed_sync_left_are_gone_after_the_next_run(four: World) -> None:
    runs: list[Callable[[], object]] = [four.sync, four.rematerialise, lambda: four.workspace.history.prune(2)]
    for run in runs:
        (four.workspace.layout.incoming / "123").mkdir(parents=True)
        run()
        assert not four.workspace.layout.incoming.exists()


def test_half_of_a_compacted_generation_goes_with_the_next_run(four: World) -> None:
    layout = four.workspace.layout
    chain = chain_of(layout, log(layout)[0].parts[0])
    half = type(chain.last).begin_compacted(chain.spools[0])
    half.append("index", b"[]")
    sweep(layout)
    assert not half.folder.exists()


@pytest.mark.parametrize("text", ["0", "-1", "5m", "soon", "", "2026-13-01"])
def test_what_cannot_be_meant_is_a_mistake(text: str) -> None:
    with pytest.raises(UsageError):
        Keep.read(text, datetime(2026, 11, 24, tzinfo=UTC))


def test_a_span_and_a_day_are_moments_since_when_all_is_kept() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert Keep.read("30d", now) == Keep(since=datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert Keep.read("2026-01-01", now) == Keep(since=datetime(2026, 1, 1, tzinfo=UTC))
    assert Keep.read("10", now) == Keep(newest=10)
