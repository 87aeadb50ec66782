"""`copying()`: a file copied, and made durable, by a thread of its own while something else is done."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Copying", "copying"]

_AT_ONCE = 64 << 20
"""Bytes that are copied before the thread looks whether they are still wanted."""

_ELSEWHERE = {errno.ENOSYS, errno.EXDEV, errno.EOPNOTSUPP, errno.EINVAL}
"""What `copy_file_range` fails with on file systems that do not have it."""


class Copying:
    """A copy that is under way.

    Parameters
    ----------
    source, target
        The file, which nobody changes meanwhile, and where the copy goes.
    """

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        self._whole = Event()
        self._unwanted = Event()
        self._failed: OSError | None = None
        self._thread = Thread(target=self._run, name="copying", daemon=True)
        self._thread.start()

    def whole(self) -> None:
        """Wait until the file can be read and changed.

        Raises
        ------
        OSError
            It could not be copied.
        """
        self._whole.wait()
        self._tell()

    def durable(self) -> None:
        """Wait until what was copied is on the disk; errors as `whole`."""
        self._thread.join()
        self._tell()

    def stop(self) -> None:
        """Copy no further; what is there is not whole, and nothing is written to it any more."""
        self._unwanted.set()
        self._whole.wait()

    def _tell(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            self._copy()
            self._whole.set()
            if not self._unwanted.is_set():
                with self._target.open("rb") as copy:
                    os.fsync(copy.fileno())
        except OSError as error:
            self._failed = error
        finally:
            self._whole.set()

    def _copy(self) -> None:
        """Copy within the kernel: file systems that can let both names share their blocks, which takes no time."""
        try:
            with self._source.open("rb") as source, self._target.open("xb") as copy:
                left = os.fstat(source.fileno()).st_size
                while left > 0 and not self._unwanted.is_set():
                    left -= os.copy_file_range(source.fileno(), copy.fileno(), min(left, _AT_ONCE)) or left
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in _ELSEWHERE:
                raise
            shutil.copyfile(self._source, self._target)


@contextmanager
def copying(source: Path, target: Path) -> Iterator[Copying]:
    """Copy a file while the `with` lasts; what is not whole at its end is given up."""
    copy = Copying(source, target)
    try:
        yield copy
    finally:
        copy.stop()
