"""Faults on request, and the log of requests."""

from __future__ import annotations

import gzip
import http.client
import json
import time

import pytest


@pytest.fixture
def faults(client):
    def put(*rules):
        answer = client.send("POST", "/sandbox/faults", json.dumps({"rules": rules}).encode())
        assert answer.status == 200, answer.body

    yield put
    assert client.send("DELETE", "/sandbox/faults").status == 200


def logged(client):
    return client.send("GET", "/sandbox/requests").body["requests"]


def test_status_with_retry_after_fires_as_often_as_asked(client, faults):
    faults(
        {
            "match": "^GET /v2/public/datasets",
            "kind": "status",
            "status": 429,
            "retry_after": "1",
            "times": 2,
            "after": 1,
        }
    )
    statuses = [client.v2("GET", "datasets/list").status for _ in range(5)]
    assert statuses == [200, 429, 429, 200, 200]
    faults({"match": "datasets", "kind": "status", "status": 503, "retry_after": "7", "body": "not json"})
    answer = client.v2("GET", "datasets/list")
    assert (answer.status, answer.headers["retry-after"], answer.raw) == (503, "7", b"not json")
    assert client.v2("GET", "projects").status == 200


def test_a_rule_may_name_the_legacy_operation(client, faults):
    dataset = client.dataset()
    faults(
        {
            "match": "POST /public datarows$",
            "kind": "envelope",
            "status": 401,
            "code": "AUTHENTICATION_ERROR",
            "body": "why",
        }
    )
    answer = client.legacy("dataset", dataset, "datarows GET", {})
    assert answer.status == 200
    assert answer.body == {"status": 401, "response": ["AUTHENTICATION_ERROR"], "payload": "why"}
    assert client.legacy("dataset", dataset, "dataset GET", {}).body["status"] == 200
    faults({"match": " datarow$", "query_method": "POST", "kind": "envelope", "status": 500})
    uid = client.rows(dataset)[0]["data_hash"]
    assert client.legacy("dataset", dataset, "datarow GET", {}, uid=uid).body["status"] == 200
    assert client.legacy("dataset", dataset, "datarow POST", {}, uid=uid).body["status"] == 500


def test_truncate_cuts_the_body_in_its_middle(client, faults):
    whole = client.v2("GET", "projects").raw
    faults({"match": "/projects", "kind": "truncate", "times": 1})
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.v2("GET", "projects")
    assert cut.value.partial == whole[: len(whole) // 2]
    assert cut.value.expected == len(whole) - len(whole) // 2
    assert client.v2("GET", "projects").raw == whole


def test_malformed_is_complete_but_not_json(client, faults):
    faults({"match": "/projects", "kind": "malformed", "times": 1})
    answer = client.v2("GET", "projects")
    assert int(answer.headers["content-length"]) == len(answer.raw)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.raw)


def test_reset_drops_the_connection(client, faults):
    faults({"match": "/projects", "kind": "reset", "times": 1})
    with pytest.raises(ConnectionError):
        client.v2("GET", "projects")
    assert client.v2("GET", "projects").status == 200


def test_reset_may_come_after_the_work_was_done(client, faults):
    faults({"match": "POST /v2/public/datasets", "kind": "reset", "times": 1, "apply": True})
    with pytest.raises(ConnectionError):
        client.v2("POST", "datasets", {"title": "made though unanswered"})
    assert client.dataset("made though unanswered")


def test_delay_answers_late(client, faults):
    faults({"match": "/projects", "kind": "delay", "delay_s": 0.15, "times": 1})
    before = time.monotonic()
    assert client.v2("GET", "projects").status == 200
    assert time.monotonic() - before >= 0.15


def test_probability_is_repeatable(client, faults):
    rule = {"match": "/projects", "kind": "status", "status": 500, "probability": 0.5, "seed": 7}
    runs = []
    for _ in range(2):
        faults(rule)
        runs.append([client.v2("GET", "projects").status for _ in range(24)])
    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])


def test_rules_that_cannot_be_read_are_refused(client):
    for rule in (
        {"match": "(", "kind": "status"},
        {"match": "x", "kind": "unknown"},
        {"match": "x", "kind": "reset", "no": 1},
    ):
        assert client.send("POST", "/sandbox/faults", json.dumps({"rules": [rule]}).encode()).status == 400


