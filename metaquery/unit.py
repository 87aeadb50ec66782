"""`Unit`: all that is known of one data unit: fields, client metadata, labels, predictions, tags, and its history."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from metaquery.edits.documents import members, same
from metaquery.edits.units import Units
from metaquery.errors import NotFound, UsageError
from metaquery.json_members import members_of
from metaquery.moment import Moment
from metaquery.schema import DATA, LABELS, PREDICTIONS
from metaquery.store.descriptions import Unreadable, kept, legible
from metaquery.store.raw import metadata_text
from metaquery.store.versions import Versions, hashes_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metaquery.language import BindOptions
    from metaquery.pinned import Pinned
    from metaquery.schema import Field, Relation
    from metaquery.store.layout import Layout
    from metaquery.store.versions import Version

__all__ = ["Unit", "UnitEvent", "UnitValue", "ValueChange", "unit_of"]


@dataclass(frozen=True, slots=True)
class UnitValue:
    """What a data unit has under one key.

    Attributes
    ----------
    key
        The key.
    type
        Of the key; None where no field stands for it.
    source
        Whether the organisation's schema has the key; or has it no more; or the type was read off the data.
    text
        The value's JSON, as it came.
    value
        As filters see it; None where it does not fit, or is null.
    expected
        What it has to be, in words, where it does not fit.
    """

    key: str
    type: str | None
    source: Literal["schema", "deleted", "inferred"]
    text: str
    value: Any
    expected: str | None


@dataclass(frozen=True, slots=True)
class ValueChange:
    """How one field of a data unit changed: JSON before and after, None for nothing; `meta` is client metadata."""

    field: str
    qualifier: Literal["meta", "unit"]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """What became of a data unit in one snapshot, against the one before it.

    Attributes
    ----------
    snapshot, published
        Its id, and when it was published.
    change
        `there`: it was there in the first snapshot that is kept, and earlier ones were dropped; `unreadable`: the
        snapshot's description is damaged, and what changed then is told of the next.
    fields
        What changed.
    """

    snapshot: str
    published: datetime | None
    change: Literal["there", "added", "changed", "removed", "unreadable"]
    fields: tuple[ValueChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """All that is known of one data unit.

    Attributes
    ----------
    data_hash, title
        The unit.
    snapshot
        Id of the snapshot that all but the history is of.
    gone
        For a unit that the newest snapshot does not have: the event of its going.
    fields
        Built-in fields by name, those without a value left out; `link` is where Encord has the file.
    metadata
        Client metadata, in the order in which it came.
    not_an_object
        The JSON text of client metadata that is no object, which has no keys then.
    missing
        Keys of the schema that the unit does not have.
    labels, predictions
        Built-in fields by name, a row each.
    collections, tags
        Titles of the Collections that it is in, and of tags that are none.
    history
        What became of it, oldest first.
    """

    data_hash: str
    title: str | None
    snapshot: str
    gone: UnitEvent | None
    fields: Mapping[str, Any]
    metadata: tuple[UnitValue, ...]
    not_an_object: str | None
    missing: tuple[str, ...]
    labels: tuple[Mapping[str, Any], ...]
    predictions: tuple[Mapping[str, Any], ...]
    collections: tuple[str, ...]
    tags: tuple[str, ...]
    history: tuple[UnitEvent, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all of it, for scripts; instants are ISO 8601 in UTC."""
        told: dict[str, Any] = _plain(asdict(self))
        return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def unit_of(
    pinned: Pinned, options: BindOptions, layout: Layout, name: str, *, dataset: str | None, gone_too: bool
) -> Unit:
    """Find a data unit, in a snapshot or, where `gone_too`, in an earlier one, and return all that is known of it.

    Raises
    ------
    NotFound, UsageError
        There is no such unit, or there are several.
    CorruptSpool
        Raw pages are damaged.
    """
    versions = Versions(layout, _found(pinned, layout, name, dataset=dataset, gone_too=gone_too))
    version = versions.of(pinned.snapshot)
    if version is None:
        pinned = pinned.past(next(s.id for s in legible(kept(layout)) if versions.of(s) is not None))
        version = versions.of(pinned.snapshot)
    assert version is not None  # noqa: S101  # for the type checker: the snapshot's rows are made of it
    return _told(pinned, Moment(pinned, options), versions, version, tuple(_events(layout, versions)))


def _found(pinned: Pinned, layout: Layout, name: str, *, dataset: str | None, gone_too: bool) -> str:
    """Return the data hash of the unit that a user names."""
    try:
        return Units(pinned.engine.rows, pinned.snapshot, layout).one(name, dataset).data_hash
    except NotFound:
        earlier = _gone(layout, name) if gone_too and dataset is None else None
        if earlier is None:
            raise
        return earlier


def _gone(layout: Layout, name: str) -> str | None:
    """Return the data unit of this data hash or title that a snapshot had that is kept."""
    hits = hashes_named(layout, legible(kept(layout)), name)
    if name in hits:
        return name
    if len(hits) > 1:
        raise UsageError(
            f"{len(hits)} data units that are gone were called {name!r}",
            hint=f"give a data hash: {', '.join(hits[:5])}",
        )
    return hits[0] if hits else None


# What became of it


