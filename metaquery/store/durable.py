"""Writing files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaquery.errors import FORBIDDEN, NoSpace, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "append_line",
    "clear_leftovers",
    "fsync_folder",
    "full_disk",
    "no_space",
    "publish",
    "read_json",
    "told_full",
    "unwritable",
    "write_bytes",
    "write_json",
]


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, durably: written beside, fsynced, renamed, its folder fsynced.

    Raises
    ------
    NoSpace
        The disk is full; the old file is intact.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with full_disk(path):
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        fsync_folder(path.parent)


def write_json(path: Path, document: Any) -> None:
    """Replace `path` by `document` as JSON, durably."""
    write_bytes(path, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def read_json(path: Path) -> Any:
    """Read a JSON file of ours.

    Raises
    ------
    StoreError
        It is not JSON: somebody else wrote it, or the disk lost it.
    """
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise StoreError(f"{path} is damaged: {error}", hint="restore it, or remove it and sync again") from None


def append_line(path: Path, document: Any) -> None:
    """Append one JSON line, durably; a line that a crash cut off stays a line of its own, for the reader to ignore."""
    with full_disk(path), path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def publish(beside: Path, path: Path) -> None:
    """Give the finished file `beside` its name `path`, durably."""
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(path)
    fsync_folder(path.parent)


def clear_leftovers(folder: Path, *, of: str | None = None, alone: bool = False) -> None:
    """Remove what a process that died left in a folder: files of `write_bytes`, and folders of the same form of name.

    Parameters
    ----------
    folder
        The folder; not those in it.
    of
        The one file that was being written; None is any, in a folder of ours.
    alone
        Whether nobody else can be writing there: a dead process' number may have gone to another by now.
    """
    for left in folder.glob(".*.tmp" if of is None else f".{escape(of)}.*.tmp"):
        pid = left.name.split(".")[-2]
        if alone or (pid.isdecimal() and not _lives(int(pid))):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def fsync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "this user's share of the disk is used up",
    errno.EFBIG: "a file may not become so large here (ulimit -f)",
}
"""Why no more can be written."""


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Turn "no space left" into `NoSpace`, which says what is intact."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise no_space(_FULL[error.errno], path) from error


def no_space(why: str, path: Path) -> NoSpace:
    """Make the error."""
    return NoSpace(
        f"{why}: {path} could not be written",
        hint="what was published before is intact; make room and run the command again",
    )


def told_full(message: str) -> str | None:
    """Return why no more can be written, where the message of another library's error is about that."""
    return next((why for number, why in _FULL.items() if os.strerror(number) in message), None)


_QUOTED = re.compile(r'"([^"]+)"')


def unwritable(message: str) -> StoreError | None:
    """Return why a file cannot be written, where the message of another library's error is about that."""
    named = _QUOTED.search(message)
    full = told_full(message)
    if full is not None:
        return no_space(full, Path(named[1] if named else "a file"))
    number = next((number for number in FORBIDDEN if os.strerror(number) in message), None)
    return None if number is None else StoreError.forbidden(OSError(number, "", named[1] if named else None))
