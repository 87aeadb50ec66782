"""Each method sends what the official SDK sends, and reads what it reads."""

import json

import httpx
import pytest

from metaquery.errors import NotFound, Refused, UnexpectedPayload
from metaquery.wire import Page, label_hashes

DATASET = "fa0fe913-12f3-557b-a64e-8d8244df5fd3"
PROJECT = "ad162b9e-59e4-573c-a4b6-6cc029e682f5"
FOLDER = "d9d04372-ad04-5f5a-9def-a42da6f6ea29"
COLLECTION = "425c2dfe-a050-5a6b-a700-026577acb5ad"
LABEL = "8de0c88f-07b6-5977-9ec4-c4d723d0a3ae"
ITEMS = ["050a2f99-29f7-597b-ba93-f0dea9b8423b", "efafe4b7-0155-5dce-82a7-2e04442e6d77"]
NEW_DATASET = "34d19572-b6cb-5200-ae67-1c1cb4ac12b3"

SENT_AS_RECORDED = {
    "datasets-list": lambda client: client.datasets(),
    "projects-list": lambda client: client.projects(),
    "project-datasets": lambda client: client.project_datasets(PROJECT),
    "schema-v2-get-full": lambda client: client.metadata_schema(),
    "dataset-get": lambda client: client.row_index(DATASET),
    "label-rows-get": lambda client: client.labels(PROJECT, [LABEL]),
    "storage-items-get-bulk": lambda client: client.item_infos(ITEMS),
    "storage-folder-get": lambda client: client.folder(FOLDER),
    "collection-add-items": lambda client: client.add_collection_items(
        COLLECTION, [*ITEMS, "09bec5f5-3f9d-54b6-b83a-8189c5111c60", "00000000-0000-0000-0000-000000000009"]
    ),
    "collection-create": lambda client: client.create_collection(FOLDER, "dark-streets", "Dark street scenes"),
    "dataset-create": lambda client: client.create_dataset("From collection", "desc"),
    "dataset-link-items": lambda client: client.link_items(NEW_DATASET, ITEMS),
    "project-collections-list": lambda client: client.project_collections(PROJECT),
    "project-collection-list-annotations": lambda client: list(
        client.project_collection_items(PROJECT, "5d52f1c6-3228-5972-80c1-0473a7efd72b", labels=True)
    ),
    "project-collection-list-frames": lambda client: list(
        client.project_collection_items(PROJECT, "5c95062a-b70c-511f-81b6-06d2bc445176", labels=False)
    ),
    "project-collection-add-items": lambda client: client.add_project_collection_items(
        PROJECT,
        "5c95062a-b70c-511f-81b6-06d2bc445176",
        [
            {"dataUuid": "1e356845-f501-5a96-ab22-f770e8cbb51a", "frame": 0},
            {"dataUuid": "00000000-0000-0000-0000-000000000005", "frame": 0},
        ],
    ),
}


def replay(talk, exchange):
    answer = exchange["response"]
    return talk(httpx.Response(answer["status"], json=answer["body"]))


@pytest.mark.parametrize("name", SENT_AS_RECORDED)
def test_the_request_is_the_one_that_the_official_sdk_sent(name, talk, example):
    exchange = example(name)[0]
    client, server = replay(talk, exchange)
    SENT_AS_RECORDED[name](client)
    sent, wanted = server.requests[0], exchange["request"]
    assert (sent.method, sent.url.raw_path.decode()) == (wanted["method"], wanted["path"])
    assert (json.loads(sent.content) if sent.content else None) == wanted["body"]
    for header in ("ResourceType", "ResourceID", "Content-Type"):
        assert sent.headers.get(header) == wanted["headers"].get(header)
    assert not sent.content or sent.content.isascii()


def test_recorded_datasets_and_projects_are_read(talk, example):
    client, _ = replay(talk, example("datasets-list")[0])
    (dataset, *_) = client.datasets()
    assert (dataset.dataset_hash, dataset.title, dataset.description) == (
        DATASET,
        "street-scenes",
        "Seed dataset",
    )
    assert dataset.created_at == "2024-05-01T12:00:05.250000Z"
    assert dataset.backing_folder_uuid is None
    client, _ = replay(talk, example("projects-list")[0])
    (project, *_) = client.projects()
    assert (project.project_hash, project.title) == (PROJECT, "Street project")
    assert project.ontology_hash == "67ed93f5-72bc-511e-8ed1-8519a8c4b60f"
    client, _ = replay(talk, example("project-datasets")[0])
    assert [(d.dataset_hash, d.title) for d in client.project_datasets(PROJECT)] == [(DATASET, "street-scenes")]


