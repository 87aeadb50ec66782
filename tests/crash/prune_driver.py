"""`python -m tests.crash.prune_driver`: kill a prune at each of its durable steps, and look at every snapshot.

As `driver`, a process of its own, which forks one for each step. The workspace has snapshots that are to go, one
between them that a Collection names, two that stay, and a sync that was interrupted. What is wrong goes to standard
output, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

import metaquery
import metaquery.engines.duckdb
from metaquery.language import parse
from metaquery.store.history import chain_of, log
from metaquery.store.layout import Layout
from metaquery.store.snapshot import Snapshot

from .state import digest, digest_of, strays
from .steps import KILLED, Steps, forked
from .world import Server

_KEEP = 2


class _Interrupted(Exception):
    """Ends a sync after the first page of a part that is read."""


def prune(root: Path) -> None:
    """Do what is killed."""
    metaquery.open(root, threads=1).history.prune(_KEEP)


def prepared(server: Server, root: Path) -> list[str]:
    """Make the workspace; return the ids of the snapshots that a prune keeps, oldest first."""
    dice = Random(5)  # noqa: S311 - repeatable on purpose
    for number in range(5):
        if number:
            server.edit(dice)
        server.sync(root)
        if number == 1:
            metaquery.open(root, threads=1).data.collect("then")
    server.edit(dice)

    def interrupt(*_: Any) -> None:
        raise _Interrupted

    try:
        server.sync(root, page_rows=1, progress=interrupt)
    except _Interrupted:
        ids = [snapshot.id for snapshot in reversed(log(Layout(root)))]
        return [ids[1], *ids[-_KEEP:]]
    raise AssertionError("the last sync was not interrupted")


def history(root: Path, known: dict[str, str]) -> dict[str, list[str]]:
    """Return of each snapshot what it is made from and what it says, as numbers, by its id.

    Each is made again from its generations, in a copy that has no file of any; once for the same bytes.

    Parameters
    ----------
    root
        The workspace.
    known
        What is said by what was made from the same.
    """
    beside = Layout(root.with_name(f"{root.name}-looked-at"))
    shutil.copytree(Layout(root).home, beside.home)
    for file in beside.snapshots.glob("*.duckdb"):
        file.unlink()
    made_from = {snapshot.id: (_made_from(beside, snapshot), snapshot) for snapshot in log(beside)}
    found = {name: [made, known.get(made) or digest_of(beside, of)] for name, (made, of) in made_from.items()}
    shutil.rmtree(beside.root)
    return found


def _made_from(layout: Layout, snapshot: Snapshot) -> str:
    """Return a number for the bytes of the generations and all else of a snapshot, but for names and times."""
    told = hashlib.blake2b(digest_size=16)
    told.update(repr((snapshot.schema.to_json(), snapshot.counts, snapshot.keys, snapshot.metadata_schema)).encode())
    for entry in snapshot.parts:
        for at, spool in enumerate(chain_of(layout, entry).spools):
            checkpoint = asdict(spool.checkpoint) | {
                "base": bool(spool.checkpoint.base),
                "listed_at": 0,
                "replaces": (),
            }
            told.update(repr((entry.part, at, checkpoint)).encode())
            for file in (file for stream in spool.checkpoint.pages for file in spool.files(stream)):
                told.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    return told.hexdigest()


class Trial:
    """A prune on copies of one workspace.

    Parameters
    ----------
    server
        What the next sync reads.
    scratch
        Folder for the copies.
    """

    def __init__(self, server: Server, scratch: Path) -> None:
        self.server = server
        self.scratch = scratch
        self.before = scratch / "before"
        self.before.mkdir()
        self.kept: list[str] = forked(lambda: prepared(server, self.before))
        self.known: dict[str, str] = {}
        self.said = self.looked_at(forked(lambda: history(self.before, {})))
        self.unfinished = {str(Path(name).parent) for name in forked(lambda: self.left(self.before))}
        assert self.unfinished, "no read is there to be gone on with"
        fresh = scratch / "fresh"
        fresh.mkdir()
        self.now: str = forked(lambda: (server.sync(fresh), digest(fresh))[1])

    def looked_at(self, found: dict[str, list[str]]) -> dict[str, str]:
        """Return what each snapshot says, and remember what that was made from."""
        self.known |= dict(found.values())
        return {name: said for name, (_, said) in found.items()}

    def copy(self, name: str, of: Path | None = None) -> Path:
        """Return a copy of the workspace, or of another."""
        return Path(shutil.copytree(of or self.before, self.scratch / name))

    def left(self, root: Path) -> list[str]:
        """Return the files that nothing needs, but for Collections."""
        return [name for name in strays(Layout(root)) if not name.startswith("collections")]

    def points(self) -> list[bool]:
        """Return of each durable step whether it can be torn."""

        def count() -> list[bool]:
            root = self.copy("counted")
            steps = Steps()
            prune(root)
            return steps.tearable

        found: list[bool] = forked(count)
        return found

    def kill(self, at: int, *, torn: bool) -> list[str]:
        """Kill the prune at a step; return what is wrong afterwards, and after the next prune and the next sync."""
        root = self.copy(f"{at}-{torn}")

        def work() -> None:
            Steps(at, torn=torn)
            prune(root)

        assert forked(work) is KILLED
        found, newest = forked(lambda: [history(root, self.known), digest(root)])
        wrong = [f"{what} after the kill" for what in self.lost(self.looked_at(found))]
        if newest != self.said[self.kept[-1]]:
            wrong.append("the file of the newest snapshot is another")
        wrong += self.pruned(self.copy(f"{at}-{torn}-again", root)) + self.synced(root)
        return [f"step {at}{', torn' if torn else ''}: {what}" for what in wrong]

    def lost(self, found: dict[str, str]) -> list[str]:
        """Return what is wrong with the snapshots that are there."""
        gone = [name for name in self.kept if name not in found]
        changed = [name for name, said in found.items() if name in self.said and self.said[name] != said]
        return [*(f"snapshot {name} is gone" for name in gone), *(f"snapshot {name} is another" for name in changed)]

    def pruned(self, root: Path) -> list[str]:
        """Prune again; return what is wrong then."""
        told, left = forked(lambda: (prune(root), history(root, self.known), self.left(root))[1:])
        shutil.rmtree(root)
        found = self.looked_at(told)
        wrong = [f"{what} after the next prune" for what in self.lost(found)]
        wrong += [f"the next prune leaves snapshot {name}" for name in found if name not in self.kept]
        return wrong + [f"the next prune leaves {n}" for n in left if str(Path(n).parent) not in self.unfinished]

    def synced(self, root: Path) -> list[str]:
        """Sync; return what is wrong then."""

        def sync() -> list[Any]:
            self.server.sync(root)
            return [digest(root), history(root, self.known), self.left(root)]

        now, told, left = forked(sync)
        shutil.rmtree(root)
        found = self.looked_at(told)
        wrong = [f"{what} after the next sync" for what in self.lost(found)]
        if not now == found[max(found)] == self.now:
            wrong.append("the next sync does not come to what there is")
        return wrong + [f"the next sync leaves {name}" for name in left]


def main() -> None:
    """Read what to do from the command line."""
    url, key, scratch, every = sys.argv[1:]
    parse("true")  # the grammar is read once, too
    trial = Trial(Server(url, Path(key)), Path(scratch))
    points = [(at, torn) for at, tearable in enumerate(trial.points()) for torn in sorted({False, tearable})]
    chosen = points[:: int(every)]
    wrong = [what for at, torn in chosen for what in trial.kill(at, torn=torn)]
    print(json.dumps({"points": len(chosen), "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
