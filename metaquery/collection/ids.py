"""Ids as analysts paste them: one a line, or the key's columns of a CSV, NDJSON or Parquet file.

A line may carry the quotes, brackets and commas of the list that it was cut from. In a table, every column of the
relation's key that is there has to agree; of labels and predictions, `annotation_id` or `label_hash` has to be there.
Without columns, an id of theirs may be either.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from metaquery.errors import UsageError
from metaquery.store.pages import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from metaquery.schema import Relation

__all__ = ["ANY", "Ids", "read_ids", "write_ids"]

ANY = "id"
"""The column of ids that may be a label row's or an annotation's."""

_HEADERS = frozenset(
    {"datahash", "dataunit", "unit", "hash", "hashes", "id", "ids", "uuid", "uuids", "dataid", "labelhash", "label"}
    | {"labelid", "annotationid", "annotation", "objecthash", "prediction", "predictionid"}
)
"""What the first line of a list may be called, in lower case without anything but letters."""

_AROUND = " \t\r\n,;[](){}'\"`\ufeff\u200b\u00a0“”‘’"
"""What may stand around an id in a list."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Rows that are named by their keys.

    Attributes
    ----------
    columns
        Columns of the relation's key, or `ANY` alone.
    rows
        A text a column, None where a cell is empty; no row occurs twice.
    repeated
        Rows that were given again.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    repeated: int = 0

    def sql(self) -> str:
        """Return SQL that is true for a row `r` that one of the ids, a row `i`, names."""
        if self.columns == (ANY,):
            return f"{quoted(ANY)} IN (r.label_hash, r.annotation_id)"
        return " AND ".join(
            "TRY_CAST(i.frame AS DOUBLE) IS NOT DISTINCT FROM CAST(r.frame AS DOUBLE)"
            if name == "frame"
            else f"i.{quoted(name)} IS NOT DISTINCT FROM r.{quoted(name)}"
            for name in self.columns
        )


def read_ids(content: bytes | Iterable[Any], relation: Relation, *, name: str = "the ids") -> Ids:
    """Read ids.

    Parameters
    ----------
    content
        A file's bytes; or texts, or mappings of the key's columns, in Python.
    relation
        What they are ids of.
    name
        The file's name, for errors.

    Raises
    ------
    UsageError
        There are none, or the file has no column of the key.
    """
    if not isinstance(content, bytes):
        return _of_objects(list(content), relation, name)
    if content.startswith(b"PAR1"):
        return _of_parquet(content, relation, name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name} is not UTF-8 text: {error.reason}", hint="one id a line, CSV, NDJSON or Parquet"
        ) from None
    lines = [line for line in text.splitlines() if line.strip(_AROUND)]
    if lines and lines[0].lstrip()[:1] in {"{", "["}:
        objects = _json(text, lines)
        if objects is not None:
            return _of_objects(objects, relation, name)
    return _of_lines(text, lines, relation, name)


def write_ids(ids: Ids, path: Path) -> None:
    """Write ids to a Parquet file, for the engine."""
    import pyarrow as pa  # a filter's members need no Arrow
    import pyarrow.parquet as pq

    columns = list(zip(*ids.rows, strict=True)) or [()] * len(ids.columns)
    pq.write_table(
        pa.table({name: pa.array(column, pa.string()) for name, column in zip(ids.columns, columns, strict=True)}), path
    )


def _json(text: str, lines: Sequence[str]) -> list[Any] | None:
    """Return the values of a JSON list, or of a document a line; None where it is neither."""
    try:
        whole = json.loads(text)
    except ValueError:
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            return None
    return whole if isinstance(whole, list) else [whole]


