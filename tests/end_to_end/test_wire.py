"""The client against the sandbox: another implementation of the protocol, in a process of its own."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import stamina
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from metaquery.errors import AuthError, NotFound, RateLimited, Refused, ServerError, WireError
from metaquery.sandbox import process
from metaquery.wire import EncordClient, PrivateKey, RetryPolicy, is_ambiguous, label_hashes
from metaquery.wire.transport import Transport


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Any]:
    key = tmp_path_factory.mktemp("sandbox") / "key"
    with process.start(key_out=key, units=1000, with_schema=True) as server:
        yield server


@pytest.fixture
def client(sandbox) -> Iterator[EncordClient]:
    key = PrivateKey.from_file(sandbox.key_file)
    with stamina.set_testing(True, attempts=100, cap=True), EncordClient(key, domain=sandbox.url) as client:
        yield client


@pytest.fixture(scope="module")
def desk(sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as http:
        yield http


@pytest.fixture
def fault(desk) -> Iterator[Callable[..., None]]:
    """Make the sandbox fail the next requests that match."""

    def inject(match: str, kind: str, times: int = 2, **more: Any) -> None:
        rule = {"match": match, "kind": kind, "times": times, **more}
        desk.post("/sandbox/faults", json={"rules": [rule]}).raise_for_status()

    yield inject
    desk.post("/sandbox/faults", json={"rules": []}).raise_for_status()


def test_the_catalogue_is_read(client):
    client.check()
    datasets, projects = client.datasets(), client.projects()
    assert datasets
    assert projects
    assert client.datasets(title=datasets[0].title)[0] == datasets[0]
    assert client.projects(title=projects[0].title)[0] == projects[0]
    attached = {info.dataset_hash for info in client.project_datasets(projects[0].project_hash)}
    assert attached <= {info.dataset_hash for info in datasets}


def test_rows_come_in_batches_as_the_index_names_them(client):
    dataset = client.datasets()[0].dataset_hash
    index = client.row_index(dataset)
    assert len(set(index)) == len(index) > 100
    page = client.data_rows(dataset, index[50:100])
    rows = json.loads(page.body)
    assert page.rows == 50
    assert {row["data_hash"] for row in rows} == set(index[50:100])
    assert all(row["backing_item_uuid"] for row in rows)
    assert any(row["client_metadata"] for row in rows)


def test_label_rows_and_labels_are_read_without_opening_any(client):
    project = client.projects()[0].project_hash
    page = client.label_rows(project)
    named = label_hashes(page)
    assert len(named) == page.rows > 0
    known = [row.label_hash for row in named if row.label_hash]
    assert known
    labels = json.loads(client.labels(project, known).body)
    assert sorted(row["label_hash"] for row in labels) == sorted(known)
    assert label_hashes(client.label_rows(project)) == named


def test_the_schema_is_replaced_and_read_back(client):
    before = client.metadata_schema()
    changed = {**(before or {}), "wire_test": {"ty": "variant", "hint": "number"}}
    client.set_metadata_schema(changed)
    assert client.metadata_schema() == changed
    with pytest.raises(Refused):
        client.set_metadata_schema({"$bad": {"ty": "variant", "hint": "number"}})
    assert client.metadata_schema() == changed
    client.set_metadata_schema(before or {})


def _items(client: EncordClient, count: int) -> list[str]:
    dataset = client.datasets()[0].dataset_hash
    page = client.data_rows(dataset, client.row_index(dataset)[:count])
    return [row["backing_item_uuid"] for row in json.loads(page.body)]


def test_a_collection_becomes_a_dataset_and_a_project(client):
    items = _items(client, 5)
    missing = "00000000-0000-0000-0000-000000000009"
    folders = client.item_folders([*items, missing])
    assert folders.pop(missing) is None
    folder = folders[items[0]]
    assert folder is not None

    uuid = client.create_collection(folder, "wire test", "made by a test")
    with pytest.raises(Refused) as caught:
        client.create_collection(folder, "wire test", "")
    assert caught.value.status == 409
    assert not is_ambiguous(caught.value)
    assert client.add_collection_items(uuid, [*items, missing]) == [missing]
    assert client.add_collection_items(uuid, items) == []
    assert client.remove_collection_items(uuid, items[-1:]) == []
    assert [item for page in client.collection_items(uuid) for item in page] == items[:-1]
    client.update_collection(uuid, name="wire test, renamed")
    assert [info.name for info in client.collections(folder=folder, uuids=[uuid])] == ["wire test, renamed"]

    dataset = client.create_dataset("wire test", "from a Collection")
    linked = client.link_items(dataset, items[:-1])
    assert client.row_index(dataset) == linked
    assert client.link_items(dataset, items[:-1]) == []
    assert len(client.row_index(dataset)) == len(items) - 1
    ontology = client.projects()[0].ontology_hash
    project = client.create_project("wire test", "", [dataset], ontology)
    assert [info.dataset_hash for info in client.project_datasets(project)] == [dataset]


def test_a_project_collection_holds_frames(client):
    project = client.projects()[0].project_hash
    unit = label_hashes(client.label_rows(project))[0].data_hash
    uuid = client.create_project_collection(project, "wire frames", "", "FRAME")
    stranger = {"dataUuid": "00000000-0000-0000-0000-000000000005", "frame": 0}
    refused = client.add_project_collection_items(project, uuid, [{"dataUuid": unit, "frame": 0}, stranger])
    assert refused == [stranger]
    assert [tuple(m) for page in client.project_collection_items(project, uuid) for m in page] == [(unit, 0, None)]
    assert uuid in {info.uuid for info in client.project_collections(project)}


def test_an_unregistered_key_is_an_auth_error_on_both_protocols(sandbox, client):
    dataset = client.datasets()[0].dataset_hash
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    stranger = PrivateKey.from_text(text.decode(), origin="a stranger's key")
    with EncordClient(stranger, domain=sandbox.url) as refused:
        for call in (refused.check, lambda: refused.row_index(dataset)):
            with pytest.raises(AuthError) as caught:
                call()
            assert caught.value.exit_code == 4
            assert stranger.fingerprint in str(caught.value)


def test_what_is_not_there_is_not_found_on_both_protocols(client):
    nowhere = "00000000-0000-0000-0000-000000000001"
    for call in (client.row_index, client.folder, client.label_rows):
        with pytest.raises(NotFound):
            call(nowhere)


FAULTS = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": "1"},
    {"kind": "status", "status": 500},
    {"kind": "truncate"},
    {"kind": "malformed"},
    {"kind": "reset"},
]


@pytest.mark.parametrize("rule", FAULTS, ids=lambda rule: f"{rule['kind']}-{rule.get('status', '')}")
def test_reads_recover_on_both_protocols(rule, client, fault, caplog):
    dataset = client.datasets()[0].dataset_hash
    wanted = client.row_index(dataset)
    reads = {
        "GET /v2/public/datasets/list": lambda: client.datasets()[0].dataset_hash == dataset,
        "POST /public dataset$": lambda: client.row_index(dataset) == wanted,
        "POST /public datarows$": lambda: client.data_rows(dataset, wanted[:10]).rows == 10,
    }
    for match, read in reads.items():
        fault(match, **rule)
        caplog.clear()
        assert read()
        assert caplog.messages == ["stamina.retry_scheduled"] * 2


def test_a_failing_envelope_is_retried(client, fault, caplog):
    dataset = client.datasets()[0].dataset_hash
    fault("POST /public dataset$", "envelope", code="UNKNOWN_ERROR", status=500)
    assert client.row_index(dataset)
    assert caplog.messages == ["stamina.retry_scheduled"] * 2


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ({"kind": "truncate"}, 1),
        ({"kind": "malformed"}, 1),
        ({"kind": "reset"}, 0),
        ({"kind": "reset", "apply": True}, 1),
        ({"kind": "status", "status": 502, "apply": True}, 1),
    ],
    ids=str,
)
def test_a_creation_whose_answer_is_lost_is_sent_once_and_said_to_be_ambiguous(rule, made, client, fault):
    title = f"lost by {rule}"
    fault("POST /v2/public/datasets ?$", times=1, **rule)
    with pytest.raises(WireError) as caught:
        client.create_dataset(title)
    assert is_ambiguous(caught.value)
    assert len(client.datasets(title=title)) == made


@pytest.mark.parametrize("rule", [{"kind": "reset", "apply": True}, {"kind": "truncate"}], ids=str)
def test_linking_again_after_a_lost_answer_makes_no_second_units(rule, client, fault):
    items = _items(client, 3)
    dataset = client.create_dataset(f"linked despite {rule}")
    fault("POST /public datasetlinkitems", times=1, **rule)
    client.link_items(dataset, items)
    assert len(client.row_index(dataset)) == 3


def test_a_server_that_stays_down_is_reported_with_its_attempts(client, fault):
    fault("datasets/list", "status", times=100, status=503)
    with pytest.raises(ServerError, match="tried 5 times"):
        client.datasets()
    fault("datasets/list", "status", times=100, status=429, retry_after="3600")
    with pytest.raises(RateLimited) as caught:
        client.datasets()
    assert caught.value.retry_after_s == 3600


def test_a_pause_until_a_date_is_counted_by_the_servers_clock(client, fault):
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    fault("datasets/list", "status", times=1, status=429, retry_after=until)
    with pytest.raises(RateLimited) as caught:
        client.datasets()
    assert 3500 < caught.value.retry_after_s <= 3600
    fault("datasets/list", "status", times=1, status=429, retry_after="Wed, 01 May 2024 12:00:00 GMT")
    assert client.datasets()


def test_an_answer_that_is_too_late_is_asked_for_again(sandbox, fault, caplog):
    key = PrivateKey.from_file(sandbox.key_file)
    with stamina.set_testing(True, attempts=5), EncordClient(key, domain=sandbox.url, timeout_s=1) as client:
        fault("datasets/list", "delay", times=1, delay_s=2)
        assert client.datasets()
    assert "stamina.retry_scheduled" in caplog.messages


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_request_that_waited_until_its_signature_was_too_old_is_signed_anew(repeatable, sandbox, desk):
    first = iter([time.time() - 20 * 60])
    transport = Transport(
        PrivateKey.from_file(sandbox.key_file), domain=sandbox.url, retry=RetryPolicy(wait_initial_s=0), timeout_s=60,
        connections=1, clock=lambda: next(first, time.time()),
    )  # fmt: skip
    desk.delete("/sandbox/requests")
    assert transport.v2("testing", "GET", "datasets/list", bytes, repeatable=repeatable).value
    transport.close()
    assert [request["status"] for request in desk.get("/sandbox/requests").json()["requests"]] == [401, 200]


@pytest.mark.parametrize("kind", ["truncate", "malformed"])
def test_a_page_that_is_never_whole_is_reported_with_its_request_id(kind, client, fault):
    dataset = client.datasets()[0].dataset_hash
    wanted = client.row_index(dataset)[:10]
    fault("POST /public datarows$", kind, times=100)
    with pytest.raises(WireError, match="reading 10 rows of dataset") as caught:
        client.data_rows(dataset, wanted)
    assert "tried 5 times" in caught.value.message
    assert re.search(r"request id [0-9a-f]{32}", caught.value.message)


def test_four_threads_read_what_one_reads(client):
    dataset = client.datasets()[0].dataset_hash
    index = client.row_index(dataset)
    parts = [index[start : start + 25] for start in range(0, len(index), 25)]
    wanted = [client.data_rows(dataset, part).body for part in parts]
    got: dict[int, bytes] = {}

    def read(first: int) -> None:
        for number in range(first, len(parts), 4):
            got[number] = client.data_rows(dataset, parts[number]).body

    threads = [threading.Thread(target=read, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [got[number] for number in range(len(parts))] == wanted
