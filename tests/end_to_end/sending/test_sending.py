"""A Collection goes to Encord once, whole and on the record, and the official SDK finds it there."""

from __future__ import annotations

from datetime import datetime

import pytest
from encord.orm.dataset import StorageLocation

from metaquery.errors import PushError, UsageError, WorkspaceLocked
from metaquery.push import Failure
from metaquery.push.records import Record
from metaquery.store.journal import Journal

from .conftest import OTHER_FOLDER, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")


def test_members_of_two_folders_become_a_collection_in_each(world: World) -> None:
    world.collect("Two folders")
    report = world.workspace.push("Two folders")
    assert {t.where: (t.created, t.requested, t.added) for t in report.targets} == {
        "the folder 'Street scenes'": (True, 60, 60),
        f"the folder {OTHER_FOLDER!r}": (True, 3, 3),
    }
    assert sorted(item for items in world.members("Two folders") for item in items) == world.items()
    assert {c.description for c in world.sdk.list_collections() if c.name == "Two folders"} == {"why"}


def test_a_finished_push_repeated_sends_and_writes_nothing_and_says_so(world: World) -> None:
    world.collect("Once")
    first = world.workspace.push("Once")
    journal = {p: p.read_bytes() for p in world.workspace.layout.journal.iterdir()}
    world.requests()
    plan = world.workspace.pushes.plan("Once")
    assert (plan.idle, plan.done_by) == (True, first.id)
    again = world.workspace.push("Once")
    assert (again.id, again.added, again.already, again.failed) == ("", 0, 63, 0)
    assert world.requests() == []
    assert {p: p.read_bytes() for p in world.workspace.layout.journal.iterdir()} == journal


def test_a_plan_reads_and_writes_nothing_here_or_there(world: World) -> None:
    world.collect("Planned", "dark")
    files = sorted(world.workspace.layout.journal.iterdir())
    plan = world.workspace.pushes.plan("Planned", to="project", title="Planned project", like="Street scenes Europe")
    lines = "\n".join(plan.lines())
    assert "create  the Collection 'Planned' in the folder 'Street scenes'" in lines
    assert "create  the dataset 'Planned project'" in lines
    assert "create  the project 'Planned project', with the ontology " in lines
    assert f"add     {len(world.items('dark')):,} storage items in 1 batch" in lines
    assert world.requests() == []
    assert sorted(world.workspace.layout.journal.iterdir()) == files


def test_a_collection_becomes_a_dataset_and_a_project_with_the_ontology_of_another(world: World) -> None:
    world.collect("To label", "dark", description="in the dark")
    report = world.workspace.push(
        "To label", to="project", title="Label the night", description="by hand", like="Street scenes Europe",
        import_active="data",
    )  # fmt: skip
    wanted = world.items("dark")
    assert [(t.kind, t.created) for t in report.targets][-2:] == [("dataset", True), ("project", True)]
    assert report.failed == 0
    assert sorted(item for items in world.members("To label") for item in items) == wanted
    (found,) = (d["dataset"] for d in world.sdk.get_datasets(title_eq="Label the night"))
    dataset = world.sdk.get_dataset(found.dataset_hash)
    assert (dataset.title, dataset.description) == ("Label the night", "by hand")
    assert sorted(str(row.backing_item_uuid) for row in dataset.data_rows) == wanted
    (project,) = world.sdk.list_projects(title_eq="Label the night")
    (like,) = world.sdk.list_projects(title_eq="Street scenes Europe")
    assert project.ontology_hash == like.ontology_hash
    assert project.description == "by hand"
    assert [str(d.dataset_hash) for d in project.list_datasets()] == [found.dataset_hash]
    assert len(project.list_label_rows_v2()) == len(wanted)
    assert [r["target"] for r in world.requests()].count(f"/v2/public/active/{project.project_hash}/import") == 1
    again = world.workspace.push(
        "To label", to="project", title="Label the night", description="by hand", like="Street scenes Europe",
        import_active="data",
    )  # fmt: skip
    assert (again.added, again.failed, world.requests()) == (0, 0, [])


def test_a_project_without_an_ontology_gets_an_empty_one(world: World) -> None:
    world.collect("Bare", "weather = 'fog'")
    plan = world.workspace.pushes.plan("Bare", to="project")
    assert "with an empty ontology" in "\n".join(plan.lines())
    world.workspace.push("Bare", to="project")
    (project,) = world.sdk.list_projects(title_eq="Bare")
    assert project.ontology_structure.objects == []


