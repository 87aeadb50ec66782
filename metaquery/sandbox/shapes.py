"""How units, items and label rows look on the wire: encord-wire-protocol.md §4.3, §5.2, §6.2.

Metadata goes in as the text it is stored as, so that nothing of it is lost or reformatted.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from metaquery.sandbox.clock import iso, legacy
from metaquery.sandbox.projects import STAGES, STATUS_OF_STAGE, UNOPENED, Project, Projects
from metaquery.sandbox.state import OWNER, Organisation

__all__ = [
    "ITEM_TYPES",
    "data_row",
    "item",
    "label_row",
    "label_row_of_collection",
    "metadata_url",
    "thumbnail_url",
]

ITEM_TYPES: Final = {
    "IMAGE": "image", "VIDEO": "video", "GROUP": "group", "AUDIO": "audio", "PDF": "pdf", "PLAIN_TEXT": "plainText",
}  # fmt: skip
"""What items call the types that data rows write in upper case."""

_OF_EVERY_ITEM: Final[dict[str, Any]] = {
    "isTombstone": False, "isPlaceholder": False, "storageLocation": "s3", "integrationHash": None,
    "dicomInstanceUid": None, "dicomStudyUid": None, "dicomSeriesUid": None, "audioSampleRate": None,
    "audioBitDepth": None, "audioCodec": None, "audioNumChannels": None, "timeseriesSettings": None,
}  # fmt: skip
"""Keys that must be there though ours have nothing to say under them."""

_OF_EVERY_LABEL_ROW: Final[dict[str, Any]] = {
    "group_hash": None, "is_shadow_data": False, "audio_sample_rate": None, "audio_codec": None,
    "audio_bit_depth": None, "audio_num_channels": None, "spaces": {}, "priority": 0.5, "images_data": None,
    "is_valid": True, "last_actioned_by_user_email": None,
}  # fmt: skip


def metadata_url(org: Organisation, base_url: str, uuid: str) -> str:
    """Link to an item's metadata that works without a signature (encord-wire-protocol.md §5.2)."""
    return f"{base_url}/sandbox/metadata/{uuid}.json?token={org.seal(uuid)}"


def thumbnail_url(base_url: str, uuid: str) -> str:
    """Link to the drawing of an item, which stands in for its file."""
    return f"{base_url}/sandbox/thumbnails/{uuid}.svg"


def _number(value: float | None) -> float | int | None:
    """Write a whole number without its `.0`, as the legacy protocol does."""
    return None if value is None else int(value) if value.is_integer() else value


def data_row(org: Organisation, unit: int, *, metadata: bool, signed_url: str | None = None) -> dict[str, Any]:
    """Write a data unit as the legacy protocol does; `signed_url` is where we were reached, if links are wanted."""
    storage, datasets = org.storage, org.datasets
    number = datasets.item(unit)
    name, url, media, _, edited = storage.glance(number)
    created = datasets.created(unit)
    linked_at = legacy(created)
    uuid = storage.uuid(number)
    return {
        "data_hash": datasets.data_hash(unit),
        "data_title": name,
        "data_type": media.kind,
        "created_at": linked_at,
        "last_edited_at": linked_at if edited == created else legacy(edited),
        "width": media.width,
        "height": media.height,
        "file_link": url or "",
        "file_size": media.size,
        "file_type": media.mime,
        "storage_location": 1,
        "frames_per_second": _number(media.fps),
        "duration": _number(media.duration),
        "client_metadata": msgspec.Raw(storage.metadata(number)) if metadata else None,
        "signed_url": None if signed_url is None else thumbnail_url(signed_url, uuid),
        "is_optimised_image_group": None,
        "backing_item_uuid": uuid,
        "images_data": None,
    }


def item(
    org: Organisation,
    number: int,
    *,
    metadata: bool,
    base_url: str,
    sign: bool = False,
    as_link: bool = False,
) -> dict[str, Any]:
    """Write a storage item as v2 does: metadata as a string that holds JSON, or behind a link."""
    storage = org.storage
    name, url, media, created, edited = storage.glance(number)
    uuid = storage.uuid(number)
    shown = {
        "uuid": uuid,
        "parent": storage.folder(number),
        "itemType": ITEM_TYPES[media.kind],
        "name": name,
        "description": storage.description(number),
        "clientMetadata": storage.metadata(number) if metadata and not as_link else "{}",
        "owner": OWNER,
        "createdAt": iso(created),
        "lastEditedAt": iso(edited),
        "backedDataUnitsCount": len(org.datasets.uses(number)),
        "url": url,
        "signedUrl": thumbnail_url(base_url, uuid) if sign else None,
        "fileSize": media.size,
        "mimeType": media.mime,
        "duration": media.duration,
        "fps": media.fps,
        "height": media.height,
        "width": media.width,
        "frameCount": media.frames,
        **_OF_EVERY_ITEM,
    }
    if metadata and as_link:
        shown["clientMetadataSignedUrl"] = metadata_url(org, base_url, uuid)
    return shown


def label_row(
    org: Organisation,
    project: Project,
    branch: int,
    unit: int,
    *,
    metadata: bool,
    base_url: str,
    as_link: bool = False,
) -> dict[str, Any]:
    """Write the description of a label row (not its labels) as the legacy protocol does."""
    storage, datasets, projects = org.storage, org.datasets, org.projects
    number = datasets.item(unit)
    name, url, media, _, _ = storage.glance(number)
    dataset = datasets.dataset(unit)
    uuid = storage.uuid(number)
    shown = {
        **_progress(projects, project, branch, unit),
        "branch_name": project.branches[branch],
        "data_hash": datasets.data_hash(unit),
        "dataset_hash": dataset.uuid,
        "dataset_title": dataset.title,
        "data_title": name,
        "data_type": media.kind,
        "data_link": url,
        "frames_per_second": _number(media.fps),
        "number_of_frames": media.frames,
        "duration": _number(media.duration),
        "height": media.height,
        "width": media.width,
        "task_uuid": projects.task_uuid(project, branch, unit),
        "client_metadata": msgspec.Raw(storage.metadata(number)) if metadata and not as_link else None,
        "file_type": media.mime,
        "backing_item_uuid": uuid,
        **_OF_EVERY_LABEL_ROW,
    }
    if metadata and as_link:
        shown["client_metadata_signed_url"] = metadata_url(org, base_url, uuid)
    return shown


def _progress(projects: Projects, project: Project, branch: int, unit: int) -> dict[str, Any]:
    """Write how far the labels of a unit have come."""
    row = projects.row(project, branch, unit)
    stage = 0 if row is None else row.stage
    status, task = UNOPENED if row is None else STATUS_OF_STAGE[stage]
    return {
        "label_hash": None if row is None else projects.label_hash(project, branch, unit),
        "created_at": None if row is None else legacy(row.created),
        "last_edited_at": None if row is None else legacy(row.edited),
        "label_status": status,
        "annotation_task_status": task,
        "workflow_graph_node": {"uuid": projects.stage_uuid(project, stage), "title": STAGES[stage][1]},
        "assigned_user_email": None if row is None else row.assignee,
    }


_SNAKE = {
    "label_hash": "label_uuid",
    "data_hash": "data_uuid",
    "group_hash": "group_uuid",
    "dataset_hash": "dataset_uuid",
}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def label_row_of_collection(row: dict[str, Any]) -> dict[str, Any]:
    """Rename a label row's keys as Project Collections show them (encord-wire-protocol.md §7.4)."""
    return {_SNAKE.get(k) or _camel(k): v for k, v in row.items() if k != "spaces"}
