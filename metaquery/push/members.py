"""What of a Collection is sent, as the snapshot knows it, and what cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.push.report import Failure
from metaquery.store.pages import PARQUET
from metaquery.wire import CollectionMember

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.collection import Collection
    from metaquery.engines.base import Engine

__all__ = ["Frames", "Items", "member_text", "project_members", "storage_items"]

_FRAMES_OF_A_UNIT = 1_000_000
"""A video longer than this is sent by its first frames, and the report says so."""

_GONE = "is not in the snapshot any more"


@dataclass(frozen=True, slots=True)
class Items:
    """Storage items to be sent.

    Attributes
    ----------
    items
        Each once, in the order of datasets and their data units.
    units
        Data hashes behind each.
    left_out
        Members without one.
    """

    items: tuple[str, ...]
    units: Mapping[str, tuple[str, ...]]
    left_out: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames or labels to be sent, and members that cannot be."""

    members: tuple[CollectionMember, ...]
    left_out: tuple[Failure, ...]


def storage_items(collection: Collection, engine: Engine) -> Items:
    """Find the storage items behind the members' data units; labels and predictions go by theirs.

    Parameters
    ----------
    collection
        With its members at hand (`Collection.evaluated`).
    engine
        Of the snapshot.
    """
    rows = engine.rows(
        "SELECT m.data_hash, u.data_hash IS NOT NULL, u.item_uuid "
        f"FROM (SELECT DISTINCT data_hash FROM {PARQUET}) m LEFT JOIN data u ON u.data_hash = m.data_hash "
        "ORDER BY u.dataset_hash, u.index, m.data_hash",
        [str(collection.path)],
    )
    units: dict[str, tuple[str, ...]] = {}
    left_out = []
    for data_hash, there, item in rows:
        if there and item:
            units[item] = (*units.get(item, ()), data_hash)
        else:
            left_out.append(Failure(data_hash, "", "", "has no storage item" if there else _GONE))
    return Items(tuple(units), units, tuple(left_out))


def project_members(collection: Collection, project: tuple[str, str], engine: Engine) -> Frames:
    """Find the frames of the members' data units, or the labels of a project.

    Parameters
    ----------
    collection, engine
        As for `storage_items`.
    project
        Hash and title.
    """
    path = str(collection.path)
    left_out, members = [], []
    if collection.relation == "data":
        rows = engine.rows(
            "SELECT m.data_hash, u.data_hash IS NOT NULL, coalesce(greatest(u.frames, 1), 1) "
            f"FROM {PARQUET} m LEFT JOIN data u ON u.data_hash = m.data_hash "
            "ORDER BY u.dataset_hash, u.index, m.data_hash",
            [path],
        )
        for data_hash, there, frames in rows:
            if not there:
                left_out.append(Failure(data_hash, "", "", _GONE))
                continue
            sent = min(frames, _FRAMES_OF_A_UNIT)
            members += [CollectionMember(data_hash, frame, None) for frame in range(sent)]
            if sent < frames:
                left_out.append(Failure(data_hash, "", "", f"has {frames:,} frames, and {sent:,} are sent"))
    else:
        rows = engine.rows(
            f"SELECT m.data_hash, m.frame, m.annotation_id, m.project_hash FROM {PARQUET} m ORDER BY ALL", [path]
        )
        for data_hash, frame, annotation, home in rows:
            member = CollectionMember(data_hash, frame, annotation)
            if home == project[0]:
                members.append(member)
            else:
                left_out.append(Failure(data_hash, member_text(member), "", f"is no label of {project[1]!r}"))
    return Frames(tuple(dict.fromkeys(members)), tuple(left_out))


def member_text(member: str | CollectionMember) -> str:
    """Name a member as the server does."""
    if isinstance(member, str):
        return member
    return " ".join(str(part) for part in member if part is not None)