def test_frames_go_to_a_project_and_labels_too(world: World) -> None:
    world.collect("Frames", "data_type = 'video'")
    world.collect("Buses", "class = 'bus'", on="labels")
    for title in ("Frames", "Buses"):
        sent = world.workspace.push(title, to="project-collection", project="Street scenes Europe")
        assert sent.added == sent.requested - len(sent.left_out) > 0
        assert {failure.reason for failure in sent.left_out} <= {"is no label of 'Street scenes Europe'"}
        again = world.workspace.push(title, project="Street scenes Europe")
        assert (again.added, again.already) == (0, sent.added)
    (project,) = world.sdk.list_projects(title_eq="Street scenes Europe")
    theirs = {c.name: c for c in project.list_collections()}
    frames = [(row.data_hash, i.frame) for row, found in theirs["Frames"].list_frames() for i in found]
    units = world.workspace.data.filter("data_type = 'video'").select("data_hash", "frames").to_arrow().to_pylist()
    assert sorted(frames) == sorted((u["data_hash"], n) for u in units for n in range(int(u["frames"])))
    labels = [i.annotation_id for _, found in theirs["Buses"].list_annotations() for i in found]
    theirs_alone = "class = 'bus' and project_title = 'Street scenes Europe'"
    assert len(labels) == world.workspace.labels.filter(theirs_alone).count() > 0


@pytest.mark.parametrize("to", ["collection", "project-collection", "dataset", "project"])
def test_what_somebody_else_made_is_left_alone_with_the_way_out(to: str, world: World) -> None:
    title = f"Theirs, a {to}"
    world.collect(title, "dark")
    (project,) = world.sdk.list_projects(title_eq="Street scenes Europe")
    (folder,) = (f for f in world.sdk.list_storage_folders() if f.name == "Street scenes")
    if to == "collection":
        world.sdk.create_collection(folder.uuid, title, "not ours")
    elif to == "project-collection":
        project.create_collection(title, "not ours")
    elif to == "dataset":
        world.sdk.create_dataset(title, StorageLocation.AWS, create_backing_folder=False)
    else:
        world.sdk.create_project(title, [])
    world.requests()
    more = {"project": "Street scenes Europe"} if to == "project-collection" else {}
    with pytest.raises(PushError, match="did not make it") as raised:
        world.workspace.push(title, to=to, **more)
    assert "collection pull" in str(raised.value) or "--title" in str(raised.value)
    assert world.requests() == []


def test_a_collection_that_got_another_description_is_described_anew_there(world: World) -> None:
    made = world.collect("Described", "dark")
    world.workspace.push(made)
    from dataclasses import replace

    report = world.workspace.push(replace(made, description="better", title="Described better"))
    assert (report.added, [t.created for t in report.targets]) == (0, [False] * len(report.targets))
    theirs = [c for c in world.sdk.list_collections() if c.name.startswith("Described")]
    assert {(c.name, c.description) for c in theirs} == {("Described better", "better")}


def test_what_the_server_refuses_or_loses_is_told_by_data_hash_and_sent_the_next_time(world: World) -> None:
    world.collect("Refused")
    world.faults({"match": "add-items", "kind": "refuse", "share": 0.1, "times": 1})
    report = world.workspace.push("Refused")
    refused = [f for f in report.failures if f.reason == "Encord refused it"]
    assert len(refused) == report.failed > 0
    assert report.added == 63 - report.failed
    units = dict(world.workspace.data.engine.rows("SELECT data_hash, item_uuid FROM data", []))
    assert all(units[failure.data_hash] == failure.member for failure in refused)
    listed = {item for items in world.members("Refused") for item in items}
    assert {failure.member for failure in refused} == set(world.items()) - listed
    assert world.workspace.delivery(world.workspace.collections.get("Refused")).state == "sent in part"
    world.faults({"match": "add-items", "kind": "swallow", "share": 1.0, "times": 1})
    lost = world.workspace.push("Refused")
    assert {(f.reason, f.place.split("'")[1]) for f in lost.failures} == {
        ("Encord took it without an error, and does not list it", "Refused")
    }
    last = world.workspace.push("Refused")
    assert (last.failed, last.added, last.already) == (0, len(refused), 63 - len(refused))


@pytest.mark.parametrize("kind", ["refuse", "swallow"])
def test_items_that_a_dataset_did_not_link_are_told(kind: str, world: World) -> None:
    title = f"Links: {kind}"
    world.collect(title)
    world.faults({"match": "datasetlinkitems", "kind": kind, "share": 0.2, "times": 1})
    report = world.workspace.push(title, to="dataset")
    dataset = next(t for t in report.targets if t.kind == "dataset")
    assert (len(dataset.failed), dataset.added) == (13, 50)
    assert world.workspace.push(title, to="dataset").added == 13


def test_an_item_that_is_gone_does_not_take_its_batch_along(world: World) -> None:
    world.collect("Halves")
    gone = world.items()[5]
    world.faults({"match": " datasetlinkitems$", "kind": "envelope", "code": "RESOURCE_NOT_FOUND_ERROR",
                  "status": 404, "body": f"no storage item {gone}", "times": 3})  # fmt: skip
    report = world.workspace.push("Halves", to="dataset")
    dataset = next(t for t in report.targets if t.kind == "dataset")
    assert (dataset.added, dataset.failed) == (63, ())


