"""`Chain`: the generations that make up one part, the whole one first, then each with what changed since.

What a later generation has of a row replaces what the earlier ones have, and what it lists as removed is no longer
there. Nothing is looked up by a row's place: `data_hash` and `label_hash` are the identities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import CorruptSpool
from metaquery.store.pages import INDEX, NAMES, REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import duckdb

    from metaquery.store.spool import Part, Spool

__all__ = ["Chain", "largest_row"]


def largest_row(chains: Iterable[Chain]) -> int:
    """Return the bytes of the largest label row."""
    return max((spool.checkpoint.largest for chain in chains for spool in chain.spools), default=0)


@dataclass(frozen=True, slots=True)
class Chain:
    """The generations of one part.

    Attributes
    ----------
    part
        What they are of.
    spools
        Complete generations, oldest first; each but the first continues the one before.
    """

    part: Part
    spools: tuple[Spool, ...]

    @property
    def last(self) -> Spool:
        """The newest generation."""
        return self.spools[-1]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the generations."""
        return tuple(spool.folder.name for spool in self.spools)

    @property
    def expected(self) -> int:
        """Rows that the part has, as the newest index announced."""
        return self.last.checkpoint.total

    def check(self) -> None:
        """Refuse pages that are not what was written, so that no table is made of them.

        Raises
        ------
        CorruptSpool
            Which they are.
        """
        for spool in self.spools:
            damage = spool.damage()
            if damage is not None:
                raise CorruptSpool(f"{damage} ({self.part.title})", hint=self.part.way_out)

    def files(self, stream: str) -> list[Path]:
        """Return the pages of a stream in every generation."""
        return [file for spool in self.spools for file in spool.files(stream)]

    def place(self, connection: duckdb.DuckDBPyConnection, first: int) -> int:
        """Make the temporary table `positions (data_hash, index, unit)` of a part of data units; return its size.

        A unit keeps its place among those that stay; new ones come behind, in the order of their index. Units are
        numbered from `first`.
        """
        connection.execute("CREATE OR REPLACE TEMP TABLE listed (data_hash VARCHAR, place BIGINT, generation INTEGER)")
        connection.execute("CREATE OR REPLACE TEMP TABLE unlisted (data_hash VARCHAR, generation INTEGER)")
        for number, spool in enumerate(self.spools):
            for table, reader, stream in (("listed", INDEX, "index"), ("unlisted", REMOVED, "removed")):
                files = spool.files(stream)
                if files:
                    connection.execute(
                        f"INSERT INTO {table} SELECT *, $number FROM {reader}",
                        {"files": [str(f) for f in files], "number": number},
                    )
        if len(self.spools) == 1:
            connection.execute(
                'CREATE OR REPLACE TEMP TABLE positions AS SELECT data_hash, place AS "index", '
                "(place + $first)::INTEGER AS unit FROM listed",
                {"first": first},
            )
        else:
            connection.execute(
                """CREATE OR REPLACE TEMP TABLE positions AS
                SELECT data_hash, row_number() OVER (ORDER BY generation, place) - 1 AS "index",
                    (row_number() OVER (ORDER BY generation, place) - 1 + $first)::INTEGER AS unit
                FROM (SELECT data_hash, max(generation) AS generation, arg_max(place, generation) AS place
                    FROM listed WHERE place IS NOT NULL GROUP BY data_hash) a
                WHERE NOT EXISTS (FROM unlisted r WHERE r.data_hash = a.data_hash AND r.generation > a.generation)""",
                {"first": first},
            )
        (size,) = connection.execute("SELECT count(*) FROM positions").fetchall()[0]
        return int(size)

    def supersede(self, connection: duckdb.DuckDBPyConnection, stream: str, key: str) -> None:
        """Make the temporary table `superseded (name, generation)`: rows that a generation replaces or removes."""
        connection.execute("CREATE OR REPLACE TEMP TABLE superseded (name VARCHAR, generation INTEGER)")
        for number, spool in enumerate(self.spools[1:], start=1):
            for reader, of in ((NAMES.replace("$key", key), stream), (REMOVED, "removed")):
                files = spool.files(of)
                if files:
                    connection.execute(
                        f"INSERT INTO superseded SELECT *, $number FROM {reader}",
                        {"files": [str(f) for f in files], "number": number},
                    )

    def generations(self, stream: str) -> Iterator[tuple[int, Spool, list[str]]]:
        """Yield the generations that have pages of a stream: number, spool, files."""
        for number, spool in enumerate(self.spools):
            files = [str(file) for file in spool.files(stream)]
            if files:
                yield number, spool, files
