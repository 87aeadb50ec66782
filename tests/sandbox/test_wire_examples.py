"""The recorded exchanges, played again: our answers have the recorded keys and types.

`wire_examples/*.json` were recorded against a stand-in of the protocol document's authors. They are sent again in
an order that makes sense; ids of theirs are replaced by ids of ours, learned from the answers as we go.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent / "wire_examples"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

SEQUENCE = """
bearer-token schema-v1-get-none schema-v2-get-none schema-v1-set schema-v1-get schema-v2-get schema-v2-set
schema-v2-get-full schema-v1-get-after-v2 datasets-list datasets-list-filtered dataset-get
dataset-get-client-metadata dataset-get-no-rows data-rows-list data-rows-list-filtered data-row-refetch
storage-folders-list storage-folders-search storage-folder-get storage-folder-create storage-folder-patch
storage-folder-items storage-folder-items-paged storage-folder-items-filtered storage-folder-items-signed-metadata
storage-items-search storage-item-get storage-items-get-bulk storage-item-patch storage-items-patch-bulk
storage-item-summary storage-upload-job data-group-create data-row-save-client-metadata data-row-save-title
projects-list projects-list-filtered project-get project-datasets project-branches label-rows-list
label-rows-list-filtered label-rows-list-signed-metadata label-rows-create label-rows-save label-rows-get
label-rows-bundle label-classifications-bulk collection-create error-v2-conflict collections-list
collections-list-filtered collection-add-items collection-add-items-by-title collection-list-items
collection-list-items-default collection-list-all-items collection-remove-items preset-create presets-list
preset-get-json collection-add-preset-items collection-remove-preset-items preset-update preset-delete
collection-update collection-delete project-collection-create project-collection-create-label
project-collections-list project-collection-add-items project-collection-list-frames
project-collection-add-labels project-collection-list-annotations project-collection-remove-items
project-collection-update project-collection-delete active-preset-create active-presets-list active-preset-raw
active-import active-sync dataset-create dataset-link-items project-create project-add-datasets
project-remove-datasets project-set-status dataset-delete-data error-v2-bad-request error-v2-not-found
error-legacy-not-found error-legacy-invalid-arguments
"""
ORDER = SEQUENCE.split()

FREE = {"client_metadata", "clientMetadata", "metadataSchema", "editor", "editorOntology", "workflow", "data_sequence"}
"""Keys whose insides are data; and `data_sequence`, which is recorded both as a text and as a number."""
BY_ID = {"object_answers", "classification_answers", "data_units", "classificationAnswers"}
"""Objects whose keys are ids."""


@pytest.fixture(scope="module")
def ours(client) -> dict[str, str]:
    """Their names and ids, and what takes their place."""
    rows = client.rows(client.dataset())
    images = [r for r in rows if r["data_type"] == "IMAGE"]
    video = next(r for r in rows if r["data_type"] == "VIDEO")
    unopened = [
        r["data_hash"]
        for r in client.legacy("project", client.project(), "labelrowmetadata GET", {}).body["response"]
        if r["label_hash"] is None and r["data_type"] == "IMAGE"
    ]
    images.sort(key=lambda r: r["data_hash"] not in unopened)
    ontology = client.v2("GET", f"projects/{client.project()}").body["ontologyHash"]
    return {
        "fa0fe913-12f3-557b-a64e-8d8244df5fd3": client.dataset(),
        "ad162b9e-59e4-573c-a4b6-6cc029e682f5": client.project(),
        "d9d04372-ad04-5f5a-9def-a42da6f6ea29": client.folder(),
        "67ed93f5-72bc-511e-8ed1-8519a8c4b60f": ontology,
        "1e356845-f501-5a96-ab22-f770e8cbb51a": images[0]["data_hash"],
        "d923cde3-b079-58de-b0e3-8b3197306fd5": images[1]["data_hash"],
        "217fe5c8-9233-5fe0-84de-16d14eeb1741": video["data_hash"],
        "09bec5f5-3f9d-54b6-b83a-8189c5111c60": images[0]["backing_item_uuid"],
        "efafe4b7-0155-5dce-82a7-2e04442e6d77": images[1]["backing_item_uuid"],
        "050a2f99-29f7-597b-ba93-f0dea9b8423b": video["backing_item_uuid"],
        "descriptionEq=Seed+dataset": "descriptionLike=%25",
        "clip_0000.mp4": video["data_title"],
        "search=img": "search=scene",
        '"img%"': '"scene%"',
    }


def test_every_example_is_played():
    played = {*ORDER, "auth-worked-example", "error-legacy-unknown-key", "error-v2-unauthenticated"}
    assert {path.stem for path in EXAMPLES.glob("*.json")} == played


def test_the_recorded_exchanges(client, ours):
    for name in ORDER:
        for exchange in json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["exchanges"]:
            play(client, ours, name, exchange)


def play(client, ours: dict[str, str], name: str, exchange: dict[str, Any]) -> None:
    asked, recorded = exchange["request"], exchange["response"]
    if asked["path"].startswith("/signed/"):
        return
    path, body = translated(asked["path"], ours), json.loads(translated(json.dumps(asked["body"]), ours))
    if asked["path"].startswith("/v2/"):
        path = re.sub("pageToken=[^&]*&?", "", path)
        answer = client.v2(asked["method"], path, body)
    else:
        headers = asked["headers"]
        kind, uuid = headers["ResourceType"], translated(headers["ResourceID"], ours)
        query = f"{body['query_type']} {body['query_method']}"
        answer = client.legacy(kind, uuid, query, body["values"]["payload"], uid=body["values"]["uid"])
    assert answer.status == recorded["status"], (name, answer.raw)
    assert list(differences(recorded["body"], answer.body)) == [], name
    if isinstance(recorded["body"], str):  # a thing was made; the recording gave some names twice
        ours[recorded["body"]] = answer.body
    learn(recorded["body"], answer.body, ours)


def translated(text: str, ours: dict[str, str]) -> str:
    for theirs, own in ours.items():
        text = text.replace(theirs, own)
    return text


def learn(theirs: Any, own: Any, ours: dict[str, str]) -> None:
    """Remember which id of ours stands where one of theirs stood."""
    if isinstance(theirs, dict) and isinstance(own, dict):
        for key in theirs.keys() & own.keys():
            learn(theirs[key], own[key], ours)
    elif isinstance(theirs, list) and isinstance(own, list) and len(theirs) == len(own):
        for a, b in zip(theirs, own, strict=True):
            learn(a, b, ours)
    elif isinstance(theirs, str) and isinstance(own, str) and UUID.fullmatch(theirs) and UUID.fullmatch(own):
        ours.setdefault(theirs, own)


def kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def differences(theirs: Any, own: Any, where: str = "") -> Any:
    """Say where an answer of ours has not the recorded form; null goes with everything."""
    if theirs is None or own is None:
        return
    if kind(theirs) != kind(own):
        yield f"{where}: {kind(theirs)} became {kind(own)}"
    elif isinstance(theirs, dict):
        if where.rsplit(".", 1)[-1] in BY_ID:
            theirs, own = {"*": next(iter(theirs.values()), None)}, {"*": next(iter(own.values()), None)}
        changed = (theirs.keys() ^ own.keys()) - {"payload"}
        if changed:
            yield f"{where}: {sorted(changed)} only on one side"
        for key in theirs.keys() & own.keys() - FREE:
            yield from differences(theirs[key], own[key], f"{where}.{key}")
    elif isinstance(theirs, list) and theirs:
        for n, value in enumerate(own):
            yield from differences(
                theirs[min(n, len(theirs) - 1)] if len(own) == len(theirs) else theirs[0], value, f"{where}[{n}]"
            )
