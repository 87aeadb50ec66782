"""`open_lake()`: the views of an exported lake, queried where it lies, by DuckDB or by Spark."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from metaquery.errors import UsageError
from metaquery.frozen import dataclass
from metaquery.lake_manifest import MANIFEST, parse_manifest, read_manifest
from metaquery.language import BindOptions
from metaquery.moment import Moment
from metaquery.pinned import Pinned
from metaquery.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from pyspark.sql import SparkSession

    from metaquery.collection import Collections
    from metaquery.collection.evaluation import Evaluation
    from metaquery.collection.selection import Selection
    from metaquery.engines.base import Engine
    from metaquery.lake_manifest import Held, LakeTable, Manifest
    from metaquery.language import Dialect, Query
    from metaquery.store.evidence import Rows

__all__ = ["Lake", "open_lake"]


def open_lake(
    path: str | Path,
    *,
    spark: SparkSession | None = None,
    time_zone: str = "UTC",
    now: datetime | None = None,
    **settings: Any,
) -> Lake:
    """Open a lake that `Workspace.export_lake` or `metaquery export lake` has written.

    Parameters
    ----------
    path
        Its directory, or a copy of it. Where Spark answers it may be anywhere that Spark reads: `s3a://bucket/lake`.
    spark
        A session of Spark, classic or Connect, whose time zone is UTC; it answers then. None asks DuckDB, here.
    time_zone, now
        As for `metaquery.open`.
    **settings
        `threads` and `memory_mb`, of DuckDB.

    Raises
    ------
    UsageError
        There is no lake; or Spark is in another time zone.
    StoreError
        It is not whole, damaged, or of another version.
    EngineError
        Spark cannot read it.

    Examples
    --------
    >>> exported = ws.export_lake("lake", parts=2)
    >>> metaquery.open_lake("lake").data.filter("dark and speed > 50").ids()
    ['u3']
    """
    answers = Settings.read(**settings), BindOptions(time_zone=time_zone, now=now)
    if "://" in str(path) and spark is not None:
        from metaquery.engines.spark import read_file  # who asks Spark has it

        place = str(path).rstrip("/")
        manifest = parse_manifest(read_file(spark, f"{place}/{MANIFEST}"), place)
        return Lake(place, manifest, *answers, spark=spark)
    if "://" in str(path):
        raise UsageError(
            f"{path} is not on this machine", hint="Spark asks a lake elsewhere: open_lake(path, spark=session)"
        )
    directory = Path(path).expanduser().absolute()
    return Lake(directory, read_manifest(directory), *answers, spark=spark)


class Lake(Moment):
    """One snapshot, exported: what `metaquery.open_lake` returns; its views are those of a workspace.

    Collections, tags and saved filters are as they were when it was exported, and it takes no new ones.

    Parameters
    ----------
    directory
        Where it lies; a text where that is no directory of this machine.
    manifest
        What it holds.
    settings
        Threads and memory of DuckDB.
    options
        Time zone and `now()` of filters.
    spark
        What answers in place of DuckDB.

    Examples
    --------
    >>> exported = ws.export_lake("lake", parts=2)
    >>> lake = metaquery.open_lake("lake")
    >>> lake.snapshot.id == ws.snapshot().id, lake.manifest.parts
    (True, 2)
    """

    def __init__(
        self,
        directory: Path | str,
        manifest: Manifest,
        settings: Settings,
        options: BindOptions,
        *,
        spark: SparkSession | None = None,
    ) -> None:
        held = _Collections(manifest.collections)
        exported: Callable[..., _Exported] = _Exported if spark is None else partial(_OnSpark, spark=spark)
        super().__init__(
            exported(
                manifest.snapshot,
                file=lambda: Path(directory),
                collections=lambda: cast("Collections", held),  # what is read of them is there
                settings=settings,
                saved=lambda relation: (manifest.saved or {}).get(relation, {}),
                past=_no_past,
                pin=None,
                now=options.now,
                directory=directory,
                tables=manifest.tables,
            ),
            options,
        )
        self.directory = directory
        self.manifest = manifest

    def __repr__(self) -> str:
        return f"<metaquery.Lake {self.directory}, snapshot {self.snapshot.id}>"

    def as_of(self, ref: str) -> NoReturn:
        """Refuse: a lake is one snapshot.

        Raises
        ------
        UsageError
            In any case.

        Examples
        --------
        >>> exported = ws.export_lake("lake", parts=2)
        >>> metaquery.open_lake("lake").as_of("2026-11-01")
        Traceback (most recent call last):
        metaquery.errors.UsageError: a lake is one snapshot, and has no earlier one
        export that one from the workspace: metaquery export lake DIR --as-of SNAPSHOT
        """
        _no_past(ref)

    def export_lake(
        self,
        path: str | Path,  # noqa: ARG002  # as Moment's
        *,
        parts: int | None = None,  # noqa: ARG002
        progress: Callable[[int, int], object] = lambda *_: None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse: it is exported.

        Raises
        ------
        UsageError
            In any case.

        Examples
        --------
        >>> exported = ws.export_lake("lake", parts=2)
        >>> metaquery.open_lake("lake").export_lake("another")
        Traceback (most recent call last):
        metaquery.errors.UsageError: this is a lake already
        copy its directory
        """
        raise UsageError("this is a lake already", hint="copy its directory")


