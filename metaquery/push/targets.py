"""Collections, datasets and projects on the server: how each is found, made, filled and emptied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from metaquery.errors import NotFound, PushError, Refused
from metaquery.wire import CollectionMember, EncordClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from metaquery.push.plan import TargetPlan

__all__ = ["Found", "Target", "target_of"]

_ATTEMPTS = 3


class Found(NamedTuple):
    """Something on the server, with its name and description."""

    uuid: str
    name: str
    description: str


class Target(Protocol):
    """Where members go, and how to speak of them there."""

    def known(self, title: str) -> list[Found]:
        """Return what is there; at least all of this title."""

    def create(self, title: str, description: str) -> str:
        """Make it, and return its id."""

    def change(self, uuid: str, title: str, description: str | None) -> None:
        """Call or describe it anew."""

    def members(self, uuid: str) -> Iterable[Any]:
        """Return what is in it."""

    def add(self, uuid: str, members: Sequence[Any]) -> dict[Any, str]:
        """Add members; return those that were refused, each with what the server said."""

    def remove(self, uuid: str, members: Sequence[Any]) -> dict[Any, str]:
        """Remove members; return those that were refused."""

    def delete(self, uuid: str) -> None:
        """Delete it; what is not there any more is no error."""


def target_of(client: EncordClient, plan: TargetPlan, dataset: str | None = None) -> Target:
    """Return what a plan is about.

    Parameters
    ----------
    client
        Of its server.
    plan
        The plan.
    dataset
        The dataset that a new project is over.
    """
    if plan.kind == "collection":
        return _Folder(client, plan.place)
    if plan.kind == "project-collection":
        return _ProjectCollection(client, plan.place, plan.detail, plan.where)
    return _Dataset(client) if plan.kind == "dataset" else _Project(client, plan.detail, dataset)


@dataclass(frozen=True)
class _Folder:
    client: EncordClient
    folder: str

    def known(self, title: str) -> list[Found]:  # noqa: ARG002  # Encord lists all of a folder
        return [Found(c.uuid, c.name, c.description or "") for c in self.client.collections(folder=self.folder)]

    def create(self, title: str, description: str) -> str:
        return self.client.create_collection(self.folder, title, description)

    def change(self, uuid: str, title: str, description: str | None) -> None:
        self.client.update_collection(uuid, name=title, description=description)

    def members(self, uuid: str) -> Iterable[str]:
        for page in self.client.collection_items(uuid):
            yield from page

    def add(self, uuid: str, members: Sequence[str]) -> dict[str, str]:
        return dict.fromkeys(self.client.add_collection_items(uuid, members), "Encord refused it")

    def remove(self, uuid: str, members: Sequence[str]) -> dict[str, str]:
        return dict.fromkeys(self.client.remove_collection_items(uuid, members), "Encord refused to remove it")

    def delete(self, uuid: str) -> None:
        _unless_gone(lambda: self.client.delete_collection(uuid))


@dataclass(frozen=True)
class _ProjectCollection:
    client: EncordClient
    project: str
    kind: str
    where: str

    def known(self, title: str) -> list[Found]:
        found = self.client.project_collections(self.project)
        other = next((c for c in found if c.name == title and c.collection_type != self.kind), None)
        if other is not None:
            raise PushError(
                f"{self.where} has a Collection {title!r} of {other.collection_type} members, not {self.kind}",
                hint="rename one of the two",
            )
        return [Found(c.uuid, c.name, c.description or "") for c in found if c.collection_type == self.kind]

    def create(self, title: str, description: str) -> str:
        return self.client.create_project_collection(self.project, title, description, self.kind)

    def change(self, uuid: str, title: str, description: str | None) -> None:
        self.client.update_project_collection(self.project, uuid, name=title, description=description)

    def members(self, uuid: str) -> Iterable[CollectionMember]:
        for page in self.client.project_collection_items(self.project, uuid, labels=self.kind == "LABEL"):
            yield from page

    def add(self, uuid: str, members: Sequence[CollectionMember]) -> dict[CollectionMember, str]:
        refused = self.client.add_project_collection_items(self.project, uuid, list(map(_sent, members)))
        return dict.fromkeys(map(_came, refused), "Encord refused it")

    def remove(self, uuid: str, members: Sequence[CollectionMember]) -> dict[CollectionMember, str]:
        refused = self.client.remove_project_collection_items(self.project, uuid, list(map(_sent, members)))
        return dict.fromkeys(map(_came, refused), "Encord refused to remove it")

    def delete(self, uuid: str) -> None:
        _unless_gone(lambda: self.client.delete_project_collection(self.project, uuid))


def _sent(member: CollectionMember) -> dict[str, Any]:
    plain: dict[str, Any] = {"dataUuid": member.data_hash, "frame": member.frame}
    return plain if member.annotation_id is None else {**plain, "annotationId": member.annotation_id}


def _came(member: dict[str, Any]) -> CollectionMember:
    return CollectionMember(str(member.get("dataUuid")), int(member.get("frame") or 0), member.get("annotationId"))


@dataclass(frozen=True)
class _Dataset:
    client: EncordClient

    def known(self, title: str) -> list[Found]:
        found = self.client.datasets(title=title)
        return [Found(d.dataset_hash, d.title, d.description or "") for d in found if d.title == title]

    def create(self, title: str, description: str) -> str:
        return self.client.create_dataset(title, description)

    def change(self, uuid: str, title: str, description: str | None) -> None:
        """Leave it: the protocol has no call for that."""

    def members(self, uuid: str) -> Iterable[str]:
        return [row.item_uuid for row in self.client.backed_rows(uuid) if row.item_uuid is not None]

    def add(self, uuid: str, members: Sequence[str]) -> dict[str, str]:
        """Link items; where a whole batch is refused for a few of them, those are found by halves."""
        try:
            self.client.link_items(uuid, members)
        except (Refused, NotFound) as error:
            if len(members) == 1:
                return {members[0]: error.message}
            self.client.row_index(uuid)  # raises where it is the dataset that is not there
            half = len(members) // 2
            return {**self.add(uuid, members[:half]), **self.add(uuid, members[half:])}
        return {}

    def remove(self, uuid: str, members: Sequence[str]) -> dict[str, str]:
        """Take the data units of items out: of an item that was linked again later, the one that came first."""
        refused: dict[str, str] = {}
        for _ in range(_ATTEMPTS):
            wanted = set(members)
            rows: dict[str, str] = {}
            for row in self.client.backed_rows(uuid):
                if row.item_uuid in wanted:
                    rows.setdefault(row.item_uuid, row.data_hash)
            try:
                self.client.remove_rows(uuid, list(rows.values()))
            except NotFound as error:
                # One went meanwhile, or an answer was lost and the request repeated: what is there now?
                refused = dict.fromkeys(rows, error.message)
            else:
                return {}
        return refused

    def delete(self, uuid: str) -> None:
        raise PushError(f"the dataset {uuid} cannot be deleted: the protocol has no call for that")


@dataclass(frozen=True)
class _Project:
    client: EncordClient
    ontology: str
    dataset: str | None

    def known(self, title: str) -> list[Found]:
        found = self.client.projects(title=title)
        return [Found(p.project_hash, p.title, p.description or "") for p in found if p.title == title]

    def create(self, title: str, description: str) -> str:
        datasets = [self.dataset] if self.dataset else []
        return self.client.create_project(title, description, datasets, self.ontology or None)

    def change(self, uuid: str, title: str, description: str | None) -> None:
        """Leave it: the protocol has no call for that."""

    def members(self, uuid: str) -> Iterable[str]:
        return [dataset.dataset_hash for dataset in self.client.project_datasets(uuid)]

    def add(self, uuid: str, members: Sequence[str]) -> dict[str, str]:
        """Do nothing: a project has its dataset from the moment it is made."""
        del uuid, members
        return {}

    remove = add

    def delete(self, uuid: str) -> None:
        raise PushError(f"the project {uuid} cannot be deleted: the protocol has no call for that")


def _unless_gone(call: Callable[[], None]) -> None:
    try:
        call()
    except NotFound:
        return
