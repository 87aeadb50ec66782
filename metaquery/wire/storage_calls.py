"""Storage items and the folders they lie in (encord-wire-protocol.md §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from metaquery.errors import UnexpectedPayload
from metaquery.wire.addresses import path
from metaquery.wire.links import fetch_link
from metaquery.wire.paging import batches
from metaquery.wire.payloads import Bulk, FolderInfo, ItemInfo, Links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.wire.transport import Transport

__all__ = ["StorageCalls"]

_bulk: Final = msgspec.json.Decoder(Bulk)
_links: Final = msgspec.json.Decoder(Links)
_folder: Final = msgspec.json.Decoder(FolderInfo)


class StorageCalls:
    """The endpoints of `EncordClient` that read storage."""

    _transport: Transport

    def item_infos(self, item_uuids: Sequence[str]) -> dict[str, ItemInfo]:
        """Read storage items by id, 1,000 a request (§5.3).

        Returns
        -------
        dict
            Item by uuid. An item that the server does not know, or does not show to this key, is missing:
            compare with what was asked for.
        """
        found: dict[str, ItemInfo] = {}
        for batch in batches(list(dict.fromkeys(item_uuids))):
            answer = self._transport.v2(
                f"reading {len(batch)} storage items",
                "POST",
                path("storage", "items", "get-bulk"),
                _bulk.decode,
                body={"itemUuids": list(batch), "signUrls": False},
            )
            found.update((item.uuid, item) for item in answer.value.results)
        return found

    def item_links(self, item_uuids: Sequence[str]) -> dict[str, str]:
        """Ask for links to the files of storage items, signed by the server (§5.3); they are secrets.

        Returns
        -------
        dict
            Link by uuid; an item without a file of its own is missing.
        """
        found: dict[str, str] = {}
        for batch in batches(list(dict.fromkeys(item_uuids))):
            answer = self._transport.v2(
                f"asking for links to {len(batch)} files",
                "POST",
                path("storage", "items", "get-bulk"),
                _links.decode,
                body={"itemUuids": list(batch), "signUrls": True},
            )
            found.update((item.uuid, item.link) for item in answer.value.results if item.link)
        return found

    def download(self, link: str, operation: str, *, most: int) -> tuple[bytes, str]:
        """Fetch what a signed link leads to, without a header of Encord's, and return it and its type.

        Parameters
        ----------
        link
            From `item_links`; no error shows it.
        operation
            What this is for, for errors; a gerund.
        most
            Bytes at most.

        Raises
        ------
        ServerError, Unreachable
            It is not given, or larger.
        """
        return fetch_link(self._transport.connections, link, operation, most=most)

    def item_folders(self, item_uuids: Sequence[str]) -> dict[str, str | None]:
        """Find the top-level folder of storage items, under which their Index Collections live (§7.1).

        Returns
        -------
        dict
            A folder's uuid for every item asked for, in the order asked; None for an item that the server
            does not know or show, or that lies in no folder.

        Raises
        ------
        UnexpectedPayload
            A folder that does not tell the way to its top.
        """
        items = self.item_infos(item_uuids)
        parents = {item.parent for item in items.values() if item.parent is not None}
        tops: dict[str | None, str] = {parent: self._top(parent) for parent in sorted(parents)}
        return {uuid: tops.get(items[uuid].parent) if uuid in items else None for uuid in item_uuids}

    def folder(self, folder_uuid: str) -> FolderInfo:
        """Read one storage folder with its way to the top (§5.1).

        Raises
        ------
        NotFound
            No such folder, or not for this key.
        """
        operation = f"reading storage folder {folder_uuid!r}"
        where = path("storage", "folders", folder_uuid)
        return self._transport.v2(operation, "GET", where, _folder.decode).value

    def _top(self, folder_uuid: str) -> str:
        folder = self.folder(folder_uuid)
        if folder.parent is None:
            return folder.uuid
        # Which end of the way is the top is not documented: it is the folder without a parent.
        for step in folder.path_to_root:
            if step.parent_uuid is None:
                return step.uuid
        raise UnexpectedPayload(
            f"storage folder {folder_uuid!r} has a parent, but its way to the top-level folder is not told",
            hint="a Collection needs the top-level folder: name it yourself",
        )
