"""`python -m tests.crash.push_driver`: kill a push at each of its durable steps and requests, and push again.

As `driver`, a process of its own, which forks one for each step. The sandbox keeps what was sent; each trial sends a
Collection of a title of its own, to a project, in batches of five. What is wrong goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

import metaquery
from metaquery.push import Pushes, PushReport
from metaquery.wire.transport import Transport

from .steps import KILLED, Steps, forked
from .world import Server

_BATCH = 5


class Requests(Steps):
    """Counts requests as well: the moments before one is sent, and after its answer came."""

    def __init__(self, at: int | None = None) -> None:
        super().__init__(at)
        exchange = Transport._exchange

        def counted(transport: Transport, request: Any) -> Any:
            self._perhaps_die()
            response = exchange(transport, request)
            self._perhaps_die()
            return response

        Transport._exchange = counted  # type: ignore[method-assign]

    def _perhaps_die(self) -> None:
        if self._is_here(tearable=False):
            os.kill(os.getpid(), signal.SIGKILL)


def push(root: Path, title: str, steps: Callable[[], Any] = lambda: None) -> PushReport:
    """Send what is there to a project, making the Collection where it is not made yet."""
    workspace = metaquery.open(root, threads=1)
    if title not in {c.title for c in workspace.collections.all()}:
        workspace.data.collect(title)
    pushes = Pushes(workspace.server, workspace.collections, workspace._pinning.newest, batch=_BATCH)
    steps()
    return pushes.apply(pushes.plan(title, to="project", like="Street scenes Europe"))


def after_kill(server: Server, root: Path, title: str) -> list[str]:
    """Push again, and return what is not as it should be."""
    again = forked(lambda: [push(root, title).failed, push(root, title).id])
    wrong = [] if again == [0, ""] else [f"the repeats came to {again}"]
    with server.client() as client:
        wanted = sorted({row["backing_item_uuid"] for row in server.units()})
        theirs = [c.uuid for c in client.collections() if c.name == title]
        listed = [sorted(i for page in client.collection_items(uuid) for i in page) for uuid in theirs]
        datasets = [d.dataset_hash for d in client.datasets(title=title)]
        linked = [sorted(str(row.item_uuid) for row in client.backed_rows(name)) for name in datasets]
        projects = [p.project_hash for p in client.projects(title=title)]
        over = [[d.dataset_hash for d in client.project_datasets(name)] for name in projects]
    if (listed, linked, over) != ([wanted], [wanted], [datasets]):
        wrong.append(f"{len(listed)} Collections, {len(linked)} datasets, {len(over)} projects, or not whole")
    return wrong


def trials(server: Server, before: Path, scratch: Path, every: int = 1) -> tuple[int, list[str]]:
    """Kill a push at every n-th place; return how many there were, and what was wrong afterwards."""

    def count() -> list[int]:
        root = Path(shutil.copytree(before, scratch / "counted"))
        counted: list[Steps] = []
        push(root, "counted", lambda: counted.append(Requests()))
        return [number for number, _ in counted[0].last()]

    points = forked(count)[::every]
    wrong = []
    for at in points:
        root = Path(shutil.copytree(before, scratch / f"push-{at}"))
        title = f"killed at {at}"
        dead = forked(lambda root=root, title=title, at=at: push(root, title, lambda: Requests(at)).id)
        assert dead is KILLED
        wrong += [f"push, step {at}: {what}" for what in after_kill(server, root, title)]
        shutil.rmtree(root)
    return len(points), wrong


def main() -> None:
    """Read what to do from the command line."""
    url, key, before, scratch, every = sys.argv[1:]
    points, wrong = trials(Server(url, Path(key)), Path(before), Path(scratch), int(every))
    print(json.dumps({"points": points, "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
