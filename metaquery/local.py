"""`Local`: what a workspace has on this machine: views, earlier snapshots, saved filters, Collections."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from metaquery.language import BindOptions
from metaquery.moment import Moment, binder
from metaquery.pinning import Pinning
from metaquery.schema import DATA, LABELS, PREDICTIONS, Relation
from metaquery.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from metaquery.collection import Collections
    from metaquery.connections import Connections
    from metaquery.diff import Diff
    from metaquery.history import History
    from metaquery.lake_export import LakeExport
    from metaquery.pinned import Pinned
    from metaquery.saved_filters import SavedFilter, SavedFilters
    from metaquery.settings import Settings
    from metaquery.store.layout import Layout
    from metaquery.unit import Unit
    from metaquery.view import View

__all__ = ["Local"]


class Local:
    """One directory, and what is in it; parameters as `Workspace`."""

    def __init__(
        self,
        layout: Layout,
        *,
        settings: Settings,
        time_zone: str = "UTC",
        now: datetime | None = None,
        waiting: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.layout = layout
        self.settings = settings
        self.time_zone = time_zone
        self.now = now
        self._pinning = Pinning(
            layout, settings, lambda: self.collections, saved=lambda on: _saved(layout, on), waiting=waiting, now=now
        )

    def __repr__(self) -> str:
        return f"<metaquery.Workspace {self.layout.root}>"

    # What is there

    @property
    def data(self) -> View:
        """Every data unit of the newest snapshot.

        Examples
        --------
        >>> ws.data.count()
        5
        """
        return self.view(DATA)

    @property
    def labels(self) -> View:
        """Every label of the newest snapshot.

        Examples
        --------
        >>> ws.labels.filter("class = 'car'").count()
        1
        """
        return self.view(LABELS)

    @property
    def predictions(self) -> View:
        """Every prediction of the newest snapshot.

        Examples
        --------
        >>> ws.predictions.filter("confidence < 0.5").count()
        1
        """
        return self.view(PREDICTIONS)

    def view(self, relation: Relation | str) -> View:
        """Return a view of one relation, given by itself or by name, pinned to the newest snapshot.

        Raises
        ------
        UsageError
            There is no relation of this name.

        Examples
        --------
        >>> ws.view("labels").count()
        2
        """
        return Moment(self._pinning.newest(), self._options).view(relation)

    def as_of(self, ref: str) -> Moment:
        """Return an earlier snapshot, with views of its rows by its own schema.

        Collections, and so tags, and saved filters are as they are now.

        Parameters
        ----------
        ref
            The snapshot's id or its beginning; or a day or a time, ISO 8601, UTC unless it says otherwise: the newest
            snapshot that was published by its end.

        Raises
        ------
        UsageError
            It is neither, or means several.
        NoSnapshot
            There was none yet.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).data.count()
        5
        """
        return Moment(self._pinning.past(ref), self._options)

    def export_lake(
        self,
        path: str | Path,
        *,
        parts: int | None = None,
        progress: Callable[[int, int], object] = lambda *_: None,
    ) -> LakeExport:
        """Write the whole newest snapshot as plain Parquet, for other engines; as `Moment.export_lake`.

        Examples
        --------
        >>> exported = ws.export_lake("lake", parts=2)
        >>> exported.parts, exported.rows["data"], exported.rows["labels"]
        (2, 5, 2)
        """
        return Moment(self._pinning.newest(), self._options).export_lake(path, parts=parts, progress=progress)

    def unit(self, name: str | int, *, dataset: str | None = None, as_of: str | None = None) -> Unit:
        """Return all that is known of one data unit, of one that is gone since as well.

        Parameters
        ----------
        name
            Its data hash, its title, or its index in a dataset.
        dataset
            Title or hash of the dataset, for an index or a title that several units have.
        as_of
            The snapshot that it is asked of, as for `as_of`; None is the newest that has it.

        Raises
        ------
        NotFound, UsageError
            There is no such unit, or there are several.
        CorruptSpool
            The raw pages that tell its history are damaged.

        Examples
        --------
        >>> unit = ws.unit("a.jpg")
        >>> unit.data_hash, unit.fields["dataset_title"], [value.key for value in unit.metadata]
        ('u1', 'Small', ['city', 'dark', 'speed', 'frame rate'])
        >>> [event.change for event in unit.history]
        ['added']
        """
        from metaquery.unit import unit_of  # who filters needs no raw pages

        pinned = self._pinning.newest() if as_of is None else self._pinning.past(as_of)
        return unit_of(pinned, self._options, self.layout, str(name), dataset=dataset, gone_too=as_of is None)

    def storage_item(self, data_hash: str) -> tuple[str | None, str | None]:
        """Return a data unit's storage item and its title, as the newest snapshot has them; None for what is not known.

        Examples
        --------
        >>> ws.storage_item("u1")
        (None, 'a.jpg')
        """
        rows = self._pinning.newest().engine.rows("SELECT item_uuid, title FROM data WHERE data_hash = ?", (data_hash,))
        return rows[0] if rows else (None, None)

    def diff(
        self,
        before: str | None = None,
        after: str | None = None,
        *,
        where: str | None = None,
        params: Mapping[str, Any] | None = None,
        limit: int = 10,
    ) -> Diff:
        """Compare two snapshots, named as for `as_of`; else the newest and the one before that or before `after`.

        Parameters
        ----------
        before, after
            The two snapshots.
        where
            A filter; a unit counts that matches in the one or the other.
        params
            Values of the filter's parameters, by name; each snapshot reads them by its own types.
        limit
            Units to name.

        Raises
        ------
        NoSnapshot
            There is no earlier one.
        FilterError, UsageError
            The filter fits neither snapshot, or the limit is below 0.

        Examples
        --------
        >>> newest = ws.snapshot().id
        >>> ws.diff(newest, newest).changed
        0
        """
        from metaquery.diff import compared  # as for `history`

        old, new = self._two(before, after)
        return compared(old, new, self._options, where=_narrowing(where, params), limit=limit)

    @contextmanager
    def diff_rows(
        self,
        before: str | None = None,
        after: str | None = None,
        *,
        where: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Iterator[pa.RecordBatchReader]:
        """Give the values that two snapshots differ by, to be read within the `with`.

        Texts `data_hash`, `title`, `change`, `field`, `before`, `after`; a unit that is in one of the two only has one
        row, without a field. Of a misfit the value is its JSON. Parameters and errors as `diff`.

        Examples
        --------
        >>> newest = ws.snapshot().id
        >>> with ws.diff_rows(newest, newest) as rows:
        ...     rows.read_all().num_rows
        0
        """
        from metaquery.diff import opened  # as for `history`
        from metaquery.diff_rows import diff_rows

        old, new = self._two(before, after)
        narrowing = _narrowing(where, params)
        with opened(old, new, narrowed=narrowing is not None) as pair:
            yield diff_rows(Moment(old, self._options).data, Moment(new, self._options).data, pair, where=narrowing)

    def _two(self, before: str | None, after: str | None) -> tuple[Pinned, Pinned]:
        new = self._pinning.newest() if after is None else self._pinning.past(after)
        return self._pinning.past(self.history.before(new.snapshot) if before is None else before), new

    @property
    def history(self) -> History:
        """The snapshots that are kept.

        Examples
        --------
        >>> ws.history.log()[0].snapshot == ws.snapshot()
        True
        """
        from metaquery.history import History  # the newest snapshot is found without

        return History(self.layout, self.settings)

    @property
    def _options(self) -> BindOptions:
        return BindOptions(time_zone=self.time_zone, now=self.now)

    def snapshot(self) -> Snapshot:
        """Return the newest snapshot.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.

        Examples
        --------
        >>> ws.snapshot().counts.data
        5
        """
        return Snapshot.current(self.layout)

    @property
    def filters(self) -> SavedFilters:
        """The saved filters of this workspace.

        Examples
        --------
        >>> ws.filters.save("night", "data", "dark", replace=True).reference
        '@night'
        """
        from metaquery.saved_filters import SavedFilters  # a filter that names none need not pay

        return SavedFilters(self.layout, binder(self._pinning.newest, self._options), self.server.client)

    def save_filter(
        self,
        name: str,
        text: str,
        *,
        on: str = "data",
        replace: bool = False,
        params: Mapping[str, Any] | None = None,
    ) -> SavedFilter:
        """Check a filter, and save its canonical text; `@name` stands for it in other filters.

        Saved filters that it names itself are written out, so that it keeps its meaning when they change.

        Parameters
        ----------
        name, text
            What to call it, and the filter.
        on
            What it selects rows of.
        replace
            Whether another filter of this name may be replaced.
        params
            Values of the text's parameters; what is saved holds them.

        Raises
        ------
        FilterError
            The text is not a filter of this workspace's newest snapshot.
        UsageError
            The name cannot be used, or is taken.

        Examples
        --------
        >>> saved = ws.save_filter("fast in", "speed > 50 and city = :city", params={"city": "Paris"}, replace=True)
        >>> saved.text
        "speed > 50 and city = 'Paris'"
        >>> ws.data.filter('@"fast in"').ids()
        ['u4']
        """
        canonical = self.view(on).filter(text, **(params or {})).canonical
        return self.filters.save(name, on, canonical or "true", replace=replace)

    @property
    def collections(self) -> Collections:
        """The Collections of this workspace.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.get("Fast").members
        2
        """
        from metaquery.collection import Collections  # as for `filters`

        return Collections(self.layout, lambda: self._pinning.newest().evaluation)

    @property
    def server(self) -> Connections:
        """How the server is reached.

        Examples
        --------
        >>> ws.server.current is None  # this one was filled from files
        True
        """
        from metaquery.connections import Connections  # a query asks no server

        return Connections(self.layout, self.settings)


def _narrowing(where: str | None, params: Mapping[str, Any] | None) -> Callable[[View], View] | None:
    return None if where is None else lambda view: view.filter(where, **(params or {}))


def _saved(layout: Layout, relation: str) -> dict[str, str]:
    if not layout.filters.exists():
        return {}
    from metaquery.saved_filters import SavedFilters  # as for `Local.filters`

    return SavedFilters(layout).texts(relation)
