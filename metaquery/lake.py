"""`open_lake()`: the views of an exported lake, queried by DuckDB where it lies."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from metaquery.errors import UsageError
from metaquery.frozen import dataclass
from metaquery.lake_manifest import read_manifest
from metaquery.language import BindOptions
from metaquery.moment import Moment
from metaquery.pinned import Pinned
from metaquery.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from metaquery.collection import Collections
    from metaquery.collection.evaluation import Evaluation
    from metaquery.engines.lake import LakeEngine
    from metaquery.lake_manifest import Held, LakeTable, Manifest

__all__ = ["Lake", "open_lake"]


def open_lake(path: str | Path, *, time_zone: str = "UTC", now: datetime | None = None, **settings: Any) -> Lake:
    """Open a lake that `Workspace.export_lake` or `metaquery export lake` has written.

    Parameters
    ----------
    path
        Its directory, or a copy of it.
    time_zone, now
        As for `metaquery.open`.
    **settings
        `threads` and `memory_mb`.

    Raises
    ------
    UsageError
        There is no lake.
    StoreError
        It is not whole, damaged, or of another version.

    Examples
    --------
    >>> exported = ws.export_lake("lake", parts=2)
    >>> metaquery.open_lake("lake").data.filter("dark and speed > 50").ids()
    ['u3']
    """
    directory = Path(path).expanduser().absolute()
    manifest = read_manifest(directory)
    return Lake(directory, manifest, Settings.read(**settings), BindOptions(time_zone=time_zone, now=now))


class Lake(Moment):
    """One snapshot, exported: what `metaquery.open_lake` returns; its views are those of a workspace.

    Collections, tags and saved filters are as they were when it was exported, and it takes no new ones.

    Parameters
    ----------
    directory
        Where it lies.
    manifest
        What it holds.
    settings
        Threads and memory.
    options
        Time zone and `now()` of filters.

    Examples
    --------
    >>> exported = ws.export_lake("lake", parts=2)
    >>> lake = metaquery.open_lake("lake")
    >>> lake.snapshot.id == ws.snapshot().id, lake.manifest.parts
    (True, 2)
    """

    def __init__(self, directory: Path, manifest: Manifest, settings: Settings, options: BindOptions) -> None:
        held = _Collections(manifest.collections)
        super().__init__(
            _Exported(
                manifest.snapshot,
                file=lambda: directory,
                collections=lambda: cast("Collections", held),  # what is read of them is there
                settings=settings,
                saved=lambda relation: (manifest.saved or {}).get(relation, {}),
                past=_no_past,
                pin=None,
                now=options.now,
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

    tables: Mapping[str, LakeTable] = field(default_factory=dict)

    @cached_property
    def engine(self) -> LakeEngine:
        """The connection to its files, opened when it is first needed."""
        from metaquery.engines.lake import LakeEngine, Parquet  # as in `Pinned`

        directory = self.file()
        read_as = {f.column: f.column_type for f in self.snapshot.schema.fields if f.type in _READ_AS}
        tables = {
            name: Parquet(
                tuple(directory / name / file.name for file in table.files),
                tuple((c["column"], read_as.get(c["column"]) if name == "data" else None) for c in table.columns),
            )
            for name, table in self.tables.items()
        }
        threads, memory_mb = self.settings.threads, self.settings.memory_mb
        return LakeEngine(directory, tables, threads=threads, memory_mb=memory_mb)

    @property
    def evaluation(self) -> Evaluation:
        """Refuse: the Collections are what they were."""
        raise _unchanging()


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
        hint="collect in the workspace: metaquery collection new; rows and ids can be exported from here",
    )


def _no_past(_ref: str) -> NoReturn:
    raise UsageError(
        "a lake is one snapshot, and has no earlier one",
        hint="export that one from the workspace: metaquery export lake DIR --as-of SNAPSHOT",
    )
