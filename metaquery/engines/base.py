"""`Engine`: runs SQL over one snapshot; knows SQL text and parameters, not the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow as pa

    from metaquery.language import Dialect

__all__ = ["Engine", "Keeps", "Membership"]


@dataclass(frozen=True, slots=True)
class Membership:
    """The members of one Collection or tag, as an engine reads them.

    Attributes
    ----------
    title
        Of the Collection, and so the tag on every member.
    path
        Parquet file with a column `data_hash`.
    tag
        Whether it is a tag alone, which `in collection` does not find.
    """

    title: str
    path: Path
    tag: bool = False


class Keeps(Protocol):
    """What runs statements over rows that are kept."""

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small."""

    def stream(self, text: str) -> pa.RecordBatchReader:
        """Run a query and hand its rows over in batches."""


class Engine(Protocol):
    """What a View needs of an engine."""

    @property
    def dialect(self) -> Dialect:
        """How it spells SQL."""

    def stream(self, text: str, parameters: Sequence[Any]) -> pa.RecordBatchReader:
        """Run a query and hand its rows over in batches, without copying them into Python."""

    def rows(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small; imports no Arrow."""

    def write_parquet(self, text: str, parameters: Sequence[Any], path: Path) -> int:
        """Run a query into a Parquet file, and return its rows."""

    def gathered(self, text: str, parameters: Sequence[Any]) -> AbstractContextManager[Keeps]:
        """Keep the rows of a query as the table `gathered`, for statements that have to be about the same ones."""

    def keep(self, name: str, text: str, parameters: Sequence[Any]) -> bool:
        """Keep the rows of a query as the table `kept.<name>`, for every statement from now on; whether it does."""

    def regex_error(self, pattern: str) -> str | None:
        """Return what RE2 says against a pattern, None where it takes it."""

    def interrupt(self) -> None:
        """Stop the statements that are running, from another thread; each fails there."""

    def close(self) -> None:
        """Close what was opened for it."""
