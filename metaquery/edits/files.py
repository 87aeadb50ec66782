"""Client metadata from a file: NDJSON, CSV or Parquet, a data unit a row, matched by data hash, title or index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from metaquery.edits.documents import Change, members, same
from metaquery.edits.fitting import Written
from metaquery.errors import EditError, UsageError
from metaquery.sources.rejections import Rejections
from metaquery.sources.rows import Row, RowError, file_format, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from metaquery.edits.fitting import Fitting
    from metaquery.edits.units import Unit, Units

__all__ = ["MATCHES", "Given", "changes_of", "matched", "read_file"]

MATCHES = ("data_hash", "title", "index")
"""What a row may be matched by, in the order in which it is looked for."""

_NULL = b"null"
_DESCRIBING = frozenset({
    "data_hash", "title", "data_title", "index", "dataset", "dataset_hash", "dataset_title", "data_type", "created_at",
    "last_edited_at", "width", "height", "duration", "fps", "frames", "frames_per_second", "file_size", "item_uuid",
    "backing_item_uuid", "projects", "tags",
})  # fmt: skip
"""Columns that say which unit a row is of, or describe it as `metaquery query` does; no metadata keys."""


class Given(NamedTuple):
    """A row of a file: its line, what names its unit, and the values that the unit is to get."""

    line: int
    name: str
    dataset: str
    values: dict[str, bytes]


def read_file(path: Path, fitting: Fitting, match: str | None) -> tuple[str, list[Given], tuple[str, ...]]:
    """Read a file of client metadata.

    An empty cell of CSV, or a null of Parquet, says nothing of its key; in NDJSON null is a value.

    Parameters
    ----------
    path
        NDJSON, CSV, TSV or Parquet by the end of its name.
    fitting
        The schema, by which cells of CSV are read.
    match
        Column that names the unit; None takes the first of `MATCHES` that the file has.

    Returns
    -------
    str, list of Given, tuple of str
        The column that names units, the rows, and the columns that are not written.

    Raises
    ------
    EditError
        Rows cannot be read; they are told by reason, with the lines of the first.
    UsageError
        The file is not there, of no known kind, or no column names units.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    kind = file_format(path.name, path)
    wrong = Rejections()
    rows: list[Given] = []
    unused: set[str] = set()
    for line, row in read_rows(path, kind):
        if isinstance(row, RowError):
            wrong.add(line, row.reason, row.found)
            continue
        match = match or _match(row, path)
        try:
            rows.append(_given(line, row, match, kind, fitting, unused))
        except RowError as error:
            wrong.add(line, error.reason, error.found)
    _refuse(wrong, f"{path} has rows that cannot be taken")
    return match or MATCHES[0], rows, tuple(sorted(unused))


def _match(row: Row, path: Path) -> str:
    found = next((name for name in MATCHES if name in row), None)
    if found is None:
        raise UsageError(
            f"no column of {path.name} says which data unit a row is of", hint=f"one has to be {', '.join(MATCHES)}"
        )
    return found


def _given(line: int, row: Row, match: str, kind: str, fitting: Fitting, unused: set[str]) -> Given:  # noqa: PLR0917
    texts = {name: bytes(raw) for name, raw in row.items()}
    if "client_metadata" in texts:
        document = texts["client_metadata"]
        if document[:1] == b'"':
            document = msgspec.json.decode(document, type=str).encode()
        try:
            values = {key: bytes(text) for key, text in members(document).items()}
        except msgspec.DecodeError:
            raise RowError("client_metadata is no JSON") from None
        if document.strip()[:1] != b"{":
            raise RowError("client_metadata is no object")
        unused.update(texts.keys() - _DESCRIBING - {"client_metadata"})
    else:
        keyed = {name: text for name, text in texts.items() if name not in _DESCRIBING}
        unused.update(texts.keys() & _DESCRIBING - set(MATCHES))
        values = {key: _value(key, text, kind, fitting) for key, text in keyed.items() if _says(text, kind)}
    name = _text(texts.get(match, _NULL))
    if not name:
        raise RowError(f"no {match}")
    dataset = next((_text(texts[n]) for n in ("dataset_hash", "dataset", "dataset_title") if n in texts), "")
    return Given(line, name, dataset, values)


def _says(text: bytes, kind: str) -> bool:
    return text != _NULL or kind == "ndjson"


def _value(key: str, text: bytes, kind: str, fitting: Fitting) -> bytes:
    return fitting.cell(key, msgspec.json.decode(text, type=str)) if kind in {"csv", "tsv"} else text


