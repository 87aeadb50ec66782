"""`Paged`: the rows of a view in pages; once the order is found, each page costs its own rows alone."""

from __future__ import annotations

from array import array
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.language import count_sql, to_sql
from metaquery.language.page_sql import placed_sql, places_sql

if TYPE_CHECKING:
    import pyarrow as pa

    from metaquery.engines.base import Engine
    from metaquery.language import Query
    from metaquery.schema import Field

__all__ = ["MOST_ROWS", "Paged"]

_FIRST = 1_000
"""Rows up to which a part is read without the order of all."""

MOST_ROWS = 100_000
"""Rows of a page at most."""


class Paged:
    """The rows of a query of one snapshot, in order, of which any part can be read at once.

    Snapshots never change, so the places of rows in their table stay good, once the order is found: eight bytes a row.
    The first thousand rows need no order of all. Rows are those that matched when they were first asked for: tags and
    Collections may have changed since.

    Parameters
    ----------
    query
        Which rows, in which order.
    engine
        The connection to the snapshot.

    Examples
    --------
    >>> fast = ws.data.filter("speed > 10").order_by("speed desc").select("title, speed")
    >>> fast.paged().rows(fast.columns, limit=1).to_pylist()
    [{'title': '<b>d</b>.jpg', 'speed': 90.0}]
    """

    def __init__(self, query: Query, engine: Engine) -> None:
        self._query = query
        self._engine = engine
        self._making = Lock()
        self._places: pa.ChunkedArray | None = None

    def __len__(self) -> int:
        return self._count if self._places is None else len(self._places)

    @cached_property
    def _count(self) -> int:
        sql = count_sql(self._query, self._engine.dialect)
        ((rows,),) = self._engine.rows(sql.text, sql.params)
        return int(rows) if self._query.limit is None else min(int(rows), self._query.limit)

    @property
    def prepared(self) -> bool:
        """Whether the order of all rows is found.

        Examples
        --------
        >>> ws.data.order_by("speed").paged().prepared
        False
        """
        return self._places is not None

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps.

        Examples
        --------
        >>> pages = ws.data.paged()
        >>> pages.prepare()
        >>> pages.nbytes >= 8 * len(pages)
        True
        """
        return 0 if self._places is None else int(self._places.nbytes)

    def prepare(self) -> None:
        """Find the order of all rows, so that every page is read at once; who does not call it waits once for it.

        Examples
        --------
        >>> ws.data.order_by("speed").paged().prepare()
        """
        self._placed()

    def _placed(self) -> pa.ChunkedArray:
        with self._making:
            if self._places is None:
                sql = places_sql(self._query, self._engine.dialect)
                self._places = self._engine.stream(sql.text, sql.params).read_all().column(0)
            return self._places

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
        if self._places is None and self._query.order and offset + limit <= _FIRST:
            return self._first(offset + limit, columns).slice(offset)
        places = self._placed().slice(offset, limit).to_pylist()
        sql = placed_sql(self._query.relation, self._engine.dialect, places, columns)
        found = self._engine.stream(sql.text, sql.params).read_all()
        at = {place: n for n, place in enumerate(found.column(0).to_pylist())}
        order = array("q", [at[place] for place in places])
        # Given a list, pyarrow would import pandas to see whether it is one of its own: 300 ms, where it is installed.
        rows = pa.Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order)])
        return found.take(rows).remove_column(0)

    def _first(self, rows: int, columns: tuple[Field, ...]) -> pa.Table:
        """Return the first rows, for which the engine keeps no more than so many in order."""
        most = rows if self._query.limit is None else min(rows, self._query.limit)
        sql = to_sql(replace(self._query, limit=most), self._engine.dialect, columns=columns)
        return self._engine.stream(sql.text, sql.params).read_all()
