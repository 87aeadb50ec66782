"""Writing client metadata: of storage items in bulk, of data units one by one (encord-wire-protocol.md §4.5, §5.4).

A document is sent byte for byte: nothing is rounded, reordered or re-encoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from metaquery.wire.addresses import path
from metaquery.wire.payloads import Patched, Saved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.wire.transport import Transport

__all__ = ["MetadataCalls"]

_patched: Final = msgspec.json.Decoder(Patched)
_saved: Final = msgspec.json.Decoder(Saved)


class MetadataCalls:
    """The endpoints of `EncordClient` that write client metadata.

    Both are tried again like a read: the same object on the same unit leaves the same behind.
    """

    _transport: Transport

    def patch_items(self, documents: Mapping[str, bytes]) -> frozenset[str]:
        """Replace the client metadata of storage items, in one request (§5.4).

        Parameters
        ----------
        documents
            JSON object by item uuid, 1,000 at most. None at all sends nothing.

        Returns
        -------
        frozenset of str
            The items that the answer has; one that it leaves out may or may not have been written.

        Raises
        ------
        NotFound, Refused
            The server does not know an item, or does not take a document; nothing was changed.
        """
        if not documents:
            return frozenset()
        patches = {uuid: {"clientMetadata": msgspec.Raw(text)} for uuid, text in documents.items()}
        answer = self._transport.v2(
            f"writing the client metadata of {len(documents)} storage items",
            "PATCH",
            path("storage", "items", "patch-bulk"),
            _patched.decode,
            body=msgspec.Raw(msgspec.json.encode({"itemPatches": patches})),
        )
        return frozenset(row.uuid for row in answer.value.results)

    def save_metadata(self, dataset_hash: str, data_hash: str, document: bytes) -> bool:
        """Replace the client metadata of one data unit, for those that no storage item backs (§4.5).

        Parameters
        ----------
        dataset_hash, data_hash
            The unit.
        document
            A JSON object.

        Returns
        -------
        bool
            Whether the server says that it has written it.
        """
        answer = self._transport.legacy(
            f"writing the client metadata of data unit {data_hash!r}",
            "POST datarow",
            _saved.decode,
            resource=("dataset", dataset_hash),
            uid=data_hash,
            payload=msgspec.Raw(msgspec.json.encode({"client_metadata": msgspec.Raw(document)})),
        )
        return "client_metadata" in answer.value.updated_fields
