"""Bearer tokens, the metadata schema, datasets: encord-wire-protocol.md §2.4, §3, §4.1, §4.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from metaquery.sandbox.answers import Call, Refusal
from metaquery.sandbox.clock import iso, read_time
from metaquery.sandbox.legacy_call import title_matcher
from metaquery.sandbox.schema_forms import from_simple, read_typed, to_simple
from metaquery.sandbox.storage import Folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.sandbox.datasets import Dataset
    from metaquery.sandbox.state import Organisation

__all__ = ["ROUTES", "time_filter"]


def _bearer_token(org: Organisation, call: Call) -> dict[str, str]:
    return {"token": org.keys.token_for(call.public_key)}


def _get_simple(org: Organisation, _call: Call) -> dict[str, Any] | None:
    schema = org.schema
    if schema is None:
        return None
    return {
        "uuid": schema.uuid,
        "metadataSchema": to_simple(schema.options),
        "organisationId": 1,
        "createdAt": iso(schema.created),
        "updatedAt": iso(schema.updated),
    }


def _set_simple(org: Organisation, call: Call) -> None:
    org.set_schema(from_simple(call.json()))


def _get_typed(org: Organisation, _call: Call) -> dict[str, Any] | None:
    return None if org.schema is None else org.schema.options


def _set_typed(org: Organisation, call: Call) -> None:
    org.set_schema(read_typed(call.json()))


def _list_datasets(org: Organisation, call: Call) -> dict[str, Any]:
    title = title_matcher(call.param("titleEq"), call.param("titleLike"))
    described = title_matcher(call.param("descriptionEq"), call.param("descriptionLike"))
    created, edited = time_filter(call, "created"), time_filter(call, "edited")
    found = [
        d
        for d in org.datasets.all.values()
        if (title is None or title(d.title))
        and (described is None or described(d.description))
        and created(d.created)
        and edited(d.edited)
    ]
    return {"result": [_dataset(d) for d in found]}


def time_filter(call: Call, what: str) -> Callable[[float], bool]:
    """Build the test of `<what>Before` and `<what>After`; a 400 where one is no time."""
    bounds = []
    for name in (f"{what}Before", f"{what}After"):
        text = call.param(name)
        moment = None if text is None else read_time(text)
        if text is not None and moment is None:
            raise Refusal(400, f"{name}: {text!r} is not a time")
        bounds.append(moment)
    before, after = bounds
    return lambda t: (before is None or t <= before) and (after is None or t >= after)


def _dataset(dataset: Dataset) -> dict[str, Any]:
    return {
        "datasetUuid": dataset.uuid,
        "title": dataset.title,
        "description": dataset.description,
        "createdAt": iso(dataset.created),
        "lastEditedAt": iso(dataset.edited),
        "userRole": "admin",
        "storageLocation": 1,
        "backingFolderUuid": dataset.backing_folder,
    }


def _create_dataset(org: Organisation, call: Call) -> dict[str, Any]:
    body = call.json()
    title = body.get("title") if isinstance(body, dict) else None
    if not isinstance(title, str) or not title:
        raise Refusal(400, "a dataset needs a title")
    dataset = org.datasets.create(title, body.get("description") or "")
    if body.get("createBackingFolder"):
        uuid = org.new_uuid("folder")
        org.storage.folders[uuid] = Folder(
            uuid, title, "", None, dataset.created, dataset.created, synced_dataset=dataset.uuid
        )
        dataset.backing_folder = uuid
    return {"datasetUuid": dataset.uuid, "backingFolderUuid": dataset.backing_folder}


_SCHEMA: Final = "organisation/client-metadata-schema"

ROUTES: Final = (
    ("GET", "user/bearer-token", _bearer_token),
    ("GET", _SCHEMA, _get_simple),
    ("POST", _SCHEMA, _set_simple),
    ("GET", f"{_SCHEMA}-v2", _get_typed),
    ("POST", f"{_SCHEMA}-v2", _set_typed),
    ("GET", "datasets/list", _list_datasets),
    ("POST", "datasets", _create_dataset),
)
