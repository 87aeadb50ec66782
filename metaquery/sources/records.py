"""What a row of a file says: a data unit or an annotation, in the form in which pages hold it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

import msgspec

from metaquery.sources.built_in import NUMBER, misfit
from metaquery.sources.rows import RowError

if TYPE_CHECKING:
    from metaquery.schema import MetadataSchema
    from metaquery.sources.identities import Identities
    from metaquery.sources.rows import Row

__all__ = ["Annotation", "Unit", "annotation_record", "cell_types", "dataset_of", "unit_record"]

_UNIT = {
    "title": "data_title", "data_title": "data_title", "data_type": "data_type", "created_at": "created_at",
    "last_edited_at": "last_edited_at", "width": "width", "height": "height", "file_size": "file_size",
    "fps": "frames_per_second", "frames_per_second": "frames_per_second", "duration": "duration",
    "item_uuid": "backing_item_uuid", "backing_item_uuid": "backing_item_uuid",
}  # fmt: skip
"""Names of a file to those of the wire's data rows (`encord-wire-protocol.md` §4.3)."""

_DATASET = ("data_hash", "dataset_hash", "dataset_title", "client_metadata")

_NUMBERS = ("confidence", "frame", "last_frame", "x", "y", "w", "h")
_TEXTS = (
    "class", "annotation_id", "shape", "answer", "annotator", "stage", "model", "created_at", "project_title",
)  # fmt: skip
_IDENTITIES = ("label_hash", "prediction_hash")

_NULL = msgspec.Raw(b"null")


class Unit(NamedTuple):
    """A data unit, its row of a page, and why values of built-in fields are left out there, with these values."""

    data_hash: str
    dataset_hash: str
    dataset_title: str
    text: bytes
    misfits: tuple[tuple[str, str], ...] = ()


class Annotation(NamedTuple):
    """A label or a prediction, as `Unit`; and its id, where a row before it has the same one."""

    data_hash: str
    text: bytes
    misfits: tuple[tuple[str, str], ...] = ()
    alike: str = ""


def cell_types(metadata_schema: MetadataSchema | None) -> dict[str, str]:
    """Return the types of the keys whose values are not texts: there a CSV file's cell is read as JSON."""
    fields = metadata_schema.schema().fields if metadata_schema else ()
    return {field.name: field.type for field in fields if field.type in {"NUMBER", "BOOLEAN", "VECTOR", "POINT"}}


def unit_record(row: Row, types: dict[str, str], unused: set[str]) -> Unit:
    """Return the data unit of a row.

    Without `client_metadata`, every member that is no built-in field is a metadata key.

    Raises
    ------
    RowError
        The row does not say which unit it is.
    """
    data_hash = _name(row, "data_hash", needed=True)
    record: dict[str, object] = {"data_hash": data_hash}
    others: Row = {}
    misfits: list[tuple[str, str]] = []
    for name, raw in row.items():
        wire = _UNIT.get(name)
        if wire:
            wrong = misfit(name, raw)
            record[wire] = raw if wrong is None else None
            if wrong is not None:
                misfits.append(wrong)
        elif name not in _DATASET:
            others[name] = raw
    if "client_metadata" in row:
        record["client_metadata"] = row["client_metadata"]
        unused.update(others)
    else:
        record["client_metadata"] = {
            name: _cell(raw, types[name]) if name in types else raw for name, raw in others.items()
        }
    text = msgspec.json.encode(record)
    return Unit(data_hash, _name(row, "dataset_hash"), _name(row, "dataset_title"), text, tuple(misfits))


def dataset_of(row: Row, default: str) -> str | None:
    """Return the dataset that a row names which cannot be taken; None where it cannot be read either."""
    try:
        return _name(row, "dataset_hash") or _name(row, "dataset_title") or default
    except RowError:
        return None


def annotation_record(row: Row, identities: Identities, unused: set[str], *, predicted: bool) -> Annotation:
    """Return the annotation of a row.

    Parameters
    ----------
    row
        The row.
    identities
        Of the annotations before it; one without an `annotation_id` is named by its number.
    unused
        Takes the names that say nothing about an annotation.
    predicted
        Whether it is a prediction.

    Raises
    ------
    RowError
        It has no data hash or no class, or something that has to be a number is none.
    """
    data_hash = _name(row, "data_hash", needed=True)
    record: dict[str, object] = {"data_hash": data_hash, "predicted": predicted}
    label_hash = next((text for text in (_name(row, name) for name in _IDENTITIES) if text), None)
    record["label_hash"] = label_hash
    texts = {name: _name(row, name, needed=name == "class") for name in _TEXTS}
    record |= {name: text or None for name, text in texts.items()}
    numbers = {name: _number(row, name) for name in _NUMBERS}
    record |= numbers
    for whole in ("frame", "last_frame"):
        number = numbers[whole]
        if number is not None and not re.fullmatch(rb"\d{1,18}(?:\.0*)?", bytes(number)):
            raise RowError(f"{whole} is no whole number", bytes(number).decode())
    frame = int(bytes(numbers["frame"] or b"0").partition(b".")[0])
    given = texts["annotation_id"]
    alike = bool(given) and not identities.take(data_hash, label_hash, given, frame)
    if not given:
        record["annotation_id"] = identities.number(data_hash, label_hash, frame)
    unused.update(row.keys() - record.keys() - set(_IDENTITIES))
    wrong = misfit("created_at", row.get("created_at", _NULL))
    if wrong is not None:
        record["created_at"] = None
    return Annotation(data_hash, msgspec.json.encode(record), () if wrong is None else (wrong,), given if alike else "")


def _name(row: Row, name: str, *, needed: bool = False) -> str:
    """Return a member that is a text, or a whole number as text; empty where it is missing.

    It is in Unicode's form NFC, as filters are read in: names of files, which macOS takes apart, serve as ids.
    """
    raw = bytes(row.get(name, _NULL))
    if raw[:1] == b'"':
        text: str = msgspec.json.decode(raw, type=str)
    elif raw == b"null":
        text = ""
    elif re.fullmatch(rb"-?\d+", raw):
        text = raw.decode()
    elif needed or name.endswith("_hash"):
        raise RowError(f"{name} is no text", raw.decode(errors="replace"))
    else:
        text = raw.decode()
    if needed and not text.strip():
        raise RowError(f"no {name}")
    return normalize("NFC", text)


def _number(row: Row, name: str) -> msgspec.Raw | None:
    raw = row.get(name, _NULL)
    text = bytes(raw)
    if text in {b"null", b'""'}:
        return None
    number = msgspec.json.decode(text, type=str) if text[:1] == b'"' else text.decode()
    if not NUMBER.fullmatch(number):
        raise RowError(f"{name} is no number", number)
    return msgspec.Raw(number.encode())


def _cell(raw: msgspec.Raw, type_: str) -> msgspec.Raw:
    """Return a cell as its key's type has it; as the text that it is where it does not look so."""
    if raw == _NULL:
        return raw
    text = msgspec.json.decode(bytes(raw), type=str).strip()
    if type_ == "NUMBER":
        return msgspec.Raw(text.encode()) if NUMBER.fullmatch(text) else raw
    if type_ == "BOOLEAN":
        return msgspec.Raw(text.lower().encode()) if text.lower() in {"true", "false"} else raw
    try:
        return msgspec.Raw(msgspec.json.encode(msgspec.json.decode(text, type=list | dict)))
    except msgspec.DecodeError:
        return raw
