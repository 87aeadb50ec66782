"""`push`: a Collection to Encord: plan, journal, apply, reconcile.

Encord has two kinds (`encord-wire-protocol.md` §7): an *Index Collection* of storage items under a top-level folder,
and a *Project Collection* of frames or labels of one project. None of the calls takes an id of ours, so each step
is written to a journal before the next, what exists is looked up before anything is created, and only what is
missing is added: a second push changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from metaquery.errors import PushError
from metaquery.wire import CollectionMember, EncordClient

if TYPE_CHECKING:
    from metaquery.collection import Collection
    from metaquery.engines.base import Engine
    from metaquery.store.journal import Journal

__all__ = ["PushReport", "ReadBack", "TargetReport", "push_to_folders", "push_to_project", "read_back"]

Member = TypeVar("Member", bound=Hashable)

_BATCH = 1_000
"""Members a request; each batch is journalled."""

_FRAMES_OF_A_UNIT = 1_000_000
"""A video longer than this is sent by its first frames, and the report says so."""


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What became of one Collection on the server.

    Attributes
    ----------
    place
        The folder or the project it is in.
    uuid
        Encord's id of it.
    created
        Whether this push made it.
    already, added
        Members that were there, and that this push added.
    failed
        Members that Encord refused, as it names them.
    """

    place: str
    uuid: str
    created: bool
    already: int
    added: int
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did.

    Attributes
    ----------
    title
        Of the Collection.
    targets
        One for each Collection on the server.
    gone
        Members whose data unit is not in the snapshot any more; they were not sent.
    without_item
        Data hashes that no storage item stands behind, or whose item lies in no folder; they were not sent.
    """

    title: str
    targets: tuple[TargetReport, ...]
    gone: tuple[str, ...]
    without_item: tuple[str, ...]

    @property
    def added(self) -> int:
        """Members added, in all."""
        return sum(t.added for t in self.targets)

    @property
    def failed(self) -> int:
        """Members that are not on the server although they should be."""
        return sum(len(t.failed) for t in self.targets) + len(self.gone) + len(self.without_item)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the server lists of a Collection, against what it should have.

    Attributes
    ----------
    found
        Storage items that the server lists.
    missing
        Storage items that stand behind a member, and that the server does not list.
    extra
        Those that it lists and that stand behind no member.
    """

    found: frozenset[str]
    missing: frozenset[str]
    extra: frozenset[str]


def read_back(collection: Collection, client: EncordClient, engine: Engine, journal: Journal) -> ReadBack:
    """Read the Index Collections of a push from the server, and compare them with the members."""
    rows = engine.rows(
        "SELECT DISTINCT u.item_uuid FROM read_parquet(?) m JOIN data u ON u.data_hash = m.data_hash "
        "WHERE u.item_uuid IS NOT NULL",
        [str(collection.path)],
    )
    wanted = frozenset(item for (item,) in rows)
    folders = set(client.item_folders(sorted(wanted)).values())
    made = {e["uuid"] for e in journal.entries() if e["step"] == "settled" and e["place"] in folders}
    found = frozenset(item for uuid in made for page in client.collection_items(uuid) for item in page)
    return ReadBack(found, wanted - found, found - wanted)


