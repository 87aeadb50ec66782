"""The shapes of the answers, as far as metaquery looks into them, and `Page`, which is not looked into.

Keys that are not named here are skipped, keys that Encord may leave out have defaults, and values of an
enumeration are plain strings, so that a new one breaks nothing.

Source: encord-wire-protocol.md §2.7, §4 to §7, §10.4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from metaquery.errors import UnexpectedPayload

__all__ = [
    "BackedRow",
    "BackedRows",
    "Bulk",
    "CollectionInfo",
    "CollectionMember",
    "Created",
    "DatasetInfo",
    "DatasetRows",
    "Datasets",
    "Failed",
    "FolderInfo",
    "IndexRow",
    "ItemInfo",
    "LabelRow",
    "LegacyEnvelope",
    "MemberRow",
    "Page",
    "Patched",
    "PresetInfo",
    "ProjectCollectionInfo",
    "ProjectDataset",
    "ProjectInfo",
    "ProjectPresetInfo",
    "Results",
    "RowId",
    "RowUuid",
    "Saved",
    "Skipped",
    "index_rows",
    "label_hashes",
]

_NULL = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one answer, as they came.

    Parameters
    ----------
    body
        A JSON array, UTF-8, byte for byte what stood in the envelope: nothing is rounded, reordered or
        re-encoded, but what no reader takes (`unreadable`). Known to be whole, well-formed JSON whose elements
        are objects.
    rows
        Its number of elements.
    request_id
        The trace id of the request that brought it; None where there was nothing to ask for.
    """

    body: bytes
    rows: int
    request_id: str | None


class LegacyEnvelope(msgspec.Struct):
    """Every legacy answer (§2.7). The status is the body's own, not HTTP's."""

    status: int
    response: msgspec.Raw = _NULL
    payload: msgspec.Raw = _NULL


class Skipped(msgspec.Struct, gc=False):
    """A JSON object of which nothing is wanted but that it is one."""


class RowId(msgspec.Struct, gc=False):
    """A data row of which only the hash is read."""

    data_hash: str


class BackedRow(msgspec.Struct, gc=False):
    """A data row, and the storage item behind it (§4.3); None where the server does not say."""

    data_hash: str
    item_uuid: str | None = msgspec.field(name="backing_item_uuid", default=None)


class BackedRows(msgspec.Struct):
    """Legacy dataset (§4.2), as far as items go. `data_rows` may be missing."""

    data_rows: list[BackedRow] = []


class RowUuid(msgspec.Struct, gc=False):
    """A row of which only the uuid is read; inaccessible members have nothing else (§7.2)."""

    uuid: str


class DatasetRows(msgspec.Struct):
    """Legacy dataset (§4.2). `data_rows` may be missing."""

    data_rows: list[msgspec.Raw] = []


class IndexRow(msgspec.Struct, gc=False):
    """A data row of a dataset's index.

    Attributes
    ----------
    data_hash
        The unit.
    last_edited_at
        The server's text; UTC, whole seconds.
    digest
        63 bits that stand for all that was sent of the row.
    """

    data_hash: str
    last_edited_at: str | None
    digest: int


class _IndexRow(msgspec.Struct, gc=False):
    data_hash: str
    last_edited_at: str | None = None


_index_row = msgspec.json.Decoder(_IndexRow)


def index_rows(rows: DatasetRows, request_id: str | None) -> list[IndexRow]:
    """Name the rows of a dataset's index, in the server's order.

    Raises
    ------
    UnexpectedPayload
        A row without a data hash.
    """
    try:
        named = [_index_row.decode(raw) for raw in rows.data_rows]
    except msgspec.ValidationError as error:
        raise UnexpectedPayload(
            f"a data row is not of the protocol's form: {error} (request id {request_id})"
        ) from None
    return [
        IndexRow(row.data_hash, row.last_edited_at, _digest(raw))
        for row, raw in zip(named, rows.data_rows, strict=True)
    ]


def _digest(raw: msgspec.Raw) -> int:
    return int.from_bytes(hashlib.blake2b(bytes(raw), digest_size=8).digest(), "big") >> 1


class DatasetInfo(msgspec.Struct, frozen=True):
    """A dataset as `datasets/list` gives it (§4.1). Times are the server's text, ISO 8601."""

    dataset_hash: str = msgspec.field(name="datasetUuid")
    title: str
    description: str | None = None
    created_at: str | None = msgspec.field(name="createdAt", default=None)
    last_edited_at: str | None = msgspec.field(name="lastEditedAt", default=None)
    backing_folder_uuid: str | None = msgspec.field(name="backingFolderUuid", default=None)


class Datasets(msgspec.Struct):
    """The one v2 list that is not paged and says `result` (§4.1)."""

    result: list[DatasetInfo]


class ProjectInfo(msgspec.Struct, frozen=True):
    """A project as `projects` gives it (§6.1)."""

    project_hash: str = msgspec.field(name="projectHash")
    title: str
    description: str | None = None
    ontology_hash: str | None = msgspec.field(name="ontologyHash", default=None)
    created_at: str | None = msgspec.field(name="createdAt", default=None)
    last_edited_at: str | None = msgspec.field(name="lastEditedAt", default=None)


class ProjectDataset(msgspec.Struct, frozen=True):
    """A dataset attached to a project (§6.1)."""

    dataset_hash: str = msgspec.field(name="datasetHash")
    title: str
    description: str | None = None


class ItemInfo(msgspec.Struct, frozen=True):
    """A storage item (§5.2), without its metadata. `parent` is the folder that holds it."""

    uuid: str
    name: str | None = None
    parent: str | None = None
    item_type: str | None = msgspec.field(name="itemType", default=None)