def _text(text: bytes) -> str:
    if text == _NULL:
        return ""
    return msgspec.json.decode(text, type=str) if text[:1] == b'"' else text.decode()


def matched(rows: Iterable[Given], units: Units, match: str, dataset: str | None) -> list[tuple[Given, Unit]]:
    """Find the data unit of each row.

    Raises
    ------
    EditError
        Rows name no unit, or several, told as in `read_file`; none is guessed.
    """
    rows = list(rows)
    find = {"data_hash": _by_hash, "title": _by_title, "index": _by_index}[match]
    wrong = Rejections()
    found: list[tuple[Given, Unit]] = []
    lines: dict[str, int] = {}
    for row, hits in find(rows, units, dataset):
        if not hits:
            wrong.add(row.line, f"the {match} is of no data unit of the snapshot", repr(row.name))
        elif len(hits) > 1:
            datasets = ", ".join(sorted({unit.dataset_title for unit in hits}))
            wrong.add(row.line, f"the {match} is of several data units", f"{row.name!r} in {datasets}")
        elif hits[0].data_hash in lines:
            wrong.add(row.line, "the data unit has a row before", f"line {lines[hits[0].data_hash]}")
        else:
            lines[hits[0].data_hash] = row.line
            found.append((row, hits[0]))
    _refuse(wrong, "the file has rows that do not name one data unit each")
    return found


def _by_hash(rows: list[Given], units: Units, _dataset: str | None) -> Iterator[tuple[Given, list[Unit]]]:
    known = units.by_hash(row.name for row in rows)
    for row in rows:
        yield row, [known[row.name]] if row.name in known else []


def _by_title(rows: list[Given], units: Units, dataset: str | None) -> Iterator[tuple[Given, list[Unit]]]:
    known = units.by_title(row.name for row in rows)
    parts = {name: units.dataset(name).hash for name in {dataset or row.dataset for row in rows} if name}
    for row in rows:
        wanted = parts.get(dataset or row.dataset)
        yield row, [unit for unit in known.get(row.name, ()) if wanted in {None, unit.dataset_hash}]


def _by_index(rows: list[Given], units: Units, dataset: str | None) -> Iterator[tuple[Given, list[Unit]]]:
    for name in sorted({dataset or row.dataset for row in rows}):
        if not name:
            raise UsageError("an index counts within a dataset", hint="say which: --dataset TITLE")
        own = [row for row in rows if (dataset or row.dataset) == name]
        places = {row.line: int(row.name) if re.fullmatch(r"[0-9]{1,18}", row.name) else -1 for row in own}
        known = units.by_index(units.dataset(name).hash, places.values())
        for row in own:
            yield row, [known[places[row.line]]] if places[row.line] in known else []


def changes_of(
    found: Iterable[tuple[Given, Unit]], fitting: Fitting, before: Mapping[str, bytes], *, replace: bool
) -> tuple[list[tuple[Unit, Change]], set[str]]:
    """Return the changes that rows make, and the keys that they set.

    A value that its unit has already is not written, and so not checked: a listing can be imported as it is.

    Parameters
    ----------
    found, fitting
        Rows with their units, and the schema.
    before
        The documents of the units, by data hash.
    replace
        Whether keys that a row does not name are removed.

    Raises
    ------
    EditError
        Values do not fit the metadata schema; told by key, with the lines of the first.
    """
    found = list(found)
    written = []
    for row, unit in found:
        has = members(before[unit.data_hash])
        written += [
            Written(row.line, key, text)
            for key, text in row.values.items()
            if key not in has or not same(bytes(has[key]), text)
        ]
    wrong = Rejections()
    for misfit in fitting.misfits(written):
        wrong.add(misfit.line, f"{misfit.key} is not {misfit.expected}", misfit.raw)
    _refuse(wrong, "values do not fit the metadata schema")
    fitting.check_keys(fitting.outside(value.key for value in written))
    keys = {key for row, _ in found for key in row.values}
    changes: dict[bytes, Change] = {}
    made = []
    for row, unit in found:
        known = msgspec.json.encode({key: text.decode() for key, text in row.values.items()})
        made.append((unit, changes.setdefault(known, Change(row.values, replace=replace))))
    return made, keys


def _refuse(wrong: Rejections, what: str) -> None:
    if wrong.rows:
        listed = "\n".join(["", *wrong.lines()])
        raise EditError(f"{what}: {wrong.rows:,}{listed}", hint="nothing was sent; correct them and run it again")
