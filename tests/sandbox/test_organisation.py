"""What the sandbox decides where Encord is silent (encord-wire-protocol.md §11), over real HTTP."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest

from metaquery.sandbox.identity import UuidFamily

AWKWARD = (
    '{"z": 1, "a": 12345678901234567890123, "f": 0.1000000000000000055, "n": null, "deep": {"b": [1, {"": []}]},'
    ' "ü \\u00e9 🚲": "\\ud83d\\udeb2 \\"q\\" \\\\ \\n", "e": 1e300, "neg": -0.0, "dup": 1}'
)


@pytest.fixture
def row(client):
    return client.rows(client.dataset("Street scenes south"))[2]


def save(client, row, payload):
    return client.legacy(
        "dataset", client.dataset("Street scenes south"), "datarow POST", payload, uid=row["data_hash"]
    )


def test_metadata_comes_back_as_it_was_given(client, row):
    """Big integers, key order, nesting and number texts survive, on every road."""
    item = row["backing_item_uuid"]
    for road in ("patch", "bulk"):
        given = AWKWARD.replace('"z": 1', f'"z": "{road}"').encode()
        if road == "patch":
            path = f"storage/folders/{client.folder()}/items/{item}"
            answer = client.v2("PATCH", path, b'{"clientMetadata": ' + given + b"}")
        else:
            body = b'{"itemPatches": {"%s": {"clientMetadata": %s}}}' % (item.encode(), given)
            answer = client.v2("PATCH", "storage/items/patch-bulk", body)
        assert answer.status == 200, answer.raw
        assert client.v2("GET", f"storage/items/{item}").body["clientMetadata"] == given.decode()
        payload = {"data_hashes": [row["data_hash"]], "dataset_access_settings": {"fetch_client_metadata": True}}
        raw = client.legacy("dataset", client.dataset("Street scenes south"), "datarows GET", payload).raw
        assert given in raw


def test_a_save_replaces_and_keeps_the_row_where_it_was(client, row):
    dataset = client.dataset("Street scenes south")
    before = [r["data_hash"] for r in client.rows(dataset)]
    answer = save(client, row, {"client_metadata": {"only": True}}).body
    assert answer["response"]["updated_fields"] == ["client_metadata"]
    after = client.rows(dataset)
    assert [r["data_hash"] for r in after] == before
    assert after[2]["client_metadata"] == {"only": True}
    labelled = client.legacy(
        "project", client.project(), "labelrowmetadata GET",
        {"data_hashes": [row["data_hash"]], "include_client_metadata": True},
    )  # fmt: skip
    assert labelled.body["response"][0]["client_metadata"] == {"only": True}


@pytest.mark.parametrize("value", [None, [1], "text", 5])
def test_metadata_that_is_no_object_is_refused_and_nothing_changes(client, row, value):
    before = client.v2("GET", f"storage/items/{row['backing_item_uuid']}").body["clientMetadata"]
    answer = save(client, row, {"client_metadata": value}).body
    assert (answer["status"], answer["response"]) == (400, ["INVALID_ARGUMENTS_ERROR"])
    path = f"storage/folders/{client.folder()}/items/{row['backing_item_uuid']}"
    assert client.v2("PATCH", path, {"clientMetadata": value}).status == 400
    assert client.v2("GET", f"storage/items/{row['backing_item_uuid']}").body["clientMetadata"] == before


def test_nan_is_not_json(client, row):
    answer = save(client, row, {"client_metadata": {"x": float("nan")}}).body
    assert answer["response"] == ["INVALID_ARGUMENTS_ERROR"]


def test_a_bulk_patch_with_an_unknown_item_changes_nothing(client, row):
    item = row["backing_item_uuid"]
    before = client.v2("GET", f"storage/items/{item}").body["clientMetadata"]
    patch = {"clientMetadata": {"x": 1}}
    unknown = "00000000-0000-0000-0000-000000000001"
    assert client.v2("PATCH", "storage/items/patch-bulk", {"itemPatches": {item: patch, unknown: patch}}).status == 404
    assert client.v2("GET", f"storage/items/{item}").body["clientMetadata"] == before
    found = client.v2("POST", "storage/items/get-bulk", {"itemUuids": [unknown, item], "signUrls": False}).body
    assert [i["uuid"] for i in found["results"]] == [item]


def test_no_metadata_reads_as_an_empty_object_when_asked_for(client):
    dataset = client.dataset()
    listed = client.legacy("dataset", dataset, "datarows GET", {}).body["response"]
    assert {r["client_metadata"] for r in listed} == {None}
    path = f"storage/folders/{client.folder()}/items?pageSize=1000"
    assert {i["clientMetadata"] for i in client.v2("GET", path).body["results"]} == {"{}"}


def test_pages_are_complete_in_order_and_guarded(client):
    base = f"storage/folders/{client.folder()}/items?order=name&includeClientMetadata=True&pageSize=50"
    names, token = [], ""
    while token is not None:
        page = client.v2("GET", base + (f"&pageToken={token}" if token else "")).body
        names += [i["name"] for i in page["results"]]
        token = page["nextPageToken"]
    assert len(names) == len(set(names)) >= 120
    assert names == sorted(names)
    for bad in ("pageSize=0", "pageSize=1001", "pageSize=x", "pageToken=", "pageToken=Mg%3D%3D"):
        assert client.v2("GET", f"storage/folders/{client.folder()}/items?{bad}").status == 400, bad
    first = client.v2("GET", base).body["nextPageToken"]
    other = f"storage/folders/{client.folder()}/items?order=createdAt&pageSize=50&pageToken={first}"
    assert client.v2("GET", other).status == 400


def test_signed_metadata_links_need_no_signature_but_their_token(client):
    path = f"storage/folders/{client.folder()}/items?pageSize=3&includeClientMetadata=True"
    plain = client.v2("GET", path).body["results"]
    linked = client.v2("GET", path + "&clientMetadataAsSignedUrl=True&signUrls=True").body["results"]
    for item, link in zip(plain, linked, strict=True):
        assert link["clientMetadata"] == "{}"
        target = link["clientMetadataSignedUrl"].removeprefix(f"http://{client.host}")
        assert client.send("GET", target).raw.decode() == item["clientMetadata"]
        assert client.send("GET", target.partition("?")[0]).status == 403
        picture = client.send("GET", link["signedUrl"].removeprefix(f"http://{client.host}"))
        assert picture.headers["content-type"].startswith("image/svg+xml")
        assert ET.fromstring(picture.raw).tag.endswith("svg")  # noqa: S314 - our own drawing


def test_collections_take_what_they_know_and_name_the_rest(client):
    folder = client.folder()
    path = f"index/collections?topLevelFolderUuid={folder}"
    uuid = client.v2("POST", path, {"name": "mine", "description": ""}).body
    again = client.v2("POST", path, {"name": "mine", "description": ""})
    assert (again.status, again.body["message"]) == (409, "A collection named 'mine' already exists in this folder.")
    items = [r["backing_item_uuid"] for r in client.rows(client.dataset())][:4]
    unknown = "00000000-0000-0000-0000-000000000009"
    add = f"index/collections/{uuid}/add-items"
    assert client.v2("POST", add, {"itemUuids": [items[2], unknown, items[0]]}).body == {"failedItems": [unknown]}
    assert client.v2("POST", add, {"itemUuids": [items[2], items[1]]}).body == {"failedItems": []}
    listed = client.v2("GET", f"index/collections/{uuid}/accessible-items").body["results"]
    assert [i["uuid"] for i in listed] == [items[2], items[0], items[1]]
    other = client.v2("POST", "storage/folders", {"name": "elsewhere"}).body["uuid"]
    foreign = client.v2("POST", f"index/collections?topLevelFolderUuid={other}", {"name": "mine"}).body
    assert (
        client.v2("POST", f"index/collections/{foreign}/add-items", {"itemUuids": items}).body["failedItems"] == items
    )
    assert client.v2("POST", f"index/collections/{unknown}/add-items", {"itemUuids": items}).status == 404


def test_linking_skips_duplicates_or_fails_whole(client):
    made = client.v2("POST", "datasets", {"title": "linked", "createBackingFolder": False}).body["datasetUuid"]
    items = [r["backing_item_uuid"] for r in client.rows(client.dataset())][:3]

    def link(uuids, behaviour):
        payload = {"item_uuids": uuids, "duplicates_behavior": behaviour}
        return client.legacy("dataset", made, "datasetlinkitems POST", payload, uid=made).body

    first = link([*items[:2], items[0]], "SKIP")["response"]
    assert [r["backing_item_uuid"] for r in first] == items[:2]
    assert [r["backing_item_uuid"] for r in link(items, "SKIP")["response"]] == items[2:]
    failed = link(items, "FAIL")
    assert failed["response"] == ["RESOURCE_EXISTS_ERROR"]
    assert len(client.rows(made)) == 3
    assert len(link(items[:1], "DUPLICATE")["response"]) == 1
    hashes = [r["data_hash"] for r in client.rows(made)]
    assert len(set(hashes)) == 4
    assert client.legacy("dataset", made, "video DELETE", uid=hashes[:1]).body == {"status": 200, "response": True}
    assert [r["data_hash"] for r in client.rows(made)] == hashes[1:]
    gone = client.legacy("dataset", made, "datarow GET", {}, uid=hashes[0]).body
    assert gone["response"] == ["RESOURCE_NOT_FOUND_ERROR"]
    summary = client.v2("GET", f"storage/folders/{client.folder()}/items/{items[0]}/summary").body
    assert summary["usedInDatasets"] == 2


def test_a_dataset_lists_its_rows_by_filter(client):
    dataset = client.dataset("Street scenes east")
    rows = client.rows(dataset)
    hashes = [r["data_hash"] for r in rows]
    assert client.rows(dataset, data_hashes=[hashes[5], hashes[1], "unknown"]) == [rows[1], rows[5]]
    assert client.rows(dataset, data_types=["VIDEO"]) == [r for r in rows if r["data_type"] == "VIDEO"]
    assert client.rows(dataset, title_eq=rows[3]["data_title"]) == [rows[3]]
    assert client.rows(dataset, title_like="%.mp4") == [r for r in rows if r["data_title"].endswith("mp4")]
    after = rows[10]["created_at"].replace(" ", "T")
    assert client.rows(dataset, created_after=after) == rows[10:]
    assert client.rows(client.dataset(), data_hashes=hashes) == []
    bad = client.legacy("dataset", dataset, "datarows GET", {"created_after": "yesterday"}).body
    assert bad["response"] == ["INVALID_DATE_FORMAT_ERROR"]


def test_label_rows_by_filter(client):
    project = client.project()

    def listed(**payload):
        return client.legacy("project", project, "labelrowmetadata GET", payload).body["response"]

    rows = listed(include_all_label_branches=True)
    main = [r for r in rows if r["branch_name"] == "main"]
    model = [r for r in rows if r["branch_name"] == "model-v1"]
    assert len(main) >= 120
    assert main == listed()
    assert model == listed(branch_name="model-v1", include_uninitialised_labels=False)
    assert None not in {r["label_hash"] for r in model}
    assert {r["workflow_graph_node"]["title"] for r in main} == {"Annotate 1", "Review 1", "Complete"}
    opened = [r for r in main if r["label_hash"]]
    assert listed(label_hashes=[r["label_hash"] for r in opened[:3]]) == opened[:3]
    assert listed(include_uninitialised_labels=False) == opened
    assert listed(label_statuses=["REVIEWED"]) == [r for r in main if r["label_status"] == "REVIEWED"]
    assert listed(workflow_graph_node_title_eq="Complete") == [r for r in opened if r["label_status"] == "REVIEWED"]
    at = sorted(r["last_edited_at"] for r in opened)[len(opened) // 2]
    assert listed(edited_after=at) == [r for r in opened if r["last_edited_at"] >= at]
    assert client.v2("GET", f"projects/{project}/branches").body["results"] == [{"name": "main"}, {"name": "model-v1"}]
    assert listed(data_hashes=[main[4]["data_hash"]], client_metadata_as_signed_url=True, include_client_metadata=True)[
        0
    ]["client_metadata_signed_url"]


def test_schemas_that_cannot_be_are_refused_by_key(client):
    path = "organisation/client-metadata-schema"
    for body in ({"$x": "number"}, {"a": "varchar"}, {"a": "enum"}, {"keyframes": "number"}, [1]):
        assert client.v2("POST", path, body).status == 400
    assert "'$x'" in client.v2("POST", path, {"$x": "number"}).body["message"]
    for option in ({"ty": "enum", "values": []}, {"ty": "nothing"}, {"ty": "embedding", "size": 0}, "text"):
        answer = client.v2("POST", f"{path}-v2", {"k": option})
        assert (answer.status, "'k'" in answer.body["message"]) == (400, True)


def test_unknown_things(client):
    nobody = "00000000-0000-0000-0000-000000000001"
    for path in (f"storage/items/{nobody}", f"projects/{nobody}", f"ontologies/{nobody}", "no/such/path"):
        assert client.v2("GET", path).status == 404, path
    assert client.v2("DELETE", "datasets/list").status == 405
    for kind, query in (("dataset", "dataset GET"), ("project", "labelrowmetadata GET")):
        assert client.legacy(kind, nobody, query, {}).body["response"] == ["RESOURCE_NOT_FOUND_ERROR"]
    assert client.legacy("dataset", nobody, "nothing GET", {}).body["response"] == ["METHOD_NOT_ALLOWED_ERROR"]
    listed = client.v2("GET", f"index/collections?uuids={nobody}").body
    assert listed == {"results": [], "nextPageToken": None}


def test_two_clients_at_once(client):
    """Readers and a writer side by side: every answer is whole, and the last write is there."""
    dataset = client.dataset("Street scenes west")
    rows = client.rows(dataset)
    uid = rows[0]["data_hash"]

    def read(_):
        return [r["data_hash"] for r in client.rows(dataset)]

    def write(n):
        payload = {"client_metadata": {"n": n}}
        return client.legacy("dataset", dataset, "datarow POST", payload, uid=uid).body["status"]

    with ThreadPoolExecutor(8) as pool:
        reads, writes = pool.map(read, range(40)), pool.map(write, range(40))
        assert set(writes) == {200}
        assert all(found == [r["data_hash"] for r in rows] for found in reads)
    assert set(client.rows(dataset)[0]["client_metadata"]) == {"n"}


def test_uuids_lead_back_to_numbers_and_strangers_do_not():
    family = UuidFamily(7, "data")
    assert [family.number(family.uuid(n)) for n in (0, 1, 999_999)] == [0, 1, 999_999]
    assert len({family.uuid(n) for n in range(10_000)}) == 10_000
    some = family.uuid(5)
    for text in (
        some.upper(),
        some[:-1],
        some + " ",
        "",
        None,
        7,
        UuidFamily(8, "data").uuid(5),
        UuidFamily(7, "item").uuid(5),
    ):
        assert family.number(text) is None
    assert json.dumps(some) == f'"{some}"'
