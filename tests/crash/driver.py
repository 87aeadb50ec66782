"""`python -m tests.crash.driver`: kill one job at each of its durable steps, and look at what is left.

It is a process of its own, as it forks one for each step: whoever forks must not have used DuckDB. What it has found
goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

from metaquery.store import ahead
from metaquery.store.layout import Layout
from metaquery.sync import rematerialise

from .state import digest, strays
from .steps import KILLED, Steps, forked
from .world import SETTINGS, Server, sync_file

__all__ = ["JOBS", "Trial", "after_kill"]

JOBS: dict[str, Callable[[Server, Path], Any]] = {
    "first sync": lambda server, root: server.sync(root).snapshot.id,
    "second sync": lambda server, root: server.sync(root).snapshot.id,
    "full sync": lambda server, root: server.sync(root, full=True).snapshot.id,
    "rematerialise": lambda server, root: (
        rematerialise(Layout(root), server.other_schema, settings=SETTINGS).snapshot.id
    ),
    "file sync": lambda _, root: sync_file(root),
}

TYPING = ("create_data", "insert_pages", "move_misfits", "still_inferred")
"""What is done to the tables that are typed while pages are read; the steps of it are DuckDB's own."""

ahead._PAGES = 1  # so few units come in so few pages


class Trial:
    """One job on copies of one workspace.

    Parameters
    ----------
    server, job
        What is done where.
    before
        The workspace to begin with.
    scratch
        Folder for the copies.
    """

    def __init__(self, server: Server, job: str, before: Path, scratch: Path) -> None:
        self.server = server
        self.job = JOBS[job]
        self.before = before
        self.scratch = scratch
        self.allowed = {self.digest(before), forked(self._truth)}

    def digest(self, root: Path) -> str | None:
        """Look at a workspace from a process of its own."""
        found: str | None = forked(lambda: digest(root))
        return found

    def _truth(self) -> str | None:
        root = self.copy("truth")
        self.job(self.server, root)
        return digest(root)

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
            self.job(self.server, root)
            return steps.last()

        found: list[tuple[int, bool]] = forked(count)
        return found

    def kill(self, at: int, *, torn: bool) -> list[str]:
        """Kill the job at a step; return what is wrong afterwards."""
        root = self.copy(f"{at}{'-torn' if torn else ''}")

        def work() -> None:
            Steps(at, torn=torn)
            self.job(self.server, root)

        assert forked(work) is KILLED
        return [f"step {at}{', torn' if torn else ''}: {what}" for what in self._left(root)]

    def _left(self, root: Path) -> list[str]:
        wrong = after_kill(self.server, root, self.allowed, self.job)
        shutil.rmtree(root)
        return wrong

    def kill_typing(self, at: int) -> list[str] | None:
        """Kill the job behind a call of `TYPING`; return what is wrong afterwards, None where there are no so many."""
        root = self.copy(f"typing-{at}")
        calls = []

        def counting(call: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*arguments: Any, **options: Any) -> Any:
                answer = call(*arguments, **options)
                calls.append(call)
                if len(calls) > at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return answer

            return counted

        def work() -> None:
            for name in TYPING:
                setattr(ahead, name, counting(getattr(ahead, name)))
            self.job(self.server, root)

        if forked(work) is not KILLED:
            shutil.rmtree(root)
            return None
        return [f"typing, call {at}: {what}" for what in self._left(root)]

    def kill_typings(self, every: int) -> list[list[str]]:
        """Kill the job behind every so many calls of `TYPING`, to the last; return what is wrong behind each."""
        return list(iter(map(self.kill_typing, count(0, every)).__next__, None))


def after_kill(server: Server, root: Path, allowed: set[str | None], job: Callable[[Server, Path], Any]) -> list[str]:
    """Return what is wrong with a workspace whose writer was killed, and with it after the next run of the job."""
    wrong = []
    if forked(lambda: digest(root)) not in allowed:
        wrong.append("what is there is of no one moment")
    found, left = forked(lambda: (job(server, root), digest(root), strays(Layout(root)))[1:])
    if found not in allowed or found is None:
        wrong.append("the next run does not come to what there is")
    return [*wrong, *(f"the next run leaves {name}" for name in left)]


def main() -> None:
    """Read what to do from the command line."""
    url, key, job, before, scratch, every = sys.argv[1:]
    trial = Trial(Server(url, Path(key)), job, Path(before), Path(scratch))
    points = trial.points()[:: int(every)]
    wrong = [what for at, torn in points for what in trial.kill(at, torn=torn)]
    typings = trial.kill_typings(max(int(every) // 3, 1))
    wrong += [what for found in typings for what in found]
    print(json.dumps({"points": len(points), "typings": len(typings), "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
