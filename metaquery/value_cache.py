"""`ValueCache`: values of a snapshot's fields, kept in the user's cache for the next process that completes.

A shell starts a process for each key press; to ask the engine costs it a quarter of a second, to read a file a few
milliseconds. A snapshot does not change, so what is kept is never wrong; values of a workspace's earlier snapshots go
when those of another are kept. Where nothing can be kept, nothing is, and nobody is told.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ValueCache"]

Values = list[tuple[object, int | None]]


@dataclass(frozen=True, slots=True)
class ValueCache:
    """Values of one snapshot.

    Attributes
    ----------
    directory
        The user's cache directory.
    workspace
        A directory that tells the workspace apart.
    snapshot
        The snapshot's id.
    """

    directory: Path
    workspace: Path
    snapshot: str

    def get(self, field: str) -> Values | None:
        """Return what was kept under a name; None where nothing was."""
        with suppress(OSError, ValueError, TypeError):
            return [(_decoded(value), count) for value, count in json.loads(self._file(field).read_bytes())]
        return None

    def put(self, field: str, values: Iterable[tuple[Any, int | None]]) -> None:
        """Keep the values of a field under a name, which has to tell apart whatever they depend on."""
        file = self._file(field)
        with suppress(OSError, ValueError, TypeError):
            content = json.dumps([(_encoded(value), count) for value, count in values])
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for other in file.parent.parent.iterdir():
                if other.name != self.snapshot:
                    shutil.rmtree(other, ignore_errors=True)
            with NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="ascii") as beside:
                beside.write(content)
            Path(beside.name).replace(file)

    def _file(self, field: str) -> Path:
        return self.directory / "values" / _digest(str(self.workspace)) / self.snapshot / f"{_digest(field)}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _encoded(value: object) -> object:
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _decoded(value: Any) -> object:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value
