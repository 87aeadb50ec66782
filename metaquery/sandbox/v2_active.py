"""Project Collections, project presets, Active: encord-wire-protocol.md §7.3 to §7.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from metaquery.sandbox.answers import Call, Refusal
from metaquery.sandbox.clock import iso, now
from metaquery.sandbox.paging import page
from metaquery.sandbox.shapes import label_row, label_row_of_collection
from metaquery.sandbox.v2_collections import create_collection, create_preset, matching, update, update_preset
from metaquery.sandbox.v2_projects import project_of

if TYPE_CHECKING:
    from metaquery.sandbox.projects import Project
    from metaquery.sandbox.state import Collection, Organisation, Preset

__all__ = ["ROUTES"]

_MODES: Final = ("data", "label", "metric", "advanced")


def _create(org: Organisation, call: Call, project: str) -> str:
    found, body = project_of(org, project), call.json()
    kind = body.get("collectionType") if isinstance(body, dict) else None
    if kind not in {"FRAME", "LABEL"}:
        raise Refusal(400, "collectionType must be FRAME or LABEL")
    return create_collection(org, body, found.uuid, kind, "project")


def _list(org: Organisation, call: Call, project: str) -> dict[str, Any]:
    scope = project_of(org, project).uuid
    found = [
        c
        for c in org.collections.values()
        if c.scope == scope and c.kind != "INDEX" and matching(call, "uuids", c.uuid)
    ]
    return page(org, call, found, _show)


def _show(collection: Collection) -> dict[str, Any]:
    return {
        "collectionUuid": collection.uuid,
        "name": collection.name,
        "description": collection.description,
        "createdAt": iso(collection.created),
        "lastEditedAt": iso(collection.edited),
        "projectUuid": collection.scope,
        "collectionType": collection.kind,
    }


def _collection(org: Organisation, project: str, uuid: str) -> Collection:
    found = org.collections.get(uuid)
    if found is None or found.kind == "INDEX" or found.scope != project_of(org, project).uuid:
        raise Refusal(404, f"no collection {uuid} in this project")
    return found


def _patch(org: Organisation, call: Call, project: str, collection: str) -> None:
    update(org, _collection(org, project, collection), call.json(), "project")


def _delete(org: Organisation, _call: Call, project: str, collection: str) -> None:
    del org.collections[_collection(org, project, collection).uuid]


_Member = tuple[int, int, str | None]


def _member(org: Organisation, project: Project, kind: str, given: object) -> _Member | None:
    """Read one member; None where it names nothing of the project."""
    if not isinstance(given, dict):
        return None
    unit, frame = org.datasets.find(given.get("dataUuid")), given.get("frame")
    if unit is None or not org.projects.has_unit(project, unit) or not isinstance(frame, int):
        return None
    if not 0 <= frame < org.storage.media(org.datasets.item(unit)).frames:
        return None
    annotation = given.get("annotationId")
    if kind == "FRAME":
        return unit, frame, None
    return (unit, frame, annotation) if isinstance(annotation, str) and annotation else None


def _change(org: Organisation, call: Call, project: str, collection: str, *, add: bool) -> dict[str, Any]:
    found, body = _collection(org, project, collection), call.json()
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise Refusal(400, "items must be a list")
    failed = []
    for given in items:
        member = _member(org, project_of(org, project), found.kind, given)
        if member is None or not (add or member in found.members):
            failed.append(given)
        elif add:
            found.members.setdefault(member)
        else:
            del found.members[member]
    found.edited = now()
    return {"failedItems": failed}


def _add(org: Organisation, call: Call, project: str, collection: str) -> dict[str, Any]:
    return _change(org, call, project, collection, add=True)


def _remove(org: Organisation, call: Call, project: str, collection: str) -> dict[str, Any]:
    return _change(org, call, project, collection, add=False)


def _items(org: Organisation, call: Call, project: str, collection: str) -> dict[str, Any]:
    found, owner = _collection(org, project, collection), project_of(org, project)
    labels = call.flag("getLabels", default=found.kind == "LABEL")
    if labels != (found.kind == "LABEL"):
        raise Refusal(400, f"this is a collection of type {found.kind}")
    by_unit: dict[int, list[dict[str, Any]]] = {}
    for unit, frame, annotation in found.members:
        instance: dict[str, Any] = {"frame": frame}
        by_unit.setdefault(unit, []).append(instance | ({"annotationId": annotation} if labels else {}))

    def show(entry: tuple[int, list[dict[str, Any]]]) -> dict[str, Any]:
        row = label_row(org, owner, 0, entry[0], metadata=True, base_url=call.base_url)
        return {"labelRowMetadata": label_row_of_collection(row), "instances": entry[1]}

    return page(org, call, list(by_unit.items()), show)


def _preset_items(org: Organisation, call: Call, project: str, collection: str) -> None:
    """Accept the request; a preset's filter is opaque, so nothing is added or removed."""
    _collection(org, project, collection)
    body = call.json()
    _preset(org, project, body.get("presetUuid", "") if isinstance(body, dict) else "")


