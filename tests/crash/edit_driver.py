"""`python -m tests.crash.edit_driver`: kill an edit of client metadata at its durable steps, and do it again.

A process of its own, as it forks one for each step. After each kill the same command has to come to the same documents
on the server, and its undo has to bring back, byte for byte, what was there before, whichever of the two wrote it.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

import metaquery
from metaquery.edits import EditPlan
from metaquery.sandbox import start
from metaquery.store.raw import rows_of
from metaquery.wire import EncordClient

from .steps import KILLED, Steps, forked
from .world import Server


def planned(root: Path) -> EditPlan:
    """Return the edit: a filter chooses other units once it is done, so what is repeated is known by its request."""
    return metaquery.open(root, connections=1, page_rows=10).metadata.set({"round": 7, "seen": True}, where="true")


def edit(root: Path) -> int:
    """Do the edit; return how many units were written."""
    return planned(root).apply().written


def documents(client: EncordClient) -> dict[str, str]:
    """Return every document on the server."""
    found = {}
    for dataset in client.datasets():
        page = client.data_rows(dataset.dataset_hash, client.row_index(dataset.dataset_hash))
        found |= {row.data_hash: row.metadata.decode() for row in rows_of(page.body)}
    return found


class Trial:
    """An edit on copies of one workspace, against one server that is put back after each."""

    def __init__(self, server: Server, before: Path, scratch: Path) -> None:
        self.server = server
        self.before = before
        self.scratch = scratch
        self.was = self.there()

    def there(self) -> dict[str, str]:
        """Return what is on the server, asked by a process of its own."""

        def ask() -> dict[str, str]:
            with self.server.client() as client:
                return documents(client)

        found: dict[str, str] = forked(ask)
        return found

    def copy(self, name: str) -> Path:
        """Return a copy of the workspace."""
        root = self.scratch / name
        shutil.copytree(self.before, root)
        return root

    def points(self) -> list[tuple[int, bool]]:
        """Return the last durable step of each place in the code, and whether it can be torn."""

        def count() -> list[tuple[int, bool]]:
            root = self.copy("counted")
            steps = Steps()
            edit(root)
            found = steps.last()
            metaquery.open(root).metadata.undo().apply()
            return found

        found: list[tuple[int, bool]] = forked(count)
        return found

    def kill(self, at: int, *, torn: bool) -> list[str]:
        """Kill the edit at a step, repeat it, and undo it; return what is wrong."""
        root = self.copy(f"{at}-{torn}")

        def work() -> None:
            Steps(at, torn=torn)
            edit(root)

        assert forked(work) is KILLED
        wrong = self.repeated(root)
        shutil.rmtree(root)
        return [f"step {at}{', torn' if torn else ''}: {what}" for what in wrong]

    def repeated(self, root: Path) -> list[str]:
        """Do the edit again and undo it, in a process of its own; return what is wrong."""
        wrong: list[str] = forked(lambda: self._after(root))
        if self.there() != self.was:
            wrong.append("the undo does not bring back what was there")
        return wrong

    def _after(self, root: Path) -> list[str]:
        wrong = []
        workspace = metaquery.open(root)
        plan = planned(root)
        if plan.targets:
            plan.apply()
        with self.server.client() as client:
            now = documents(client)
        for data_hash, text in now.items():
            if json.loads(text) != json.loads(self.was[data_hash]) | {"round": 7, "seen": True}:
                wrong.append(f"{data_hash} is {text}")
        if workspace.data.filter("seen and round = 7").count() != len(now):
            wrong.append("the local snapshot does not have the new values")
        log = workspace.metadata.log()
        if [entry.state for entry in log] != ["done"]:
            wrong.append(f"the log has {[entry.state for entry in log]}")
        workspace.metadata.undo().apply()
        return wrong


def synced(url: str, key_file: Path, root: Path) -> None:
    """Make the workspace that is edited."""
    root.mkdir()
    workspace = metaquery.open(root)
    workspace.connect(url, key_file=key_file)
    workspace.sync()


def main() -> None:
    """Read from the command line where there is room, and of how many places one is taken."""
    scratch, every = Path(sys.argv[1]), int(sys.argv[2])
    with start(units=12, key_out=scratch / "key", with_schema=True) as process:
        forked(lambda: synced(process.url, process.key_file, scratch / "synced"))
        trial = Trial(Server(process.url, process.key_file), scratch / "synced", scratch)
        points = trial.points()[::every]
        wrong = [what for at, torn in points for what in trial.kill(at, torn=torn)]
    print(json.dumps({"points": len(points), "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
