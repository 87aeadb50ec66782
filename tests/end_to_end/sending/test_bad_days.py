"""However often the server fails, or an answer is lost, everything is there once in the end."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest

from metaquery.errors import WireError
from metaquery.push import PushReport

from .conftest import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")

WRITES = "^(POST /v2/public/(index|datasets|active)|POST /public.* (datasetlinkitems|project)$)"

STORM = [
    {"match": "", "kind": "status", "status": 429, "retry_after": "1"},
    {"match": "", "kind": "status", "status": 500},
    {"match": "", "kind": "status", "status": 503, "apply": True},
    {"match": "", "kind": "reset"},
    {"match": "", "kind": "reset", "apply": True},
    {"match": "", "kind": "truncate"},
    {"match": "", "kind": "malformed"},
]


def until_done(world: World, title: str) -> PushReport:
    """Send until it is sent, as somebody would who repeats the command."""
    for _ in range(30):
        with contextlib.suppress(WireError):
            return world.workspace.push(title, to="project", like="Street scenes Europe")
    raise AssertionError("it never came to its end")


def is_there_once(world: World, title: str, text: str) -> None:
    """Look with the official SDK: a Collection a folder, a dataset, a project; each item once."""
    wanted = world.items(text)
    theirs = [c for c in world.sdk.list_collections() if c.name == title]
    assert max(Counter(c.top_level_folder_uuid for c in theirs).values()) == 1
    assert sorted(item for items in world.members(title) for item in items) == wanted
    (found,) = (d["dataset"] for d in world.sdk.get_datasets(title_eq=title))
    rows = world.sdk.get_dataset(found.dataset_hash).data_rows
    assert sorted(str(row.backing_item_uuid) for row in rows) == wanted
    (project,) = world.sdk.list_projects(title_eq=title)
    assert [str(d.dataset_hash) for d in project.list_datasets()] == [found.dataset_hash]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_tenth_of_every_fault_comes_to_the_same_end(seed: int, world: World) -> None:
    title = f"Storm {seed}"
    world.collect(title)
    world.faults(*({**rule, "probability": 0.1, "seed": seed * 100 + n} for n, rule in enumerate(STORM)))
    until_done(world, title)
    world.faults()
    assert world.workspace.push(title, to="project", like="Street scenes Europe").failed == 0
    is_there_once(world, title, "true")


@pytest.mark.parametrize("at", range(8))
def test_an_answer_that_was_lost_after_the_work_was_done_makes_nothing_twice(at: int, world: World) -> None:
    title = f"Lost answer {at}"
    world.collect(title, "dark or city = 'Oslo'")
    world.faults({"match": WRITES, "kind": "reset", "apply": True, "after": at, "times": 1})
    until_done(world, title)
    is_there_once(world, title, "dark or city = 'Oslo'")


@pytest.mark.parametrize("at", [0, 3, 4])
def test_a_server_that_goes_away_at_any_write_leaves_a_push_that_is_gone_on_with(at: int, world: World) -> None:
    title = f"Away {at}"
    world.collect(title, "dark or city = 'Oslo'")
    world.faults({"match": WRITES, "kind": "reset", "apply": bool(at % 2), "after": at, "times": None})
    with contextlib.suppress(WireError):
        world.workspace.push(title, to="project", like="Street scenes Europe")
    world.faults()
    state = world.workspace.pushes.log()[0].state
    report = until_done(world, title)
    is_there_once(world, title, "dark or city = 'Oslo'")
    assert state in {"interrupted", "finished"}
    pushes = [p for p in world.workspace.pushes.log() if p.title == title]
    assert [p.id for p in pushes] == [report.id or pushes[0].id]
