"""`interruptible()`: work in a thread beside the main one, so that a Ctrl-C is heard while it is done.

Python runs the handler of a signal in the main thread, between two of its own steps. A main thread that waits inside of
DuckDB takes none, and a key that is pressed then is heard when the statement has ended: one in four was. So the main
thread hands statements over and waits for them here, where a key wakes it. Other threads do their work themselves: no
signal comes to them.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread
from queue import SimpleQueue
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["interruptible"]

Result = TypeVar("Result")

_LOOK_S = 0.2
"""How long a key may not be heard that was pressed just before the wait began."""

_AGAIN_S = 0.02
"""After how long the work is told to stop once more: it may not have begun when it was told."""


class _Task(Generic[Result]):
    """Work, and what became of it. Who takes its lock `free` first, has it: the thread to do it, or who gave it up."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self.work = work
        self.free, self.over = allocate_lock(), allocate_lock()
        self.over.acquire()
        self.ended = False
        self.result: Result
        self.error: BaseException | None = None

    def do(self) -> None:
        """Do the work, unless it was given up; in the thread."""
        if not self.free.acquire(blocking=False):
            return
        try:
            self.result = self.work()
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is raised where it was asked for
            self.error = error
        self.ended = True
        self.over.release()


_Tasks: TypeAlias = "SimpleQueue[_Task[Any] | None]"

_idle: list[_Tasks] = []
"""Threads that have nothing to do, by what brings them work; a new one for each statement would cost 100 µs."""

os.register_at_fork(after_in_child=_idle.clear)  # threads stay behind


def interruptible(work: Callable[[], Result], stop: Callable[[], None]) -> Result:
    """Do some work, and stop it where a signal ends the wait for it.

    Parameters
    ----------
    work
        What is done; in another thread, where this is the main one.
    stop
        Tells the work to stop, without waiting; called again until it has.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C, when the work has stopped; a second one at once. So it is for whatever else a signal's handler raises.
    """
    if current_thread() is not main_thread():
        return work()
    task = _Task(work)
    tasks = _idle.pop() if _idle else _started()
    try:
        tasks.put(task)
        while not task.ended:
            task.over.acquire(timeout=_LOOK_S)
    except BaseException:
        tasks.put(None)
        if not task.free.acquire(blocking=False):  # else it has not begun, and will not
            while not task.ended:
                stop()
                task.over.acquire(timeout=_AGAIN_S)
        raise
    _idle.append(tasks)
    if task.error is None:
        return task.result
    try:
        raise task.error
    finally:
        del task  # which the error's traceback would keep, and it the error


def _started() -> _Tasks:
    """Start a thread that does what it is brought, until that is None."""
    tasks: _Tasks = SimpleQueue()

    def work() -> None:
        while (task := tasks.get()) is not None:
            task.do()
            del task  # and with it all that a result holds

    start_new_thread(work, ())
    return tasks
