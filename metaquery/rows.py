"""`Rows`: the rows of a view, handed over: as Arrow, to pandas and Polars, to what takes an Arrow stream, as ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metaquery import language
from metaquery.columns import shown_columns
from metaquery.errors import UsageError
from metaquery.language.names import Scope, spelling
from metaquery.narrowing import Narrowing
from metaquery.schema import DATA, Field

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from metaquery.engines.duckdb import DuckDBEngine
    from metaquery.language import Sql
    from metaquery.paged import Paged

__all__ = ["Rows"]


class Rows(Narrowing):
    """The rows of a view, handed over."""

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields of each row.

        Examples
        --------
        >>> [field.name for field in ws.data.select("title, city").columns]
        ['title', 'city']
        """
        return self._columns if self._columns is not None else shown_columns(self._query, self.snapshot.schema)

    @property
    def key_columns(self) -> tuple[Field, ...]:
        """The fields that tell its rows apart.

        Examples
        --------
        >>> [field.name for field in ws.data.key_columns]
        ['data_hash']
        """
        relation = self.relation
        return tuple(
            relation.get(name) or Field(name=name, type="STRING", qualifier=relation.qualifier) for name in relation.key
        )

    def name_of(self, field: Field) -> str | None:
        """Return a field as a filter, an order or a selection of columns of this view names it; None where none can.

        Examples
        --------
        >>> [ws.data.name_of(field) for field in ws.data.snapshot.schema.fields[:4]]
        ['city', 'dark', 'speed', '"frame rate"']
        """
        return spelling(field, Scope(self.snapshot.schema, self.relation, ""))

    @property
    def engine(self) -> DuckDBEngine:
        """The connection to the snapshot.

        Examples
        --------
        >>> ws.data.engine.rows("SELECT 1 + 1", ())
        [(2,)]
        """
        return self._pinned.engine

    @property
    def has_columns(self) -> bool:
        """Whether columns were chosen.

        Examples
        --------
        >>> ws.data.has_columns, ws.data.select("title").has_columns
        (False, True)
        """
        return self._columns is not None

    def sql(self, columns: tuple[Field, ...] | None = None) -> Sql:
        """Return what `to_arrow` would run: text with placeholders, and the parameters.

        Parameters
        ----------
        columns
            What is told of each row; None is `View.columns`.

        Examples
        --------
        >>> ws.data.filter("city = 'Paris'").select("title").sql().params
        ('Paris',)
        """
        return language.to_sql(self._query, self._pinned.dialect, columns=self.columns if columns is None else columns)

    def ids(self) -> list[str]:
        """Return the ids of the rows, in order: data hashes, or the annotation ids of labels and predictions.

        An annotation of several frames is several rows, and its id is there once.

        Examples
        --------
        >>> ws.data.filter("city = 'Paris'").order_by("speed").ids()
        ['u1', 'u4']
        """
        sql = self.ids_sql()
        return [row[0] for row in self.engine.rows(sql.text, sql.params)]

    def ids_sql(self) -> Sql:
        """Return what `ids` runs.

        Examples
        --------
        >>> ws.data.ids_sql().names
        ('data_hash',)
        """
        name = "data_hash" if self.relation is DATA else "annotation_id"
        sql = self.sql(tuple(field for field in self.key_columns if field.name == name))
        if self.relation is DATA:  # whose ids are the rows'
            return sql
        return replace(sql, text=_FIRSTS.format(sql.text))

    def batches(self) -> pa.RecordBatchReader:
        """Return the rows as a stream of Arrow batches, for what does not fit into memory.

        Examples
        --------
        >>> sum(batch.num_rows for batch in ws.data.batches())
        5
        """
        sql = self.sql()
        return self.engine.stream(sql.text, sql.params)

    def paged(self) -> Paged:
        """Return the rows in pages, of which each costs the same, the first and the one in the middle; reads none yet.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 10").order_by("speed desc").select("title, speed")
        >>> pages = fast.paged()
        >>> len(pages), pages.rows(fast.columns, offset=1, limit=1).to_pylist()
        (4, [{'title': 'c.jpg', 'speed': 80.0}])
        """
        from metaquery.paged import Paged  # who reads all rows need not pay

        return Paged(self._query, self.engine)

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table; instants are `timestamp[us, tz=UTC]`.

        Examples
        --------
        >>> ws.data.filter("dark").select("title, speed").order_by("speed").to_arrow().to_pylist()
        [{'title': 'a.jpg', 'speed': 20.0}, {'title': 'c.jpg', 'speed': 80.0}]
        """
        return self.batches().read_all()

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas DataFrame.

        Raises
        ------
        UsageError
            pandas is not installed.

        Examples
        --------
        >>> ws.data.filter("dark").select("speed").to_pandas()["speed"].mean()
        np.float64(50.0)
        """
        _needs("pandas")
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a Polars DataFrame.

        Raises
        ------
        UsageError
            Polars is not installed.

        Examples
        --------
        >>> ws.data.filter("dark").select("speed").to_polars()["speed"].max()
        80.0
        """
        polars = _needs("polars")
        frame: pl.DataFrame = polars.DataFrame(self)
        return frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows as an Arrow C stream, which DuckDB, pandas, Polars and others read with no code of ours."""
        return self.batches().__arrow_c_stream__(requested_schema)


_FIRSTS = (
    "SELECT annotation_id FROM (SELECT annotation_id, row_number() OVER () AS place FROM ({})) "
    "WHERE annotation_id IS NOT NULL GROUP BY annotation_id ORDER BY min(place)"
)
"""Each id once, where it first is; in DuckDB, as ten million in a set of Python's would take a gigabyte."""


def _needs(name: str) -> Any:
    """Import what is no dependency of ours, or say how to get it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise UsageError(f"{name} is not installed", hint=f"pip install 'metaquery[{name}]'") from None