def test_members_that_the_snapshot_lost_are_left_out_by_name(world: World) -> None:
    made = world.collect("Gone", "dark")
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"data_hash": [*made.data_hashes(), "nowhere"]}), made.path)
    report = world.workspace.push(made)
    assert report.left_out == (Failure("nowhere", "", "", "is not in the snapshot any more"),)
    assert report.failed == 1


def test_sync_makes_the_remote_equal_the_local_and_shows_both_numbers_first(world: World) -> None:
    made = world.collect("Equal", "dark")
    world.workspace.push(made)
    others = [item for item in world.items() if item not in world.items("dark")][:2]
    for theirs in (c for c in world.sdk.list_collections() if c.name == "Equal"):
        theirs.add_items(others)
        theirs.remove_items(world.items("dark")[:3])
    assert world.workspace.pushes.plan(made).removes == 0
    plan = world.workspace.pushes.plan(made, sync=True)
    assert (plan.adds, plan.removes) == (3, 2)
    assert {"add     3", "remove  2"} <= {line.strip()[:9] for line in plan.lines()}
    report = world.workspace.push(made, sync=True)
    assert (report.added, report.removed, report.failed) == (3, 2, 0)
    assert sorted(item for items in world.members("Equal") for item in items) == world.items("dark")


def test_sync_empties_the_collection_of_a_folder_that_has_no_member_any_more(world: World) -> None:
    made = world.collect("Narrowed")
    world.workspace.push(made)
    import pyarrow.parquet as pq

    kept = set(world.workspace.data.filter("title contains 'scene'").select("data_hash").to_arrow()[0].to_pylist())
    table = made.to_arrow()
    pq.write_table(table.filter([h in kept for h in table.column("data_hash").to_pylist()]), made.path)
    report = world.workspace.push(made, sync=True)
    assert (report.added, report.removed) == (0, 3)
    assert sorted(len(items) for items in world.members("Narrowed")) == [0, 60]


def test_a_live_collection_is_sent_as_the_newest_snapshot_has_it(world: World) -> None:
    live = world.workspace.data.filter("dark and city = 'Oslo'").collect("Live, sent", live=True)
    report = world.workspace.push(live)
    assert report.added == len(world.items("dark and city = 'Oslo'")) > 0
    assert sorted(item for items in world.members("Live, sent") for item in items) == world.items(
        "dark and city = 'Oslo'"
    )


def test_sync_makes_nothing_where_nothing_is_to_be(world: World) -> None:
    made = world.collect("Nothing", "city = 'Nowhere'")
    assert world.workspace.push(made, sync=True).targets == ()
    assert world.members("Nothing") == []


def test_nobody_else_sends_the_same_meanwhile(world: World) -> None:
    made = world.collect("Held", "dark")
    plan = world.workspace.pushes.plan(made)
    journal = Journal.of(world.workspace.layout, made.id, world.server.url)
    with Record(journal, "", "").held(), pytest.raises(WorkspaceLocked):
        world.workspace.pushes.apply(plan)
    assert world.members("Held") == []


def test_a_push_that_was_overtaken_by_another_is_not_applied(world: World) -> None:
    world.collect("Race", "dark")
    plan = world.workspace.pushes.plan("Race")
    world.workspace.push("Race")
    with pytest.raises(PushError, match="another process"):
        world.workspace.pushes.apply(plan)
    assert len({c.top_level_folder_uuid for c in world.sdk.list_collections() if c.name == "Race"}) == len(
        world.members("Race")
    )


def test_the_log_tells_what_when_with_which_key_and_what_came_of_it(world: World) -> None:
    world.collect("Logged", "dark")
    sent = world.workspace.push("Logged")
    entry = world.workspace.pushes.log()[0]
    assert (entry.id, entry.title, entry.to, entry.state) == (sent.id, "Logged", "collection", "finished")
    assert (entry.added, entry.already, entry.failed) == (sent.added, 0, 0)
    assert entry.key == world.workspace.connection.fingerprint
    assert entry.server == world.server.url
    assert datetime.fromisoformat(entry.at).tzinfo is not None
    units = len(world.items("dark"))
    world.workspace.push("Logged", to="dataset", title="Logged for labelling")
    in_both = world.workspace.pushes.log()[0]
    assert (in_both.added, in_both.already, in_both.failed) == (units, 0, 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"to": "nowhere"}, "nothing can be sent"),
        ({"to": "project-collection"}, "needs its project"),
        ({"to": "dataset", "project": "Street scenes Europe"}, "is in no project"),
        ({"to": "dataset", "sync": True}, "take their labels along"),
        ({"title": "Other"}, "a title of its own"),
        ({"to": "dataset", "like": "Street scenes Europe"}, "new project's"),
        ({"to": "project", "like": "A", "ontology": "b"}, "named twice"),
        ({"to": "project", "import_active": "all"}, "no mode"),
    ],
)
def test_a_destination_that_makes_no_sense_is_refused_before_anything_is_asked(
    options: dict[str, object], words: str, world: World
) -> None:
    with pytest.raises(UsageError, match=words):
        world.workspace.pushes.plan("Whatever", **options)
