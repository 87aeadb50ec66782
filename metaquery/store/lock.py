"""One writer at a time: an advisory lock on a file, let go by the system when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from metaquery.errors import WorkspaceLocked
from metaquery.store.durable import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Holder", "holder", "read_lock", "write_lock"]

_GLANCE_S = 0.1
"""How long somebody who only looks at the lock may be in the way."""


class Holder(NamedTuple):
    """Who holds a lock: process number, and since when by the clock of this machine."""

    pid: str
    since: str


def holder(path: Path) -> Holder | None:
    """Return who holds a lock; None where nobody does. The one who takes it meanwhile does not notice."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def _holder(descriptor: int) -> Holder:
    pid, _, since = os.pread(descriptor, 100, 0).decode(errors="replace").partition(" ")
    return Holder(pid or "?", since or "?")


@contextmanager
def write_lock(path: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the workspace's write lock.

    Parameters
    ----------
    path
        The lock's file; made when absent, never removed.
    wait_s
        Seconds to wait for another holder to finish.

    Raises
    ------
    WorkspaceLocked
        Another process holds it; its pid and since when are named. A holder that died holds nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, time.monotonic() + max(wait_s, _GLANCE_S))
        os.ftruncate(descriptor, 0)
        with full_disk(path):
            os.pwrite(descriptor, f"{os.getpid()} {time.strftime('%Y-%m-%d %H:%M:%S')}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def read_lock(path: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Keep the writer out while several files are read, next to others who read.

    Parameters
    ----------
    path
        The lock's file; where nobody has written yet there is none, and nothing is held.
    wait_s
        Seconds to wait for the writer to finish.

    Raises
    ------
    WorkspaceLocked
        As `write_lock`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield
        return
    try:
        _acquire(descriptor, path, time.monotonic() + max(wait_s, _GLANCE_S), fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float, kind: int = fcntl.LOCK_EX) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            found = _holder(descriptor)
            raise WorkspaceLocked(
                f"another metaquery is writing to {path.parent.parent} (process {found.pid}, since {found.since})",
                hint="wait for it (metaquery sync --wait SECONDS), or stop it; queries work meanwhile",
            ) from None
        return
