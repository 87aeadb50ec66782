"""`Engine`: runs SQL over one snapshot; knows SQL text and parameters, not the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from metaquery.language import Dialect

__all__ = ["Engine", "Membership"]


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
