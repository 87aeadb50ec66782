"""The legacy protocol: one URL, the operation named in the body (encord-wire-protocol.md §2.7, §4, §6)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from metaquery.sandbox import legacy_labels
from metaquery.sandbox.answers import Call, LegacyRefusal, Reply, encode
from metaquery.sandbox.clock import read_time
from metaquery.sandbox.legacy_call import LegacyCall, Rows, not_found, read_call, title_matcher
from metaquery.sandbox.shapes import data_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from metaquery.sandbox.datasets import Dataset
    from metaquery.sandbox.state import Organisation

__all__ = ["answer"]

_CHUNK: Final = 500
"""Rows encoded at a time; between chunks other requests get their turn."""


def answer(org: Organisation, call: Call) -> Reply:
    """Answer one legacy request, failures included."""
    try:
        asked = read_call(call)
        handler = _HANDLERS.get((asked.query_type, asked.query_method)) or legacy_labels.HANDLERS.get(
            (asked.query_type, asked.query_method)
        )
        if handler is None:
            raise LegacyRefusal("METHOD_NOT_ALLOWED_ERROR", status=405)  # noqa: TRY301 - one way out
        result = handler(org, asked)
    except LegacyRefusal as refusal:
        return Reply(refusal.body(), envelope_status=refusal.status)
    if isinstance(result, Rows):
        return Reply(_stream(result), envelope_status=200)
    return Reply(encode({"status": 200, "response": result}), envelope_status=200)


def _stream(rows: Rows) -> Iterator[bytes]:
    """Write an envelope around many rows, some at a time."""
    around = encode({"status": 200, "response": rows.around | {rows.key: []} if rows.key else []})
    cut = around.rindex(b"[]") + 1
    yield around[:cut]
    source = iter(rows.rows)
    first = True
    while chunk := list(islice(source, _CHUNK)):
        text = encode(chunk)
        yield text[1:-1] if first else b"," + text[1:-1]
        first = False
    yield around[cut:]


def _dataset(org: Organisation, asked: LegacyCall) -> Dataset:
    dataset = org.datasets.all.get(asked.resource_id)
    if dataset is None or asked.resource_type != "dataset":
        raise not_found("dataset", asked.resource_id)
    return dataset


def _wants(payload: dict[str, Any], name: str, *, default: bool) -> bool:
    settings = payload.get("dataset_access_settings")
    value = settings.get(name, default) if isinstance(settings, dict) else default
    return bool(value)


def _get_dataset(org: Organisation, asked: LegacyCall) -> Rows:
    dataset, payload = _dataset(org, asked), asked.payload
    metadata = _wants(payload, "fetch_client_metadata", default=False)
    units = org.datasets.units(dataset) if _wants(payload, "fetch_rows", default=True) else iter(())
    around = {
        "dataset_hash": dataset.uuid,
        "title": dataset.title,
        "description": dataset.description,
        "dataset_type": "AWS_S3",
        "backing_folder_uuid": dataset.backing_folder,
    }
    return Rows((data_row(org, unit, metadata=metadata) for unit in units), "data_rows", around)


def _list_rows(org: Organisation, asked: LegacyCall) -> Rows:
    dataset, payload = _dataset(org, asked), asked.payload
    metadata = _wants(payload, "fetch_client_metadata", default=False)
    units = _chosen(org, dataset, payload.get("data_hashes"))
    kept = filter(_row_filter(org, payload), units)
    return Rows(data_row(org, unit, metadata=metadata) for unit in kept)


def _chosen(org: Organisation, dataset: Dataset, hashes: object) -> Iterable[int]:
    if hashes is None:
        return org.datasets.units(dataset)
    if not isinstance(hashes, list):
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "data_hashes must be a list")
    found = {org.datasets.find(h) for h in hashes}
    return sorted(u for u in found if u is not None and org.datasets.dataset(u) is dataset)


def _row_filter(org: Organisation, payload: dict[str, Any]) -> Callable[[int], bool]:
    tests: list[Callable[[int], bool]] = []
    title = title_matcher(payload.get("title_eq"), payload.get("title_like"))
    if title is not None:
        tests.append(lambda u: title(org.storage.name(org.datasets.item(u))))
    if (types := payload.get("data_types")) is not None:
        wanted = frozenset(types)
        tests.append(lambda u: org.storage.media(org.datasets.item(u)).kind in wanted)
    for name, sign in (("created_before", -1), ("created_after", 1)):
        if (text := payload.get(name)) is not None:
            bound = _time(name, text)
            tests.append(lambda u, b=bound, s=sign: (org.datasets.created(u) - b) * s >= 0)  # type: ignore[misc]
    return lambda u: all(test(u) for test in tests)


def _time(name: str, text: object) -> float:
    moment = read_time(text) if isinstance(text, str) else None
    if moment is None:
        raise LegacyRefusal("INVALID_DATE_FORMAT_ERROR", f"{name}: {text!r} is not a time")
    return moment


def _unit(org: Organisation, asked: LegacyCall) -> int:
    unit = org.datasets.find(asked.uid)
    if unit is None:
        raise not_found("data row", asked.uid)
    return unit


def _get_row(org: Organisation, asked: LegacyCall) -> dict[str, Any]:
    wanted = asked.payload.get("additional_data") or {}
    link = asked.base_url if wanted.get("signed_url") else None
    return data_row(org, _unit(org, asked), metadata=bool(wanted.get("client_metadata")), signed_url=link)


def _save_row(org: Organisation, asked: LegacyCall) -> dict[str, Any]:
    unit = _unit(org, asked)
    fields = asked.raw_payload
    unknown = sorted(fields.keys() - {"client_metadata", "data_title"})
    if unknown:
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", f"{unknown[0]} cannot be saved")
    title = asked.payload.get("data_title")
    if "data_title" in fields and (not isinstance(title, str) or not title):
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "data_title must be a text")
    metadata = None
    if "client_metadata" in fields:
        if not isinstance(asked.payload["client_metadata"], dict):
            raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "client_metadata must be an object")
        metadata = bytes(fields["client_metadata"]).decode()
    if fields:
        org.storage.write(org.datasets.item(unit), metadata=metadata, name=title)
    return {"updated_fields": list(fields), "data_row": data_row(org, unit, metadata=True)}


def _link(org: Organisation, asked: LegacyCall) -> list[dict[str, Any]]:
    dataset = _dataset(org, asked)
    uuids = asked.payload.get("item_uuids")
    behaviour = asked.payload.get("duplicates_behavior", "SKIP")
    if not isinstance(uuids, list) or behaviour not in {"SKIP", "DUPLICATE", "FAIL"}:
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "item_uuids or duplicates_behavior is not as expected")
    items = []
    for uuid in uuids:
        number = org.storage.find(uuid)
        if number is None:
            raise not_found("storage item", uuid)
        items.append(number)
    doubled = [n for n in items if org.datasets.holds(dataset, n)]
    if doubled and behaviour == "FAIL":
        raise LegacyRefusal("RESOURCE_EXISTS_ERROR", f"item {org.storage.uuid(doubled[0])} is already linked", 409)
    again = behaviour == "DUPLICATE"  # asked anew for each item: one may be named twice in a request
    made = [org.datasets.link(dataset, n) for n in items if again or not org.datasets.holds(dataset, n)]
    return [data_row(org, unit, metadata=False) for unit in made]


def _delete_rows(org: Organisation, asked: LegacyCall) -> bool:
    dataset = _dataset(org, asked)
    hashes = asked.uid if isinstance(asked.uid, list) else [asked.uid]
    units = [org.datasets.find(h) for h in hashes]
    for text, unit in zip(hashes, units, strict=True):
        if unit is None or org.datasets.dataset(unit) is not dataset:
            raise not_found("data row", text)
    for unit in units:
        if unit is not None:
            org.datasets.remove(unit)
    return True


def _create_project(org: Organisation, asked: LegacyCall) -> str:
    payload = asked.payload
    title, hashes = payload.get("title"), payload.get("dataset_hashes")
    if not isinstance(title, str) or not title or not isinstance(hashes, list):
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "a project needs a title and dataset_hashes")
    _known_datasets(org, hashes)
    ontology = payload.get("ontology_hash")
    if ontology is None:
        empty: dict[str, Any] = {"objects": [], "classifications": [], "skeleton_templates": []}
        ontology = org.projects.add_ontology(title, empty).uuid
    elif ontology not in org.projects.ontologies:
        raise not_found("ontology", ontology)
    return org.projects.create(title, payload.get("description") or "", list(dict.fromkeys(hashes)), ontology).uuid


def _known_datasets(org: Organisation, hashes: list[Any]) -> None:
    for text in hashes:
        if text not in org.datasets.all:
            raise not_found("dataset", text)


def _attach(org: Organisation, asked: LegacyCall) -> bool:
    project = legacy_labels.project_of(org, asked)
    hashes = asked.payload.get("dataset_hashes")
    if not isinstance(hashes, list):
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "dataset_hashes must be a list")
    _known_datasets(org, hashes)
    project.datasets = list(dict.fromkeys([*project.datasets, *hashes]))
    return True


def _detach(org: Organisation, asked: LegacyCall) -> bool:
    project = legacy_labels.project_of(org, asked)
    hashes = asked.uid if isinstance(asked.uid, list) else [asked.uid]
    for text in hashes:
        if text not in project.datasets:
            raise not_found("dataset of this project", text)
    project.datasets = [d for d in project.datasets if d not in hashes]
    return True


_HANDLERS: Final[dict[tuple[str, str], Callable[[Organisation, LegacyCall], Any]]] = {
    ("dataset", "GET"): _get_dataset,
    ("datarows", "GET"): _list_rows,
    ("datarow", "GET"): _get_row,
    ("datarow", "POST"): _save_row,
    ("datasetlinkitems", "POST"): _link,
    ("video", "DELETE"): _delete_rows,
    ("project", "POST"): _create_project,
    ("projectdataset", "POST"): _attach,
    ("projectdataset", "DELETE"): _detach,
}
