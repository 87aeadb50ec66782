"""`LakeEngine`: the tables of an exported lake, queried by DuckDB; `LakeWriter`: a snapshot's, written for one."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import duckdb

from metaquery.engines.duckdb import DuckDBEngine, failures
from metaquery.engines.member_views import create_views
from metaquery.errors import EngineError, StoreError
from metaquery.interruptible import interruptible
from metaquery.schema.metadata_schema import ROW_PLACES
from metaquery.store.durable import no_space, told_full
from metaquery.store.pages import quoted
from metaquery.store.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from metaquery.engines.base import Membership

__all__ = ["LakeEngine", "LakeWriter", "Parquet", "Shape", "Written"]


class Parquet(NamedTuple):
    """A table of a lake.

    Attributes
    ----------
    files
        Its files.
    columns
        Their columns, each with the type that it is read as where Parquet has another for it, else None.
    """

    files: tuple[Path, ...]
    columns: tuple[tuple[str, str | None], ...]


class LakeEngine(DuckDBEngine):
    """Runs SQL over the tables of a lake, by the names and with the columns that a snapshot has.

    Parameters
    ----------
    directory
        Of the lake.
    tables
        Its tables; `members` and `tags` are two of them.
    threads, memory_mb
        As for `DuckDBEngine`.
    """

    def __init__(self, directory: Path, tables: Mapping[str, Parquet], *, threads: int = 0, memory_mb: int = 0) -> None:
        super().__init__(directory, threads=threads, memory_mb=memory_mb)
        self._views, self._made = Lock(), set[str]()
        self._tables = {
            name: (re.compile(rf"\b{name}\b"), [escape(str(file)) for file in table.files], _view(name, table))
            for name, table in tables.items()
        }

    def _connected(self, path: Path) -> duckdb.DuckDBPyConnection:  # noqa: ARG002  # its files are named by views
        connection = duckdb.connect(":memory:")
        connection.execute("SET parquet_metadata_cache = true")  # the files never change
        spill = Path(tempfile.gettempdir()) / "metaquery-lake.tmp"  # else it is in the current directory
        connection.execute("SET temp_directory = $folder", {"folder": str(spill)})
        return connection

    def _session(self, text: str, parameters: Sequence[Any] | None = None) -> duckdb.DuckDBPyConnection:  # noqa: ARG002  # members are a table as others are
        session = self._plain_session()
        for name, (named, files, view) in self._tables.items():
            if named.search(text) or "gathered" in text:  # what is asked about the rows that are kept may name any
                session.execute(f"SET VARIABLE {name}_files = $files", {"files": files})
                with self._views:
                    if name not in self._made:
                        session.execute(view)
                        self._made.add(name)
        return session

    def _work(self, text: str, parameters: Sequence[Any], work: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
        try:
            return super()._work(text, parameters, work)
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
            raise EngineError(
                f"the lake {self._path} cannot be read: {str(error).splitlines()[0]}",
                hint="copy it again, or export it anew: metaquery export lake DIR",
            ) from error


def _view(name: str, table: Parquet) -> str:
    columns = [
        quoted(column) if kind is None else f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}"
        for column, kind in table.columns
    ]
    if not {column.casefold() for column, _ in table.columns} & {*ROW_PLACES}:  # as snapshots of earlier versions have
        columns.append("file_index * 4294967296 + file_row_number AS rowid")
    return (
        f"CREATE VIEW {name} AS SELECT {', '.join(columns)} "
        f"FROM read_parquet(getvariable('{name}_files'), hive_partitioning = false)"
    )


class Shape(NamedTuple):
    """A table that is written.

    Attributes
    ----------
    name
        Its name.
    columns
        As `LakeWriter.columns` returns them.
    parts
        In how many parts.
    about
        What the metadata of its files say under the key `metaquery`.
    """

    name: str
    columns: dict[str, str]
    parts: int
    about: str

    @property
    def values(self) -> str:
        """The columns in SQL, cast where others do not read what DuckDB writes.

        Spark refuses Parquet's UUIDs, so they are texts. Arrays of a fixed size are lists: where one is NULL, DuckDB
        writes levels that pyarrow refuses.
        """
        return ", ".join(
            quoted(name) if kind is None else f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}"
            for name, kind in ((name, _plain(kind)) for name, kind in self.columns.items())
        )


def _plain(kind: str) -> str | None:
    """Return the type that a column of a type is written as, None where that is the same."""
    if kind == "UUID":
        return "VARCHAR"
    array = re.fullmatch(r"(\w+)\[\d+\]", kind)
    return None if array is None else f"{array[1]}[]"


_PARQUET = "FORMAT parquet, COMPRESSION zstd, KV_METADATA {metaquery: $about}"


class Written(NamedTuple):
    """A file that was written: where, of which part, its rows and its size."""

    path: Path
    part: int
    rows: int
    bytes: int


_MEMORY_MB = 400
"""What DuckDB may use a thread where nobody says: enough for any number of units."""

_ROWS = 122_880
"""Rows of a file that is as large as it gets: one row group, as DuckDB writes them."""

_SAMPLED = 2_048
"""Rows that tell how wide a table's are, at three places of it."""

_OPEN = 256
"""Files that are open at once."""


