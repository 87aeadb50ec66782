"""Index Collections and Index presets: encord-wire-protocol.md §7.1 to §7.3."""

from __future__ import annotations

from typing import Any, Final

from metaquery.sandbox.answers import Call, Refusal
from metaquery.sandbox.clock import iso, now
from metaquery.sandbox.paging import page
from metaquery.sandbox.shapes import item
from metaquery.sandbox.state import Collection, Organisation, Preset
from metaquery.sandbox.v2_storage import folder_of

__all__ = ["ROUTES", "create_collection", "create_preset", "matching", "text_of", "update", "update_preset"]


def text_of(body: object, name: str, what: str) -> str:
    """Read a text that must be there; a 400 otherwise."""
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400, f"{what} needs a {name}")
    return value


def matching(call: Call, parameter: str, uuid: str) -> bool:
    """Whether a thing passes a filter on uuids, which lets everything pass where it was not sent."""
    wanted = call.params.get(parameter)
    return wanted is None or uuid in wanted


def create_collection(org: Organisation, body: object, scope: str, kind: str, where: str) -> str:
    """Make a Collection of either kind; names are unique in a folder or project (409)."""
    name = text_of(body, "name", "a collection")
    _name_is_free(org, name, scope, where)
    description = body.get("description") if isinstance(body, dict) else None
    uuid = org.new_uuid("collection")
    org.collections[uuid] = Collection(uuid, name, description or "", scope, kind, now(), now())
    return uuid


def _name_is_free(org: Organisation, name: str, scope: str, where: str, but: str | None = None) -> None:
    if any(c.name == name and c.scope == scope and c.uuid != but for c in org.collections.values()):
        raise Refusal(409, f"A collection named {name!r} already exists in this {where}.")


def update(org: Organisation, collection: Collection, body: object, where: str) -> None:
    """Rename or describe a Collection."""
    if not isinstance(body, dict):
        raise Refusal(400, "the body must be an object")
    if body.get("name") is not None:
        name = text_of(body, "name", "a collection")
        _name_is_free(org, name, collection.scope, where, collection.uuid)
        collection.name = name
    if "description" in body:
        collection.description = body["description"]
    collection.edited = now()


def _collection(org: Organisation, uuid: str) -> Collection:
    found = org.collections.get(uuid)
    if found is None or found.kind != "INDEX":
        raise Refusal(404, f"no collection {uuid}")
    return found


def _create(org: Organisation, call: Call) -> str:
    folder = folder_of(org, call.param("topLevelFolderUuid") or "")
    if folder.parent is not None:
        raise Refusal(400, f"{folder.name!r} is not a top-level folder")
    return create_collection(org, call.json(), folder.uuid, "INDEX", "folder")


def _list(org: Organisation, call: Call) -> dict[str, Any]:
    found = [
        c
        for c in org.collections.values()
        if c.kind == "INDEX" and matching(call, "uuids", c.uuid) and matching(call, "topLevelFolderUuid", c.scope)
    ]
    return page(org, call, found, _show)


def _show(collection: Collection) -> dict[str, Any]:
    return {
        "uuid": collection.uuid,
        "topLevelFolderUuid": collection.scope,
        "name": collection.name,
        "description": collection.description,
        "createdAt": iso(collection.created),
        "lastEditedAt": iso(collection.edited),
    }


def _patch(org: Organisation, call: Call, collection: str) -> None:
    update(org, _collection(org, collection), call.json(), "folder")


def _delete(org: Organisation, _call: Call, collection: str) -> None:
    del org.collections[_collection(org, collection).uuid]


def _uuids(call: Call) -> list[Any]:
    body = call.json()
    uuids = body.get("itemUuids") if isinstance(body, dict) else None
    if not isinstance(uuids, list):
        raise Refusal(400, "itemUuids must be a list")
    return uuids


def _add(org: Organisation, call: Call, collection: str) -> dict[str, Any]:
    found = _collection(org, collection)
    failed = []
    for uuid in _uuids(call):
        number = org.storage.find(uuid)
        if number is None or org.storage.top_of(number) != found.scope:
            failed.append(uuid)
        else:
            found.members.setdefault(number)
    found.edited = now()
    return {"failedItems": failed}


def _remove(org: Organisation, call: Call, collection: str) -> dict[str, Any]:
    found = _collection(org, collection)
    failed = []
    for uuid in _uuids(call):
        number = org.storage.find(uuid)
        if number is None or number not in found.members:
            failed.append(uuid)
        else:
            del found.members[number]
    found.edited = now()
    return {"failedItems": failed}