def _events(layout: Layout, versions: Versions) -> Iterator[UnitEvent]:
    before: Version | None = None
    first = True
    for snapshot in reversed(kept(layout)):
        if isinstance(snapshot, Unreadable):
            yield UnitEvent(snapshot.id, None, "unreadable")
            continue
        now = versions.of(snapshot)
        at = (snapshot.id, snapshot.created_at)
        if now is None:
            if before is not None:
                yield UnitEvent(*at, "removed")
        elif before is None:
            yield UnitEvent(*at, "there" if first and snapshot.changes is not None else "added")
        elif fields := tuple(_changes(before, now)):
            yield UnitEvent(*at, "changed", fields)
        before, first = now, False


_BUILT_IN = {
    "data_title": "title", "data_type": "data_type", "created_at": "created_at", "last_edited_at": "last_edited_at",
    "width": "width", "height": "height", "duration": "duration", "frames_per_second": "fps", "file_size": "file_size",
    "backing_item_uuid": "item_uuid", "file_link": "link",
}  # fmt: skip
"""Names of the wire's data rows (`encord-wire-protocol.md` §4.3) to those of our fields."""


def _changes(before: Version, now: Version) -> Iterator[ValueChange]:
    if before == now:
        return
    if before.part.title != now.part.title:
        yield ValueChange("dataset_title", "unit", before.part.title, now.part.title)
    old, new = members_of(before.row), members_of(now.row)
    for wire, name in _BUILT_IN.items():
        yield from _change(name, "unit", old.get(wire), new.get(wire))
    held, holds = (_document(row) for row in (old, new))
    was, has = members(held), members(holds)
    for key in dict.fromkeys([*has, *was]):
        yield from _change(key, "meta", was.get(key), has.get(key))
    if not (was or has):
        yield from _change("client_metadata", "unit", held, holds)


def _change(
    name: str, qualifier: Literal["meta", "unit"], old: bytes | None, new: bytes | None
) -> Iterator[ValueChange]:
    a, b = (None if text is None or bytes(text) == b"null" else bytes(text) for text in (old, new))
    if a is not b and (a is None or b is None or not same(a, b)):
        yield ValueChange(name, qualifier, *(None if text is None else text.decode() for text in (a, b)))


def _document(row: Mapping[str, Any]) -> bytes:
    return metadata_text(bytes(row.get("client_metadata", b"null")))


# What it is


def _told(pinned: Pinned, moment: Moment, versions: Versions, version: Version, history: tuple[UnitEvent, ...]) -> Unit:
    schema, data_hash = pinned.snapshot.schema, versions.data_hash
    last = [event for event in history if event.change != "unreadable"][-1]
    (row,) = _rows(moment, DATA, data_hash, (*DATA.fields, *schema.fields))
    typed = dict(zip(schema.names(), row[len(DATA.fields) :], strict=True))
    fields = {f.name: x for f, x in zip(DATA.fields, row, strict=False) if x is not None}
    wire = members_of(version.row)
    if link := _text(wire.get("file_link")):
        fields["link"] = link
    titles = {c.title for c in pinned.collections().all()}
    named = sorted(fields.pop("tags", ()))
    document = _document(wire)
    metadata = tuple(_values(pinned, data_hash, document, typed))
    there = {value.key for value in metadata if value.text != "null"}
    return Unit(
        data_hash=data_hash,
        title=fields.get("title"),
        snapshot=pinned.snapshot.id,
        gone=last if last.change == "removed" else None,
        fields=fields,
        metadata=metadata,
        not_an_object=None if document.lstrip()[:1] == b"{" else document.decode(),
        missing=tuple(name for name in typed if name not in there),
        labels=_annotations(moment, LABELS, data_hash),
        predictions=_annotations(moment, PREDICTIONS, data_hash),
        collections=tuple(title for title in named if title in titles),
        tags=tuple(title for title in named if title not in titles),
        history=history,
    )


def _text(raw: Any) -> str | None:
    return msgspec.json.decode(raw, type=str | None) if raw is not None else None


def _values(pinned: Pinned, data_hash: str, document: bytes, typed: Mapping[str, Any]) -> Iterator[UnitValue]:
    """Yield the members of a document, each with what its key's field makes of it."""
    statement = "SELECT field, expected FROM rejects WHERE data_hash = ? AND field IS NOT NULL"
    misfits = dict(pinned.engine.rows(statement, (data_hash,)))
    for key, text in members(document).items():
        field = pinned.snapshot.schema.get(key)
        yield UnitValue(
            key=key,
            type=None if field is None else field.type,
            source="deleted" if field is None else "inferred" if field.inferred else "schema",
            text=bytes(text).decode(),
            value=typed.get(key),
            expected=misfits.get(key),
        )


def _annotations(moment: Moment, relation: Relation, data_hash: str) -> tuple[dict[str, Any], ...]:
    names = [field.name for field in relation.fields]
    rows = _rows(moment, relation, data_hash, relation.fields)
    return tuple({n: x for n, x in zip(names, row, strict=True) if x is not None} for row in rows)


def _rows(moment: Moment, relation: Relation, data_hash: str, columns: tuple[Field, ...]) -> list[tuple[Any, ...]]:
    view = moment.view(relation).filter("unit.data_hash = :data_hash", data_hash=data_hash)
    sql = view.sql(columns)
    return view.engine.rows(sql.text, sql.params)