class LakeWriter:
    """Writes the tables of a snapshot as Parquet, each row into the part of its data unit; use it in a `with`.

    The rows of a piece are in memory until they are written: a quarter of what DuckDB may have, however many units
    there are.

    Parameters
    ----------
    snapshot
        Its DuckDB file.
    spill
        Where DuckDB puts what does not fit into memory.
    memberships
        The Collections and tags, whose members are the tables `members` and `tags`.
    threads, memory_mb
        As in `Settings`; 0 is one thread a core, and 400 MB a thread.
    """

    def __init__(
        self, snapshot: Path, spill: Path, memberships: Sequence[Membership], *, threads: int = 0, memory_mb: int = 0
    ) -> None:
        self._snapshot = snapshot
        self._connection = duckdb.connect(":memory:")
        with self._failing(f"ATTACH {snapshot}"):
            run = self._connection.execute
            run(SESSION)
            run("SET temp_directory = $folder", {"folder": str(spill)})
            if threads:
                run("SET threads = $n", {"n": threads})
            self._threads = int(run("SELECT current_setting('threads')").fetchall()[0][0])
            memory_mb = memory_mb or _MEMORY_MB * self._threads
            run("SET memory_limit = $n", {"n": f"{memory_mb}MB"})
            self._budget = memory_mb << 18
            run("ATTACH $path AS snapshot (READ_ONLY)", {"path": str(snapshot)})
            run("USE snapshot")
            create_views(run, memberships)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table that are written, each with its type.

        Not `content_md5`, which tells the store what has changed: Parquet's unsigned numbers are read by few.
        """
        found = self._rows(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
        return {name: kind for name, kind in found if (table, name) != ("data", "content_md5")}

    def pieces(self, table: str, parts: int) -> list[tuple[int, int] | None]:
        """Return how a table is cut into pieces: the places of each, from and up to; None is the table as a whole."""
        if table in {"members", "tags"}:  # views, whose rows are two texts
            return [None]
        (end,) = self._rows(f"SELECT coalesce(max({_place(table)}) + 1, 0) FROM {table}")[0]
        step = min(self._budget // self._width(table, end), _ROWS * max(parts, 8))
        even = _ROWS * self._threads  # a row group of the table is what a thread reads at a time
        step = max(step - step % even if step > even else step, _SAMPLED)
        return [(first, min(first + step, end)) for first in range(0, end, step)] or [(0, 0)]

    def _width(self, table: str, end: int) -> int:
        """Return about how many bytes a row is, in memory."""
        rows, size = 0, 0
        for first in {0, end // 2, max(end - _SAMPLED, 0)}:
            text = f"SELECT * FROM {table} WHERE {_within(table, (first, first + _SAMPLED))}"
            with self._failing(text):
                read = self._connection.sql(text).to_arrow_table()
            rows, size = rows + int(read.num_rows), size + int(read.nbytes)
        return size // max(rows, 1) + 16

    def write(self, table: Shape, piece: tuple[int, int] | None, folder: Path) -> list[Written]:
        """Write a piece of a table into a folder, which is made, a file a part and perhaps some more.

        Parameters
        ----------
        table, piece
            The table, and what `pieces` returned.
        folder
            Must not exist.

        Raises
        ------
        NoSpace
            The disk is full.
        StoreError
            There is not enough memory.
        EngineError
            The snapshot's file is damaged.
        """
        named = _part_column(table.columns)
        once = "" if piece else "DISTINCT "
        rows = f" WHERE {_within(table.name, piece)}" if piece else ""
        source = f"(SELECT {once}{table.values} FROM {table.name}{rows})"
        part = f"('0x' || substr(md5(data_hash), 1, 8))::UINTEGER % {table.parts}"
        self._connection.execute(f"SET partitioned_write_max_open_files = {_OPEN}")
        if piece:
            self._connection.execute(f"SET partitioned_write_flush_threshold = {max(piece[1] - piece[0], _SAMPLED)}")
        found = self._rows(
            f"COPY (SELECT *, {part} AS {named} FROM {source}) TO $to "
            f"({_PARQUET}, RETURN_STATS true, PARTITION_BY ({named}))",
            {"to": str(folder), "about": table.about},
        )
        return [Written(Path(name), int(_PART.search(name)[1]), rows, size) for name, rows, size, *_ in found]  # type: ignore[index]

    def write_empty(self, table: Shape, path: Path) -> Written:
        """Write a file without rows, which says what columns a table has."""
        self._rows(
            f"COPY (SELECT {table.values} FROM {table.name} LIMIT 0) TO $to ({_PARQUET})",
            {"to": str(path), "about": table.about},
        )
        return Written(path, 0, 0, path.stat().st_size)

    def _rows(self, text: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self._failing(text):
            return interruptible(
                lambda: self._connection.execute(text, parameters).fetchall(), self._connection.interrupt
            )

    @contextmanager
    def _failing(self, text: str) -> Iterator[None]:
        with failures(text, self._snapshot):
            try:
                yield
            except duckdb.OutOfMemoryException as error:
                raise StoreError(
                    "there is not enough memory to export", hint="give more by METAQUERY_MEMORY_MB, and run it again"
                ) from error
            except duckdb.Error as error:
                full = told_full(str(error))
                if full is None:
                    raise
                raise no_space(full, self._snapshot) from error


def _place(table: str) -> str:
    """Return the column that tells the place of a row: in earlier versions a key of units could be called `rowid`."""
    return "unit" if table == "data" else "rowid"


def _within(table: str, piece: tuple[int, int]) -> str:
    return f"{_place(table)} >= {piece[0]} AND {_place(table)} < {piece[1]}"


_PART = re.compile(r"=(\d+)/[^/]*$")
"""The part, in the name of the folder that DuckDB has made for it."""


def _part_column(columns: Mapping[str, str]) -> str:
    """Return a name for the column of parts, which the files do not have, that no key has."""
    taken = {name.casefold() for name in columns}
    name = "part"
    while name in taken:
        name += "_"
    return name
