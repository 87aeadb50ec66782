"""`Pushes`: what a workspace sends to its server, has sent, and can take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from metaquery.errors import PushError, UsageError
from metaquery.push.applying import apply_plan
from metaquery.push.members import storage_items
from metaquery.push.plan import BATCH, Destination, Options, PushPlan
from metaquery.push.planning import Planner
from metaquery.push.pulling import Pulled, Puller
from metaquery.push.records import Pushed, Record, grouped
from metaquery.push.report import PushReport, ReadBack
from metaquery.store.journal import Journal
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.collection import Collection, Collections
    from metaquery.connections import Connections
    from metaquery.pinned import Pinned
    from metaquery.wire import EncordClient

__all__ = ["Pushes"]


class Pushes:
    """What a workspace sends, has sent, and can take back.

    Parameters
    ----------
    server
        How the server is reached, and the workspace's layout.
    collections
        Of the workspace.
    newest
        Returns the newest snapshot, which knows the storage items.
    batch
        Members a request.

    Examples
    --------
    >>> night = ws.data.filter("dark").collect("Night", replacing=True)
    >>> plan = ws.pushes.plan(night, to="dataset", title="Night, to label")
    >>> report = ws.pushes.apply(plan)
    >>> [target.kind for target in report.targets], report.failed
    (['collection', 'dataset'], 0)
    """

    def __init__(
        self, server: Connections, collections: Collections, newest: Callable[[], Pinned], *, batch: int = BATCH
    ) -> None:
        self._server = server
        self._layout = server.layout
        self._collections = collections
        self._newest = newest
        self._batch = batch

    def plan(self, collection: Collection | str, **destination: Unpack[Options]) -> PushPlan:
        """Find out what sending a Collection to Encord would do; reads from the server, and writes nothing.

        Parameters
        ----------
        collection
            The Collection, or its title; a live one is sent as the newest snapshot has it.
        **destination
            Fields of `Destination`: `to`, `project`, `title`, and so on. `project` alone means a Project Collection,
            and nothing at all Index Collections of storage items.

        Raises
        ------
        PushError
            What it is to become is on the server, and this Collection did not make it.
        NotFound
            A project that is named is not there.
        UsageError
            The destination makes no sense.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("New here", replacing=True)
        >>> for line in ws.pushes.plan("New here").targets[0].lines():
        ...     print(line)
        create  the Collection 'New here' in the folder 'Street scenes'
        add     24 storage items in 1 batch
        """
        if destination.get("project") is not None:
            destination.setdefault("to", "project-collection")
        where = Destination(**destination)
        if isinstance(collection, str):
            collection = self._collections.get(collection)
        with self._server.client() as client:
            planner = Planner(client, self._record(client, collection.id))
            return planner.push(collection.evaluated(), where, self._newest().engine)

    def apply(self, plan: PushPlan, *, progress: Callable[[int, int], None] = lambda *_: None) -> PushReport:
        """Do what a plan says; `progress` is called with members settled and members in all.

        Raises
        ------
        PushError
            The Collection has been sent, or a push of it undone, since the plan was made.
        UsageError
            The workspace is connected to another server by now.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> report = ws.pushes.apply(ws.pushes.plan("Night"))
        >>> report.requested == report.added + report.already == 24
        True
        """
        with self._server.client() as client:
            if client.domain != plan.server:
                raise UsageError(f"the plan is for {plan.server}, and the workspace is connected to {client.domain}")
            record = self._record(client, plan.collection)
            return apply_plan(plan, client, record, batch=self._batch, progress=progress)

    def log(self) -> list[Pushed]:
        """Return every push and every undoing of one, newest first; the server is not asked.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> report = ws.push("Night")
        >>> ws.pushes.log()[0].state
        'finished'
        """
        files = sorted(self._layout.journal.glob("*.jsonl")) if self._layout.journal.exists() else []
        files = [file for file in files if not file.name.startswith("edit-")]  # those are not sent Collections
        found = [pushed for file in files for pushed in grouped(Journal(file).entries())]
        return sorted(found, key=lambda p: (p.at, p.id), reverse=True)

    def plan_undo(self, push: str) -> PushPlan:
        """Find out what undoing a push would do.

        Parameters
        ----------
        push
            Its id, or the beginning of it.

        Raises
        ------
        PushError
            There is no such push, or it undid one itself.
        UsageError
            It went to another server than the workspace is connected to.

        Examples
        --------
        >>> day = ws.data.filter("not dark").collect("Day", replacing=True)
        >>> sent = ws.push("Day")
        >>> undone = ws.pushes.apply(ws.pushes.plan_undo(sent.id))
        >>> undone.removed == sent.added
        True
        """
        every = self.log()
        found = self._one(every, push)
        with self._server.client() as client:
            if client.domain != found.server:
                raise UsageError(
                    f"{found.id} went to {found.server}, and the workspace is connected to {client.domain}",
                    hint="metaquery connect",
                )
            later = [
                p for p in every
                if (p.at, p.id) > (found.at, found.id) and p.undoes is None and p.collection == found.collection
                and p.server == found.server
            ]  # fmt: skip
            return Planner(client, self._record(client, found.collection)).undo(found, later)

    def pull(
        self,
        titles: Sequence[str] = (),
        *,
        folder: str | None = None,
        project: str | None = None,
        replacing: bool = False,
    ) -> list[Pulled]:
        """Bring Collections of the server here as static ones; what was pulled can be sent back there.

        Collections of one title in several folders become one. A data unit is a member where any of its frames is.

        Parameters
        ----------
        titles
            Which; none means all of them.
        folder
            Name or uuid of a top-level folder, for its Collections alone.
        project
            Title or hash of a project, for its Collections in place of those in folders.
        replacing
            Whether Collections here of the same titles may be replaced.

        Raises
        ------
        NotFound
            There is no such Collection, folder or project.
        CollectionError
            A title is taken here; nothing was pulled.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> report = ws.push("Night")
        >>> [pulled.collection.members for pulled in ws.pushes.pull(["Night"], replacing=True)]
        [24]
        """
        with self._server.client() as client:
            puller = Puller(client, self._newest(), self._collections, lambda made: self._record(client, made))
            return puller.pull(titles, folder=folder, project=project, replacing=replacing)

    def read_back(self, collection: Collection | str) -> ReadBack:
        """Compare a Collection that was sent to folders with what the server lists of it.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> report = ws.push("Night")
        >>> there = ws.pushes.read_back("Night")
        >>> len(there.found), len(there.missing), len(there.extra)
        (24, 0, 0)
        """
        if isinstance(collection, str):
            collection = self._collections.get(collection)
        wanted = frozenset(storage_items(collection.evaluated(), self._newest().engine).items)
        with self._server.client() as client:
            record = self._record(client, collection.id)
            folders = set(client.item_folders(sorted(wanted)).values())
            made = {e["uuid"] for e in record.entries() if e["step"] == "settled" and e["place"] in folders}
            there = {c.uuid for c in client.collections(uuids=sorted(made))}
            found = frozenset(item for uuid in there for page in client.collection_items(uuid) for item in page)
        return ReadBack(found, wanted - found, found - wanted)

    def _record(self, client: EncordClient, collection: str) -> Record:
        return Record(Journal.of(self._layout, collection, client.domain), client.fingerprint, client.domain)

    @staticmethod
    def _one(every: list[Pushed], push: str) -> Pushed:
        exact = [p for p in every if p.id == push]
        found = exact or [p for p in every if push and p.id.startswith(push)]
        if len(found) == 1:
            return found[0]
        if found:
            raise PushError(f"{len(found)} pushes begin with {push!r}", hint="give more of the id")
        meant = similar(push, [p.id for p in every])
        hint = f"did you mean {meant[0]!r}?" if meant else "metaquery push log lists them"
        raise PushError(f"there is no push {push!r}", hint=hint)
