"""`Pin`: a snapshot that somebody has open, which nothing may take away meanwhile.

A pin is a shared lock on the snapshot's description. The system lets go of it when its holder dies, so a pin is never
left behind, and a workspace that can only be read can be pinned.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from metaquery.errors import NoSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from metaquery.store.layout import Layout

__all__ = ["Pin", "is_pinned", "unpinned"]


class Pin:
    """Holds a snapshot for as long as the object lives.

    Parameters
    ----------
    layout
        The workspace.
    name
        The snapshot's id.

    Raises
    ------
    NoSnapshot
        It was pruned.
    """

    __slots__ = ("__weakref__", "_descriptor")

    def __init__(self, layout: Layout, name: str) -> None:
        self._descriptor = -1
        try:
            self._descriptor = _held(layout.snapshots / f"{name}.json")
        except FileNotFoundError:
            raise NoSnapshot(
                f"the snapshot {name} was pruned a moment ago", hint="metaquery log shows what is kept"
            ) from None

    def __del__(self) -> None:
        self.release()

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied: a copy would close the descriptor, and one that somebody else has opened since."""
        raise TypeError("a pin cannot be copied")

    def release(self) -> None:
        """Let go of the snapshot; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def unpinned(layout: Layout, name: str) -> Iterator[bool]:
    """Tell whether nobody has this snapshot open, this process included; while the block lasts, nobody comes to.

    Who wants it meanwhile waits, and then finds what the block has left of it. So nobody sees a file that is gone
    when it is opened.
    """
    descriptor = os.open(layout.snapshots / f"{name}.json", os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            free = False
        else:
            free = True
        yield free
    finally:
        os.close(descriptor)


def is_pinned(layout: Layout, name: str) -> bool:
    """Return whether anybody has this snapshot open, this process included; it may be another answer at once."""
    with unpinned(layout, name) as free:
        return not free


def _held(path: Path) -> int:
    """Return a descriptor of the description with a shared lock, of the file that has the name now."""
    while True:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
