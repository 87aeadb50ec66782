"""Collections: listed, made of a view, of chosen rows or of other Collections, changed, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.errors import MetaqueryError, UsageError
from metaquery.explorer.asking import Asked
from metaquery.schema import relation_named

if TYPE_CHECKING:
    from metaquery.collection import Collection
    from metaquery.collection.selection import Selection
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk
    from metaquery.schema import Relation

__all__ = [
    "add", "compare", "delete", "deleted", "describe", "drift", "everything", "freeze", "make", "remove", "rename",
    "restore", "show",
]  # fmt: skip

_FIRST = 1_000
"""Keys of a difference that are listed; the counts are of all."""


def everything(desk: Desk, _given: Parameters) -> dict[str, Any]:
    """Return every Collection and every tag, newest last."""
    return {"collections": [_told(desk, each) for each in desk.workspace.collections.records()]}


def deleted(desk: Desk, _given: Parameters) -> dict[str, Any]:
    """Return what was deleted and can be restored, newest last."""
    return {"collections": [_record(each) for each in desk.workspace.collections.deleted()]}


def show(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return one Collection, where it came from, and what was done to it."""
    return _told(desk, desk.workspace.collections.get(given.path["id"]))


def drift(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return what its filter would find now, against its members."""
    found = desk.workspace.collections.drift(given.path["id"])
    groups = {"added": found.added, "gone": found.gone, "vanished": found.vanished}
    return {
        "title": found.title,
        "relation": found.relation,
        "text": found.text,
        "snapshot": found.snapshot,
        "still": found.still,
        **{name: {"count": len(keys), "keys": keys[:_FIRST]} for name, keys in groups.items()},
    }


def compare(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return what two Collections differ by."""
    found = desk.workspace.collections.diff(given.needed("a"), given.needed("b"))
    groups = {"only_a": found.only_a, "only_b": found.only_b, "both": found.both}
    return {
        "a": found.a,
        "b": found.b,
        "relation": found.relation,
        **{name: {"count": len(keys), "keys": keys[:_FIRST]} for name, keys in groups.items()},
    }


def make(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Make a Collection."""
    given.only("title", "description", "live", "replacing", "rows")
    made = desk.workspace.collections.make(
        given.field("title", str),
        _rows(desk, given),
        description=given.field("description", str, ""),
        live=given.field("live", bool, default=False),
        replacing=given.field("replacing", bool, default=False),
    )
    return _told(desk, made)


def add(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Add rows to a Collection; the last of its `changes` says how many were new."""
    given.only("rows")
    return _told(desk, desk.workspace.collections.add(given.path["id"], _rows(desk, given)))


def remove(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Remove rows from a Collection."""
    given.only("rows")
    collections, rows = desk.workspace.collections, given.field("rows", dict)
    if "keys" in rows:  # they may be of units that no snapshot has any more
        from metaquery.collection.ids import read_ids

        relation = relation_named(collections.get(given.path["id"]).relation)
        ids = read_ids(_named(rows, relation), relation)
        return _told(desk, collections.remove_ids(given.path["id"], ids, skip_unknown=True))
    return _told(desk, collections.remove(given.path["id"], _rows(desk, given)))


def rename(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Give a Collection another title."""
    given.only("title")
    return _told(desk, desk.workspace.collections.rename(given.path["id"], given.field("title", str)))


def describe(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Give a Collection another description."""
    given.only("description")
    return _told(desk, desk.workspace.collections.describe(given.path["id"], given.field("description", str)))


def freeze(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Make a live Collection static."""
    given.only()
    return _told(desk, desk.workspace.collections.freeze(given.path["id"]))


def delete(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Delete a Collection; it can be restored for 30 days."""
    given.only()
    return _record(desk.workspace.collections.delete(given.path["id"]))


def restore(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Bring back what was deleted, under another title where that is taken."""
    given.only("title")
    title = given.field("title", (str, type(None)), None)
    return _told(desk, desk.workspace.collections.restore(given.path["id"], new=title))


def _rows(desk: Desk, given: Parameters) -> Selection:
    """Return the rows that a body tells: by a view, by keys, or by other Collections."""
    rows = given.field("rows", dict)
    match sorted(rows):
        case ["view"] if isinstance(rows["view"], dict):
            return Asked.of_body(rows["view"]).rows(desk).selection()
        case ["algebra"] if isinstance(rows["algebra"], str):
            return desk.workspace.collections.newest.of_algebra(rows["algebra"])
        case ["keys", "relation"] | ["keys", "relation", "snapshot"] if isinstance(rows["relation"], str):
            from metaquery.collection.ids import read_ids

            relation, snapshot = relation_named(rows["relation"]), rows.get("snapshot", "")
            if not isinstance(snapshot, str):
                raise UsageError("'snapshot' is no text")
            ids = read_ids(_named(rows, relation), relation)
            return desk.moment(snapshot).evaluation.of_ids(ids, relation)
        case _:
            raise UsageError(
                "'rows' tells no rows", hint='{"view": {…}}, {"relation": …, "keys": [[…]]} or {"algebra": "…"}'
            )


def _named(rows: dict[str, Any], relation: Relation) -> list[dict[str, str | None]]:
    """Return keys, as `/api/rows` gives them, by the names of their columns."""
    keys = rows["keys"]
    width = len(relation.key)
    if not isinstance(keys, list) or not all(isinstance(key, list) and len(key) == width for key in keys):
        raise UsageError(f"'keys' is a list of lists of {', '.join(relation.key)}")
    cells = {type(cell) for key in keys for cell in key}
    if not cells <= {str, int, float, type(None)}:
        raise UsageError("a key holds texts, numbers and null")
    texts = [[None if cell is None else str(cell) for cell in key] for key in keys]
    return [dict(zip(relation.key, key, strict=True)) for key in texts]


def _told(desk: Desk, collection: Collection) -> dict[str, Any]:
    """Return a Collection with the members of now; where a live one cannot tell them, with the reason."""
    trouble = None
    try:
        collection = collection.evaluated()
    except MetaqueryError as error:
        trouble = str(error)
    sent = desk.workspace.delivery(collection)
    state = None if sent is None else {"state": sent.state, "left_out": sent.left_out}
    return {**_record(collection), "trouble": trouble, "sent": state}


def _record(collection: Collection) -> dict[str, Any]:
    """Return a record, without what names our files."""
    told = {name: value for name, value in collection.to_json().items() if name != "file"}
    return {**told, "filter": collection.membership}
