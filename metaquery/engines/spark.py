"""`SparkEngine`: the tables of an exported lake, queried by Apache Spark in the user's own session.

It needs `pip install 'metaquery[spark]'`. Sessions of Spark Connect are as good as classic ones: nothing here asks for
a JVM in the process.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from functools import cached_property
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import finalize

from metaquery.errors import EngineError, UsageError
from metaquery.interruption import INTERRUPTED
from metaquery.language.spark import SPARK, refuse_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from metaquery.language.dialects import Dialect, Param

__all__ = ["SparkEngine", "read_file"]

_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Z", "+00:00"})

_ZONE = "spark.sql.session.timeZone"

_ESCAPED = "spark.sql.parser.escapedStringLiterals"
"""Spark puts parameters in as texts, with backslashes, which it then reads as such or, by this setting, does not."""

_LONG = 2**63
"""From here on a whole number is none of Spark's: it is bound as a double, as it is compared with doubles."""


class SparkEngine:
    """Runs SQL over the tables of a lake.

    Parameters
    ----------
    session
        A session, whose time zone is UTC: set `spark.sql.session.timeZone`. Nothing in it is changed but that views
        are made whose names begin with `metaquery_`; they go when the engine does.
    tables
        Of each table its files, at least one; each is named, so that one that is not there is an error.

    Raises
    ------
    UsageError
        The session is in another time zone, or reads texts in another way than Spark does by default.
    EngineError
        A file cannot be read.
    """

    dialect: Dialect = SPARK

    def __init__(self, session: SparkSession, tables: Mapping[str, Sequence[str]]) -> None:
        self._session = session
        if not hasattr(session, "sql") or not hasattr(session, "conf"):
            raise UsageError(
                f"{session!r} is no session of Spark", hint="give what SparkSession.builder.getOrCreate() returns"
            )
        self._require_settings()
        # Rows become Arrow in another thread of a classic session, which has the tags of jobs, not those of sessions.
        self._context = getattr(session, "sparkContext", None)
        token = token_hex(6)
        self._tag = f"metaquery-{token}"
        self._views = {name: f"metaquery_{token}_{name}" for name in tables}
        self._named = {name: re.compile(rf"\b{name}\b") for name in tables}
        finalize(self, _drop, session, tuple(self._views.values()))
        for name, files in tables.items():
            with self._failing():
                reader = session.read.option("datetimeRebaseMode", "CORRECTED").option("mergeSchema", "false")
                reader.parquet(*map(_literally, files)).createOrReplaceTempView(self._views[name])

    def frame(self, text: str, parameters: Sequence[Param]) -> DataFrame:
        """Return the rows of a query as a DataFrame, which Spark has not run."""
        self._require_settings()
        refuse_variables(text)
        with self._failing(text):
            return self._session.sql(self._with_tables(text), args=_arguments(parameters))

    def stream(self, text: str, parameters: Sequence[Any]) -> pa.RecordBatchReader:
        """Run a query and hand its rows over in batches; all of them come to this process before the first does."""
        return self._table(text, parameters).to_reader()

    def rows(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small."""
        table = self._table(text, parameters)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def write_parquet(self, text: str, parameters: Sequence[Any], path: Path) -> int:
        """Run a query into a Parquet file of this machine, and return its rows."""
        import pyarrow.parquet as pq  # who asks has it

        table = self._table(text, parameters)
        pq.write_table(table, path, compression="zstd")
        return int(table.num_rows)

    def gathered(self, text: str, parameters: Sequence[Any]) -> NoReturn:  # noqa: ARG002  # as `Engine` has it
        """Refuse: what asks is DuckDB's.

        Raises
        ------
        UsageError
            In any case.
        """
        raise UsageError(
            "COCO is written by DuckDB, and Spark answers here",
            hint="open the lake without Spark, or take the rows by to_spark() and write them there",
        )

    def keep(self, name: str, text: str, parameters: Sequence[Any]) -> bool:  # noqa: ARG002  # as `Engine` has it
        """Keep nothing: the memory of the cluster is the user's."""
        return False

    @cached_property
    def _judge(self) -> Any:
        from metaquery.engines.duckdb import regex_judge

        return regex_judge()

    def regex_error(self, pattern: str) -> str | None:
        """Return what RE2 says against a pattern, None where it takes it: the language has RE2's on every engine."""
        error: str | None = self._judge(pattern)
        return error

    def interrupt(self) -> None:
        """Stop the statements that are running, from another thread; each fails there."""
        if self._context is None:
            self._session.interruptTag(self._tag)
        else:
            self._context.cancelJobsWithTag(self._tag)

    def close(self) -> None:
        """Drop the views; the session is the user's."""
        _drop(self._session, tuple(self._views.values()))

    def _table(self, text: str, parameters: Sequence[Any]) -> pa.Table:
        frame = self.frame(text, parameters)
        with self._failing(text), self._tagged():
            return frame.toArrow()

    def _with_tables(self, text: str) -> str:
        """Put the lake's tables before a statement, under their own names: the session may have views called so."""
        needed = [name for name in self._views if self._named[name].search(text)]
        heads = [f"{name} AS (SELECT * FROM {self._views[name]})" for name in needed]
        if text.startswith("WITH "):
            heads.append(text.removeprefix("WITH "))
            text = ""
        return f"WITH {', '.join(heads)} {text}" if heads else text

    def _require_settings(self) -> None:
        with self._failing():
            zone = self._session.conf.get(_ZONE)
            escaped = self._session.conf.get(_ESCAPED)
        if zone not in _UTC:
            raise UsageError(
                f"the Spark session is in the time zone {zone!r}, and instants would be read as its",
                hint=f'set it to UTC: spark.conf.set("{_ZONE}", "UTC"); filters have a time zone of their own',
            )
        if escaped == "true":
            raise UsageError(
                "the Spark session reads texts with their backslashes, and would read values that are bound otherwise",
                hint=f'set what it has by default: spark.conf.set("{_ESCAPED}", "false")',
            )

    @contextmanager
    def _tagged(self) -> Iterator[None]:
        """Tag what runs, so that it can be stopped, here and on the cluster."""
        (self._session.addTag if self._context is None else self._context.addJobTag)(self._tag)
        try:
            yield
        except KeyboardInterrupt:
            with suppress(Exception):  # the session may be gone, and who pressed Ctrl-C waits for nothing else
                self.interrupt()
            raise
        finally:
            (self._session.removeTag if self._context is None else self._context.removeJobTag)(self._tag)

    @contextmanager
    def _failing(self, text: str = "") -> Iterator[None]:
        """Name what stops a statement: another thread, a file that cannot be read, a fault of ours."""
        from pyspark.errors import AnalysisException, PySparkException

        try:
            yield
        except Exception as error:
            told = _first_line(error)
            if "OPERATION_CANCELED" in told or "cancelled" in told:
                raise EngineError(INTERRUPTED) from error
            if text and isinstance(error, AnalysisException):
                raise EngineError(
                    f"Spark refused a statement of ours: {told}",
                    hint=f"this is a fault of metaquery, please report it with the filter; the statement was: {text}",
                ) from error
            if isinstance(error, PySparkException) or _is_of_java(error):
                raise EngineError(
                    f"Spark could not answer: {told}", hint="Spark's own log says more; is the lake there, and whole?"
                ) from error
            raise EngineError(  # gRPC's, or an assertion, as the session was stopped or its JVM is gone
                f"Spark did not answer: {told}", hint="is the session still running? open the lake anew"
            ) from error


def _arguments(parameters: Sequence[Param]) -> dict[str, Any]:
    """Return the parameters of a statement by the names that `SPARK` gives them, for `SparkSession.sql`."""
    return {f"p{place}": _bound(value) for place, value in enumerate(parameters, start=1)}


def _bound(value: Param) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and not -_LONG <= value < _LONG else value  # type: ignore[arg-type, operator]


def _drop(session: SparkSession, views: Sequence[str]) -> None:
    with suppress(Exception):  # a session that was stopped has dropped them
        for view in views:
            session.catalog.dropTempView(view)


def read_file(session: SparkSession, path: str) -> bytes:
    """Return the content of a file that Spark reads, wherever that is.

    Raises
    ------
    UsageError
        There is none.
    """
    from pyspark.errors import PySparkException

    try:
        (row,) = session.read.format("binaryFile").load(_literally(path)).select("content").collect()
    except PySparkException as error:
        raise UsageError(f"Spark cannot read {path}: {_first_line(error)}", hint="is the lake there?") from error
    return bytes(row["content"])


def _literally(path: str) -> str:
    """Return a path in which nothing is a pattern of Hadoop's; one of this machine says so."""
    named = path if "://" in path else f"file://{path}"
    return re.sub(r"([\\{}\[\]*?^])", r"\\\1", named)


def _is_of_java(error: Exception) -> bool:
    """Whether an error is one that pyspark hands on as it comes from a JVM, such as that of a task."""
    return type(error).__module__.startswith("py4j.")


def _first_line(error: Exception) -> str:
    """Return what is wrong; in what a JVM says, that is where a name in brackets is."""
    told = str(error).strip()
    named = re.search(r"\[[A-Z][A-Z0-9_.]+\] [^\n]*", told) if _is_of_java(error) else None
    return named[0] if named else next(iter(told.splitlines()), type(error).__name__)
