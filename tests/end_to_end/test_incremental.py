"""A second sync reads what can have changed, and says what did."""

from __future__ import annotations

import json

import httpx
import pytest
from encord import EncordUserClient

import metaquery
from metaquery.sandbox import SandboxProcess

from .conftest import Terminal

PROJECT = ("--project", "Street scenes Europe")


@pytest.fixture
def sdk(server: SandboxProcess) -> EncordUserClient:
    return EncordUserClient.create_with_ssh_private_key(server.key_file.read_text(), domain=server.url)


def test_a_second_sync_of_the_same_reads_and_publishes_nothing(terminal: Terminal) -> None:
    before = metaquery.open(terminal.home).snapshot()
    report = terminal.run("sync", *PROJECT).stdout
    assert "Nothing has changed" in report
    assert "0 added, 0 changed, 0 removed" in report
    assert report.count("expected 100 data units, got 100 (100 unchanged)") == 4
    assert metaquery.open(terminal.home).snapshot() == before


def test_what_was_edited_is_read_and_nothing_else(terminal: Terminal, sdk: EncordUserClient) -> None:
    workspace = metaquery.open(terminal.home)
    rows = workspace.data.filter("city is known").select("data_hash").limit(3).to_arrow().column(0).to_pylist()
    for dataset in sdk.get_datasets():
        for row in sdk.get_dataset(dataset["dataset"].dataset_hash).data_rows:
            if row.uid in rows:
                item = sdk.get_storage_item(row.backing_item_uuid)
                item.update(client_metadata={"city": "Atlantis", "dark": "perhaps"})
    report = terminal.run("sync", *PROJECT).stdout
    assert "0 added, 3 changed, 0 removed" in report
    unchanged = [int(line.split("(")[1].split()[0]) for line in report.splitlines() if "data units, got" in line]
    assert sum(unchanged) == 397
    counted = json.loads(terminal.run("count", "--json", "city = 'Atlantis'").stdout)
    assert counted["matched"] == 3
    assert terminal.run("count", "-q", "city = 'Atlantis' and dark is invalid").stdout.strip() == "3"
    again = terminal.run("sync", *PROJECT).stdout
    assert "0 added, 0 changed, 0 removed" in again


def test_an_edit_that_leaves_the_time_of_the_last_one_is_found_by_a_full_sync_alone(
    terminal: Terminal, server: SandboxProcess
) -> None:
    rule = {"match": "", "kind": "edit", "quiet": True, "times": 1, "seed": 1}
    httpx.post(f"{server.url}/sandbox/faults", json={"rules": [rule]}).raise_for_status()
    report = terminal.run("sync", *PROJECT).stdout  # its first request is when the edit happens
    assert "0 added, 0 changed, 0 removed" in report
    report = terminal.run("sync", *PROJECT, "--full").stdout
    assert "0 added, 1 changed, 0 removed" in report


def test_everything_is_read_again_when_asked(terminal: Terminal) -> None:
    counts = metaquery.open(terminal.home).snapshot().counts
    report = terminal.run("sync", *PROJECT, "--full").stdout
    assert "unchanged" not in report
    assert "0 added, 0 changed, 0 removed" in report
    assert metaquery.open(terminal.home).snapshot().counts == counts
