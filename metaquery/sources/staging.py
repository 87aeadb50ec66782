"""`Staging`: rows of files on their way into the spool, a file a part."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metaquery.sources.identities import Identities

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from metaquery.store.spool import Part

__all__ = ["Staged", "Staging"]

_BUFFER_BYTES = 32 << 20


@dataclass(slots=True)
class Staged:
    """The rows of one part.

    Attributes
    ----------
    part
        What they are of.
    path
        Where they are, a line of JSON each.
    digests
        By data hash, in the order of the file.
    identities
        Of annotations.
    rows
        How many there are.
    """

    part: Part
    path: Path
    digests: dict[str, int] = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)
    rows: int = 0
    waiting: list[bytes] = field(default_factory=list)

    def lines(self) -> Iterator[bytes]:
        """Yield the rows."""
        with self.path.open("rb") as file:
            for line in file:
                yield line[:-1]


class Staging:
    """A folder of staged parts; what waits to be written is bounded for all of them together.

    Parameters
    ----------
    folder
        Made by `begin`, removed by `clear`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: list[Staged] = []
        self._waiting = 0

    def begin(self) -> None:
        """Make the folder, and remove what a dead run has left beside it. The write lock has to be held."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, part: Part) -> Staged:
        """Begin a part."""
        staged = Staged(part, self.folder / f"{len(self._open)}.ndjson")
        self._open.append(staged)
        return staged

    def write(self, staged: Staged, text: bytes) -> None:
        """Add a row; it holds no line break."""
        staged.waiting.append(text)
        staged.rows += 1
        self._waiting += len(text)
        if self._waiting > _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write down what waits."""
        for staged in self._open:
            if staged.waiting:
                with staged.path.open("ab") as file:
                    file.write(b"\n".join(staged.waiting) + b"\n")
                staged.waiting.clear()
        self._waiting = 0