class ItemLink(msgspec.Struct, frozen=True):
    """A storage item's file (§5.2). The link is a secret."""

    uuid: str
    link: str | None = msgspec.field(name="signedUrl", default=None)

    def __repr__(self) -> str:
        return f"<the file of {self.uuid}>"


class Links(msgspec.Struct, frozen=True):
    """An answer of get-bulk that is asked for links (§5.3)."""

    results: list[ItemLink]


class FolderStep(msgspec.Struct, frozen=True):
    """One folder on the way to the top (§5.1)."""

    uuid: str
    parent_uuid: str | None = msgspec.field(name="parentUuid", default=None)


class FolderInfo(msgspec.Struct, frozen=True):
    """A storage folder (§5.1)."""

    uuid: str
    name: str | None = None
    parent: str | None = None
    path_to_root: list[FolderStep] = msgspec.field(name="pathToRoot", default_factory=list)


class CollectionInfo(msgspec.Struct, frozen=True):
    """An Index Collection: storage items under a top-level folder (§7.1)."""

    uuid: str
    top_level_folder_uuid: str = msgspec.field(name="topLevelFolderUuid")
    name: str
    description: str | None = None
    created_at: str | None = msgspec.field(name="createdAt", default=None)
    last_edited_at: str | None = msgspec.field(name="lastEditedAt", default=None)


class ProjectCollectionInfo(msgspec.Struct, frozen=True):
    """A Project Collection: frames (`FRAME`) or labels (`LABEL`) of one project (§7.4)."""

    uuid: str = msgspec.field(name="collectionUuid")
    name: str
    collection_type: str = msgspec.field(name="collectionType")
    description: str | None = None
    project_hash: str | None = msgspec.field(name="projectUuid", default=None)
    created_at: str | None = msgspec.field(name="createdAt", default=None)
    last_edited_at: str | None = msgspec.field(name="lastEditedAt", default=None)


class PresetInfo(msgspec.Struct, frozen=True):
    """A filter preset of the Index (§7.3), without what it filters by."""

    uuid: str
    name: str
    description: str | None = None
    created_at: str | None = msgspec.field(name="createdAt", default=None)
    updated_at: str | None = msgspec.field(name="lastUpdatedAt", default=None)


class ProjectPresetInfo(msgspec.Struct, frozen=True):
    """A filter preset of a project in Active (§7.3); other key names than the Index's."""

    uuid: str = msgspec.field(name="presetUuid")
    name: str
    created_at: str | None = msgspec.field(name="createdAt", default=None)
    updated_at: str | None = msgspec.field(name="updatedAt", default=None)


class CollectionMember(NamedTuple):
    """A member of a Project Collection; `annotation_id` is None for frames."""

    data_hash: str
    frame: int
    annotation_id: str | None


class MemberUnit(msgspec.Struct):
    """The part of a member's label row that names its unit; snake_case in the midst of camelCase (§7.4)."""

    data_uuid: str


class MemberInstance(msgspec.Struct):
    """One frame or label of a unit in a Project Collection."""

    frame: int
    annotation_id: str | None = msgspec.field(name="annotationId", default=None)


class MemberRow(msgspec.Struct):
    """The members of a Project Collection that belong to one unit."""

    unit: MemberUnit = msgspec.field(name="labelRowMetadata")
    instances: list[MemberInstance] = []


class Results(msgspec.Struct):
    """A page of a v2 list (§8); the rows are read in a second step, by the method that knows them."""

    results: msgspec.Raw
    token: str | None = msgspec.field(name="nextPageToken", default=None)


class Bulk(msgspec.Struct):
    """Items by id (§5.3): never paged, and may be fewer than were asked for."""

    results: list[ItemInfo]


class Patched(msgspec.Struct):
    """Items that were written (§5.4): as `Bulk`, and of each the uuid alone is read."""

    results: list[RowUuid]


class Failed(msgspec.Struct):
    """What a Collection did not take or let go (§7.2, §7.4)."""

    failed: list[Any] = msgspec.field(name="failedItems", default_factory=list)


class Saved(msgspec.Struct):
    """What a row's save has changed (§4.5)."""

    updated_fields: list[str]


class Created(msgspec.Struct):
    """A new dataset (§4.6)."""

    dataset_hash: str = msgspec.field(name="datasetUuid")


class LabelRow(NamedTuple):
    """What names one label row, when it was edited, and its text. No `label_hash`: nothing was ever labelled there."""

    label_hash: str | None
    data_hash: str
    branch_name: str
    last_edited_at: str | None
    text: bytes


class _LabelRow(msgspec.Struct, gc=False):
    data_hash: str
    label_hash: str | None = None
    branch_name: str = "main"
    last_edited_at: str | None = None


def label_hashes(page: Page) -> list[LabelRow]:
    """Name the label rows of a page that `EncordClient.label_rows` gave, in its order.

    Raises
    ------
    UnexpectedPayload
        A row without a data hash.
    """
    try:
        texts = [bytes(raw) for raw in msgspec.json.decode(page.body, type=list[msgspec.Raw])]
        rows = [msgspec.json.decode(text, type=_LabelRow) for text in texts]
    except msgspec.ValidationError as error:
        raise UnexpectedPayload(
            f"a label row is not of the protocol's form: {error} (request id {page.request_id})"
        ) from None
    return [
        LabelRow(row.label_hash, row.data_hash, row.branch_name, row.last_edited_at, text)
        for row, text in zip(rows, texts, strict=True)
    ]
