"""The only room that speaks HTTP to Encord: keys and signatures, retries, and one method per endpoint.

It knows no columns, no SQL and none of our files, and keeps nothing between calls. Importing it imports
httpx; nobody does so who does not mean to talk to Encord.
"""

from metaquery.wire.annotate_calls import ACTIVE_MODES
from metaquery.wire.auth import PrivateKey
from metaquery.wire.client import DEFAULT_DOMAIN, EncordClient
from metaquery.wire.failures import is_ambiguous
from metaquery.wire.payloads import (
    BackedRow,
    CollectionInfo,
    CollectionMember,
    DatasetInfo,
    FolderInfo,
    IndexRow,
    ItemInfo,
    LabelRow,
    Page,
    PresetInfo,
    ProjectCollectionInfo,
    ProjectDataset,
    ProjectInfo,
    label_hashes,
)
from metaquery.wire.retry import RetryPolicy

__all__ = [
    "ACTIVE_MODES",
    "DEFAULT_DOMAIN",
    "BackedRow",
    "CollectionInfo",
    "CollectionMember",
    "DatasetInfo",
    "EncordClient",
    "FolderInfo",
    "IndexRow",
    "ItemInfo",
    "LabelRow",
    "Page",
    "PresetInfo",
    "PrivateKey",
    "ProjectCollectionInfo",
    "ProjectDataset",
    "ProjectInfo",
    "RetryPolicy",
    "is_ambiguous",
    "label_hashes",
]
