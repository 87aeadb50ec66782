"""The official SDK drives a real sandbox process: what it is taught to do works, and what it wrote is there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

import pytest

encord = pytest.importorskip("encord")

from encord import EncordUserClient  # noqa: E402
from encord.exceptions import (  # noqa: E402
    AuthenticationError,
    AuthorisationError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from encord.http.bundle import Bundle  # noqa: E402
from encord.objects import Classification, Object  # noqa: E402
from encord.objects.coordinates import BoundingBoxCoordinates  # noqa: E402
from encord.orm.collection import (  # noqa: E402
    ProjectCollectionType,
    ProjectDataCollectionItemRequest,
    ProjectLabelCollectionItemRequest,
)
from encord.orm.dataset import DatasetAccessSettings, StorageLocation  # noqa: E402
from encord.orm.storage import StorageItemType  # noqa: E402

from metaquery.sandbox import start  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")

WITH_METADATA = DatasetAccessSettings(fetch_client_metadata=True)


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    with start(units=160, key_out=tmp_path_factory.mktemp("sdk") / "key") as running:
        yield running


@pytest.fixture(scope="module")
def user(process):
    return EncordUserClient.create_with_ssh_private_key(ssh_private_key_path=process.key_file, domain=process.url)


@pytest.fixture(scope="module")
def north(user):
    return user.get_datasets(title_eq="Street scenes north")[0]["dataset"].dataset_hash


@pytest.fixture(scope="module")
def europe(user):
    return next(iter(user.list_projects(title_eq="Street scenes Europe")))


def test_a_bearer_token_opens_the_same_door(user, process):
    token = user.get_bearer_token()
    again = EncordUserClient.create_with_bearer_token(token, domain=process.url)
    assert [d["dataset"].title for d in again.get_datasets()] == [
        "Street scenes north", "Street scenes south", "Street scenes east", "Street scenes west",
    ]  # fmt: skip


def test_a_foreign_key_does_not(process, tmp_path):
    with start(units=1, key_out=tmp_path / "other") as other:
        foreign = EncordUserClient.create_with_ssh_private_key(ssh_private_key_path=other.key_file, domain=process.url)
        with pytest.raises(AuthenticationError):
            foreign.get_datasets()


def test_the_schema_in_both_its_forms(user):
    simple = {
        "captured_at": "datetime",
        "city": "string",
        "dark": "boolean",
        "frame rate": "number",
        "note": "long_string",
    }
    assert user.get_client_metadata_schema() is None
    user.set_client_metadata_schema_from_dict(simple)
    read = user.get_client_metadata_schema()
    assert {key: kind.value for key, kind in read.items()} == simple
    schema = user.metadata_schema()
    schema.add_scalar("rig", data_type="uuid")
    schema.add_enum("weather", values=["rain", "fog"])
    schema.add_embedding("clip", size=4)
    schema.add_geospatial("gps")
    schema.add_scalar("gone", data_type="number")
    schema.delete_key("gone")
    schema.save()
    again = user.metadata_schema()
    assert set(again.get_enum_options("weather")) == {"rain", "fog"}
    assert again.get_embedding_size("clip") == 4
    assert again.is_key_deleted("gone")
    simple = {key: kind.value for key, kind in user.get_client_metadata_schema().items()}
    assert simple["rig"] == "string"
    assert simple["captured_at"] == "datetime"
    assert simple["gps"] == "geospatial"
    assert "gone" not in simple


def test_each_rows_metadata_with_its_index(user, north, capsys):
    dataset = user.get_dataset(north, dataset_access_settings=WITH_METADATA)
    for index, row in enumerate(dataset.data_rows):
        print(index, row.client_metadata)  # noqa: T201 - what users are taught to do
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(dataset.data_rows) == 40
    assert printed[0].startswith("0 {'captured_at': ")
    assert all(isinstance(row.client_metadata, Mapping) for row in dataset.data_rows)
    assert all(isinstance(row.created_at, datetime) for row in dataset.data_rows)
    assert user.get_dataset(north).data_rows[0].client_metadata is None
    assert user.get_dataset(north, include_data_rows=False).title == "Street scenes north"


def test_set_one_rows_metadata_and_read_it_again(user, north):
    row = user.get_dataset(north, dataset_access_settings=WITH_METADATA).data_rows[7]
    row.client_metadata = {"my": "metadata", "n": 1.5, "dark": True, "captured_at": "2023-04-01", "é": None}
    row.save()
    again = user.get_dataset(north, dataset_access_settings=WITH_METADATA).data_rows[7]
    assert again.uid == row.uid
    assert again.client_metadata == {"my": "metadata", "n": 1.5, "dark": True, "captured_at": "2023-04-01", "é": None}
    assert user.get_storage_item(again.backing_item_uuid).client_metadata == again.client_metadata


def test_set_all_rows_metadata(user):
    south = user.get_datasets(title_eq="Street scenes south")[0]["dataset"].dataset_hash
    dataset = user.get_dataset(south, dataset_access_settings=WITH_METADATA)
    for index, row in enumerate(dataset.data_rows):
        row.client_metadata = {"index": index, "text": "ü" * index}
        row.save()
    again = user.get_dataset(south, dataset_access_settings=WITH_METADATA).data_rows
    assert [row.client_metadata for row in again] == [{"index": n, "text": "ü" * n} for n in range(len(again))]


def test_patch_in_bulk_with_a_bundle(user, north):
    rows = user.get_dataset(north).data_rows[10:15]
    items = user.get_storage_items([row.backing_item_uuid for row in rows])
    with Bundle(bundle_size=2) as bundle:
        for n, item in enumerate(items):
            item.update(client_metadata={"bundled": n}, bundle=bundle)
    again = user.get_dataset(north, dataset_access_settings=WITH_METADATA).data_rows[10:15]
    assert [row.client_metadata for row in again] == [{"bundled": n} for n in range(5)]


def test_folders_and_items(user):
    (folder,) = user.list_storage_folders()
    assert folder.name == "Street scenes"
    assert [f.uuid for f in user.find_storage_folders(search="scenes")] == [folder.uuid]
    items = list(folder.list_items(include_client_metadata=True, page_size=50))
    assert len(items) == 160
    videos = list(folder.find_items(item_types=[StorageItemType.VIDEO]))
    assert videos
    assert all(v.frame_count == int(v.fps * v.duration) for v in videos)
    signed = list(folder.list_items(include_client_metadata=True, resolve_client_metadata_locally=True))
    assert [i.client_metadata for i in signed] == [i.client_metadata for i in items]
    child = user.create_storage_folder("child", description="d", client_metadata={"a": 1}, parent_folder=folder)
    assert child.client_metadata == {"a": 1}
    assert [f.uuid for f in folder.list_subfolders()] == [child.uuid]


def test_projects_and_their_ontology(user, europe):
    assert [p.title for p in user.list_projects()] == ["Street scenes Europe", "Street scenes Nordics"]
    assert [d.title for d in europe.list_datasets()] == [
        "Street scenes north", "Street scenes south", "Street scenes east", "Street scenes west",
    ]  # fmt: skip
    names = [o.name for o in europe.ontology_structure.objects]
    assert names == ["Car", "Truck", "Bus", "Bicycle", "Pedestrian", "Traffic light"]
    assert list(europe.list_branches()) == ["main", "model-v1"]
    assert user.get_project(europe.project_hash).title == "Street scenes Europe"


def test_label_rows_carry_client_metadata(user, europe):
    rows = europe.list_label_rows_v2(include_client_metadata=True)
    by_dataset = {}
    for title in ("north", "south", "east", "west"):
        found = user.get_datasets(title_eq=f"Street scenes {title}")[0]["dataset"].dataset_hash
        for row in user.get_dataset(found, dataset_access_settings=WITH_METADATA).data_rows:
            by_dataset[row.uid] = row.client_metadata
    assert {row.data_hash: row.client_metadata for row in rows} == by_dataset
    opened = [row for row in rows if row.label_hash is not None]
    assert 0.4 < len(opened) / len(rows) < 0.8
    signed = europe.list_label_rows_v2(include_client_metadata=True, resolve_client_metadata_locally=True)
    assert {row.data_hash: row.client_metadata for row in signed} == by_dataset


def test_labels_and_predictions_can_be_read(europe):
    rows = [r for r in europe.list_label_rows_v2(include_all_label_branches=True) if r.label_hash]
    with europe.create_bundle() as bundle:
        for row in rows:
            row.initialise_labels(bundle=bundle)
    objects = [(row, o) for row in rows for o in row.get_object_instances()]
    assert len(objects) > 200
    for row, found in objects:
        annotation = found.get_annotations()[0]
        assert annotation.created_by.endswith("@example.com")
        assert annotation.manual_annotation or annotation.confidence < 1
        if row.branch_name != "main":
            assert not annotation.manual_annotation
    assert any(row.data_type.value == "video" and row.get_object_instances() for row in rows)
    answers = {c.get_answer().value for row in rows for c in row.get_classification_instances()}
    assert answers <= {"clear", "rain", "fog", "snow", "overcast"}
    assert len(answers) >= 4


def test_labels_can_be_opened_drawn_and_saved(europe):
    row = next(r for r in europe.list_label_rows_v2() if r.label_hash is None and r.data_type.value == "image")
    row.initialise_labels()
    drawn = europe.ontology_structure.get_child_by_title("Car", type_=Object).create_instance()
    drawn.set_for_frames(BoundingBoxCoordinates(height=0.1, width=0.2, top_left_x=0.3, top_left_y=0.4), frames=0)
    row.add_object_instance(drawn)
    weather = europe.ontology_structure.get_child_by_title("Weather", type_=Classification).create_instance()
    weather.set_answer(weather.ontology_item.attributes[0].options[2])
    weather.set_for_frames(0)
    row.add_classification_instance(weather)
    row.save()
    (again,) = europe.list_label_rows_v2(data_hashes=[row.data_hash])
    assert again.label_hash == row.label_hash
    again.initialise_labels()
    (box,) = again.get_object_instances()
    assert (box.object_name, box.object_hash) == ("Car", drawn.object_hash)
    assert box.get_annotation(0).coordinates.top_left_x == 0.3
    (answer,) = again.get_classification_instances()
    assert answer.get_answer().value == "fog"
    (bulk,) = list(europe.get_label_classifications([again.label_hash]))
    assert str(bulk.data_uuid) == row.data_hash


def test_index_collections(user, north):
    (folder,) = [f for f in user.list_storage_folders() if f.name == "Street scenes"]
    made = user.create_collection(folder.uuid, "Night drives", "Dark scenes")
    assert (made.name, made.description, made.top_level_folder_uuid) == ("Night drives", "Dark scenes", folder.uuid)
    with pytest.raises(ResourceExistsError):
        user.create_collection(folder.uuid, "Night drives")
    rows = user.get_dataset(north).data_rows[:5]
    unknown = uuid.UUID(int=9)
    result = made.add_items([*(row.backing_item_uuid for row in rows), unknown])
    assert result.failed_items == [unknown]
    listed = list(made.list_items(include_client_metadata=True, page_size=2))
    assert [item.uuid for item in listed] == [row.backing_item_uuid for row in rows]
    assert listed[0].client_metadata["captured_at"]
    made.remove_items([rows[0].backing_item_uuid])
    titles = made.add_items_by_title([user.get_dataset(north).data_rows[20].title, "no such title"])
    assert (titles.matched_titles, titles.items_added, titles.unmatched_titles) == (1, 1, ["no such title"])
    assert len(list(made.list_items())) == 5
    made.update_collection(name="Nights")
    assert user.get_collection(made.uuid).name == "Nights"
    assert [c.name for c in user.list_collections(folder.uuid)] == ["Nights"]
    user.delete_collection(made.uuid)
    with pytest.raises(AuthorisationError):
        user.get_collection(made.uuid)


def test_project_collections(europe):
    rows = [r for r in europe.list_label_rows_v2() if r.label_hash]
    frames = europe.create_collection("Frames", "some", ProjectCollectionType.FRAME)
    wanted = [ProjectDataCollectionItemRequest(data_uuid=r.data_hash, frame=0) for r in rows[:3]]
    stranger = ProjectDataCollectionItemRequest(data_uuid=uuid.UUID(int=5), frame=0)
    result = frames.add_items([*wanted, stranger])
    assert [str(f.data_uuid) for f in result.failed_items] == [str(uuid.UUID(int=5))]
    listed = list(frames.list_frames(page_size=2))
    assert [row.data_hash for row, _ in map(as_pair, listed)] == [r.data_hash for r in rows[:3]]
    labels = europe.create_collection("Labels", "", ProjectCollectionType.LABEL)
    rows[0].initialise_labels()
    labels.add_items(
        [ProjectLabelCollectionItemRequest(data_uuid=rows[0].data_hash, frame=0, annotation_id="abcd1234")]
    )
    ((row, instances),) = map(as_pair, labels.list_annotations())
    assert row.data_hash == rows[0].data_hash
    assert [i.annotation_id for i in instances] == ["abcd1234"]
    assert {c.name for c in europe.list_collections()} == {"Frames", "Labels"}


def as_pair(entry):
    return (entry.label_row, entry.instances) if hasattr(entry, "label_row") else tuple(entry)


def test_a_collection_becomes_a_dataset_and_a_project(user, north, europe):
    rows = user.get_dataset(north, dataset_access_settings=WITH_METADATA).data_rows[20:30]
    made = user.create_dataset("From collection", StorageLocation.AWS, "desc", create_backing_folder=False)
    dataset = user.get_dataset(made.dataset_hash)
    linked = dataset.link_items([row.backing_item_uuid for row in rows])
    assert [row.backing_item_uuid for row in linked] == [row.backing_item_uuid for row in rows]
    assert dataset.link_items([rows[0].backing_item_uuid]) == []
    again = user.get_dataset(made.dataset_hash, dataset_access_settings=WITH_METADATA)
    assert [row.client_metadata for row in again.data_rows] == [row.client_metadata for row in rows]
    assert {row.uid for row in again.data_rows}.isdisjoint(row.uid for row in rows)
    project_hash = user.create_project("From collection", [made.dataset_hash], "d", ontology_hash=europe.ontology_hash)
    project = user.get_project(project_hash)
    found = project.list_label_rows_v2(include_client_metadata=True)
    assert [row.data_hash for row in found] == [row.uid for row in again.data_rows]
    assert all(row.label_hash is None for row in found)
    project.add_datasets([north])
    assert len(project.list_label_rows_v2()) == 10 + 40
    project.remove_datasets([north])
    assert len(project.list_label_rows_v2()) == 10
    project.active_sync()


def test_what_is_not_there(user):
    with pytest.raises(ResourceNotFoundError):
        user.get_dataset(str(uuid.UUID(int=1)))
    with pytest.raises(ResourceNotFoundError):
        user.get_storage_item(uuid.UUID(int=1))
