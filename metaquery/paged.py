"""`Paged`: the rows of a view in pages; the first page pays for the order, every other for its own rows alone."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.language import DUCKDB
from metaquery.language.page_sql import placed_sql, places_sql

if TYPE_CHECKING:
    import pyarrow as pa

    from metaquery.engines.duckdb import DuckDBEngine
    from metaquery.language import Query
    from metaquery.schema import Field

__all__ = ["MOST_ROWS", "Paged"]

MOST_ROWS = 100_000
"""Rows of a page at most."""


class Paged:
    """The rows of a query of one snapshot, in order, of which any part can be read at once.

    It keeps eight bytes a row, the place in its table; snapshots never change, so places stay good. Rows are those that
    matched when it was made: tags and Collections may have changed since.

    Parameters
    ----------
    query
        Which rows, in which order.
    engine
        The connection to the snapshot.

    Examples
    --------
    >>> pages = ws.data.order_by("speed desc").paged()
    >>> len(pages)
    5
    """

    def __init__(self, query: Query, engine: DuckDBEngine) -> None:
        self._query = query
        self._engine = engine
        sql = places_sql(query, DUCKDB)
        self._places = engine.stream(sql.text, sql.params).read_all().column(0)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps.

        Examples
        --------
        >>> ws.data.paged().nbytes >= 8 * 5
        True
        """
        return int(self._places.nbytes)

    def rows(self, columns: tuple[Field, ...], *, offset: int = 0, limit: int = 50) -> pa.Table:
        """Return some of the rows, in order; none behind the last.

        Parameters
        ----------
        columns
            Fields of each row.
        offset, limit
            The first row, from 0; and how many, up to 100,000.

        Raises
        ------
        UsageError
            The offset or the limit cannot be meant.

        Examples
        --------
        >>> view = ws.data.order_by("speed desc").select("title")
        >>> view.paged().rows(view.columns, offset=1, limit=2).to_pylist()
        [{'title': 'c.jpg'}, {'title': 'b.jpg'}]
        """
        import pyarrow as pa  # who reads pages has it

        if not 0 <= offset < 2**63 or not 1 <= limit <= MOST_ROWS:
            raise UsageError(f"a page begins at row 0 or later and has 1 to {MOST_ROWS:,} rows")
        places = self._places.slice(offset, limit).to_pylist()
        sql = placed_sql(self._query.relation, DUCKDB, places, columns)
        found = self._engine.stream(sql.text, sql.params).read_all()
        at = {place: n for n, place in enumerate(found.column(0).to_pylist())}
        order = array("q", [at[place] for place in places])
        # Given a list, pyarrow would import pandas to see whether it is one of its own: 300 ms, where it is installed.
        rows = pa.Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order)])
        return found.take(rows).remove_column(0)