def _preset(org: Organisation, project: str, uuid: str) -> Preset:
    found = org.presets.get(uuid)
    if found is None or found.project != project_of(org, project).uuid:
        raise Refusal(404, f"no preset {uuid} in this project")
    return found


def _create_preset(org: Organisation, call: Call, project: str) -> str:
    return create_preset(org, call.json(), project_of(org, project).uuid)


def _list_presets(org: Organisation, call: Call, project: str) -> dict[str, Any]:
    scope = project_of(org, project).uuid
    found = [p for p in org.presets.values() if p.project == scope and matching(call, "presetUuids", p.uuid)]
    return page(org, call, found, _show_preset)


def _show_preset(preset: Preset) -> dict[str, Any]:
    return {
        "presetUuid": preset.uuid,
        "name": preset.name,
        "createdAt": iso(preset.created),
        "updatedAt": iso(preset.edited),
    }


def _get_preset(org: Organisation, _call: Call, project: str, preset: str) -> Any:
    return _preset(org, project, preset).definition


def _patch_preset(org: Organisation, call: Call, project: str, preset: str) -> None:
    update_preset(_preset(org, project, preset), call.json())


def _delete_preset(org: Organisation, _call: Call, project: str, preset: str) -> None:
    del org.presets[_preset(org, project, preset).uuid]


def _import(org: Organisation, call: Call, project: str) -> None:
    project_of(org, project)
    body = call.json()
    mode = body.get("projectMode") if isinstance(body, dict) else None
    if mode not in _MODES:
        raise Refusal(400, f"{mode!r} is not a project mode")


def _sync(org: Organisation, _call: Call, project: str) -> None:
    project_of(org, project)


_BASE: Final = "active/{project}/collections"
_ONE: Final = f"{_BASE}/{{collection}}"
_PRESETS: Final = "active/{project}/presets"

ROUTES: Final = (
    ("POST", "active/{project}/import", _import),
    ("POST", "active/{project}/sync", _sync),
    ("POST", _BASE, _create),
    ("GET", _BASE, _list),
    ("PATCH", _ONE, _patch),
    ("DELETE", _ONE, _delete),
    ("GET", f"{_ONE}/items", _items),
    ("POST", f"{_ONE}/add-items", _add),
    ("POST", f"{_ONE}/remove-items", _remove),
    ("POST", f"{_ONE}/add-preset-items", _preset_items),
    ("POST", f"{_ONE}/remove-preset-items", _preset_items),
    ("POST", _PRESETS, _create_preset),
    ("GET", _PRESETS, _list_presets),
    ("GET", f"{_PRESETS}/{{preset}}/raw", _get_preset),
    ("GET", f"{_PRESETS}/{{preset}}", _get_preset),
    ("PATCH", f"{_PRESETS}/{{preset}}", _patch_preset),
    ("DELETE", f"{_PRESETS}/{{preset}}", _delete_preset),
)