def test_missing_optional_keys_and_new_ones_break_nothing(talk):
    client, _ = talk({"result": [{"datasetUuid": "d", "title": "t", "brandNew": {"x": 1}}]})
    assert client.datasets()[0].description is None
    client, _ = talk({"results": [{"projectHash": "p", "title": "t", "status": "brandNew"}]})
    assert client.projects()[0].ontology_hash is None


def test_every_page_of_projects_is_read_and_repeated_ones_counted_once(talk):
    pages = [["a", "b"], ["b", "c"], []]
    answers = [
        {"results": [{"projectHash": name, "title": name} for name in page], "nextPageToken": token}
        for page, token in zip(pages, ["1", "2 &", None], strict=True)
    ]
    client, server = talk(*answers)
    assert [project.project_hash for project in client.projects(title="x")] == ["a", "b", "c"]
    queries = [request.url.query.decode() for request in server.requests]
    first = "titleEq=x&includeOrgAccess=False"
    assert queries == [first, f"{first}&pageToken=1", f"{first}&pageToken=2+%26"]


def test_the_schema_is_plain_json_or_none(talk, example):
    exchange = example("schema-v2-get-full")[0]
    client, _ = replay(talk, exchange)
    assert client.metadata_schema() == exchange["response"]["body"]
    for nothing in (None, httpx.Response(204)):
        client, _ = talk(nothing)
        assert client.metadata_schema() is None
        client.check()
    client, _ = talk([])
    with pytest.raises(UnexpectedPayload, match=r"Expected `object \| null`, got `array`"):
        client.metadata_schema()


def test_a_schema_is_sent_whole_with_its_nulls(talk):
    client, server = talk(None)
    schema = {"clip": {"ty": "embedding", "size": 4, "api": None}, "é": {"ty": "text"}}
    client.set_metadata_schema(schema)
    assert server.bodies == [schema]


def test_the_row_index_is_in_the_servers_order(talk, example, legacy):
    exchange = example("dataset-get")[0]
    client, _ = replay(talk, exchange)
    rows = exchange["response"]["body"]["response"]["data_rows"]
    assert client.row_index(DATASET) == [row["data_hash"] for row in rows]
    client, _ = talk(legacy({"dataset_hash": "d"}))
    assert client.row_index("d") == []
    client, _ = talk(legacy(None))
    with pytest.raises(NotFound, match="reading the row index of dataset 'd' failed"):
        client.row_index("d")


def test_rows_are_the_bytes_that_came(talk, example):
    rows = b'[{"data_hash": "a", "client_metadata": {"n": 9007199254740993, "x": 1.10}} ,\n {"data_hash":"b"}]'
    client, server = talk(httpx.Response(200, content=b'{"response": ' + rows + b', "status": 200}'))
    page = client.data_rows(DATASET, ["a", "b"])
    assert (page.body, page.rows) == (rows, 2)
    assert server.requests[0].headers["X-Cloud-Trace-Context"].startswith(page.request_id)
    recorded = example("data-rows-list-filtered")[0]["request"]["body"]
    wanted = dict.fromkeys(recorded["values"]["payload"]) | {
        "dataset_access_settings": {"fetch_client_metadata": True, "fetch_rows": True},
        "data_hashes": ["a", "b"],
    }
    assert server.bodies[0]["query_type"] == recorded["query_type"]
    assert server.bodies[0]["values"] == {"uid": None, "payload": wanted}


def test_asking_for_no_rows_asks_for_nothing(talk):
    client, server = talk({})
    assert client.data_rows("d", []) == client.labels("p", []) == Page(b"[]", 0, None)
    assert client.item_infos([]) == {}
    assert client.add_collection_items("c", []) == client.link_items("d", []) == []
    assert client.collections(uuids=[]) == client.project_collections("p", uuids=[]) == []
    assert server.requests == []


