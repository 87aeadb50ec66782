"""`Record`: the journal of one Collection and server, as pushes write and read it; and the pushes that it tells of.

An entry has the time, the push, the key's fingerprint and the server. Members are not in it: what a push set out to
add and to remove lies in a file beside, written before the first request, so that it can be undone to the letter.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.errors import PushError
from metaquery.store.durable import fsync_folder, write_bytes
from metaquery.store.lock import write_lock
from metaquery.wire import CollectionMember

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from metaquery.push.plan import Member, PushPlan, TargetPlan
    from metaquery.store.journal import Journal

__all__ = ["Pushed", "Record", "grouped"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """One push as its journal tells it.

    Attributes
    ----------
    id
        Of the push.
    collection, title
        Of the Collection, as it was called then.
    to
        What it was sent to.
    at
        When it was planned, ISO 8601, UTC.
    key
        Fingerprint of the public key.
    server
        Scheme, host and port.
    state
        `finished`, `interrupted`, or `undone` where a later entry undid it.
    undoes
        The push that it undid; None of a push.
    added, already, removed, failed
        Members by what became of them, of an interrupted one as far as it is known: in what it was sent to, so that a
        unit that went into a Collection and from there into a dataset counts once. A failure on the way there counts.
    places
        What was sent to, in words.
    """

    id: str
    collection: str
    title: str
    to: str
    at: str
    key: str
    server: str
    state: str
    undoes: str | None
    added: int
    already: int
    removed: int
    failed: int
    places: tuple[str, ...]
    entries: tuple[dict[str, Any], ...] = field(repr=False, default=())


class Record:
    """The journal of one Collection and server.

    Parameters
    ----------
    journal
        Its file.
    key, server
        Fingerprint of the key that signs, and the server, for the entries to come.
    """

    def __init__(self, journal: Journal, key: str, server: str) -> None:
        self._journal = journal
        self._key = key
        self._server = server
        self.push = ""

    @property
    def size(self) -> int:
        """Bytes of the journal: it only grows."""
        return self._journal.path.stat().st_size if self._journal.path.exists() else 0

    def entries(self) -> list[dict[str, Any]]:
        """Return every entry, oldest first."""
        return list(self._journal.entries())

    def write(self, step: str, **facts: Any) -> None:
        """Append one entry, durably."""
        stamp = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "push": self.push}
        self._journal.record(step, **stamp, key=self._key, server=self._server, **facts)

    @contextmanager
    def held(self, seen: int | None = None) -> Iterator[None]:
        """Let nobody else send the same Collection meanwhile.

        Parameters
        ----------
        seen
            Bytes of the journal when the plan was made.

        Raises
        ------
        PushError
            It has been sent, or undone, since.
        WorkspaceLocked
            Another process is sending it.
        """
        self._journal.path.parent.mkdir(parents=True, exist_ok=True)
        with write_lock(self._journal.path.with_suffix(".lock")):
            if seen is not None and seen != self.size:
                raise PushError("another process has sent it since this was planned", hint="run the same command again")
            yield

    def begin(self, plan: PushPlan) -> None:
        """Write down what is going to be done, before anything is."""
        self.push = plan.id
        if not self._members(plan.id).exists():
            chosen = {t.key: {"add": t.add, "remove": t.remove} for t in plan.targets}
            write_bytes(self._members(plan.id), json.dumps(chosen).encode())
        self.write(
            "planned",
            collection=plan.collection,
            title=plan.title,
            to=plan.to,
            digest=plan.digest,
            undoes=plan.undoes,
            places=[target.key for target in plan.targets],
            targets=[_facts(target) for target in plan.targets],
            left_out=len(plan.left_out),
        )
        fsync_folder(self._journal.path.parent)  # the file may have been made just now

    def set_out(self, push: str, key: str) -> tuple[list[Member], list[Member]]:
        """Return what a push set out to add to a target, and to remove from it."""
        if not self._members(push).exists():
            return [], []
        held = json.loads(self._members(push).read_bytes()).get(key, {})
        return [_member(m) for m in held.get("add", ())], [_member(m) for m in held.get("remove", ())]

    def ours(self, target: TargetPlan) -> tuple[list[str], bool]:
        """Tell which things at a target's place this Collection has made or was made from, the newest last.

        Returns
        -------
        list of str, bool
            Their ids, and whether one was being created and its id never came: what has the title is ours, then.
        """
        uuids: dict[str, None] = {}
        opened = False
        for entry in self.entries():
            if entry.get("place") != target.place or entry.get("kind", target.kind) != target.kind:
                continue
            step, uuid = entry["step"], entry.get("uuid")
            if step == "deleted" and uuid:
                uuids.pop(uuid, None)
            elif uuid:
                uuids.pop(uuid, None)
                uuids[uuid] = None
            if entry.get("title", target.title) == target.title:
                opened = step == "creating" or (opened and step not in {"created", "not created"})
        return list(uuids), opened

    def _members(self, push: str) -> Path:
        return self._journal.path.with_name(f"{self._journal.path.stem}-{push}.members.json")


def _facts(target: TargetPlan) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "place": target.place,
        "where": target.where,
        "title": target.title,
        "description": target.description,
        "uuid": target.uuid,
        "detail": target.detail,
        "requested": len(target.wanted),
        "add": len(target.add),
        "remove": len(target.remove),
        "delete": target.delete,
    }


def _member(plain: Any) -> Member:
    return plain if isinstance(plain, str) else CollectionMember(*plain)


def grouped(entries: Iterable[dict[str, Any]]) -> list[Pushed]:
    """Sort the entries of one journal by the pushes that they are of, oldest first.

    Entries of journals from before pushes had ids are left out.
    """
    by_push: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        if entry.get("push"):
            by_push.setdefault(entry["push"], []).append(entry)
    found = [_pushed(own) for own in by_push.values() if own[0]["step"] == "planned"]
    undone = {p.undoes for p in found if p.undoes and p.state == "finished"}
    return [replace(p, state="undone") if p.id in undone else p for p in found]


def _pushed(entries: list[dict[str, Any]]) -> Pushed:
    first, last = entries[0], entries[-1]
    kind = next((t["kind"] for t in reversed(first["targets"]) if t["kind"] != "project"), "project")
    # A push that was interrupted and gone on with settles a place again.
    settled = {(e["kind"], e["place"]): e for e in entries if e["step"] == "settled"}.values()
    refused = Counter[str]()
    for entry in settled:
        refused[entry["kind"]] += entry["refused"]
    return Pushed(
        id=first["push"],
        collection=first["collection"],
        title=first["title"],
        to=first["to"],
        at=first["at"],
        key=first["key"],
        server=first["server"],
        state="finished" if last["step"] == "finished" else "interrupted",
        undoes=first.get("undoes"),
        added=_moved(entries, "added", kind),
        already=sum(e["already"] for e in settled if e["kind"] == kind),
        removed=_moved(entries, "removed", kind),
        failed=first.get("left_out", 0) + max(refused.values(), default=0),
        places=tuple(_place(target) for target in first["targets"]),
        entries=tuple(entries),
    )


def _moved(entries: list[dict[str, Any]], step: str, kind: str) -> int:
    return sum(e["members"] - e["refused"] for e in entries if e["step"] == step and e["kind"] == kind)


def _place(target: dict[str, Any]) -> str:
    return target["where"] or f"{target['kind']} {target['title']!r}"
