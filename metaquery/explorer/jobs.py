"""`Jobs`: what takes longer than a request: a sync, a push. Each runs in a thread, and is asked how far it is.

One that says so can be stopped: at the next page that is durable, or in the middle of a statement. It ends as by Ctrl-C
on the command line, so that what it had read is gone on with by the next.

The page polls. A stream of events would hold one of the six connections that a browser has to a host, for as long as
the page is open, and would have to be taken up again after each reload; a poll on this machine takes a millisecond.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from metaquery.errors import NotFound, UsageError
from metaquery.interruption import Interruption, heed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Job", "Jobs"]

_KEPT = 50
_AGAIN_S = 0.1


@dataclass
class Job:
    """Something that runs, or has run.

    Attributes
    ----------
    id, kind
        How to ask for it, and what it is: `sync` or `send`.
    state
        `running`, `done`, `failed`, or `stopped` by who asked for it.
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
    asked
        What it was begun with, for who wants to go on with it; None where it cannot be stopped.
    interruption
        Stops it.
    over
        Set when it has ended.
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
    asked: dict[str, Any] | None = None
    interruption: Interruption = field(default_factory=Interruption, repr=False)
    over: Event = field(default_factory=Event, repr=False)

    def at(self, words: str) -> None:
        """Say what is being done from now on; goes no further where it was stopped."""
        heed()
        self.stage, self.done, self.total = words, None, None

    def reached(self, done: int, total: int) -> None:
        """Say how far it is; goes no further where it was stopped."""
        heed()
        self.done, self.total = done, total

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop, and has not ended yet."""
        return self.state == "running" and self.interruption.stopped

    def stop(self) -> None:
        """Stop it soon, without waiting; what it has written is whole.

        Raises
        ------
        UsageError
            It cannot be stopped, or has ended.
        """
        if self.asked is None:
            raise UsageError(f"a {self.kind} is not stopped from here", hint="what it has done is told when it is done")
        if self.state != "running":
            raise UsageError(f"the {self.kind} has ended already")
        if not self.interruption.stopped:
            Thread(target=self._stopped, name=f"metaquery-stop-{self.kind}", daemon=True).start()
            self.interruption.stop()

    def _stopped(self) -> None:
        """Say so again until it has ended: a statement that was just about to begin has missed it."""
        while not self.over.wait(_AGAIN_S):
            self.interruption.stop()

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
            "asked": self.asked,
            "stopping": self.stopping,
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

    def start(self, kind: str, work: Callable[[Job], Any], *, asked: dict[str, Any] | None = None) -> Job:
        """Start a job in a thread of its own, which ends with the process.

        Parameters
        ----------
        kind
            What it is.
        work
            Does it, says how far it is, and returns what it came to, as JSON.
        asked
            What it is begun with, where it can be stopped.

        Raises
        ------
        UsageError
            One of this kind is running.
        """
        job = Job(secrets.token_urlsafe(9), kind, asked=asked)
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

    state = "done"
    try:
        with job.interruption:
            job.result = work(job)
    except Exception as error:  # noqa: BLE001  # told to who asks for the job
        if job.interruption.stopped:  # whatever it was in the middle of
            state = "stopped"
        else:
            state, job.failure = "failed", failed(error)[1]["error"]
    job.ended = datetime.now(UTC)
    job.state = state
    job.over.set()
