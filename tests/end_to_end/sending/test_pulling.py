"""Collections of the server come here with the members that they have there, and go back."""

from __future__ import annotations

import uuid

import pytest

from metaquery.errors import CollectionError, NotFound
from tests.end_to_end.conftest import Terminal

from .conftest import OTHER_FOLDER, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")


def folder(world: World, name: str) -> uuid.UUID:
    (found,) = (f for f in world.sdk.list_storage_folders() if f.name == name)
    return found.uuid


def theirs(world: World, title: str, items: list[str]):
    made = world.sdk.create_collection(folder(world, "Street scenes"), title, "made there")
    made.add_items([uuid.UUID(item) for item in items])
    return made


def test_a_collection_comes_with_its_members_and_where_it_is_from(world: World) -> None:
    wanted = [item for item in world.items("dark") if item not in world.items("title contains 'attic'")]
    made = theirs(world, "From there", wanted)
    (pulled,) = world.workspace.pushes.pull(["From there"])
    here = world.workspace.collections.get("From there")
    assert here.description == "made there"
    assert here.kind == "static"
    assert here.data_hashes() == sorted(
        world.workspace.data.filter("dark").select("data_hash").to_arrow()[0].to_pylist()
    )
    assert (pulled.places, pulled.unknown) == (("the folder 'Street scenes'",), ())
    assert here.provenance.pulled.startswith(f"the folder 'Street scenes', {world.server.url}, 20")
    assert world.workspace.data.filter("tags has 'From there'").count() == here.members
    again = world.workspace.push("From there")
    assert (again.added, again.already, [t.uuid for t in again.targets]) == (0, len(wanted), [str(made.uuid)])


def test_members_that_the_snapshot_does_not_have_are_counted_and_named(world: World) -> None:
    (top,) = (f for f in world.sdk.list_storage_folders() if f.name == "Street scenes")
    wanted = world.items("dark")[:4]
    with world.workspace.client() as client:
        from metaquery.wire.addresses import path

        from .conftest import _document, _text

        job = client._transport.v2(
            "registering", "POST", path("storage", "folders", str(top.uuid), "data-upload-jobs"), _text,
            body={"dataItems": {"images": [{"objectUrl": "s3://new/1.jpg", "title": "new.jpg"}]}},
        ).value  # fmt: skip
        done = client._transport.v2(
            "waiting", "GET", path("storage", "folders", str(top.uuid), "data-upload-jobs", job), _document
        ).value
    (unknown,) = (made["itemUuid"] for made in done["itemsWithNames"])
    theirs(world, "Newer", [*wanted, unknown])
    terminal = Terminal(world.home)
    told = terminal.run("collection", "pull", "Newer", "--failed-to", "unknown.csv", exits=1)
    assert "Pulled 'Newer': 4 data units, from the folder 'Street scenes'." in told.stdout
    assert f"1 of its members there is not in the snapshot: {unknown}. Next: metaquery sync" in told.stderr
    assert unknown in (world.home / "unknown.csv").read_text()
    assert "Pulled       from the folder 'Street scenes'" in terminal.run("collection", "show", "Newer").stdout


def test_a_title_that_is_taken_here_is_refused_unless_it_may_be_replaced(world: World) -> None:
    theirs(world, "Taken", world.items("dark")[:2])
    theirs(world, "Also taken, or not", world.items("dark")[:1])
    world.collect("Taken")
    with pytest.raises(CollectionError, match="--replace"):
        world.workspace.pushes.pull(["Also taken, or not", "Taken"])
    assert "Also taken, or not" not in {c.title for c in world.workspace.collections.all()}
    world.workspace.pushes.pull(["Taken"], replacing=True)
    assert world.workspace.collections.get("Taken").members == 2


def test_one_title_in_two_folders_is_one_collection_here(world: World) -> None:
    made = world.collect("Both folders")
    hashes = made.data_hashes()
    world.workspace.push(made)
    world.workspace.pushes.pull(["Both folders"], replacing=True)
    assert world.workspace.collections.get("Both folders").data_hashes() == hashes
    (alone,) = (p for p in world.workspace.pushes.pull(["Both folders"], folder=OTHER_FOLDER, replacing=True))
    assert alone.collection.members == 3
    with pytest.raises(NotFound, match="did you mean 'Attic'"):
        world.workspace.pushes.pull(folder="Atic")
    with pytest.raises(NotFound, match="did you mean 'Both folders'"):
        world.workspace.pushes.pull(["Both folder"])


def test_collections_of_a_project_come_as_data_units_and_as_labels_and_as_predictions(world: World) -> None:
    before = {}
    for title, on, text in (
        ("Fog frames", "data", "weather = 'fog'"),
        ("Car labels", "labels", "class = 'car' and project_title = 'Street scenes Europe'"),
        ("Weak predictions", "predictions", "confidence < 0.6 and project_title = 'Street scenes Europe'"),
    ):
        made = world.collect(title, text, on=on)
        before[title] = (made.relation, sorted(map(str, made.to_arrow().to_pylist())))
        assert world.workspace.push(made, project="Street scenes Europe").failed == 0
    pulled = world.workspace.pushes.pull(list(before), project="Street scenes Europe", replacing=True)
    after = {p.collection.title: p.collection for p in pulled}
    assert not any(p.unknown for p in pulled)
    assert {
        title: (made.relation, sorted(map(str, made.to_arrow().to_pylist()))) for title, made in after.items()
    } == before


def test_an_empty_collection_comes_empty(world: World) -> None:
    theirs(world, "Empty there", [])
    (pulled,) = world.workspace.pushes.pull(["Empty there"])
    assert (pulled.collection.members, pulled.unknown) == (0, ())
