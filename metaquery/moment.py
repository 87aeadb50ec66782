"""`Moment`: one snapshot of a workspace, and the views of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metaquery.errors import NoSnapshot
from metaquery.language import BindOptions, Query
from metaquery.schema import DATA, LABELS, PREDICTIONS, Relation, relation_named
from metaquery.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from metaquery.boxes import Box
    from metaquery.collection.evaluation import Evaluation
    from metaquery.lake_export import LakeExport
    from metaquery.pinned import Pinned
    from metaquery.store.snapshot import Snapshot

__all__ = ["Moment", "binder"]


class Moment:
    """One snapshot: what `Workspace.as_of` returns.

    Data and schema are those of the snapshot; Collections, and so tags, and saved filters are as they are now.

    Parameters
    ----------
    pinned
        The snapshot and what belongs to it.
    options
        Time zone and `now()` of filters.

    Examples
    --------
    >>> then = ws.as_of(ws.snapshot().id)
    >>> then.data.filter("dark").count()
    2
    """

    def __init__(self, pinned: Pinned, options: BindOptions) -> None:
        self._pinned = pinned
        self._options = options

    def __repr__(self) -> str:
        return f"<metaquery.Moment {self.snapshot.id}>"

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).snapshot == ws.snapshot()
        True
        """
        return self._pinned.snapshot

    @property
    def data(self) -> View:
        """Every data unit that there was.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).data.count()
        5
        """
        return self.view(DATA)

    @property
    def labels(self) -> View:
        """Every label that there was.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).labels.count()
        2
        """
        return self.view(LABELS)

    @property
    def predictions(self) -> View:
        """Every prediction that there was.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).predictions.count()
        2
        """
        return self.view(PREDICTIONS)

    @property
    def evaluation(self) -> Evaluation:
        """The Collections as they are now, with the members that live ones had then."""
        return self._pinned.evaluation

    def view(self, relation: Relation | str) -> View:
        """Return a view of one relation, given by itself or by name.

        Raises
        ------
        UsageError
            There is no relation of this name.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).view("labels").count()
        2
        """
        relation = relation_named(relation) if isinstance(relation, str) else relation
        return View(self._pinned, Query(relation), self._options)

    def export_lake(
        self,
        path: str | Path,
        *,
        parts: int | None = None,
        progress: Callable[[int, int], object] = lambda *_: None,
    ) -> LakeExport:
        """Write the whole snapshot as plain Parquet, in parts, for other engines; `metaquery.open_lake` reads it.

        An export that was killed is gone on with by the same call, and one that is there whole is left as it is.

        Parameters
        ----------
        path
            The directory to make; it is there when all of it is.
        parts
            How many parts the rows of each table are in, by their data unit: 1 to 4,096. None takes as many, a power
            of two, that none has more than 500,000 units.
        progress
            Called with the pieces that are written, and how many there are.

        Raises
        ------
        UsageError
            Something else is there, or nothing may be written there.
        WorkspaceLocked
            Another process is exporting there.
        NoSpace
            The disk is full; what is written is gone on with.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).export_lake("lake", parts=2).rows["data"]
        5
        """
        from metaquery.lake_export import LakeSource, export_lake  # who asks need not pay

        return export_lake(LakeSource.of(self._pinned), path, parts, progress=progress)

    def boxes(self, units: Sequence[str], *, most: int = 100_000) -> list[Box]:
        """Return where on some data units their labels and predictions are.

        Parameters
        ----------
        units
            Data hashes.
        most
            Boxes of labels, and of predictions, at most.

        Examples
        --------
        >>> ws.as_of(ws.snapshot().id).boxes(["u1"])
        []
        """
        from metaquery.boxes import boxes_of  # who draws nothing need not pay

        self._pinned.require_duckdb("boxes")
        return boxes_of(self._pinned.engine.rows, units, most=most)


def binder(
    newest: Callable[[], Pinned], options: BindOptions
) -> Callable[[str, str, Callable[[str], dict[str, str]]], str | None]:
    """Return what checks a filter against the newest snapshot, if there is one.

    Parameters
    ----------
    newest
        Returns the snapshot.
    options
        Time zone and `now()`.

    Returns
    -------
    callable
        Takes a text, its relation, and the saved filters of a relation, which need not be saved yet; raises
        `FilterError`. Returns the canonical text, None without a snapshot.
    """

    def bind(text: str, relation: str, saved: Callable[[str], dict[str, str]]) -> str | None:
        try:
            pinned = newest()
        except NoSnapshot:
            return None
        return Moment(replace(pinned, saved=saved), options).view(relation).filter(text).canonical or "true"

    return bind
