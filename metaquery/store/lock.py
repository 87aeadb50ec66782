"""One writer at a time: an advisory lock on a file, let go by the system when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from metaquery.errors import WorkspaceLocked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["write_lock"]


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
        _acquire(descriptor, path, time.monotonic() + wait_s)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {time.strftime('%Y-%m-%d %H:%M:%S')}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            pid, _, since = os.pread(descriptor, 100, 0).decode(errors="replace").partition(" ")
            raise WorkspaceLocked(
                f"another metaquery is writing to {path.parent.parent} (process {pid or '?'}, since {since or '?'})",
                hint="wait for it (metaquery sync --wait SECONDS), or stop it; queries work meanwhile",
            ) from None
        return
