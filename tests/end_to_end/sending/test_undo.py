"""A push is taken back to the letter, and what cannot be is said."""

from __future__ import annotations

import json

import pytest

from metaquery.errors import PushError
from tests.end_to_end.conftest import Terminal

from .conftest import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")


def undone(world: World, push: str):
    return world.workspace.pushes.apply(world.workspace.pushes.plan_undo(push))


def test_a_collection_that_the_push_made_is_deleted(world: World) -> None:
    world.collect("Undone", "dark")
    sent = world.workspace.push("Undone")
    report = undone(world, sent.id)
    assert (report.removed, report.failed) == (len(world.items("dark")), 0)
    assert all(target.deleted for target in report.targets)
    assert world.members("Undone") == []
    states = {p.id: (p.state, p.undoes) for p in world.workspace.pushes.log()}
    assert states[sent.id] == ("undone", None)
    assert states[report.id] == ("finished", sent.id)
    assert world.workspace.delivery(world.workspace.collections.get("Undone")).state == "undone"
    assert world.workspace.push("Undone").added == len(world.items("dark"))


def test_what_others_added_stays_and_so_does_their_collection(world: World) -> None:
    world.collect("Shared", "dark")
    sent = world.workspace.push("Shared")
    (other, *_) = (item for item in world.items() if item not in world.items("dark"))
    for theirs in (c for c in world.sdk.list_collections() if c.name == "Shared"):
        theirs.add_items([other])
    report = undone(world, sent.id)
    assert not any(target.deleted for target in report.targets if "scenes" in target.where)
    assert [other] in world.members("Shared")


def test_the_rows_that_were_linked_go_and_dataset_and_project_stay(world: World) -> None:
    world.collect("Half undone", "dark")
    sent = world.workspace.push("Half undone", to="project", like="Street scenes Europe")
    plan = world.workspace.pushes.plan_undo(sent.id)
    assert len(plan.cannot) == 2
    assert "no call that deletes a dataset" in "\n".join(plan.lines())
    assert "no call that deletes a project" in "\n".join(plan.lines())
    world.workspace.pushes.apply(plan)
    assert world.members("Half undone") == []
    (found,) = (d["dataset"] for d in world.sdk.get_datasets(title_eq="Half undone"))
    assert world.sdk.get_dataset(found.dataset_hash).data_rows == []
    (project,) = world.sdk.list_projects(title_eq="Half undone")
    assert project.list_label_rows_v2() == []
    again = world.workspace.push("Half undone", to="project", like="Street scenes Europe")
    assert {t.kind: t.created for t in again.targets} == {"collection": True, "dataset": False, "project": False}
    assert len(world.sdk.get_dataset(found.dataset_hash).data_rows) == len(world.items("dark"))


def test_frames_are_taken_out_of_a_project(world: World) -> None:
    world.collect("Frames undone", "dark and data_type = 'image'")
    sent = world.workspace.push("Frames undone", project="Street scenes Europe")
    (project,) = world.sdk.list_projects(title_eq="Street scenes Europe")
    assert "Frames undone" in {c.name for c in project.list_collections()}
    assert undone(world, sent.id).removed == sent.added
    assert "Frames undone" not in {c.name for c in project.list_collections()}


def test_an_answer_that_is_lost_while_undoing_is_no_failure(world: World) -> None:
    world.collect("Undone in a storm", "dark")
    sent = world.workspace.push("Undone in a storm", to="dataset")
    world.faults(
        *({"match": match, "kind": "reset", "apply": True, "times": 1} for match in ("remove-items", "video", "DELETE"))
    )
    assert undone(world, sent.id).failed == 0
    assert world.members("Undone in a storm") == []
    (found,) = (d["dataset"] for d in world.sdk.get_datasets(title_eq="Undone in a storm"))
    assert world.sdk.get_dataset(found.dataset_hash).data_rows == []


def test_a_push_that_is_not_there_is_told_from_those_that_are(world: World) -> None:
    with pytest.raises(PushError, match="there is no push"):
        world.workspace.pushes.plan_undo("20200101T000000-000000000")


def test_the_commands_plan_ask_send_log_and_undo(world: World) -> None:
    terminal = Terminal(world.home)
    terminal.run("collection", "new", "By hand", "--where", "dark")
    count = len(world.items("dark"))
    send = ("collection", "send", "By hand", "--to", "dataset", "--title", "By hand, to label")
    planned = terminal.run(*send, "--dry-run")
    assert f"add     {count} storage items in 1 batch" in planned.stdout
    assert "dry run" in planned.stderr
    refused = terminal.run(*send, exits=2)
    assert "--yes" in refused.stderr
    assert "create  the dataset 'By hand, to label'" in refused.stderr
    assert world.members("By hand") == []
    sent = terminal.run(*send, "--yes", "--failed-to", "failed.csv").stdout
    assert "the dataset 'By hand, to label': created (" in sent
    assert (world.home / "failed.csv").read_text() == "data_hash,member,place,reason\n"
    assert "has sent all of it" in terminal.run(*send, "--yes").stderr
    (logged, *_) = json.loads(terminal.run("push", "log", "--json").stdout)
    assert (logged["title"], logged["to"], logged["state"]) == ("By hand", "dataset", "finished")
    assert logged["id"] in terminal.run("push", "log", "--limit", "1").stdout
    dry = terminal.run("push", "undo", logged["id"], "--dry-run").stdout
    assert f"remove  {count} storage items" in dry
    assert "--yes" in terminal.run("push", "undo", logged["id"], exits=2).stderr
    told = terminal.run("push", "undo", logged["id"], "--yes")
    assert "deleted (" in told.stdout
    assert "Kept the dataset 'By hand, to label', empty" in told.stderr
    assert "has undone all of it" in terminal.run("push", "undo", logged["id"], "--yes").stderr


def test_what_failed_goes_to_a_file_and_into_the_exit_code(world: World) -> None:
    terminal = Terminal(world.home)
    terminal.run("collection", "new", "Not all", "--where", "dark")
    world.faults({"match": "add-items", "kind": "refuse", "share": 0.2, "times": 1})
    told = terminal.run("collection", "send", "Not all", "--yes", "--failed-to", "failed.ndjson", exits=1)
    rows = [json.loads(line) for line in (world.home / "failed.ndjson").read_text().splitlines()]
    assert rows
    assert all(row["reason"] == "Encord refused it" and row["data_hash"] and row["member"] for row in rows)
    assert f"{len(rows)} failed: Encord refused it: {rows[0]['member']}" in told.stderr
    world.requests()
    again = ("collection", "send", "Not all", "--yes", "--failed-to")
    assert "neither .csv nor .ndjson" in terminal.run(*again, "failed.txt", exits=2).stderr
    assert "cannot be written" in terminal.run(*again, "nowhere/failed.csv", exits=2).stderr
    assert world.requests() == []
