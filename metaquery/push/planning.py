"""`plan_push`, `plan_undo`: look at the server and into the journal, and say what is to be done; nothing is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metaquery.errors import PushError
from metaquery.push.members import member_text, project_members, storage_items
from metaquery.push.plan import PushPlan, TargetPlan
from metaquery.push.records import Pushed, Record, grouped
from metaquery.push.report import Failure
from metaquery.push.targets import Found, target_of
from metaquery.sources.encord import found_project
from metaquery.store.journal import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.collection import Collection
    from metaquery.engines.base import Engine
    from metaquery.push.plan import Destination, Member
    from metaquery.wire import EncordClient

__all__ = ["Planner"]


@dataclass(frozen=True)
class Planner:
    """Plans pushes of one Collection.

    Parameters
    ----------
    client, record
        The server, and the journal of the Collection and that server.
    """

    client: EncordClient
    record: Record

    def push(self, collection: Collection, destination: Destination, engine: Engine) -> PushPlan:
        """Find out what sending a Collection would do.

        Parameters
        ----------
        collection
            With its members at hand (`Collection.evaluated`).
        destination
            Where it goes.
        engine
            Of the snapshot, which knows the storage items.

        Raises
        ------
        PushError
            What the Collection is to become is there, and this Collection did not make it.
        NotFound
            A project that is named is not there.
        """
        seen = self.record.size
        left_out: tuple[Failure, ...]
        units: dict[str, tuple[str, ...]] = {}
        if destination.project is not None:
            targets, left_out = self._in_project(collection, destination.project, engine)
        else:
            items = storage_items(collection, engine)
            units = dict(items.units)
            folders = self.client.item_folders(list(items.items))
            homeless = [i for i in items.items if folders.get(i) is None]
            left_out = (*items.left_out, *(_homeless(data_hash, i) for i in homeless for data_hash in units[i]))
            housed = tuple(i for i in items.items if folders.get(i) is not None)
            targets = self._in_folders(collection, housed, folders, sync=destination.sync)
            if destination.to in {"dataset", "project"}:
                targets += self._in_annotate(collection, destination, housed)
        every = [self._looked_up(target, sync=destination.sync) for target in targets]
        looked = tuple(t for t in every if t.wanted or t.uuid is not None or t.kind == "project")
        plan = PushPlan(
            id="",
            collection=collection.id,
            title=collection.title,
            server=self.client.domain,
            destination=destination,
            targets=looked,
            left_out=left_out,
            imports=destination.import_active is not None and not self._imported(looked),
            digest=_digest(destination, looked, left_out),
            units=units,
            seen=seen,
        )
        return self._named(plan)

    def _named(self, plan: PushPlan) -> PushPlan:
        """Give the plan the id of the push that it goes on with, or one of its own."""
        pushes = [p for p in grouped(self.record.entries()) if p.to == plan.to]
        last = pushes[-1] if pushes else None
        same = last is not None and last.entries[0].get("digest") == plan.digest and last.undoes == plan.undoes
        if last is not None and same and last.state == "interrupted":
            return replace(plan, id=last.id, resumes=True)
        if last is not None and same and last.state == "finished" and plan.idle:
            return replace(plan, id=new_id(), done_by=last.id)
        return replace(plan, id=new_id())

    def _in_folders(
        self, collection: Collection, items: Sequence[str], folders: dict[str, str | None], *, sync: bool
    ) -> list[TargetPlan]:
        by_folder: dict[str, list[Member]] = {}
        for item in items:
            by_folder.setdefault(str(folders[item]), []).append(item)
        if sync:  # a Collection of ours in a folder that has no member any more is to be empty
            for entry in self.record.entries():
                if entry["step"] == "settled" and entry.get("kind") == "collection":
                    by_folder.setdefault(entry["place"], [])
        return [
            TargetPlan(
                kind="collection",
                place=folder,
                where=f"the folder {self.client.folder(folder).name or folder!r}",
                title=collection.title,
                description=collection.description,
                uuid=None,
                wanted=tuple(members),
            )
            for folder, members in sorted(by_folder.items())
        ]

    def _in_project(
        self, collection: Collection, name: str, engine: Engine
    ) -> tuple[list[TargetPlan], tuple[Failure, ...]]:
        project = found_project(self.client, name)
        frames = project_members(collection, project, engine)
        target = TargetPlan(
            kind="project-collection",
            place=project[0],
            where=f"the project {project[1]!r}",
            title=collection.title,
            description=collection.description,
            uuid=None,
            wanted=frames.members,
            detail="FRAME" if collection.relation == "data" else "LABEL",
        )
        return [target], frames.left_out

    def _in_annotate(
        self, collection: Collection, destination: Destination, items: tuple[str, ...]
    ) -> list[TargetPlan]:
        title = collection.title if destination.title is None else destination.title
        described = collection.description if destination.description is None else destination.description
        dataset = TargetPlan("dataset", title, "", title, described, None, wanted=items)
        if destination.to == "dataset":
            return [dataset]
        ontology = destination.ontology or ""
        if destination.like is not None:
            like, named = found_project(self.client, destination.like)
            found = next(p for p in self.client.projects(title=named) if p.project_hash == like)
            ontology = found.ontology_hash or ""
        return [dataset, TargetPlan("project", title, "", title, described, None, detail=ontology)]

    def _looked_up(self, target: TargetPlan, *, sync: bool) -> TargetPlan:
        """Say what of it is there already."""
        there = target_of(self.client, target)
        found = self._found(target, there.known(target.title))
        if found is None:
            return replace(target, add=target.wanted)
        present = set(there.members(found.uuid)) if target.kind != "project" else set()
        wanted = set(target.wanted)
        kept = target.kind in {"dataset", "project"}  # the protocol has no call that describes them
        return replace(
            target,
            uuid=found.uuid,
            changes=not kept and (found.name, found.description) != (target.title, target.description),
            add=tuple(m for m in target.wanted if m not in present),
            remove=tuple(sorted(present - wanted, key=member_text)) if sync else (),
        )

    def _found(self, target: TargetPlan, known: Sequence[Found]) -> Found | None:
        uuids, opened = self.record.ours(target)
        ours = [f for f in known if f.uuid in uuids]
        named = [f for f in known if f.name == target.title]
        mine = [f for f in named if f in ours]
        if mine:
            return mine[-1]
        if named and opened and len(named) == 1:
            # Its creation was begun, and the answer never came; before that there was none.
            return named[0]
        if named:
            raise _taken(target)
        return max(ours, key=lambda f: uuids.index(f.uuid), default=None)

    def _imported(self, targets: Sequence[TargetPlan]) -> bool:
        project = targets[-1].uuid if targets else None
        return any(e["step"] == "imported" and e.get("uuid") == project for e in self.record.entries())

    def undo(self, push: Pushed, others: Sequence[Pushed]) -> PushPlan:
        """Find out what undoing a push would do.

        Parameters
        ----------
        push
            The push.
        others
            The later ones of the same Collection and server: what they added is theirs.

        Raises
        ------
        PushError
            It is the undoing of a push itself.
        """
        if push.undoes is not None:
            raise PushError(f"{push.id} undid a push itself", hint="send the Collection again")
        seen = self.record.size
        targets, cannot = [], []
        for facts in reversed(push.entries[0]["targets"]):
            target = TargetPlan(
                kind=facts["kind"],
                place=facts["place"],
                where=facts["where"],
                title=facts["title"],
                description=None,
                uuid=None,
                detail=facts["detail"],
            )
            undone, words = self._undone(target, push, others)
            targets += [undone] if undone is not None and not undone.idle else []
            cannot += [words] if words else []
        plan = PushPlan(
            id="",
            collection=push.collection,
            title=push.title,
            server=self.client.domain,
            destination=None,
            targets=tuple(targets),
            undoes=push.id,
            cannot=tuple(cannot),
            digest=push.id,
            seen=seen,
        )
        return self._named(plan)

    def _undone(
        self, target: TargetPlan, push: Pushed, others: Sequence[Pushed]
    ) -> tuple[TargetPlan | None, str | None]:
        """Return what undoes a push at one target, and what of it stays."""
        made = next((e for e in push.entries if e["step"] == "created" and _at(e, target)), None)
        uuids, opened = self.record.ours(target)
        there = target_of(self.client, target)
        known = there.known(target.title)
        ours = [f for f in known if f.uuid in uuids or (opened and f.name == target.title)]
        if target.kind == "project":
            return None, f"{target.named}: the protocol has no call that deletes a project" if made and ours else None
        settled = [e for e in push.entries if e.get("uuid") and _at(e, target)]
        found = next((f for f in ours if settled and f.uuid == settled[-1]["uuid"]), None) or (
            ours[-1] if ours and not settled else None
        )
        if found is None:
            return None, None
        added, removed = self.record.set_out(push.id, target.key)
        for other in others:
            theirs, gone = map(set, self.record.set_out(other.id, target.key))
            added = [m for m in added if m not in theirs]
            removed = [m for m in removed if m not in gone]
        present = set(there.members(found.uuid))
        begun = made is not None or any(e["step"] == "creating" and _at(e, target) for e in push.entries)
        words = f"{target.named}, empty: the protocol has no call that deletes a dataset"
        undone = replace(
            target,
            title=found.name,
            uuid=found.uuid,
            add=tuple(m for m in removed if m not in present),
            remove=tuple(m for m in added if m in present),
            delete=begun and target.kind != "dataset",
        )
        return undone, words if begun and target.kind == "dataset" else None


def _at(entry: dict[str, object], target: TargetPlan) -> bool:
    return entry.get("place") == target.place and entry.get("kind") == target.kind


def _homeless(data_hash: str, item: str) -> Failure:
    return Failure(data_hash, item, "", "lies in no folder that this key sees")


def _taken(target: TargetPlan) -> PushError:
    if target.kind in {"dataset", "project"}:
        hint = "give another --title, or rename the one in Encord"
    else:
        hint = "rename the Collection here, remove the one in Encord, or bring it here: metaquery collection pull"
    return PushError(f"{target.named} is there already, and this Collection did not make it", hint=hint)


def _digest(destination: Destination, targets: Sequence[TargetPlan], left_out: Sequence[Failure]) -> str:
    """Return what two plans for the same have in common: where to, and what is to be there in the end."""
    seal = hashlib.blake2b(digest_size=16)
    for part in (repr(destination), *(repr((t.key, t.title, t.description, t.detail, t.wanted)) for t in targets)):
        seal.update(part.encode())
    seal.update(repr(sorted(failure.data_hash for failure in left_out)).encode())
    return seal.hexdigest()