def _add_titles(org: Organisation, call: Call, collection: str) -> dict[str, Any]:
    found, body = _collection(org, collection), call.json()
    titles = body.get("dataTitles") if isinstance(body, dict) else None
    if not isinstance(titles, list):
        raise Refusal(400, "dataTitles must be a list")
    wanted = set(titles)
    by_title: dict[str, list[int]] = {}
    for number in org.storage.listing(found.scope, recursive=True, by_name=False):
        name = org.storage.name(number)
        if name in wanted:
            by_title.setdefault(name, []).append(number)
    before = len(found.members)
    unique = {title: numbers[0] for title, numbers in by_title.items() if len(numbers) == 1}
    found.members.update(dict.fromkeys(unique.values()))
    found.edited = now()
    return {
        "requested": len(titles),
        "matchedTitles": len(unique),
        "itemsAdded": len(found.members) - before,
        "ambiguousTitles": [t for t, numbers in by_title.items() if len(numbers) > 1],
        "unmatchedTitles": [t for t in titles if t not in by_title],
        "failedItems": [],
    }


def _preset_items(org: Organisation, call: Call, collection: str) -> None:
    """Accept the request; a preset's filter is opaque, so nothing is added or removed."""
    _collection(org, collection)
    body = call.json()
    _preset(org, body.get("presetUuid", "") if isinstance(body, dict) else "")


def _items(org: Organisation, call: Call, collection: str) -> dict[str, Any]:
    found = _collection(org, collection)
    metadata = call.flag("includeClientMetadata")
    members = list(found.members)
    return page(org, call, members, lambda n: item(org, n, metadata=metadata, base_url=call.base_url))


def create_preset(org: Organisation, body: object, project: str | None) -> str:
    """Make a filter preset; its definition is kept as it came."""
    name = text_of(body, "name", "a preset")
    definition = body.get("filterPresetJson") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(definition, dict):
        raise Refusal(400, "a preset needs a filterPresetJson")
    uuid = org.new_uuid("preset")
    org.presets[uuid] = Preset(uuid, name, body.get("description") or "", project, definition, now(), now())
    return uuid


def update_preset(preset: Preset, body: object) -> None:
    """Change what of a preset was sent."""
    if not isinstance(body, dict):
        raise Refusal(400, "the body must be an object")
    if body.get("name") is not None:
        preset.name = text_of(body, "name", "a preset")
    preset.description = body.get("description", preset.description)
    preset.definition = body.get("filterPreset") or body.get("filterPresetJson") or preset.definition
    preset.edited = now()


def _preset(org: Organisation, uuid: str) -> Preset:
    found = org.presets.get(uuid)
    if found is None or found.project is not None:
        raise Refusal(404, f"no preset {uuid}")
    return found


def _create_preset(org: Organisation, call: Call) -> str:
    return create_preset(org, call.json(), None)


def _list_presets(org: Organisation, call: Call) -> dict[str, Any]:
    found = [p for p in org.presets.values() if p.project is None and matching(call, "uuids", p.uuid)]
    return page(org, call, found, _show_preset)


def _show_preset(preset: Preset) -> dict[str, Any]:
    return {
        "uuid": preset.uuid,
        "name": preset.name,
        "description": preset.description,
        "createdAt": iso(preset.created),
        "lastUpdatedAt": iso(preset.edited),
    }


def _get_preset(org: Organisation, _call: Call, preset: str) -> Any:
    return _preset(org, preset).definition


def _patch_preset(org: Organisation, call: Call, preset: str) -> None:
    update_preset(_preset(org, preset), call.json())


def _delete_preset(org: Organisation, _call: Call, preset: str) -> None:
    del org.presets[_preset(org, preset).uuid]


ROUTES: Final = (
    ("POST", "index/collections", _create),
    ("GET", "index/collections", _list),
    ("PATCH", "index/collections/{collection}", _patch),
    ("DELETE", "index/collections/{collection}", _delete),
    ("POST", "index/collections/{collection}/add-items", _add),
    ("POST", "index/collections/{collection}/remove-items", _remove),
    ("POST", "index/collections/{collection}/add-data-title-items", _add_titles),
    ("POST", "index/collections/{collection}/add-preset-items", _preset_items),
    ("POST", "index/collections/{collection}/remove-preset-items", _preset_items),
    ("GET", "index/collections/{collection}/accessible-items", _items),
    ("GET", "index/collections/{collection}/all-items", _items),
    ("POST", "index/presets", _create_preset),
    ("GET", "index/presets", _list_presets),
    ("GET", "index/presets/{preset}", _get_preset),
    ("PATCH", "index/presets/{preset}", _patch_preset),
    ("DELETE", "index/presets/{preset}", _delete_preset),
)
