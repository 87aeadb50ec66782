"""Killing a process before its n-th durable step, or half-way through it.

A durable step is a call by which what is on the disk changes its meaning: a file or folder is fsynced, renamed,
removed, made or copied. Python has them all in `os` and `shutil`, so counting there misses none, whoever calls.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["KILLED", "Steps", "forked", "kill_after"]

KILLED = object()
"""What `forked` returns of a process that was killed."""

_SYSTEM_CALLS = ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir")


class Steps:
    """Counts the durable steps of this process, and kills it at one.

    Parameters
    ----------
    at
        Number of the step before which the process dies; None counts only.
    torn
        Whether the file that the step is about has half of its new bytes by then: what was fsynced before stays. At a
        step without a file it makes no difference.
    """

    def __init__(self, at: int | None = None, *, torn: bool = False) -> None:
        self.at = at
        self.torn = torn
        self.places: list[tuple[tuple[str, int], ...]] = []
        self.tearable: list[bool] = []
        self._lock = threading.Lock()
        self._durable: dict[int, int] = {}
        for name in _SYSTEM_CALLS:
            setattr(os, name, self._counting(name, getattr(os, name)))
        self._copy = shutil.copyfile
        shutil.copyfile = self._copying
        self._copy_part = os.copy_file_range
        os.copy_file_range = self._copying_part

    def last(self) -> list[tuple[int, bool]]:
        """Return the last step of each place in the code, and whether it can be torn."""
        found = {place: number for number, place in enumerate(self.places)}
        return sorted((number, self.tearable[number]) for number in found.values())

    def _counting(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            file = Path(f"/proc/self/fd/{arguments[0]}") if name == "fsync" else None
            if self._is_here(tearable=file is not None and file.is_file()):
                if self.torn and file is not None:
                    found = file.stat()
                    os.truncate(file, (self._durable.get(found.st_ino, 0) + found.st_size) // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            done = call(*arguments, **options)
            if file is not None:
                found = file.stat()
                self._durable[found.st_ino] = found.st_size
            return done

        return counted

    def _copying(self, source: Any, target: Any, **options: Any) -> Any:
        if self._is_here(tearable=True):
            if self.torn:
                whole = Path(source).read_bytes()
                Path(target).write_bytes(whole[: len(whole) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return self._copy(source, target, **options)

    def _copying_part(self, source: int, target: int, count: int) -> int:
        if self._is_here(tearable=True):
            if self.torn:
                self._copy_part(source, target, count // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        return self._copy_part(source, target, count)

    def _is_here(self, *, tearable: bool) -> bool:
        place = _place()
        with self._lock:  # each of several threads has steps of its own
            self.tearable.append(tearable)
            self.places.append(place)
            return self.at == len(self.tearable) - 1


def _place() -> tuple[tuple[str, int], ...]:
    """Return where in metaquery the process is."""
    frame, found = sys._getframe(), []
    while frame is not None:
        if "/metaquery/" in frame.f_code.co_filename:
            found.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)


def forked(work: Callable[[], Any]) -> Any:
    """Run something in a process of its own, that may be killed, and return what it returned, or `KILLED`."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            answer = json.dumps(work()).encode()
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(answer)
        except BaseException:  # noqa: BLE001 - the parent is told, and nothing of the parent's may run here
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return KILLED
    assert os.WEXITSTATUS(status) == 0, "the process failed, and said why"
    return json.loads(answer)


def kill_after(seconds: float) -> None:
    """Kill this process at a moment from now, whatever it is doing then."""

    def kill() -> None:
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
