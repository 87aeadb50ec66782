"""`python -m tests.crash.server_driver`: kill the server at each request of a push and of an edit, and do it again.

A process of its own, as `driver`. The sandbox keeps its organisation in a file and kills itself, before a request has
taken effect or after, with the answer unsent; another one goes on with the file. What is wrong goes to standard output.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

from metaquery.errors import MetaqueryError
from metaquery.sandbox import start

from . import edit_driver, push_driver
from .steps import forked
from .world import Server

Job = Callable[[Path, str], Any]
Check = Callable[[Server, Path, str], list[str]]


class Mortal:
    """A sandbox that can be killed at a request, and comes back at the same address with what it had."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process = self._start(0)
        self.server = Server(self._process.url, home / "key")

    def _start(self, port: int) -> Any:
        state = self._home / "state"
        return start(units=12, key_out=self._home / "key", with_schema=True, state=state, port=port)

    def requests(self) -> int:
        """Return how many requests it has had, and forget them."""
        there = f"{self.server.url}/sandbox/requests"
        found = len(httpx.get(there).json()["requests"])
        httpx.delete(there)
        return found

    def die_at(self, number: int, *, after: bool) -> None:
        """Have it die at a request, before or after it takes effect."""
        rule = {"match": "", "kind": "die", "after": number, "apply": after}
        httpx.post(f"{self.server.url}/sandbox/faults", json={"rules": [rule]}).raise_for_status()

    def revive(self) -> bool:
        """Start another one where it has died; return whether it had."""
        try:
            httpx.get(f"{self.server.url}/sandbox/requests")
        except httpx.TransportError:
            self._process.stop()
            self._process = self._start(urlsplit(self.server.url).port or 0)
            return True
        httpx.delete(f"{self.server.url}/sandbox/faults")
        return False

    def stop(self) -> None:
        """Let it go."""
        self._process.stop()


def attempted(job: Job, root: Path, title: str) -> bool:
    """Do a job in a process of its own; return whether it came to its end."""

    def work() -> bool:
        try:
            job(root, title)
        except MetaqueryError:
            return False
        return True

    done: bool = forked(work)
    return done


def trials(mortal: Mortal, before: Path, every: int, job: Job, check: Check) -> Iterator[list[str]]:
    """Kill the server at every n-th request of a job, before its effect and after; yield what was wrong after each."""
    name, scratch = job.__name__, before.parent
    root, title = Path(shutil.copytree(before, scratch / name)), f"{name} counted"
    mortal.requests()
    attempted(job, root, title)
    total = mortal.requests()
    yield [f"{name}, nobody killed: {what}" for what in check(mortal.server, root, title)]
    for number in range(0, total, every):
        for after in (False, True):
            root = Path(shutil.copytree(before, scratch / f"{name}-{number}-{after}"))
            title = f"{name} {number} {after}"
            mortal.die_at(number, after=after)
            done = attempted(job, root, title)
            wrong = [] if mortal.revive() else ["the server was not killed"]
            wrong += ["it was done without its server"] if done and not wrong else []
            wrong += check(mortal.server, root, title)
            yield [f"{name}, request {number}{', in effect' if after else ''}: {what}" for what in wrong]
            shutil.rmtree(root)


def push(root: Path, title: str) -> None:
    """Send what is there."""
    push_driver.push(root, title)


def edit(root: Path, _: str) -> None:
    """Write client metadata."""
    edit_driver.edit(root)


def main() -> None:
    """Read from the command line where there is room, and of how many requests one is taken."""
    scratch, every = Path(sys.argv[1]), int(sys.argv[2])
    os.environ["METAQUERY_RETRY_BUDGET_S"] = "0.1"
    mortal = Mortal(scratch)
    try:
        before = scratch / "synced"
        forked(lambda: edit_driver.synced(mortal.server.url, mortal.server.key_file, before))
        trial = edit_driver.Trial(mortal.server, before, scratch)
        found = [
            *trials(mortal, before, every, edit, lambda _, root, __: trial.repeated(root)),
            *trials(mortal, before, every, push, push_driver.after_kill),
        ]
    finally:
        mortal.stop()
    print(json.dumps({"points": len(found), "wrong": list(chain(*found))}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
