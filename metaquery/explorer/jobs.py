"""`Jobs`: what takes longer than a request: a sync, a push. Each runs in a thread, and is asked how far it is.

The page polls. A stream of events would hold one of the six connections that a browser has to a host, for as long as
the page is open, and would have to be taken up again after each reload; a poll on this machine takes a millisecond.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from metaquery.errors import NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Job", "Jobs"]

_KEPT = 50


@dataclass
class Job:
    """Something that runs, or has run.

    Attributes
    ----------
    id, kind
        How to ask for it, and what it is: `sync` or `send`.
    state
        `running`, `done` or `failed`.
    stage
        What is being done, in words.
    done, total
        How far it is; None where that cannot be told.
    result
        What it came to, as JSON; None before.
    failure
        The error that ended it, as JSON; None where none did.
    began, ended
        UTC.
    """

    id: str
    kind: str
    state: str = "running"
    stage: str = ""
    done: int | None = None
    total: int | None = None
    result: Any = None
    failure: Any = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None

    def at(self, words: str) -> None:
        """Say what is being done from now on."""
        self.stage, self.done, self.total = words, None, None

    def reached(self, done: int, total: int) -> None:
        """Say how far it is."""
        self.done, self.total = done, total

    def to_json(self) -> dict[str, Any]:
        """Return how far it is, for the page."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "result": self.result,
            "error": self.failure,
            "began": self.began.isoformat(),
            "ended": None if self.ended is None else self.ended.isoformat(),
        }


class Jobs:
    """The jobs of a server, newest last; of one kind one runs at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def all(self) -> list[Job]:
        """Return every job that is remembered."""
        with self._lock:
            return list(self._jobs.values())

    def get(self, name: str) -> Job:
        """Return a job.

        Raises
        ------
        NotFound
            There is none of this id.
        """
        with self._lock:
            if name not in self._jobs:
                raise NotFound(f"there is no job {name[:100]!r}")
            return self._jobs[name]

    def start(self, kind: str, work: Callable[[Job], Any]) -> Job:
        """Start a job in a thread of its own, which ends with the process.

        Parameters
        ----------
        kind
            What it is.
        work
            Does it, says how far it is, and returns what it came to, as JSON.

        Raises
        ------
        UsageError
            One of this kind is running.
        """
        job = Job(secrets.token_urlsafe(9), kind)
        with self._lock:
            if any(other.kind == kind and other.state == "running" for other in self._jobs.values()):
                raise UsageError(f"a {kind} is running already", hint="wait until it is done")
            self._jobs[job.id] = job
            for name in [name for name, old in self._jobs.items() if old.state != "running"][:-_KEPT]:
                del self._jobs[name]
        Thread(target=_run, args=(job, work), name=f"metaquery-{kind}", daemon=True).start()
        return job


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    from metaquery.explorer.failures import failed

    try:
        job.result = work(job)
    except Exception as error:  # noqa: BLE001  # told to who asks for the job
        job.failure = failed(error)[1]["error"]
    job.ended = datetime.now(UTC)
    job.state = "done" if job.failure is None else "failed"
