"""`python -m tests.crash.small_disk WORKSPACE WAY`: sync with ever more room until it is enough, and look at the rest.

The way is `disk`, for a process that may mount a file system of its own, or `limit`, by which no file may grow beyond
so many bytes. What is wrong goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

from metaquery.errors import NoSpace
from metaquery.settings import Settings
from metaquery.store.layout import Layout
from metaquery.sync import sync_files

from .state import digest, strays
from .steps import forked

_DISK_KB = 20_000
_UNITS = 1_500
_SETTINGS = Settings(threads=1, memory_mb=200)

EDITS = {"everything": (_UNITS, True), "a tenth": (_UNITS // 10, False)}
"""How many units are edited, and whether all is read anew."""


def write(root: Path, edited: int) -> dict[str, str]:
    """Write the files that are synced."""
    units = [{"data_hash": f"u{n}", "note": f"{n * 7919**5:x}" * 8, "round": int(n < edited)} for n in range(_UNITS)]
    labels = [{"data_hash": f"u{n}", "class": "car"} for n in range(0, _UNITS, 3)]
    files = {"units": units, "labels": labels}
    for name, rows in files.items():
        (root / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {name: str(root / f"{name}.ndjson") for name in files}


def limited(room: int) -> None:
    """Let no file of this process grow beyond so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))


class SmallDisk:
    """A file system of its own, filled until so many bytes are left."""

    def __init__(self, root: Path) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_KB}k", "tmpfs", str(root)], check=True)
        self._filler = root / "filler"

    def __call__(self, room: int) -> None:
        """Leave so much room."""
        self._filler.unlink(missing_ok=True)
        free = shutil.disk_usage(self._filler.parent).free
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - room, 1))


def main() -> None:
    """Try each edit."""
    root, way = Path(sys.argv[1]), sys.argv[2]
    leave: Callable[[int], None] = SmallDisk(root) if way == "disk" else limited
    found = {name: tried(root, leave, edited, full=full) for name, (edited, full) in EDITS.items()}
    print(json.dumps(found))  # noqa: T201 - its answer


def tried(root: Path, leave: Callable[[int], None], edited: int, *, full: bool) -> dict[str, Any]:
    """Sync one edit with ever more room; return what was told on the way, and what is wrong."""
    workspace, wrong, told = root / f"{edited}", [], set()
    workspace.mkdir()

    def sync(room: int | None) -> str:
        if room is not None:
            leave(room)
        try:
            sync_files(files, Layout(workspace), None, settings=_SETTINGS, full=full)
        except NoSpace as error:
            return error.message.partition(":")[0]
        return "published"

    files = write(root, 0)
    forked(lambda: sync(_DISK_KB << 10))
    before = forked(lambda: digest(workspace))
    files = write(root, edited)
    for room in [0, *(4_096 << n for n in range(0, 13, 2))]:
        outcome = forked(lambda room=room: sync(room))
        after = forked(lambda: digest(workspace))
        if outcome == "published":
            break
        told.add(outcome)
        if after != before:
            wrong.append(f"with {room} bytes the snapshot before is not what it was")
    else:
        wrong.append("no room was enough")
    wrong += [f"left over: {name}" for name in forked(lambda: strays(Layout(workspace)))]
    if after == before:
        wrong.append("what was published is what was there before")
    return {"told": sorted(told), "wrong": wrong, "last room": room}


if __name__ == "__main__":
    main()
