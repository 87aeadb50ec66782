"""Datasets and projects that are made of storage items (encord-wire-protocol.md §4.6, §6.5, §7.5, §7.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from metaquery.wire.addresses import path
from metaquery.wire.answers import anything, one_object
from metaquery.wire.paging import batches
from metaquery.wire.payloads import BackedRow, BackedRows, Created, RowId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.wire.transport import Transport

__all__ = ["ACTIVE_MODES", "AnnotateCalls"]

ACTIVE_MODES: Final = ("data", "label", "metric", "advanced")
"""How much of a project Active may import (§7.5)."""

_created: Final = msgspec.json.Decoder(Created)
_hash: Final = msgspec.json.Decoder(str)
_row_ids: Final = msgspec.json.Decoder(list[RowId])
_backed: Final = msgspec.json.Decoder(BackedRows)


class AnnotateCalls:
    """The endpoints of `EncordClient` that make datasets and projects, and what goes back of them."""

    _transport: Transport

    def create_dataset(self, title: str, description: str = "") -> str:
        """Create a dataset without a folder of its own, to link items into; give its hash (§4.6).

        Not retried once the request may have arrived: after an error for which `wire.is_ambiguous` holds,
        look for the title first.
        """
        answer = self._transport.v2(
            f"creating dataset {title!r}",
            "POST",
            path("datasets"),
            _created.decode,
            body={
                "title": title,
                "description": description,
                "createBackingFolder": False,
                "legacyCall": False,
            },
            repeatable=False,
        )
        return answer.value.dataset_hash

    def link_items(self, dataset_hash: str, item_uuids: Sequence[str]) -> list[str]:
        """Make data units of storage items in a dataset, 1,000 items a request (§4.6).

        Items that the dataset holds already are skipped, so linking again does no harm.

        Returns
        -------
        list of str
            Data hashes of the units that were made. It may be short of what was made in all, where an answer
            was lost and the request repeated: count with `row_index`.
        """
        made: list[str] = []
        for batch in batches(item_uuids):
            answer = self._transport.legacy(
                f"linking {len(batch)} items into dataset {dataset_hash!r}",
                "POST datasetlinkitems",
                _row_ids.decode,
                resource=("dataset", dataset_hash),
                uid=dataset_hash,
                payload={"item_uuids": list(batch), "duplicates_behavior": "SKIP"},
            )
            made.extend(row.data_hash for row in answer.value)
        return made

    def create_project(
        self, title: str, description: str, dataset_hashes: Sequence[str], ontology_hash: str | None = None
    ) -> str:
        """Create a project over datasets and give its hash (§6.5); retried as little as `create_dataset`.

        Parameters
        ----------
        title, description
            What it is called.
        dataset_hashes
            Its datasets.
        ontology_hash
            The ontology to label with; None lets Encord make an empty one.
        """
        payload = {
            "title": title,
            "description": description,
            "dataset_hashes": list(dataset_hashes),
            "workflow_type": "manual",
        }
        if ontology_hash is not None:
            payload["ontology_hash"] = ontology_hash
        operation = f"creating project {title!r}"
        answer = self._transport.legacy(operation, "POST project", _hash.decode, payload=payload, repeatable=False)
        return answer.value

    def backed_rows(self, dataset_hash: str) -> list[BackedRow]:
        """Read which storage item stands behind each data unit of a dataset, in its order, in one answer (§4.2)."""
        answer = self._transport.legacy(
            f"reading the items of dataset {dataset_hash!r}",
            "GET dataset",
            one_object(_backed.decode),
            resource=("dataset", dataset_hash),
            payload={"dataset_access_settings": {"fetch_client_metadata": False, "fetch_rows": True}},
        )
        return answer.value.data_rows

    def remove_rows(self, dataset_hash: str, data_hashes: Sequence[str]) -> None:
        """Take data units out of a dataset, 1,000 a request; their storage items stay (§4.6).

        Raises
        ------
        NotFound
            One of a batch is not there; of that batch none was removed.
        """
        for batch in batches(data_hashes):
            self._transport.legacy(
                f"removing {len(batch)} data units from dataset {dataset_hash!r}",
                "DELETE video",
                anything,
                resource=("dataset", dataset_hash),
                uid=list(batch),
            )

    def sync_active(self, project_hash: str) -> None:
        """Have Active read a project anew; it answers before it has (§7.5)."""
        self._transport.v2(
            f"having Active read project {project_hash!r} anew", "POST", path("active", project_hash, "sync"), anything
        )

    def import_into_active(self, project_hash: str, mode: str = "label") -> None:
        """Have Active import a project; it answers before it has (§7.5).

        Parameters
        ----------
        project_hash, mode
            Which, and how much of it: ``data``, ``label``, ``metric`` or ``advanced``.
        """
        self._transport.v2(
            f"importing project {project_hash!r} into Active",
            "POST",
            path("active", project_hash, "import"),
            anything,
            body={"projectMode": mode},
        )
