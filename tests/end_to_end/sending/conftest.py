"""A synced workspace, the sandbox that it is connected to, and the official SDK as the second client that looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from encord import EncordUserClient

import metaquery
from metaquery.collection import Collection
from metaquery.sandbox import SandboxProcess, start
from metaquery.wire.addresses import path

OTHER_FOLDER = "Attic"


@dataclass
class World:
    """Both sides of sending."""

    server: SandboxProcess
    home: Path

    @cached_property
    def workspace(self) -> metaquery.Workspace:
        """The workspace."""
        return metaquery.open(self.home, retry_budget_s=60.0)

    @cached_property
    def sdk(self) -> EncordUserClient:
        """The official SDK, with the same key."""
        return EncordUserClient.create_with_ssh_private_key(
            ssh_private_key_path=str(self.server.key_file), domain=self.server.url
        )

    def collect(self, title: str, text: str = "true", *, on: str = "data", description: str = "why") -> Collection:
        """Make a Collection of what a filter finds."""
        return self.workspace.view(on).filter(text).collect(title, description=description)

    def items(self, text: str = "true") -> list[str]:
        """Return the storage items behind the units that a filter finds, in their order."""
        hashes = self.workspace.data.filter(text).select("data_hash").to_arrow().column("data_hash").to_pylist()
        rows = self.workspace.data.engine.rows(
            "SELECT DISTINCT item_uuid FROM data WHERE data_hash IN (SELECT unnest(?)) AND item_uuid IS NOT NULL",
            [hashes],
        )
        return sorted(item for (item,) in rows)

    def faults(self, *rules: dict[str, Any]) -> None:
        """Put faults in force."""
        httpx.post(f"{self.server.url}/sandbox/faults", json={"rules": list(rules)}).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """Return the writing requests since the last call; then forget them."""
        found = httpx.get(f"{self.server.url}/sandbox/requests").json()["requests"]
        httpx.delete(f"{self.server.url}/sandbox/requests").raise_for_status()
        return [
            r for r in found
            if r["query_method"] in {"POST", "DELETE"}
            or (r["method"] != "GET" and not r["query_type"] and not r["target"].endswith("/get-bulk"))
        ]  # fmt: skip

    def members(self, title: str) -> list[list[str]]:
        """Return the items of each Index Collection of this title, as the official SDK lists them."""
        theirs = [c for c in self.sdk.list_collections() if c.name == title]
        return [sorted(str(item.uuid) for item in c.list_items(page_size=7)) for c in theirs]


def second_folder(workspace: metaquery.Workspace) -> None:
    """Register a few items in another top-level folder, and link them into a dataset."""
    with workspace.client() as client:
        send = client._transport.v2
        folder = send("making", "POST", path("storage", "folders"), _text, body={"name": OTHER_FOLDER}).value
        images = [{"objectUrl": f"s3://attic/{n}.jpg", "title": f"attic_{n}.jpg"} for n in range(3)]
        job = send(
            "registering", "POST", path("storage", "folders", folder, "data-upload-jobs"), _text,
            body={"dataItems": {"images": images}},
        ).value  # fmt: skip
        done = send("waiting", "GET", path("storage", "folders", folder, "data-upload-jobs", job), _document).value
        dataset = next(d for d in client.datasets() if d.title == "Street scenes north")
        client.link_items(dataset.dataset_hash, [made["itemUuid"] for made in done["itemsWithNames"]])


def _document(raw: Any) -> Any:
    import json

    return json.loads(bytes(raw))


def _text(raw: Any) -> str:
    found = _document(raw)
    return found if isinstance(found, str) else found["uuid"]


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all tests of sending: each makes Collections of its own titles."""
    home = tmp_path_factory.mktemp("sending")
    (home / "workspace").mkdir()
    with start(units=60, key_out=home / "key", with_schema=True) as server:
        world = World(server, home / "workspace")
        world.workspace.connect(server.url, key_file=server.key_file)
        second_folder(world.workspace)
        world.workspace.sync()
        yield world


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    """The world without faults, whose client waits for nothing between attempts."""
    shared.requests()
    with stamina.set_testing(True, attempts=12, cap=True):
        yield shared
    httpx.delete(f"{shared.server.url}/sandbox/faults").raise_for_status()