@dataclass(frozen=True)
class _Exported(Pinned):
    """What the views of a lake share."""

    directory: Path | str = ""
    tables: Mapping[str, LakeTable] = field(default_factory=dict)

    @cached_property
    def engine(self) -> Engine:
        """The connection to its files, opened when it is first needed."""
        from metaquery.engines.lake import LakeEngine, Parquet  # as in `Pinned`

        read_as = {f.column: f.column_type for f in self.snapshot.schema.fields if f.type in _READ_AS}
        tables = {
            name: Parquet(
                tuple(map(Path, self._files(name))),
                tuple((c["column"], read_as.get(c["column"]) if name == "data" else None) for c in table.columns),
            )
            for name, table in self.tables.items()
        }
        threads, memory_mb = self.settings.threads, self.settings.memory_mb
        return LakeEngine(self.file(), tables, threads=threads, memory_mb=memory_mb)

    def _files(self, table: str) -> list[str]:
        return [f"{self.directory}/{table}/{file.name}" for file in self.tables[table].files]

    @property
    def evaluation(self) -> Evaluation:
        """Refuse: the Collections are what they were."""
        raise _unchanging()

    def selection(
        self, query: Query, *, unknown: Callable[[], int], write: Callable[[Path], int], time_zone: str
    ) -> Selection:
        """Return the rows of a query as members of a Collection of a workspace, which cannot follow them."""
        from metaquery.collection.selection import Selection, provenance_of  # as in `Pinned`

        provenance = partial(provenance_of, self.snapshot)
        return Selection.of_query(
            query, provenance=provenance, defined=None, unknown=unknown, write=write, time_zone=time_zone
        )


@dataclass(frozen=True)
class _OnSpark(_Exported):
    """What the views of a lake share that Spark answers."""

    spark: SparkSession | None = None

    @cached_property
    def engine(self) -> Engine:
        """Its tables in the session, named there when they are first needed."""
        from metaquery.engines.spark import SparkEngine  # as in `Pinned`

        assert self.spark is not None  # noqa: S101  # for the type checker: fields with defaults come before it
        return SparkEngine(self.spark, {name: self._files(name) for name in self.tables})

    @property
    def dialect(self) -> Dialect:
        """How Spark spells SQL."""
        from metaquery.language import DIALECTS  # as in `Pinned`

        return DIALECTS["spark"]

    def require_duckdb(self, what: str) -> NoReturn:
        """Refuse."""
        raise UsageError(
            f"{what} need DuckDB, and Spark answers here",
            hint="open the lake without Spark, or take the rows by to_spark()",
        )

    def misfit_rows(self, keys: Sequence[str], most: int) -> Rows:
        """Return what runs DuckDB's SQL over the values that do not fit, which are fetched."""
        from metaquery.engines.duckdb import rows_over  # few fields have nearly no value that fits

        text = "SELECT field, raw FROM rejects WHERE field = :p1 LIMIT :p2"
        return rows_over("rejects", [self.engine.stream(text, (key, most)).read_all() for key in keys])

    def require_sayable(self, query: Query) -> None:
        """See that Spark can say all of a query.

        Raises
        ------
        FilterTypeError
            `unsupported-in-dialect`, at the part that it cannot.
        """
        from metaquery.language import require_sayable  # as in `Pinned`

        require_sayable(query, self.dialect)


_READ_AS = frozenset({"UUID", "VECTOR"})
"""Types that Parquet has as others: text, and lists of any length."""


class _Collections:
    """The Collections and tags of a lake, as far as filters and their completion ask for them."""

    def __init__(self, held: Sequence[Held]) -> None:
        self._held = held

    def all(self) -> list[Held]:
        return [one for one in self._held if not one.tag]

    def tags(self) -> list[Held]:
        return [one for one in self._held if one.tag]

    def make(self, *_: object, **__: object) -> NoReturn:
        raise _unchanging()


def _unchanging() -> UsageError:
    return UsageError(
        "a lake takes no new Collections",
        hint="name the workspace that takes it: view.collect(title, into=workspace)",
    )


def _no_past(_ref: str) -> NoReturn:
    raise UsageError(
        "a lake is one snapshot, and has no earlier one",
        hint="export that one from the workspace: metaquery export lake DIR --as-of SNAPSHOT",
    )
