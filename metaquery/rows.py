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
    from pyspark.sql import DataFrame

    from metaquery.engines.base import Engine
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
    def engine(self) -> Engine:
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

    def sql(self, columns: tuple[Field, ...] | None = None, *, dialect: str | None = None) -> Sql:
        """Return what `to_arrow` would run: text with placeholders, and the parameters.

        Parameters
        ----------
        columns
            What is told of each row; None is `View.columns`.
        dialect
            Whose SQL it is, `duckdb` or `spark`, for a job of one's own; None is that of the engine that answers here.

        Raises
        ------
        FilterError
            `unsupported-in-dialect`: it has no form that is known to mean the same.
        UsageError
            There is no such dialect.

        Examples
        --------
        >>> ws.data.filter("city = 'Paris'").select("title").sql().params
        ('Paris',)
        >>> ws.data.filter("dark").select("title").sql(dialect="spark").text
        'SELECT u.`title` FROM `data` AS u WHERE u.`dark`'
        """
        shown = self.columns if columns is None else columns
        if dialect is None:
            return language.to_sql(self._query, self._pinned.dialect, columns=shown)
        said = language.DIALECTS.get(dialect)
        if said is None:
            raise UsageError(f"there is no dialect {dialect!r}", hint=f"there are {' and '.join(language.DIALECTS)}")
        language.require_sayable(self._query, said)
        sql = language.to_sql(self._query, said, columns=shown)
        if dialect == "spark":
            from metaquery.language.spark import refuse_variables  # as in `SparkEngine`

            refuse_variables(sql.text)
        return sql

    def ids(self) -> list[str]:
        """Return the ids of the rows, in order: data hashes, or the annotation ids of labels and predictions.

        An annotation of several frames is several rows, and its id is there once.

        Examples
        --------
        >>> ws.data.filter("city = 'Paris'").order_by("speed").ids()
        ['u1', 'u4']
        """
        sql = self.ids_sql()
        if self._once_in_sql:
            return [row[0] for row in self.engine.rows(sql.text, sql.params)]
        ids: list[str] = self.id_batches().read_all().column(0).to_pylist()
        return ids

    def id_batches(self) -> pa.RecordBatchReader:
        """Return the ids of the rows as a stream of Arrow batches of one column; as `ids`.

        Examples
        --------
        >>> ws.data.filter("dark").id_batches().read_all().to_pydict()
        {'data_hash': ['u1', 'u3']}
        """
        sql = self.ids_sql()
        stream = self.engine.stream(sql.text, sql.params)
        if self._once_in_sql:
            return stream
        import pyarrow as pa  # who has a stream has it

        ids = stream.read_all().column(0).unique().drop_null()
        return pa.table([ids], names=sql.names).to_reader()

    def ids_sql(self) -> Sql:
        """Return what `ids` runs; where Spark answers, an annotation's id may come more than once.

        Examples
        --------
        >>> ws.data.ids_sql().names
        ('data_hash',)
        """
        name = "data_hash" if self.relation is DATA else "annotation_id"
        sql = self.sql(tuple(field for field in self.key_columns if field.name == name))
        if self.relation is DATA or not self._once_in_sql:
            return sql
        return replace(sql, text=self._pinned.dialect.say("first of each", sql.text))

    @property
    def _once_in_sql(self) -> bool:
        """Whether a statement gives each id once: those of data units are the rows', of others the engine has a way."""
        return self.relation is DATA or self._pinned.dialect.can("first of each")

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

        self._pinned.require_duckdb("pages")
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

    def to_spark(self) -> DataFrame:
        """Return the rows as a DataFrame of Spark, which has not run: they stay on the cluster.

        Raises
        ------
        UsageError
            The view is not of a lake that Spark was given for.

        Examples
        --------
        >>> ws.data.filter("dark").to_spark()
        Traceback (most recent call last):
        metaquery.errors.UsageError: DuckDB answers this view, and Spark does not see its rows
        open a lake with a session: metaquery.open_lake(path, spark=session)
        """
        from metaquery.engines.spark import SparkEngine  # who has no session need not pay

        engine, sql = self.engine, self.sql()
        if not isinstance(engine, SparkEngine):
            raise UsageError(
                "DuckDB answers this view, and Spark does not see its rows",
                hint="open a lake with a session: metaquery.open_lake(path, spark=session)",
            )
        return engine.frame(sql.text, sql.params)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows as an Arrow C stream, which DuckDB, pandas, Polars and others read with no code of ours."""
        return self.batches().__arrow_c_stream__(requested_schema)


def _needs(name: str) -> Any:
    """Import what is no dependency of ours, or say how to get it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise UsageError(f"{name} is not installed", hint=f"pip install 'metaquery[{name}]'") from None
