"""`whole_file()`: a file that a user asked for, under its name when it is whole, and not before."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from metaquery.errors import UsageError
from metaquery.store.durable import clear_leftovers, full_disk, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write; what was there stays until it is whole, and for good where writing it fails.

    It is written beside, by a name of this process' own, and renamed; half a file that a killed process left goes. One
    that is replaced leaves its permissions to the new one, a symbolic link stays one, and what is no file, such as a
    pipe, is written to as it is.

    Raises
    ------
    UsageError
        There is no such directory, or nothing may be written there.
    NoSpace
        The disk is full.
    """
    try:
        with full_disk(path):
            yield from _written(path.resolve())
    except FileNotFoundError:
        raise UsageError(f"there is no directory {path.parent}") from None
    except (PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    except OSError as error:
        if error.filename is None:  # it is about something else than a name of ours
            raise
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _written(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    name = path.name[:_NAME]
    clear_leftovers(path.parent, of=name)
    beside = path.with_name(f".{name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as out:
            yield out
        if path.exists():
            shutil.copymode(path, beside)
        publish(beside, path)
    finally:
        beside.unlink(missing_ok=True)


_NAME = 80
"""Characters of the name that the one beside it begins with: a name may have 255 bytes, and four a character."""
