"""Collections of both kinds: of storage items in a folder, and of a project's frames or labels.

Source: encord-wire-protocol.md §7.1, §7.2 (Index), §7.4 (Project).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from metaquery.errors import NotFound
from metaquery.wire.addresses import path
from metaquery.wire.answers import anything
from metaquery.wire.paging import PAGE_ROWS, batches
from metaquery.wire.payloads import (
    CollectionInfo,
    CollectionMember,
    Failed,
    MemberRow,
    ProjectCollectionInfo,
    RowUuid,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from metaquery.wire.transport import Transport

__all__ = ["CollectionCalls"]

_URL_UUIDS: Final = 100
"""Uuids in one query string: 4,300 bytes, well under the 8 kB that servers commonly allow a target."""

_collections: Final = msgspec.json.Decoder(list[CollectionInfo])
_project_collections: Final = msgspec.json.Decoder(list[ProjectCollectionInfo])
_members: Final = msgspec.json.Decoder(list[MemberRow])
_uuids: Final = msgspec.json.Decoder(list[RowUuid])
_failed: Final = msgspec.json.Decoder(Failed)
_uuid: Final = msgspec.json.Decoder(str)


class CollectionCalls:
    """The endpoints of `EncordClient` that read and change Collections."""

    _transport: Transport

    # Index Collections: storage items under a top-level folder

    def collections(self, *, folder: str | None = None, uuids: Sequence[str] | None = None) -> list[CollectionInfo]:
        """List Index Collections (§7.1).

        Parameters
        ----------
        folder
            Only those of this top-level folder.
        uuids
            Only these; unknown ones are missing in the result. None for all, empty for none.
        """
        found: list[CollectionInfo] = []
        for batch in _uuid_batches(uuids):
            query = {"topLevelFolderUuid": folder, "uuids": batch, "pageSize": PAGE_ROWS}
            pages = self._transport.pages(
                "listing Collections", path("index", "collections"), _collections.decode, query
            )
            found.extend(info for page in pages for info in page)
        return list({info.uuid: info for info in found}.values())

    def create_collection(self, folder: str, name: str, description: str = "") -> str:
        """Create an Index Collection in a top-level folder and give its uuid (§7.1).

        Not retried once the request may have arrived: after an error for which `wire.is_ambiguous` holds,
        look for the name in the folder first.

        Raises
        ------
        Refused
            Status 409: the name is taken in this folder.
        """
        answer = self._transport.v2(
            f"creating Collection {name!r}",
            "POST",
            path("index", "collections"),
            _uuid.decode,
            query={"topLevelFolderUuid": folder},
            body={"name": name, "description": description},
            repeatable=False,
        )
        return answer.value

    def update_collection(self, uuid: str, *, name: str | None = None, description: str | None = None) -> None:
        """Rename an Index Collection or describe it anew; what is None stays as it is (§7.1)."""
        changes = {"name": name, "description": description}
        body = {key: value for key, value in changes.items() if value is not None}
        if body:
            where = path("index", "collections", uuid)
            self._transport.v2(f"changing Collection {uuid!r}", "PATCH", where, anything, body=body)

    def delete_collection(self, uuid: str) -> None:
        """Delete an Index Collection; its items stay (§7.1).

        Raises
        ------
        NotFound
            It is not there.
        """
        where = path("index", "collections", uuid)
        self._transport.v2(f"deleting Collection {uuid!r}", "DELETE", where, anything)

    def add_collection_items(self, uuid: str, item_uuids: Sequence[str]) -> list[str]:
        """Add storage items to an Index Collection, 1,000 a request (§7.2).

        Returns
        -------
        list of str
            Items that Encord did not take; all others are members now, also those that were before.
        """
        return self._change_items(uuid, "add-items", item_uuids)

    def remove_collection_items(self, uuid: str, item_uuids: Sequence[str]) -> list[str]:
        """Remove storage items from an Index Collection, 1,000 a request (§7.2).

        Returns
        -------
        list of str
            Items that Encord did not remove.
        """
        return self._change_items(uuid, "remove-items", item_uuids)

    def collection_items(self, uuid: str) -> Iterator[list[str]]:
        """Yield the storage items of an Index Collection page by page, up to 1,000 uuids each (§7.2).

        Items that this key may not see are among them.
        """
        pages = self._transport.pages(
            f"reading the items of Collection {uuid!r}",
            path("index", "collections", uuid, "all-items"),
            _uuids.decode,
            {"pageSize": PAGE_ROWS},
        )
        for page in pages:
            yield [row.uuid for row in page]

    # Project Collections: frames or labels of one project

    def project_collections(
        self, project_hash: str, *, uuids: Sequence[str] | None = None
    ) -> list[ProjectCollectionInfo]:
        """List the Collections of a project (§7.4); `uuids` as in `collections`."""
        found: list[ProjectCollectionInfo] = []
        operation = f"listing the Collections of project {project_hash!r}"
        where = path("active", project_hash, "collections")
        for batch in _uuid_batches(uuids):
            query = {"projectHash": project_hash, "uuids": batch}
            for page in self._transport.pages(operation, where, _project_collections.decode, query):
                found.extend(page)
        return list({info.uuid: info for info in found}.values())

    def create_project_collection(
        self, project_hash: str, name: str, description: str = "", collection_type: str = "FRAME"
    ) -> str:
        """Create a Collection in a project and give its uuid (§7.4).

        Parameters
        ----------
        project_hash, name, description
            Where, and what it is called.
        collection_type
            ``FRAME`` or ``LABEL``.

        Raises
        ------
        Refused
            Status 409: the name is taken. As in `create_collection`, mind `wire.is_ambiguous`.
        """
        answer = self._transport.v2(
            f"creating Collection {name!r} in project {project_hash!r}",
            "POST",
            path("active", project_hash, "collections"),
            _uuid.decode,
            query={"projectHash": project_hash},
            body={"name": name, "description": description, "collectionType": collection_type},
            repeatable=False,
        )
        return answer.value

    def update_project_collection(
        self, project_hash: str, uuid: str, *, name: str | None = None, description: str | None = None
    ) -> None:
        """Rename a Project Collection or describe it anew; what is None stays as it is (§7.4)."""
        changes = {"name": name, "description": description}
        body = {key: value for key, value in changes.items() if value is not None}
        if body:
            where = path("active", project_hash, "collections", uuid)
            self._transport.v2(f"changing Collection {uuid!r}", "PATCH", where, anything, body=body)

    def delete_project_collection(self, project_hash: str, uuid: str) -> None:
        """Delete a Project Collection; frames and labels stay (§7.4).

        Raises
        ------
        NotFound
            It is not there.
        """
        where = path("active", project_hash, "collections", uuid)
        self._transport.v2(f"deleting Collection {uuid!r}", "DELETE", where, anything)

    def add_project_collection_items(
        self, project_hash: str, uuid: str, members: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Add frames or labels to a Project Collection, 1,000 a request (§7.4).

        Parameters
        ----------
        project_hash, uuid
            The Collection.
        members
            ``{"dataUuid": <data hash>, "frame": 0}``, for labels also ``"annotationId"``.

        Returns
        -------
        list of dict
            Members that Encord did not take, as they were sent.
        """
        return self._change_members(project_hash, uuid, "add-items", members)

    def remove_project_collection_items(
        self, project_hash: str, uuid: str, members: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Remove frames or labels from a Project Collection, 1,000 a request (§7.4).

        Returns
        -------
        list of dict
            Members that Encord did not remove, as they were sent.
        """
        return self._change_members(project_hash, uuid, "remove-items", members)

    def project_collection_items(
        self, project_hash: str, uuid: str, *, labels: bool | None = None
    ) -> Iterator[list[CollectionMember]]:
        """Yield the members of a Project Collection page by page (§7.4).

        Parameters
        ----------
        project_hash, uuid
            The Collection.
        labels
            Whether it holds labels rather than frames; None asks Encord, with a request of its own.

        Raises
        ------
        NotFound
            No such Collection in this project.
        """
        if labels is None:
            labels = self._project_collection(project_hash, uuid).collection_type == "LABEL"
        query = {"getLabels": "true" if labels else None}
        operation = f"reading the members of Collection {uuid!r} of project {project_hash!r}"
        where = path("active", project_hash, "collections", uuid, "items")
        for page in self._transport.pages(operation, where, _members.decode, query):
            yield [
                CollectionMember(row.unit.data_uuid, instance.frame, instance.annotation_id)
                for row in page
                for instance in row.instances
            ]

    def _change_members(
        self, project_hash: str, uuid: str, change: str, members: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        refused: list[dict[str, Any]] = []
        for batch in batches(members):
            answer = self._transport.v2(
                f"{change} with {len(batch)} members on Collection {uuid!r} of project {project_hash!r}",
                "POST",
                path("active", project_hash, "collections", uuid, change),
                _failed.decode,
                body={"items": [dict(member) for member in batch]},
            )
            refused.extend(answer.value.failed)
        return refused

    def _project_collection(self, project_hash: str, uuid: str) -> ProjectCollectionInfo:
        for info in self.project_collections(project_hash, uuids=[uuid]):
            if info.uuid == uuid:
                return info
        raise NotFound(f"there is no Collection {uuid!r} in project {project_hash!r}")

    def _change_items(self, uuid: str, change: str, item_uuids: Sequence[str]) -> list[str]:
        refused: list[str] = []
        for batch in batches(item_uuids):
            answer = self._transport.v2(
                f"{change} with {len(batch)} items on Collection {uuid!r}",
                "POST",
                path("index", "collections", uuid, change),
                _failed.decode,
                body={"itemUuids": list(batch)},
            )
            refused.extend(answer.value.failed)
        return refused


def _uuid_batches(uuids: Sequence[str] | None) -> Iterator[Sequence[str] | None]:
    if uuids is None:
        yield None
    else:
        yield from batches(uuids, _URL_UUIDS)
