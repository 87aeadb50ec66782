"""Signatures, to the byte: encord-wire-protocol.md §2.2, §2.3, §2.4, §11."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from metaquery.sandbox.signatures import Registry, Unauthenticated

WORKED = json.loads((Path(__file__).parent / "wire_examples" / "auth-worked-example.json").read_text("utf-8"))
SIGNED_AT = 1714564800
SCHEMA = "/v2/public/organisation/client-metadata-schema"


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.register(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(WORKED["private_seed_hex"])).public_key())
    return registry


def v2_headers(example):
    return {name.lower(): example[name] for name in ("Content-Digest", "Signature-Input", "Signature")}


@pytest.mark.parametrize("name", ["v2_get", "v2_post"])
def test_the_worked_v2_examples_verify(registry, name):
    example = WORKED[name]
    body = example["body"].encode()
    key = registry.check_v2(example["method"], example["target"], v2_headers(example), body, at=SIGNED_AT)
    assert key == WORKED["public_key_hex"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target": SCHEMA + "?"}, "does not fit"),
        ({"method": "PUT"}, "does not fit"),
        ({"body": b"{}"}, "Content-Digest"),
        ({"at": SIGNED_AT + 901}, "15 minutes"),
        ({"at": SIGNED_AT - 901}, "15 minutes"),
    ],
)
def test_a_worked_example_with_one_thing_changed_does_not(registry, change, says):
    example = WORKED["v2_post"]
    asked = {"method": "POST", "target": SCHEMA, "body": example["body"].encode(), "at": SIGNED_AT} | change
    with pytest.raises(Unauthenticated, match=says):
        registry.check_v2(asked["method"], asked["target"], v2_headers(example), asked["body"], at=asked["at"])


def test_created_may_be_minutes_old(registry):
    example = WORKED["v2_post"]
    registry.check_v2("POST", SCHEMA, v2_headers(example), example["body"].encode(), at=SIGNED_AT + 899)


def test_the_worked_legacy_example_verifies(registry):
    example = WORKED["legacy_post"]
    headers = {"authorization": example["Authorization"]}
    assert registry.check_legacy(headers, example["body"].encode()) == WORKED["public_key_hex"]
    with pytest.raises(Unauthenticated, match="does not fit") as refused:
        registry.check_legacy(headers, example["body"].encode() + b" ")
    assert not refused.value.unknown_key


def test_refusals_over_http_v2(client, client_with):
    stranger = client_with(Ed25519PrivateKey.generate())
    answer = stranger.v2("GET", "datasets/list")
    assert answer.status == 401
    assert "not registered" in answer.body["message"]
    assert stranger.name not in answer.body["message"]
    target = "/v2/public/datasets/list?titleEq=a"
    good = client.v2_headers("GET", target)
    assert client.send("GET", target, headers=good).status == 200
    assert client.send("GET", target + "b", headers=good).status == 401
    assert client.send("GET", target.replace("?titleEq=a", "?titleEq=%61"), headers=good).status == 401
    old = client.v2_headers("GET", target, created=time.time() - 1000)
    assert "15 minutes" in client.send("GET", target, headers=old).body["message"]
    assert client.send("GET", target).status == 401
    body = b'{"a": "number"}'
    signed = client.v2_headers("POST", SCHEMA, body)
    assert client.send("POST", SCHEMA, body.replace(b"a", b"b"), signed).status == 401
    assert client.v2("GET", SCHEMA).body is None


def test_refusals_over_http_legacy(client, client_with):
    dataset = client.dataset()
    answer = client_with(Ed25519PrivateKey.generate()).legacy("dataset", dataset, "dataset GET", {})
    assert (answer.status, answer.body["status"], answer.body["response"]) == (200, 401, ["SSH_KEY_NOT_FOUND_ERROR"])
    body = b'{"query_type": "dataset", "query_method": "GET", "values": {"uid": null, "payload": {}}}'
    headers = client.legacy_headers(body, "dataset", dataset)
    assert client.send("POST", "/public", body, headers).body["status"] == 200
    for sent, given in ((body + b" ", headers), (body, {**headers, "Authorization": "nonsense"})):
        answer = client.send("POST", "/public", sent, given)
        assert (answer.status, answer.body["status"]) == (200, 401)
        assert answer.body["response"] == ["AUTHENTICATION_ERROR"]


def test_bearer_tokens_stand_in_for_signatures_on_both_protocols(client):
    token = client.v2("GET", "user/bearer-token").body["token"]
    headers = {"Authorization": f"Bearer {token}"}
    dataset = client.dataset()
    assert client.send("GET", "/v2/public/datasets/list", headers=headers).status == 200
    body = b'{"query_type": "dataset", "query_method": "GET", "values": {"uid": null, "payload": {}}}'
    asked = {**headers, "ResourceType": "dataset", "ResourceID": dataset}
    assert client.send("POST", "/public", body, asked).body["response"]["dataset_hash"] == dataset
    assert client.send("GET", "/v2/public/datasets/list", headers={"Authorization": "Bearer no"}).status == 401