def _of_lines(text: str, lines: Sequence[str], relation: Relation, name: str) -> Ids:
    first = lines[0].lstrip("\ufeff") if lines else ""
    delimiter = next((mark for mark in "\t;," if mark in first.strip(_AROUND)), None)
    if delimiter is not None or first.strip(_AROUND) in relation.key:
        cells = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter or ","))
        header = [cell.strip(_AROUND) for cell in next((row for row in cells if any(row)), [])]
        if any(column in relation.key for column in header):
            at = next(n for n, row in enumerate(cells) if any(row))
            rows = [
                dict(zip(header, row, strict=False)) for row in cells[at + 1 :] if any(cell.strip() for cell in row)
            ]
            return _of_tables(rows, header, relation, name)
        if delimiter != "," or not _listed(first):
            raise _no_column(header, relation, name)
    ids = [piece for line in lines for piece in map(_bare, line.split(",")) if piece]
    if ids and re.sub("[^a-z]", "", ids[0].lower()) in _HEADERS:
        ids = ids[1:]
    return _of_objects(ids, relation, name)


def _listed(line: str) -> bool:
    """Whether a line is a list of ids rather than the header of a table: each of its cells has a digit."""
    return all(re.search(r"\d", piece) for piece in line.split(",") if piece.strip(_AROUND))


def _bare(text: str) -> str:
    return normalize("NFC", text.strip(_AROUND))


def _of_objects(objects: list[Any], relation: Relation, name: str) -> Ids:
    """Take texts, or mappings of the key's columns."""
    tables = [o for o in objects if isinstance(o, dict)]
    if tables and len(tables) == len(objects):
        return _of_tables(tables, list(dict.fromkeys(key for row in tables for key in row)), relation, name)
    wrong = next((o for o in objects if not isinstance(o, str)), None)
    if wrong is not None:
        raise UsageError(f"{name}: {wrong!r} is no id", hint=_hint(relation))
    texts = [_bare(o) for o in objects]
    column = relation.key[0] if relation.name == "data" else ANY
    return _once((column,), [(text,) for text in texts if text], relation, name)


def _of_tables(rows: list[dict[str, Any]], header: Sequence[str], relation: Relation, name: str) -> Ids:
    held = {column for row in rows for column, cell in row.items() if _cell(cell) is not None}
    columns = tuple(column for column in relation.key if column in header and (column in held or not rows))
    if not columns or (relation.name != "data" and not {"annotation_id", "label_hash"} & set(columns)):
        raise _no_column(header, relation, name)
    found = [tuple(_cell(row.get(column)) for column in columns) for row in rows]
    for number, row in enumerate(found, 1):
        frame = dict(zip(columns, row, strict=True)).get("frame")
        if frame is not None and not re.fullmatch(r"\d+(\.0+)?", frame):
            raise UsageError(f"{name}, row {number}: {frame!r} is no frame", hint="a frame is a whole number from 0 on")
    return _once(columns, [row for row in found if any(cell is not None for cell in row)], relation, name)


def _cell(value: Any) -> str | None:
    return None if value is None else _bare(str(value)) or None


def _of_parquet(content: bytes, relation: Relation, name: str) -> Ids:
    import pyarrow as pa  # as in `write_ids`
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{name} cannot be read as Parquet: {str(error).splitlines()[0]}") from None
    held = [column for column in relation.key if column in table.column_names]
    return _of_tables(table.select(held).to_pylist() if held else [], table.column_names, relation, name)


def _once(columns: tuple[str, ...], rows: list[tuple[str | None, ...]], relation: Relation, name: str) -> Ids:
    if not rows:
        raise UsageError(f"{name} has no ids", hint=_hint(relation))
    different = tuple(dict.fromkeys(rows))
    return Ids(columns, different, len(rows) - len(different))


def _no_column(header: Sequence[str], relation: Relation, name: str) -> UsageError:
    shown = ", ".join(header[:8]) + (", …" if len(header) > 8 else "")
    return UsageError(f"{name} has no column of ids, only {shown}", hint=_hint(relation))


def _hint(relation: Relation) -> str:
    if relation.name == "data":
        return "one data hash a line, or a table with the column data_hash"
    return f"one label hash or annotation id a line, or a table with columns of {', '.join(relation.key)}"