def push_to_folders(
    collection: Collection,
    client: EncordClient,
    engine: Engine,
    journal: Journal,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PushReport:
    """Send the storage items behind the members' data units to Index Collections.

    Members of several top-level folders become one Collection in each, of the same title, as a Collection lives
    under one folder.

    Parameters
    ----------
    collection
        What to send; labels and predictions are sent by their data units.
    client, engine
        Where to, and the snapshot that knows the storage items.
    journal
        Of this Collection and server.
    progress
        Called with members settled and members in all.

    Raises
    ------
    PushError
        A Collection of this title is there that this workspace did not make.
    """
    rows = engine.rows(
        "SELECT m.data_hash, u.data_hash IS NOT NULL, u.item_uuid "
        "FROM (SELECT DISTINCT data_hash FROM read_parquet(?)) m LEFT JOIN data u ON u.data_hash = m.data_hash "
        "ORDER BY u.dataset_hash, u.index, m.data_hash",
        [str(collection.path)],
    )
    gone = tuple(data_hash for data_hash, there, _ in rows if not there)
    items = dict.fromkeys(item for _, there, item in rows if there and item)
    folders = client.item_folders(list(items))
    by_folder: dict[str, list[str]] = {}
    for item in items:
        folder = folders.get(item)
        if folder is not None:
            by_folder.setdefault(folder, []).append(item)
    homeless = tuple(d for d, there, item in rows if there and (not item or folders.get(item) is None))
    count = _Count(progress, len(items))
    journal.record("planned", places=sorted(by_folder), left_out=len(gone) + len(homeless))
    targets = [
        _settle(_Folder(client, folder), collection, members, journal, count)
        for folder, members in sorted(by_folder.items())
    ]
    return PushReport(collection.title, tuple(targets), gone, homeless)


def push_to_project(
    collection: Collection,
    project: tuple[str, str],
    client: EncordClient,
    engine: Engine,
    journal: Journal,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PushReport:
    """Send the members to a Project Collection: frames for data units, annotations for labels and predictions.

    Parameters
    ----------
    collection
        What to send. A data unit is sent with each of its frames.
    project
        Hash and title.
    client, engine, journal, progress
        As in `push_to_folders`.
    """
    path = str(collection.path)
    if collection.relation == "data":
        rows = engine.rows(
            "SELECT m.data_hash, u.data_hash IS NOT NULL, coalesce(greatest(u.frames, 1), 1) "
            "FROM read_parquet(?) m LEFT JOIN data u ON u.data_hash = m.data_hash "
            "ORDER BY u.dataset_hash, u.index, m.data_hash",
            [path],
        )
        members = [
            CollectionMember(data_hash, frame, None)
            for data_hash, there, frames in rows
            if there
            for frame in range(min(frames, _FRAMES_OF_A_UNIT))
        ]
        gone = tuple(data_hash for data_hash, there, _ in rows if not there)
    else:
        rows = engine.rows(
            "SELECT m.data_hash, m.frame, m.annotation_id, m.project_hash FROM read_parquet(?) m ORDER BY ALL",
            [path],
        )
        members = [CollectionMember(d, frame, annotation) for d, frame, annotation, home in rows if home == project[0]]
        gone = tuple(f"{d} {annotation}" for d, _, annotation, home in rows if home != project[0])
    kind = "FRAME" if collection.relation == "data" else "LABEL"
    journal.record("planned", places=[project[0]], left_out=len(gone))
    target = _Project(client, project, kind)
    report = _settle(target, collection, members, journal, _Count(progress, len(members)))
    return PushReport(collection.title, (report,), gone, ())


class _Count:
    def __init__(self, progress: Callable[[int, int], None], total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, members: int) -> None:
        self._done += members
        self._progress(self._done, self._total)


class _Target(Protocol[Member]):
    """Where on the server a Collection lives, and how to speak of its members there."""

    @property
    def place(self) -> str:
        """The folder's or project's id."""

    @property
    def name(self) -> str:
        """The same, in words."""

    def existing(self, title: str) -> tuple[str, str] | None:
        """Return uuid and description of the Collection of this title."""

    def create(self, title: str, description: str) -> str: ...

    def describe(self, uuid: str, description: str) -> None: ...

    def members(self, uuid: str) -> Iterator[Member]: ...

    def add(self, uuid: str, members: Sequence[Member]) -> list[str]:
        """Return those that were refused."""


@dataclass(frozen=True)
class _Folder:
    client: EncordClient
    folder: str

    @property
    def place(self) -> str:
        return self.folder

    @property
    def name(self) -> str:
        return f"the folder {self.client.folder(self.folder).name or self.folder!r}"

    def existing(self, title: str) -> tuple[str, str] | None:
        found = (c for c in self.client.collections(folder=self.place) if c.name == title)
        return next(((c.uuid, c.description or "") for c in found), None)

    def create(self, title: str, description: str) -> str:
        return self.client.create_collection(self.place, title, description)

    def describe(self, uuid: str, description: str) -> None:
        self.client.update_collection(uuid, description=description)

    def members(self, uuid: str) -> Iterator[str]:
        for page in self.client.collection_items(uuid):
            yield from page

    def add(self, uuid: str, members: Sequence[str]) -> list[str]:
        return self.client.add_collection_items(uuid, members)


@dataclass(frozen=True)
class _Project:
    client: EncordClient
    project: tuple[str, str]
    kind: str

    @property
    def place(self) -> str:
        return self.project[0]

    @property
    def name(self) -> str:
        return f"the project {self.project[1]!r}"

    def existing(self, title: str) -> tuple[str, str] | None:
        for info in self.client.project_collections(self.place):
            if info.name == title and info.collection_type != self.kind:
                raise PushError(
                    f"{self.name} has a Collection {title!r} of {info.collection_type} members, not {self.kind}",
                    hint="rename one of the two",
                )
            if info.name == title:
                return info.uuid, info.description or ""
        return None

    def create(self, title: str, description: str) -> str:
        return self.client.create_project_collection(self.place, title, description, self.kind)

    def describe(self, uuid: str, description: str) -> None:
        """Leave it: a Project Collection's description was given when it was made."""

    def members(self, uuid: str) -> Iterator[CollectionMember]:
        for page in self.client.project_collection_items(self.place, uuid, labels=self.kind == "LABEL"):
            yield from page

    def add(self, uuid: str, members: Sequence[CollectionMember]) -> list[str]:
        sent = [
            {"dataUuid": m.data_hash, "frame": m.frame}
            | ({} if m.annotation_id is None else {"annotationId": m.annotation_id})
            for m in members
        ]
        refused = self.client.add_project_collection_items(self.place, uuid, sent)
        return [" ".join(str(v) for v in member.values()) for member in refused]


def _settle(
    target: _Target[Member],
    collection: Collection,
    members: Sequence[Member],
    journal: Journal,
    count: _Count,
) -> TargetReport:
    """Make the Collection in one place have these members, whatever of it is there already."""
    uuid, created = _find_or_create(target, collection, journal)
    present = set() if created else set(target.members(uuid))
    missing = [m for m in members if m not in present]
    count.add(len(members) - len(missing))
    failed: list[str] = []
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        refused = target.add(uuid, batch)
        journal.record("added", place=target.place, uuid=uuid, members=len(batch) - len(refused), refused=refused)
        failed += refused
        count.add(len(batch))
    added = len(missing) - len(failed)
    if added:
        _reconcile(target, uuid, members, failed)
    journal.record("settled", place=target.place, uuid=uuid, members=len(members) - len(failed), refused=len(failed))
    return TargetReport(target.name, uuid, created, len(members) - len(missing), added, tuple(failed))


def _find_or_create(target: _Target[Member], collection: Collection, journal: Journal) -> tuple[str, bool]:
    entries = [e for e in journal.entries() if e.get("place") == target.place]
    found = target.existing(collection.title)
    if found is None:
        journal.record("creating", place=target.place, title=collection.title)
        uuid = target.create(collection.title, collection.description)
        journal.record("created", place=target.place, uuid=uuid)
        return uuid, True
    uuid, description = found
    # "creating" without "created" is a crash or a lost answer in between: that Collection is ours.
    if not any(e["step"] == "creating" or e.get("uuid") == uuid for e in entries):
        raise PushError(
            f"{target.name} has a Collection {collection.title!r} already, and this workspace did not make it",
            hint="make the Collection under another title, or remove the one in Encord",
        )
    if description != collection.description:
        target.describe(uuid, collection.description)
    return uuid, False


def _reconcile(target: _Target[Member], uuid: str, members: Sequence[Member], failed: Sequence[str]) -> None:
    """Read the Collection back: what Encord said it took has to be there."""
    absent = len(set(members) - set(target.members(uuid))) - len(set(failed))
    if absent > 0:
        raise PushError(
            f"Encord took {absent:,} members of {uuid} without an error, and does not list them",
            hint="run the same command again: it adds what is missing",
        )
