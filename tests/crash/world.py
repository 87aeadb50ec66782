"""An organisation on a sandbox that is edited between syncs, and the syncs of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import stamina

import metaquery
from metaquery.schema import MetadataSchema
from metaquery.settings import Settings
from metaquery.sources import Scope
from metaquery.sources.encord import EncordSource
from metaquery.store.layout import Layout
from metaquery.sync import SyncReport, sync
from metaquery.wire import EncordClient, PrivateKey, RetryPolicy
from metaquery.wire.addresses import path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SETTINGS", "Server", "filed", "sync_file"]

SETTINGS = Settings(threads=1, memory_mb=200)


@dataclass
class Server:
    """A sandbox as its clients know it.

    Attributes
    ----------
    url, key_file
        Of the sandbox.
    attempts
        Requests that a call may take; waits between them are left out.
    """

    url: str
    key_file: Path
    attempts: int = 5

    @cached_property
    def schema(self) -> MetadataSchema:
        """The organisation's schema."""
        with self.client() as client:
            return MetadataSchema.from_json({**(client.metadata_schema() or {}), "round": "number"})

    @cached_property
    def other_schema(self) -> MetadataSchema:
        """The same, with another type for a key of every unit."""
        return MetadataSchema(
            {**self.schema.options, "dark": MetadataSchema.from_json({"dark": "string"}).options["dark"]}
        )

    @contextmanager
    def client(self, connections: int = 1) -> Iterator[EncordClient]:
        key = PrivateKey.from_file(self.key_file)
        retry = RetryPolicy(attempts=self.attempts)
        with (
            stamina.set_testing(True, attempts=self.attempts, cap=True),
            EncordClient(key, domain=self.url, connections=connections, retry=retry) as client,
        ):
            yield client

    def sync(self, root: Path, *, connections: int = 1, page_rows: int = 10, **options: Any) -> SyncReport:
        """Sync everything into a directory."""
        layout = Layout(root)
        layout.home.mkdir(parents=True, exist_ok=True)
        with self.client(connections) as client:
            source = EncordSource(client, page_rows=page_rows, connections=connections)
            return sync(source, Scope(), layout, **{"metadata_schema": self.schema, "settings": SETTINGS, **options})

    def units(self) -> list[dict[str, Any]]:
        """Return the data rows of every dataset, in their order."""
        with self.client() as client:
            rows = []
            for dataset in client.datasets():
                named = client.row_index(dataset.dataset_hash)
                rows += [
                    {**row, "dataset": dataset.dataset_hash}
                    for row in json.loads(client.data_rows(dataset.dataset_hash, named).body)
                ]
            return rows

    def write(self, documents: dict[str, Any]) -> None:
        """Replace the client metadata of items."""
        patches = {item: {"clientMetadata": document} for item, document in documents.items()}
        with self.client() as client:
            client._transport.v2(
                "editing", "PATCH", path("storage", "items", "patch-bulk"), bytes, body={"itemPatches": patches}
            )

    def remove(self, dataset: str, units: list[str]) -> None:
        """Take units out of a dataset."""
        with self.client() as client:
            client._transport.legacy("removing", "DELETE video", bytes, resource=("dataset", dataset), uid=units)

    def edit(self, dice: Random) -> None:
        """Change, remove and add a few units of one dataset."""
        units = self.units()
        dataset = dice.choice(units)["dataset"]
        own = [row for row in units if row["dataset"] == dataset]
        others = [row for row in units if row["dataset"] != dataset]
        changed = dice.sample(own, min(len(own), 3))
        number = dice.randrange(10**6)
        self.write({row["backing_item_uuid"]: {"round": number, "city": f"City {number % 7}"} for row in changed})
        if len(own) > 4:
            self.remove(dataset, [dice.choice(own)["data_hash"]])
        with self.client() as client:
            client.link_items(dataset, [row["backing_item_uuid"] for row in dice.sample(others, 1)])

    def relabel(self, dice: Random) -> None:
        """Draw a few labels and predictions of each project anew, and open a unit that had none."""
        with self.client() as client:
            for project in client.projects():
                rows = json.loads(client.label_rows(project.project_hash).body)
                unopened = [row["data_hash"] for row in rows if not row["label_hash"]]
                if unopened:
                    client._transport.legacy(
                        "opening", "PUT labelrow", bytes, resource=("project", project.project_hash),
                        uid=[dice.choice(unopened)], payload={},
                    )  # fmt: skip
                kinds: dict[tuple[str, str], list[str]] = {}
                for row in rows:
                    if row["label_hash"]:
                        kinds.setdefault((row["branch_name"], row["data_type"]), []).append(row["label_hash"])
                for alike in kinds.values():
                    _redraw(client, project.project_hash, dice.sample(alike, min(len(alike), 2)))


def _redraw(client: EncordClient, project: str, label_hashes: list[str]) -> None:
    """Give label rows the labels of one another."""
    rows = json.loads(client.labels(project, label_hashes).body)
    moved = [
        json.loads(json.dumps(of).replace(of["data_hash"], to["data_hash"]))
        for to, of in zip(rows, [*rows[1:], rows[0]], strict=True)
    ]
    client._transport.legacy(
        "labelling", "POST labelrow", bytes, resource=("project", project),
        uid=[row["label_hash"] for row in rows], payload={"labels": moved},
    )  # fmt: skip


def sync_file(root: Path) -> str:
    """Sync the file of data units in a directory into its workspace; return the snapshot's id."""
    report, _ = metaquery.open(root, threads=1).sync_files(units=root / "units.ndjson")
    return report.snapshot.id


def filed(root: Path) -> None:
    """Make a workspace of a file that was edited since: a unit changed, one is gone, and one is new."""
    root.mkdir()
    for numbers in (range(40), range(1, 41)):
        if numbers[0]:
            sync_file(root)
        rows = [{"data_hash": f"u{n}", "client_metadata": {"n": n, "seen": n == 7 and numbers[0] > 0}} for n in numbers]
        (root / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
