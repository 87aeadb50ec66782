"""Storage folders and items over v2: encord-wire-protocol.md §5.1 to §5.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from metaquery.sandbox.answers import Call, Refusal, read_body
from metaquery.sandbox.clock import iso, now
from metaquery.sandbox.legacy_call import like
from metaquery.sandbox.paging import page
from metaquery.sandbox.shapes import ITEM_TYPES, item
from metaquery.sandbox.state import OWNER, Organisation
from metaquery.sandbox.storage import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ROUTES", "folder_of"]

_KINDS: Final = {shown: kind for kind, shown in ITEM_TYPES.items()}
_ITEM_TYPES: Final = frozenset(
    [
        "video",
        "image",
        "group",
        "imageGroup",
        "imageSequence",
        "dicomFile",
        "dicomSeries",
        "audio",
        "timeseries",
        "nifti",
        "plainText",
        "pdf",
        "scene",
    ]
)
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def folder_of(org: Organisation, uuid: str) -> Folder:
    """Give the folder with that uuid; a 404 where there is none."""
    folder = org.storage.folders.get(uuid)
    if folder is None:
        raise Refusal(404, f"no storage folder {uuid}")
    return folder


def _show_folder(org: Organisation, folder: Folder) -> dict[str, Any]:
    path = [
        {"uuid": f.uuid, "parentUuid": f.parent, "name": f.name, "syncedDatasetHash": f.synced_dataset}
        for f in reversed(org.storage.path(folder.uuid))
    ]
    return {
        "uuid": folder.uuid,
        "parent": folder.parent,
        "name": folder.name,
        "description": folder.description,
        "clientMetadata": folder.metadata,
        "owner": OWNER,
        "createdAt": iso(folder.created),
        "lastEditedAt": iso(folder.edited),
        "userRole": "admin",
        "syncedDatasetHash": folder.synced_dataset,
        "pathToRoot": path,
        "folderType": "generic",
        "integrationHash": None,
        "remoteUrl": None,
    }


def _folders(org: Organisation, call: Call, folder: str | None = None) -> dict[str, Any]:
    if folder is not None:
        folder_of(org, folder)
    recursive = call.flag("isRecursive") or call.path.endswith("/search/folders")
    found = list(org.storage.children(folder, recursive=recursive))
    if (text := call.param("search")) is not None:
        found = [f for f in found if text.lower() in f.name.lower()]
    if (synced := call.param("datasetSynced")) is not None:
        found = [f for f in found if (f.synced_dataset is not None) == (synced.lower() == "true")]
    found.sort(key=lambda f: f.name if call.param("order") != "createdAt" else f.created)
    if call.flag("desc"):
        found.reverse()
    return page(org, call, found, lambda f: _show_folder(org, f))


def _get_folder(org: Organisation, _call: Call, folder: str) -> dict[str, Any]:
    return _show_folder(org, folder_of(org, folder))


def _create_folder(org: Organisation, call: Call) -> dict[str, Any]:
    body = call.json()
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name:
        raise Refusal(400, "a folder needs a name")
    parent = body.get("parent")
    if parent is not None:
        folder_of(org, parent)
    metadata = body.get("clientMetadata")
    if metadata is not None and not (isinstance(metadata, str) and isinstance(read_body(metadata.encode()), dict)):
        raise Refusal(400, "clientMetadata must be a text that holds an object")
    uuid = org.new_uuid("folder")
    folder = Folder(uuid, name, body.get("description") or "", parent, now(), now(), metadata)
    org.storage.folders[uuid] = folder
    return _show_folder(org, folder)


def _patch_folder(org: Organisation, call: Call, folder: str) -> dict[str, Any]:
    found = folder_of(org, folder)
    change = _read_patch(call.body)
    if change.metadata is not None:
        found.metadata = change.metadata
    found.name = change.name or found.name
    found.description = found.description if change.description is None else change.description
    found.edited = now()
    return _show_folder(org, found)


class _Patch(msgspec.Struct):
    metadata: str | None = None
    name: str | None = None
    description: str | None = None


def _read_patch(body: bytes | msgspec.Raw) -> _Patch:
    """Read what a client wants changed; metadata is kept as the bytes sent."""
    members = _members(body)
    patch = _Patch()
    for name in ("name", "description"):
        if name in members:
            text = msgspec.json.decode(members[name])
            if not isinstance(text, str):
                raise Refusal(400, f"{name} must be a text")
            setattr(patch, name, text)
    if "clientMetadata" in members:
        if not isinstance(msgspec.json.decode(members["clientMetadata"]), dict):
            raise Refusal(400, "clientMetadata must be an object")
        patch.metadata = bytes(members["clientMetadata"]).decode()
    return patch


def _members(body: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    try:
        msgspec.json.decode(body)
        return _decode_members(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, f"the body is not an object of JSON: {error}") from None


def _items(org: Organisation, call: Call, folder: str | None = None) -> dict[str, Any]:
    if folder is not None:
        folder_of(org, folder)
    recursive = call.flag("isRecursive") or folder is None
    numbers = org.storage.listing(folder, recursive=recursive, by_name=call.param("order") != "createdAt")
    numbers = _filtered(org, call, numbers)
    if call.flag("desc"):
        numbers = numbers[::-1]
    metadata = call.flag("includeClientMetadata")
    as_link, sign = call.flag("clientMetadataAsSignedUrl"), call.flag("signUrls")
    return page(
        org,
        call,
        numbers,
        lambda n: item(org, n, metadata=metadata, base_url=call.base_url, sign=sign, as_link=as_link),
    )


def _filtered(org: Organisation, call: Call, numbers: Sequence[int]) -> Sequence[int]:
    types = call.params.get("itemTypes")
    for kind in types or ():
        if kind not in _ITEM_TYPES:
            raise Refusal(400, f"{kind!r} is not an item type")
    if types:
        kinds = {_KINDS.get(kind) for kind in types}
        numbers = [n for n in numbers if org.storage.media(n).kind in kinds]
    if (text := call.param("search")) is not None:
        contains = like(f"%{text}%")
        numbers = [n for n in numbers if contains(org.storage.name(n))]
    if (text := call.param("isInDataset")) is not None:
        wanted = text.lower() == "true"
        numbers = [n for n in numbers if bool(org.datasets.uses(n)) is wanted]
    return numbers


def _number(org: Organisation, uuid: object) -> int:
    number = org.storage.find(uuid)
    if number is None:
        raise Refusal(404, f"no storage item {uuid}")
    return number


def _get_item(org: Organisation, call: Call, item_uuid: str) -> dict[str, Any]:
    sign = call.flag("signUrl")
    return item(org, _number(org, item_uuid), metadata=True, base_url=call.base_url, sign=sign)


def _get_bulk(org: Organisation, call: Call) -> dict[str, Any]:
    body = call.json()
    uuids = body.get("itemUuids") if isinstance(body, dict) else None
    if not isinstance(uuids, list):
        raise Refusal(400, "itemUuids must be a list")
    sign = bool(body.get("signUrls"))
    found = [n for n in map(org.storage.find, uuids) if n is not None]
    shown = [item(org, n, metadata=True, base_url=call.base_url, sign=sign) for n in found]
    return {"results": shown, "nextPageToken": None}


def _apply(org: Organisation, number: int, patch: _Patch) -> None:
    org.storage.write(number, metadata=patch.metadata, name=patch.name, description=patch.description)


def _patch_item(org: Organisation, call: Call, folder: str, item_uuid: str) -> dict[str, Any]:
    folder_of(org, folder)
    number = _number(org, item_uuid)
    if org.storage.folder(number) != folder:
        raise Refusal(404, f"no storage item {item_uuid} in this folder")
    _apply(org, number, _read_patch(call.body))
    return item(org, number, metadata=True, base_url=call.base_url)


def _patch_bulk(org: Organisation, call: Call) -> dict[str, Any]:
    patches = _members(_members(call.body).get("itemPatches", msgspec.Raw(b"null")))
    changes = [(_number(org, uuid), _read_patch(raw)) for uuid, raw in patches.items()]
    for number, patch in changes:
        _apply(org, number, patch)
    shown = [item(org, n, metadata=True, base_url=call.base_url) for n, _ in changes]
    return {"results": shown, "nextPageToken": None}


def _summary(org: Organisation, _call: Call, folder: str, item_uuid: str) -> dict[str, Any]:
    folder_of(org, folder)
    number = _number(org, item_uuid)
    by_dataset: dict[str, list[int]] = {}
    for unit in org.datasets.uses(number):
        by_dataset.setdefault(org.datasets.dataset(unit).uuid, []).append(unit)
    shown = [
        {
            "datasetHash": uuid,
            "backingFolderUuid": org.datasets.all[uuid].backing_folder,
            "title": org.datasets.all[uuid].title,
            "dataHashes": [org.datasets.data_hash(u) for u in units],
            "dataUnitsCreatedAt": iso(org.datasets.created(units[0])),
        }
        for uuid, units in by_dataset.items()
    ]
    return {
        "frameInGroups": 0,
        "accessibleGroupItems": [],
        "usedInDatasets": len(shown),
        "accessibleDatasets": shown,
        "groupLayout": None,
    }


ROUTES: Final = (
    ("GET", "storage/folders", _folders),
    ("POST", "storage/folders", _create_folder),
    ("GET", "storage/search/folders", _folders),
    ("GET", "storage/folders/{folder}", _get_folder),
    ("PATCH", "storage/folders/{folder}", _patch_folder),
    ("GET", "storage/folders/{folder}/folders", _folders),
    ("GET", "storage/folders/{folder}/items", _items),
    ("GET", "storage/search/items", _items),
    ("POST", "storage/items/get-bulk", _get_bulk),
    ("PATCH", "storage/items/patch-bulk", _patch_bulk),
    ("GET", "storage/items/{item_uuid}", _get_item),
    ("PATCH", "storage/folders/{folder}/items/{item_uuid}", _patch_item),
    ("GET", "storage/folders/{folder}/items/{item_uuid}/summary", _summary),
)
