"""`Interruption`: stops the statements that one asker waits for, from another thread, and no one else's.

A key that is pressed is heard by `interruptible`; this is for a server, where one of many askers goes away.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING, Protocol, Self

from metaquery.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import Token
    from types import TracebackType

__all__ = ["INTERRUPTED", "Interruption", "heed", "stoppable"]

INTERRUPTED = "the query was interrupted"


class Running(Protocol):
    """A connection on which a statement runs."""

    def interrupt(self) -> None:
        """Make the statement fail, from another thread."""


class Interruption:
    """What is asked within its `with` can be stopped: what runs fails, and nothing more of it begins."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: list[Running] = []
        self._stopped = False
        self._token: Token[Interruption | None] | None = None

    @property
    def stopped(self) -> bool:
        """Whether it was stopped."""
        return self._stopped

    def stop(self) -> None:
        """Stop what runs.

        A statement that is just about to begin may miss it: who has to be sure calls again until the asker is done.
        """
        with self._lock:
            self._stopped = True
            for running in self._running:
                running.interrupt()

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _CURRENT.reset(self._token)

    @contextmanager
    def holding(self, running: Running) -> Iterator[None]:
        """Let a statement be stopped while it runs.

        Raises
        ------
        EngineError
            It was stopped before.
        """
        with self._lock:
            if self._stopped:
                raise EngineError(INTERRUPTED)
            self._running.append(running)
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(running)


_CURRENT: ContextVar[Interruption | None] = ContextVar("interruption", default=None)
"""What stops the statements of this thread, or of this task."""


@contextmanager
def stoppable(running: Running) -> Iterator[None]:
    """Let a statement be stopped by the `Interruption` in whose `with` it is asked, if there is one."""
    current = _CURRENT.get()
    if current is None:
        yield
    else:
        with current.holding(running):
            yield


def heed() -> None:
    """Go no further where the `Interruption` in whose `with` this is called was stopped; between two steps of a job.

    Raises
    ------
    EngineError
        It was.
    """
    current = _CURRENT.get()
    if current is not None and current.stopped:
        raise EngineError(INTERRUPTED)
