"""Items are found with their top-level folders, and those that are not found are told."""

import json

import httpx
import pytest

from metaquery.errors import NotFound, UnexpectedPayload


def storage(items: dict[str, str | None], folders: dict[str, str | None]):
    """Serve items (parent by uuid) and folders (parent by uuid, the way to the top listed upwards)."""

    def way(uuid):
        steps = []
        while uuid is not None:
            steps.append({"uuid": uuid, "parentUuid": folders[uuid], "name": uuid})
            uuid = folders[uuid]
        return steps

    def serve(request):
        if request.url.path.endswith("/items/get-bulk"):
            asked = json.loads(request.content)["itemUuids"]
            found = [{"uuid": uuid, "parent": items[uuid]} for uuid in asked if uuid in items]
            return httpx.Response(200, json={"results": found, "nextPageToken": "never followed"})
        uuid = request.url.path.rpartition("/")[2]
        if uuid not in folders:
            return httpx.Response(404, json={"message": "Not found"})
        return httpx.Response(200, json={"uuid": uuid, "parent": folders[uuid], "pathToRoot": way(uuid)})

    return serve


def test_items_of_deep_folders_belong_to_the_top_one_and_unknown_ones_to_none(talk):
    items = {"a": "deep", "b": "top", "c": "deep", "d": None}
    client, server = talk(storage(items, {"top": None, "mid": "top", "deep": "mid"}))
    assert client.item_folders(["a", "missing", "b", "c", "d", "a"]) == {
        "a": "top",
        "missing": None,
        "b": "top",
        "c": "top",
        "d": None,
    }
    assert len(server.requests) == 3  # the items, and each folder once


def test_items_are_asked_for_in_batches_once_each(talk):
    client, server = talk(storage({str(number): "top" for number in range(1500)}, {"top": None}))
    asked = [str(number) for number in range(1500)]
    assert list(client.item_infos(asked + asked)) == asked
    assert [len(body["itemUuids"]) for body in server.bodies] == [1000, 500]


def test_a_folder_that_may_not_be_seen_is_an_error(talk):
    client, _ = talk(storage({"a": "hidden"}, {}))
    with pytest.raises(NotFound, match="reading storage folder 'hidden' failed"):
        client.item_folders(["a"])


def test_a_folder_that_does_not_tell_its_top_is_an_error(talk):
    client, _ = talk({"results": [{"uuid": "a", "parent": "x"}]}, {"uuid": "x", "parent": "y", "pathToRoot": []})
    with pytest.raises(UnexpectedPayload, match="way to the top-level folder is not told"):
        client.item_folders(["a"])


def test_recorded_items_and_folders_are_read(talk, example):
    body = example("storage-items-get-bulk")[0]["response"]["body"]
    client, _ = talk(body)
    item = client.item_infos(["x"])["050a2f99-29f7-597b-ba93-f0dea9b8423b"]
    assert (item.name, item.item_type, item.parent) == (
        "clip_0000.mp4",
        "video",
        "d9d04372-ad04-5f5a-9def-a42da6f6ea29",
    )
    client, _ = talk(example("storage-folder-get")[0]["response"]["body"])
    assert client.folder("d9d04372-ad04-5f5a-9def-a42da6f6ea29").path_to_root[0].parent_uuid is None
