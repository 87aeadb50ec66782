"""Client metadata is written byte for byte as it was given, and what the server left out is told."""

import json

import httpx
import pytest

from metaquery.errors import NotFound

EXACT = b'{"n": 9007199254740993, "deep": {"x": [1.10, 1e5, null]}, "u": "\\u00e9 \xc3\xa9"}'


def test_items_are_patched_in_one_request_with_the_bytes_that_were_given(talk):
    client, server = talk({"results": [{"uuid": "a"}], "nextPageToken": None})
    assert client.patch_items({"a": EXACT, "b": b"{}"}) == {"a"}
    (request,) = server.requests
    assert (request.method, request.url.path) == ("PATCH", "/v2/public/storage/items/patch-bulk")
    assert EXACT in request.content
    assert set(server.bodies[0]["itemPatches"]) == {"a", "b"}


def test_nothing_to_write_sends_nothing(talk):
    client, server = talk({"results": []})
    assert client.patch_items({}) == frozenset()
    assert server.requests == []


def test_a_write_whose_answer_was_lost_is_sent_again(talk):
    client, server = talk(httpx.ReadError("reset"), {"results": [{"uuid": "a"}]})
    assert client.patch_items({"a": b"{}"}) == {"a"}
    assert len(server.requests) == 2


def test_an_unknown_item_is_an_error_of_the_whole_request(talk):
    client, _ = talk(httpx.Response(404, json={"message": "no storage item a"}))
    with pytest.raises(NotFound, match="writing the client metadata of 1 storage items failed"):
        client.patch_items({"a": b"{}"})


def test_a_row_is_saved_as_the_official_sdk_saves_it(talk, example, legacy):
    (exchange,) = example("data-row-save-client-metadata")
    body = exchange["request"]["body"]
    document = json.dumps(body["values"]["payload"]["client_metadata"]).encode()
    client, server = talk(httpx.Response(200, json=exchange["response"]["body"]))
    assert client.save_metadata(exchange["request"]["headers"]["ResourceID"], body["values"]["uid"], document)
    assert server.bodies == [body]
    for header in ("ResourceType", "ResourceID"):
        assert server.requests[0].headers[header] == exchange["request"]["headers"][header]
    assert document in server.requests[0].content
    client, _ = talk(legacy({"updated_fields": [], "data_row": {}}))
    assert not client.save_metadata("dataset", "unit", b"{}")
