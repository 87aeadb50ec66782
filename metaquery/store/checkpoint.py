"""`Checkpoint`: how far one generation has got, and by which digests its pages are known again."""

from __future__ import annotations

from dataclasses import field, fields
from typing import TYPE_CHECKING

from metaquery.errors import CorruptSpool, StoreError
from metaquery.frozen import dataclass
from metaquery.store.seal import read_sealed

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["READ_ANEW", "Checkpoint"]

READ_ANEW = "run the sync again with --full"
"""The way out where a page or a checkpoint is damaged."""


_LONG_ROWS = 100
"""Rows of a page of 8 MB below which they are long."""

_PAGES_OF_LONG_ROWS = 2


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far one generation has got.

    Attributes
    ----------
    pages
        Durable pages of each stream (`index`, `rows`, `label_rows`, `labels`).
    total
        Rows that the part has.
    expected
        Rows of them that this generation has to bring.
    received
        Rows in the pages of the main stream.
    position
        Entries of the index that were asked for; the next request starts here.
    duplicates
        Whether the server sent a row twice, so that reading has to tell them apart.
    complete
        Whether everything was read.
    base
        Name of the generation that this one continues; empty where it holds all of its part.
    listed_at
        When the index was asked for, seconds since 1970.
    largest
        Bytes of the largest label row; those of long videos hold millions of boxes.
    replaces
        Names of the generations that were compacted into this one, oldest first.
    digests
        Of each stream, a digest of its pages one after another; a stream that an earlier version began has none.
    """

    pages: dict[str, int] = field(default_factory=dict)
    total: int = 0
    expected: int = 0
    received: int = 0
    position: int = 0
    duplicates: bool = False
    complete: bool = False
    base: str = ""
    listed_at: float = 0.0
    largest: int = 0
    replaces: tuple[str, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def at_a_time(self) -> int:
        """Pages of data units that are typed by one statement: where few rows fill a page, all would fill memory.

        DuckDB puts rows of several pages together until there are 2,048, however long they are.
        """
        pages = self.pages.get("rows", 0)
        long = 0 < self.received < _LONG_ROWS * pages
        return _PAGES_OF_LONG_ROWS if long and not self.duplicates else max(pages, 1)

    @classmethod
    def read(cls, path: Path) -> Checkpoint:
        """Read the checkpoint of a generation, of this version or an earlier one.

        Raises
        ------
        CorruptSpool
            It is not what was written.
        """
        known = {entry.name for entry in fields(cls)}
        try:
            held = read_sealed(path, known)
        except StoreError as error:
            raise CorruptSpool(error.message, hint=READ_ANEW) from None
        held = {name: value for name, value in held.items() if name in known}  # a later version's may have more
        return cls(**{**held, "replaces": tuple(held.get("replaces", ()))})
