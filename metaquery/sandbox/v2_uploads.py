"""Registering data and making data groups: encord-wire-protocol.md §5.6, §5.7.

A job is done before its uuid is answered; the long poll never has to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from metaquery.sandbox.answers import Call, Refusal
from metaquery.sandbox.source import Media
from metaquery.sandbox.v2_storage import folder_of

if TYPE_CHECKING:
    from metaquery.sandbox.state import Organisation

__all__ = ["ROUTES"]

_MEDIA: Final = {
    "images": Media("IMAGE", "image/jpeg", 1280, 720, 1, None, None, 123_456),
    "videos": Media("VIDEO", "video/mp4", 1280, 720, 100, 25.0, 4.0, 4_123_456),
    "audio": Media("AUDIO", "audio/mpeg", 0, 0, 1, None, 60.0, 960_000),
    "pdf": Media("PDF", "application/pdf", 0, 0, 1, None, None, 80_000),
}
_GROUP: Final = Media("GROUP", "application/json", 0, 0, 1, None, None, 0)


class _DataItem(msgspec.Struct, rename="camel"):
    object_url: str
    title: str | None = None
    client_metadata: msgspec.Raw = msgspec.Raw(b"null")


class _DataItems(msgspec.Struct, rename="camel"):
    images: list[_DataItem] = []
    videos: list[_DataItem] = []
    audio: list[_DataItem] = []
    pdf: list[_DataItem] = []
    skip_duplicate_urls: bool = False
    upsert_metadata: bool = False


class _Job(msgspec.Struct, rename="camel"):
    data_items: _DataItems | None = None


def _start(org: Organisation, call: Call, folder: str) -> str:
    folder_of(org, folder)
    try:
        job = msgspec.json.decode(call.body, type=_Job)
    except msgspec.DecodeError as error:
        raise Refusal(400, f"the upload cannot be read: {error}") from None
    if job.data_items is None:
        raise Refusal(400, "the sandbox takes uploads as dataItems only")
    for entry in (e for kind in _MEDIA for e in getattr(job.data_items, kind)):
        if not isinstance(msgspec.json.decode(entry.client_metadata), dict | None):
            raise Refusal(400, f"clientMetadata of {entry.object_url} must be an object")
    named, done = [], 0
    for kind, media in _MEDIA.items():
        for entry in getattr(job.data_items, kind):
            number = _register(org, folder, entry, media, job.data_items)
            done += 1
            named.append({"itemUuid": org.storage.uuid(number), "name": org.storage.name(number)})
    uuid = org.new_uuid("job")
    org.jobs[uuid] = {
        "status": "DONE", "itemsWithNames": named, "errors": [], "unitErrors": [], "unitsPendingCount": 0,
        "unitsDoneCount": done, "unitsErrorCount": 0, "unitsCancelledCount": 0, "fileName": None,
    }  # fmt: skip
    return uuid


def _register(org: Organisation, folder: str, entry: _DataItem, media: Media, how: _DataItems) -> int:
    given = msgspec.json.decode(entry.client_metadata)
    metadata = None if given is None else bytes(entry.client_metadata).decode()
    known = org.storage.at_url(entry.object_url)
    if known is not None and (how.skip_duplicate_urls or how.upsert_metadata):
        if how.upsert_metadata and metadata is not None:
            org.storage.write(known, metadata=metadata)
        return known
    name = entry.title or entry.object_url.rsplit("/", 1)[-1]
    number = org.storage.add(name, folder, media, url=entry.object_url)
    if metadata is not None:
        org.storage.write(number, metadata=metadata)
    mirrored = org.storage.folders[folder].synced_dataset
    if mirrored is not None:
        org.datasets.link(org.datasets.all[mirrored], number)
    return number


def _poll(org: Organisation, _call: Call, folder: str, job: str) -> dict[str, Any]:
    folder_of(org, folder)
    found = org.jobs.get(job)
    if found is None:
        raise Refusal(404, f"no upload job {job}")
    return found


class _Group(msgspec.Struct, rename="camel"):
    layout_contents: Any
    layout_type: str = "default-list"
    name: str | None = None
    client_metadata: msgspec.Raw = msgspec.Raw(b"{}")


def _make_groups(org: Organisation, call: Call, folder: str) -> list[str]:
    folder_of(org, folder)
    try:
        groups = msgspec.json.decode(call.body, type=list[_Group])
    except msgspec.DecodeError as error:
        raise Refusal(400, f"the groups cannot be read: {error}") from None
    planned = []
    for group in groups:
        contents = group.layout_contents
        uuids = list(contents.values()) if isinstance(contents, dict) else contents
        members = [org.storage.find(uuid) for uuid in uuids] if isinstance(uuids, list) else [None]
        if None in members:
            raise Refusal(404, "a member of the group is not a storage item")
        if not isinstance(msgspec.json.decode(group.client_metadata), dict):
            raise Refusal(400, "clientMetadata must be an object")
        planned.append((group, tuple(m for m in members if m is not None)))
    made = []
    for group, numbers in planned:
        name = group.name or f"group of {len(numbers)}"
        number = org.storage.add(name, folder, _GROUP, members=numbers)
        org.storage.write(number, metadata=bytes(group.client_metadata).decode())
        made.append(org.storage.uuid(number))
    return made


ROUTES: Final = (
    ("POST", "storage/folders/{folder}/data-upload-jobs", _start),
    ("GET", "storage/folders/{folder}/data-upload-jobs/{job}", _poll),
    ("POST", "storage/folders/{folder}/create-group-items", _make_groups),
)
