"""`Journal`: what a push meant to do and has done, durable before the next step is taken."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from metaquery.store.durable import append_line, fsync_folder, full_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from metaquery.store.layout import Layout

__all__ = ["Journal", "new_id"]


def new_id() -> str:
    """Return an id for what is journalled: it says when it was given, and sorts by that, within one second too."""
    seconds, rest = divmod(time.time_ns(), 10**9)
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))}-{rest:09d}"


class Journal:
    """A file of JSON lines, append-only.

    Parameters
    ----------
    path
        The file; made with its folder at the first entry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, layout: Layout, collection: str, domain: str) -> Journal:
        """Return the journal of a Collection, by its id, and of the server that it is sent to."""
        host = urlsplit(domain).netloc.replace(":", "_")
        early = layout.journal / f"{collection}-{host}.jsonl"  # as versions before 0.2 called it
        return cls(early if early.exists() else layout.journal / f"push-{collection}-{host}.jsonl")

    def record(self, step: str, **facts: Any) -> None:
        """Append one entry, durably. Never give it a secret.

        Parameters
        ----------
        step
            What was done, one word.
        **facts
            Ids and counts that a later run needs.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        append_line(self.path, {"step": step, **facts})

    def record_all(self, entries: Iterable[bytes]) -> None:
        """Append many entries, JSON texts of one line each, durably, as one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with full_disk(self.path), self.path.open("ab") as file:
            file.writelines(entry + b"\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        fsync_folder(self.path.parent)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Give the entries, oldest first; a line that a crash cut off is left out."""
        if not self.path.exists():
            return
        for line in self.path.read_bytes().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            yield entry