def test_the_log_tells_what_was_asked(client, faults):
    dataset = client.dataset()
    assert client.send("DELETE", "/sandbox/requests").body["requests"] == []
    client.v2("GET", "datasets/list?titleEq=x%20y")
    client.legacy("dataset", dataset, "datarow GET", {}, uid="no such")
    faults({"match": "/projects", "kind": "status", "status": 502})
    client.v2("GET", "projects")
    entries = logged(client)
    signatures = [entry.pop("signature") for entry in entries]
    assert signatures[0].startswith("encord-sig=:")
    assert signatures[1].startswith(f"{client.name}:")
    assert entries == [
        {
            "method": "GET", "target": "/v2/public/datasets/list?titleEq=x%20y", "query_type": "",
            "query_method": "", "status": 200, "envelope_status": None,
        },
        {
            "method": "POST", "target": "/public", "query_type": "datarow", "query_method": "GET",
            "status": 200, "envelope_status": 404,
        },
        {
            "method": "GET", "target": "/v2/public/projects", "query_type": "", "query_method": "",
            "status": 502, "envelope_status": None,
        },
    ]  # fmt: skip


def test_answers_are_compressed_for_those_who_ask(client):
    dataset = client.dataset()
    plain = client.rows(dataset)
    payload = {"dataset_access_settings": {"fetch_client_metadata": True}}
    legacy = client.legacy("dataset", dataset, "datarows GET", payload, headers={"Accept-Encoding": "gzip"})
    assert legacy.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(legacy.raw))["response"] == plain
    v2 = client.v2("GET", "projects", headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(v2.raw)) == client.v2("GET", "projects").body
    assert "content-encoding" not in client.v2("GET", "projects", headers={"Accept-Encoding": "identity"}).headers


def test_rows_come_twice_or_in_another_order_and_none_is_lost(client, faults):
    dataset = client.dataset()
    names = [row["data_hash"] for row in client.rows(dataset)]
    faults({"match": "datarows", "kind": "reorder"})
    found = [row["data_hash"] for row in client.rows(dataset)]
    assert found != names
    assert sorted(found) == sorted(names)
    faults({"match": "datarows", "kind": "duplicate"})
    found = [row["data_hash"] for row in client.rows(dataset)]
    assert len(found) > len(names)
    assert set(found) == set(names)


def test_a_unit_is_edited_before_a_request_is_answered(client, faults):
    dataset = client.dataset()
    before = client.rows(dataset)
    faults({"match": "datarows", "kind": "edit", "seed": 3})
    for _ in range(20):
        found = client.rows(dataset)
    assert [row["data_hash"] for row in found] == [row["data_hash"] for row in before]
    assert found != before


def test_texts_in_an_answer_are_replaced(client, faults):
    dataset = client.dataset()
    names = [row["data_hash"] for row in client.rows(dataset)]
    faults({"match": "datarows", "kind": "rewrite", "texts": {names[0]: "another", names[1]: "a third"}})
    assert [row["data_hash"] for row in client.rows(dataset)][:3] == ["another", "a third", names[2]]


@pytest.mark.parametrize(("kind", "told"), [("refuse", 3), ("swallow", 0)])
def test_members_are_refused_by_name_or_lost_without_a_word(client, faults, kind, told):
    items = [row["backing_item_uuid"] for row in client.rows(client.dataset())][:10]
    (folder,) = client.v2("GET", "storage/folders").body["results"]
    made = client.v2("POST", f"index/collections?topLevelFolderUuid={folder['uuid']}", {"name": f"Part: {kind}"}).body
    faults({"match": "add-items", "kind": kind, "share": 0.3, "times": 1})
    failed = client.v2("POST", f"index/collections/{made}/add-items", {"itemUuids": items}).body["failedItems"]
    listed = [row["uuid"] for row in client.v2("GET", f"index/collections/{made}/all-items").body["results"]]
    assert (len(failed), len(listed)) == (told, 7)
    assert set(failed) <= set(items) - set(listed)
