"""Collections of both kinds are listed, made, changed and read."""

import json

import httpx
import pytest

from metaquery.errors import NotFound
from metaquery.wire import CollectionMember


def collection(uuid: str, name: str = "n") -> dict:
    return {"uuid": uuid, "topLevelFolderUuid": "f", "name": name, "description": None}


def test_collections_are_listed_over_all_pages(talk):
    client, server = talk(
        {"results": [collection("a"), collection("b")], "nextPageToken": "t"}, {"results": [collection("b")]}
    )
    assert [info.uuid for info in client.collections(folder="f")] == ["a", "b"]
    queries = [request.url.query.decode() for request in server.requests]
    assert queries == ["topLevelFolderUuid=f&pageSize=1000", "topLevelFolderUuid=f&pageSize=1000&pageToken=t"]


def test_collections_by_uuid_are_asked_for_in_urls_of_bounded_length(talk):
    client, server = talk({"results": []})
    assert client.collections(uuids=[str(number) for number in range(250)]) == []
    assert len(server.requests) == 3
    assert all(len(request.url.raw_path) < 8000 for request in server.requests)
    assert server.requests[2].url.query.decode().startswith("uuids=200&uuids=201&")


def test_a_collection_is_read_as_recorded(talk, example):
    body = example("collections-list")[0]["response"]["body"]
    client, _ = talk(body)
    (info, *_) = client.collections()
    assert (info.name, info.top_level_folder_uuid) == (
        body["results"][0]["name"],
        body["results"][0]["topLevelFolderUuid"],
    )
    client, _ = talk(example("collection-create")[0]["response"]["body"])
    assert client.create_collection("f", "n") == "425c2dfe-a050-5a6b-a700-026577acb5ad"


def test_only_what_changes_is_sent(talk):
    client, server = talk(None)
    client.update_collection("c", name="new")
    client.update_collection("c", description="")
    client.update_collection("c")
    assert server.bodies == [{"name": "new"}, {"description": ""}]
    assert {request.method for request in server.requests} == {"PATCH"}


@pytest.mark.parametrize("change", ["add", "remove"])
def test_failed_items_of_all_batches_are_reported(change, talk):
    def serve(request):
        uuids = json.loads(request.content)["itemUuids"]
        return httpx.Response(200, json={"failedItems": uuids[:1]})

    client, server = talk(serve)
    items = [str(number) for number in range(1500)]
    assert getattr(client, f"{change}_collection_items")("c", items) == ["0", "1000"]
    assert server.requests[0].url.path == f"/v2/public/index/collections/c/{change}-items"


def test_items_are_read_page_by_page_with_those_nobody_may_see(talk, example):
    body = example("collection-list-all-items")[0]["response"]["body"]
    client, server = talk({**body, "nextPageToken": "t"}, {"results": [{"uuid": "hidden"}]})
    pages = client.collection_items("c")
    assert next(pages) == [item["uuid"] for item in body["results"]]
    assert len(server.requests) == 1
    assert list(pages) == [["hidden"]]
    assert server.requests[0].url.path == "/v2/public/index/collections/c/all-items"


def test_a_project_collection_is_made_in_its_project(talk):
    client, server = talk("uuid")
    assert client.create_project_collection("p", "n", "d", "LABEL") == "uuid"
    request = server.requests[0]
    assert request.url.raw_path == b"/v2/public/active/p/collections?projectHash=p"
    assert server.bodies == [{"name": "n", "description": "d", "collectionType": "LABEL"}]


def test_failed_members_come_back_as_they_were_sent(talk, example):
    body = example("project-collection-add-items")[0]["response"]["body"]
    client, _ = talk(body)
    member = {"dataUuid": "00000000-0000-0000-0000-000000000005", "frame": 0}
    assert client.add_project_collection_items("p", "c", [member]) == [member]


def test_members_are_read_with_the_type_that_the_collection_has(talk, example):
    info = example("project-collections-list")[0]["response"]["body"]
    for name, kind, query in (("frames", "FRAME", b""), ("annotations", "LABEL", b"getLabels=true")):
        body = example(f"project-collection-list-{name}")[0]["response"]["body"]
        listed = {"results": [{**info["results"][0], "collectionUuid": "c", "collectionType": kind}]}
        client, server = talk(listed, body)
        members = [member for page in client.project_collection_items("p", "c") for member in page]
        unit = "1e356845-f501-5a96-ab22-f770e8cbb51a"
        assert members == [CollectionMember(unit, 0, "abcd1234" if kind == "LABEL" else None)]
        assert server.requests[1].url.query == query


def test_a_project_collection_that_is_not_there_is_not_found(talk):
    client, _ = talk({"results": []})
    with pytest.raises(NotFound, match="no Collection 'c' in project 'p'"):
        list(client.project_collection_items("p", "c"))
