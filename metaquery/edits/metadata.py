"""`Metadata`: a workspace's client metadata, read as it is kept, and edited on the server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from metaquery.edits.documents import Change
from metaquery.edits.fitting import Fitting
from metaquery.edits.log import EditEntry, entries
from metaquery.edits.planning import Planner
from metaquery.edits.records import records
from metaquery.edits.units import Units
from metaquery.errors import NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from metaquery.connections import Connections
    from metaquery.edits.plan import EditPlan
    from metaquery.edits.records import Record
    from metaquery.schema import MetadataSchema
    from metaquery.view import View

__all__ = ["Metadata", "UnitMetadata"]


@dataclass(frozen=True, slots=True)
class UnitMetadata:
    """A data unit, and its client metadata as JSON text."""

    index: int
    data_hash: str
    title: str | None
    metadata: str


class Metadata:
    """Client metadata of a workspace: what `Workspace.metadata` returns.

    Parameters
    ----------
    server
        How the server is reached, and the workspace's layout and settings.
    data
        Returns a view of every data unit of the newest snapshot.
    schema
        Returns the metadata schema as last set or seen.

    Examples
    --------
    >>> plan = ws.metadata.set({"note": "by hand"}, unit=1, dataset="Street scenes north")
    >>> plan.writes, plan.apply().written
    (1, 1)
    >>> ws.metadata.undo().apply().written
    1
    """

    def __init__(
        self, server: Connections, data: Callable[[], View], schema: Callable[[], MetadataSchema | None]
    ) -> None:
        self._server = server
        self._layout = server.layout
        self._data = data
        self._schema = schema

    # Reading

    def list(self, dataset: str) -> Iterator[UnitMetadata]:
        """Yield the data units of a dataset of the newest snapshot, in their order.

        Parameters
        ----------
        dataset
            Title or hash.

        Raises
        ------
        NotFound
            The snapshot does not have it.

        Examples
        --------
        >>> units = list(ws.metadata.list("Street scenes north"))
        >>> units[0].index, units[0].title
        (0, 'scene_0000000.jpg')
        """
        units = self._units()
        listed = units.of_dataset(units.dataset(dataset).hash)
        documents = units.raw(listed)
        for unit in listed:
            yield UnitMetadata(unit.index, unit.data_hash, unit.title, documents[unit.data_hash].decode())

    def get(self, unit: str | int, *, dataset: str | None = None) -> str:
        """Return the client metadata of a data unit as it is kept: JSON text, byte for byte as it came.

        Parameters
        ----------
        unit
            Data hash, title, or index in a dataset.
        dataset
            Title or hash of the dataset, for an index or a title that several units have.

        Raises
        ------
        NotFound, UsageError
            There is no such unit, or there are several.

        Examples
        --------
        >>> ws.metadata.get(0, dataset="Street scenes north")[:53]
        '{"captured_at":"20220810","city":"Copenhagen","dark":'
        """
        units = self._units()
        found = units.one(str(unit), dataset)
        return units.raw([found])[found.data_hash].decode()

    # Editing

    def set(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        unit: str | int | None = None,
        dataset: str | None = None,
        where: str | None = None,
        remove: Sequence[str] = (),
        replace: bool = False,
    ) -> EditPlan:
        """Plan an edit of one data unit, or of all that match a filter.

        Parameters
        ----------
        values
            By key: what JSON can hold; `msgspec.Raw` is JSON text, and written byte for byte.
        unit, dataset
            One data unit, as `get` takes it.
        where
            A filter; `true` is every data unit.
        remove
            Keys that are to go.
        replace
            Whether keys that are not named are removed.

        Raises
        ------
        EditError
            A value does not fit the metadata schema; all are listed.
        UsageError
            Neither a unit nor a filter is named, or both; or nothing is to be changed.

        Examples
        --------
        >>> plan = ws.metadata.set({"note": "look again"}, where="dark and speed > 80")
        >>> plan.units, plan.writes
        (4, 4)
        >>> print(plan.describe().splitlines()[1])
        Merged: keys that are not named stay as they are (--replace removes them).
        """
        if (unit is None) == (where is None):
            raise UsageError("an edit is of one unit or of what matches a filter", hint="give --unit or --where")
        texts = {key: _text(value) for key, value in (values or {}).items()}
        if not texts and not remove and not replace:
            raise UsageError("nothing is to be changed", hint="give key=value, --remove KEY or --replace")
        if both := sorted(set(texts) & set(remove)):
            raise UsageError(f"{both[0]!r} is both set and removed")
        fitting = self.fitting
        fitting.refuse(texts)
        change = Change(texts, tuple(remove), replace)
        units = self._units()
        if unit is not None:
            chosen = [units.one(str(unit), dataset)]
        else:
            rows = self._data().filter(where).select("data_hash").to_arrow().column(0).to_pylist()
            chosen = list(units.by_hash(rows).values())
        matching = f"{where} {dict(texts)} {list(remove)} {replace}" if where is not None else None
        of = f"data unit {chosen[0].data_hash}" if unit is not None else f"data units where {where}"
        words = f"{_words(change)} in {of}"
        return self._planner(units).edit(
            [(one, change) for one in chosen], words, fitting, keys=texts, replace=replace, where=matching
        )

    def import_file(
        self, path: str | Path, *, match: str | None = None, dataset: str | None = None, replace: bool = False
    ) -> EditPlan:
        r"""Plan an edit by a file: a data unit a row.

        Parameters
        ----------
        path
            NDJSON, CSV or Parquet, by the end of its name.
        match
            `data_hash`, `title` or `index`: the column that names the unit; None takes the first that is there.
        dataset
            Title or hash, for titles and indices.
        replace
            Whether keys that a row does not name are removed.

        Raises
        ------
        EditError
            Rows name no unit or several, or values do not fit the metadata schema; nothing was sent.

        Examples
        --------
        >>> from pathlib import Path
        >>> Path("fixes.csv").write_text("title,city\nscene_0000000.jpg,Oslo\n")
        34
        >>> plan = ws.metadata.import_file("fixes.csv")
        >>> plan.writes, [key.key for key in plan.keys]
        (1, ['city'])
        """
        from metaquery.edits.files import MATCHES, changes_of, matched, read_file  # an edit by hand reads no file

        if match not in {None, *MATCHES}:
            raise UsageError(f"rows are not matched by {match!r}", hint=f"it is one of {', '.join(MATCHES)}")
        fitting, units = self.fitting, self._units()
        named, rows, unused = read_file(Path(path), fitting, match)
        found = matched(rows, units, named, dataset)
        changes, keys = changes_of(found, fitting, units.raw(unit for _, unit in found), replace=replace)
        without = f"; not written: {', '.join(unused)}" if unused else ""
        words = f"import {Path(path).name}, matched by {named}{without}"
        return self._planner(units).edit(changes, words, fitting, keys=keys, replace=replace)

    def undo(self, edit: str | None = None) -> EditPlan:
        """Plan to put back what was there before an edit; where somebody has changed it since, that is a conflict.

        What was put back already is no part of it.

        Parameters
        ----------
        edit
            Its id or the beginning of it; None takes the last one that is not undone.

        Raises
        ------
        NotFound, UsageError
            There is no such edit, or several.

        Examples
        --------
        >>> report = ws.metadata.set({"note": "a mistake"}, unit=2, dataset="Street scenes north").apply()
        >>> ws.metadata.undo(report.id).apply().written
        1
        """
        listed = records(self._layout)
        undone = {str(record.head["undoes"]) for record in listed if record.head["undoes"] and record.done}
        if edit is None:
            wanted = next((r for r in listed if r.id not in undone and not r.head["undoes"]), None)
        else:
            wanted = self._record(listed, edit)
        if wanted is None:
            raise NotFound("there is no edit to undo", hint="metaquery metadata log lists them")
        return self._planner(self._units()).undo(wanted, listed)

    def resume(self, edit: str | None = None) -> EditPlan:
        """Return the plan of an edit that was interrupted; applying it goes on where it stopped.

        Parameters
        ----------
        edit
            Its id or the beginning of it; None takes the last one that is unfinished.

        Raises
        ------
        NotFound
            No edit is unfinished.

        Examples
        --------
        >>> from metaquery.errors import NotFound
        >>> try:
        ...     ws.metadata.resume()
        ... except NotFound as error:
        ...     print(error.message)
        no edit is unfinished
        """
        listed = records(self._layout, unfinished=True)
        wanted = self._record(listed, edit) if edit else next(iter(listed), None)
        if wanted is None:
            raise NotFound("no edit is unfinished", hint="metaquery metadata log lists them")
        return self._planner(self._units()).resumed(wanted)

    def log(self) -> tuple[EditEntry, ...]:
        """Return the edits that were begun, newest first.

        Examples
        --------
        >>> report = ws.metadata.set({"note": "a mistake"}, unit=2, dataset="Street scenes north").apply()
        >>> undone = ws.metadata.undo(report.id).apply()
        >>> [entry.state.partition(" by ")[0] for entry in ws.metadata.log()[:2]]
        ['done', 'undone']
        """
        return entries(self._layout)

    @property
    def fitting(self) -> Fitting:
        """What may be written under which key."""
        return Fitting(self._schema())

    # How plans are made

    def _units(self) -> Units:
        data = self._data()
        return Units(data.engine.rows, data.snapshot, self._layout)

    def _planner(self, units: Units) -> Planner:
        return Planner(units, self._server)

    @staticmethod
    def _record(listed: Sequence[Record], edit: str) -> Record:
        hits = [record for record in listed if record.id.startswith(edit)]
        if len(hits) > 1:
            raise UsageError(f"{len(hits)} edits begin with {edit!r}", hint=f"they are {', '.join(r.id for r in hits)}")
        if not hits:
            raise NotFound(f"there is no edit {edit!r}", hint="metaquery metadata log lists them")
        return hits[0]


def _text(value: Any) -> bytes:
    try:
        if isinstance(value, msgspec.Raw):
            msgspec.json.decode(value)
            return bytes(value)
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:  # half of a surrogate pair and DecodeError are ValueErrors
        raise UsageError(f"a value is not what JSON can hold: {error}") from None


def _words(change: Change) -> str:
    parts = []
    if change.set:
        parts.append("set " + ", ".join(f"{key}={text.decode()[:40]}" for key, text in list(change.set.items())[:5]))
    if change.remove:
        parts.append(f"remove {', '.join(change.remove[:5])}")
    return " and ".join(parts) or "remove every key"