def test_label_rows_are_asked_for_whole_and_named(talk, example):
    exchange = example("label-rows-list")[0]
    client, server = replay(talk, exchange)
    page = client.label_rows(PROJECT)
    sent = server.bodies[0]["values"]["payload"]
    recorded = exchange["request"]["body"]["values"]["payload"]
    assert sent == recorded | {"include_client_metadata": False, "include_all_label_branches": True}
    rows = exchange["response"]["body"]["response"]
    assert page.rows == len(rows)
    named = [(row["label_hash"], row["data_hash"], row["branch_name"], row["last_edited_at"]) for row in rows]
    assert [row[:4] for row in label_hashes(page)] == named
    assert [json.loads(row.text) for row in label_hashes(page)] == rows


def test_a_label_row_without_a_data_hash_is_an_error():
    with pytest.raises(UnexpectedPayload, match="data_hash"):
        label_hashes(Page(b'[{"label_hash": null}]', 1, "trace"))


@pytest.mark.parametrize("told", [{"maximum_labels_allowed": 3}, None, {"maximum_labels_allowed": 99}])
def test_labels_are_asked_for_in_parts_where_the_server_wants_it(told, talk, legacy):
    asked = []

    def serve(request):
        hashes = json.loads(request.content)["values"]["uid"]
        asked.append(len(hashes))
        if len(hashes) > 3:
            return legacy(["MULTI_LABEL_LIMIT_ERROR"], 400, payload=told)
        rows = ", ".join(f'{{"label_hash":"{name}", "x": 1.0}}' for name in hashes)
        return httpx.Response(200, content=f'{{"status": 200, "response": [ {rows} ]}}'.encode())

    client, _ = talk(serve)
    hashes = [str(number) for number in range(10)]
    page = client.labels("p", hashes)
    assert [row["label_hash"] for row in json.loads(page.body)] == hashes
    assert page.rows == 10
    assert page.body.count(b'"x": 1.0') == 10
    assert page.request_id
    if told and told["maximum_labels_allowed"] == 3:
        assert asked == [10, 3, 3, 3, 1]


def test_parts_without_rows_leave_no_gap(talk, legacy):
    def serve(request):
        hashes = json.loads(request.content)["values"]["uid"]
        if len(hashes) > 1:
            return legacy(["MULTI_LABEL_LIMIT_ERROR"], 400, payload={"maximum_labels_allowed": 1})
        return legacy([] if hashes == ["gone"] else [{"label_hash": hashes[0]}])

    client, _ = talk(serve)
    page = client.labels("p", ["gone", "a", "gone", "b", "gone"])
    assert [row["label_hash"] for row in json.loads(page.body)] == ["a", "b"]
    assert client.labels("p", ["gone", "gone"]).body == b"[]"


def test_a_label_limit_below_one_is_a_refusal(talk, legacy):
    client, server = talk(legacy(["MULTI_LABEL_LIMIT_ERROR"], 400, payload={"maximum_labels_allowed": 0}))
    with pytest.raises(Refused, match="MULTI_LABEL_LIMIT_ERROR"):
        client.labels("p", ["a", "b"])
    assert len(server.requests) == 2


def test_linking_gives_the_new_units_of_all_batches(talk, legacy):
    def serve(request):
        items = json.loads(request.content)["values"]["payload"]["item_uuids"]
        return legacy([{"data_hash": f"new-{item}"} for item in items])

    client, server = talk(serve)
    items = [str(number) for number in range(2001)]
    assert client.link_items("d", items) == [f"new-{item}" for item in items]
    assert len(server.requests) == 3


def test_a_project_is_created_in_the_users_scope(talk, example, legacy):
    client, server = replay(talk, example("project-create")[0])
    ontology = "67ed93f5-72bc-511e-8ed1-8519a8c4b60f"
    created = client.create_project("From collection", "desc", [NEW_DATASET], ontology)
    assert created == "88704225-226a-51dc-ba95-3472808b333b"
    wanted = example("project-create")[0]["request"]["body"]
    del wanted["values"]["payload"]["workflow_template_id"]
    assert server.bodies == [wanted]
    request = server.requests[0]
    assert (request.url.path, request.headers["ResourceType"], request.headers["ResourceID"]) == (
        "/public/user",
        "",
        "",
    )
    client, server = talk(legacy("hash"))
    client.create_project("t", "", ["d"])
    assert "ontology_hash" not in server.bodies[0]["values"]["payload"]
