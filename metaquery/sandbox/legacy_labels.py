"""Label rows and labels over the legacy protocol (encord-wire-protocol.md §6.2, §6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from metaquery.sandbox.answers import LegacyRefusal
from metaquery.sandbox.clock import legacy, read_time
from metaquery.sandbox.label_content import classifications, objects, objects_by_frame
from metaquery.sandbox.legacy_call import LegacyCall, Rows, not_found, title_matcher
from metaquery.sandbox.projects import STAGES, STATUS_OF_STAGE, UNOPENED, LabelKey, Project, SavedLabels
from metaquery.sandbox.shapes import label_row, thumbnail_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metaquery.sandbox.state import Organisation

__all__ = ["HANDLERS", "MAX_LABELS", "project_of"]

MAX_LABELS: Final = 1000
"""Label hashes in one request (encord-wire-protocol.md §6.3)."""


def project_of(org: Organisation, asked: LegacyCall) -> Project:
    """Give the project a request is about."""
    project = org.projects.all.get(asked.resource_id)
    if project is None or asked.resource_type != "project":
        raise not_found("project", asked.resource_id)
    return project


def _list(org: Organisation, asked: LegacyCall) -> Rows:
    project, payload = project_of(org, asked), asked.payload
    metadata = bool(payload.get("include_client_metadata"))
    as_link = bool(payload.get("client_metadata_as_signed_url"))
    keys = _chosen(org, project, payload)
    kept = filter(_row_filter(org, project, payload), keys)
    return Rows(
        label_row(org, project, b, u, metadata=metadata, base_url=asked.base_url, as_link=as_link) for _, b, u in kept
    )


def _hashes(payload: dict[str, Any], name: str) -> list[Any] | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, list):
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", f"{name} must be a list")
    return value


def _chosen(org: Organisation, project: Project, payload: dict[str, Any]) -> Iterator[LabelKey]:
    """Give the rows asked for: of the branch named, of all, or of main."""
    hashes = _hashes(payload, "data_hashes")
    if (labels := _hashes(payload, "label_hashes")) is not None:
        wanted = None if hashes is None else set(hashes)
        found = [org.projects.find(project, h) for h in labels]
        return (k for k in found if k and (wanted is None or org.datasets.data_hash(k.unit) in wanted))
    units = org.projects.units(project)
    if hashes is not None:
        numbers = {org.datasets.find(h) for h in hashes}
        units = iter(sorted(u for u in numbers if u is not None and org.projects.has_unit(project, u)))
    unopened = payload.get("include_uninitialised_labels") is not False
    name = payload.get("branch_name")
    if name is not None:
        branches = [org.projects.branch(project, name)]
    else:
        branches = list(range(len(project.branches))) if payload.get("include_all_label_branches") else [0]
    shown_unopened = branches[0] if unopened else None
    return _keys_of(org, project, units, branches, shown_unopened)


def _keys_of(
    org: Organisation, project: Project, units: Iterator[int], branches: list[int], shown_unopened: int | None
) -> Iterator[LabelKey]:
    for unit in units:
        for branch in branches:
            if branch == shown_unopened or org.projects.row(project, branch, unit) is not None:
                yield LabelKey(project.number, branch, unit)


def _row_filter(org: Organisation, project: Project, payload: dict[str, Any]) -> Callable[[LabelKey], bool]:
    tests: list[Callable[[LabelKey], bool]] = []
    title = title_matcher(payload.get("data_title_eq"), payload.get("data_title_like"))
    if title is not None:
        tests.append(lambda k: title(org.storage.name(org.datasets.item(k.unit))))
    tests += [
        lambda k, b=bound, s=sign: _edited(org, project, k, b, s)  # type: ignore[misc]
        for name, sign in (("edited_before", -1), ("edited_after", 1))
        if (bound := _time(name, payload.get(name))) is not None
    ]
    stage = title_matcher(payload.get("workflow_graph_node_title_eq"), payload.get("workflow_graph_node_title_like"))
    if stage is not None:
        tests.append(lambda k: stage(STAGES[_stage(org, project, k)][1]))
    if (statuses := _hashes(payload, "label_statuses")) is not None:
        tests.append(lambda k: any(s in statuses for s in _statuses(org, project, k)))  # the SDK sends either kind
    if payload.get("shadow_data_state") == "SHADOW_DATA":
        tests.append(lambda _: False)  # there is none
    return lambda k: all(test(k) for test in tests)


def _time(name: str, text: object) -> float | None:
    if text is None:
        return None
    moment = read_time(text) if isinstance(text, str) else None
    if moment is None:
        raise LegacyRefusal("INVALID_DATE_FORMAT_ERROR", f"{name}: {text!r} is not a time")
    return moment


def _edited(org: Organisation, project: Project, key: LabelKey, bound: float, sign: int) -> bool:
    row = org.projects.row(project, key.branch, key.unit)
    return row is not None and (row.edited - bound) * sign >= 0


def _stage(org: Organisation, project: Project, key: LabelKey) -> int:
    row = org.projects.row(project, key.branch, key.unit)
    return 0 if row is None else row.stage


def _statuses(org: Organisation, project: Project, key: LabelKey) -> tuple[str, str]:
    row = org.projects.row(project, key.branch, key.unit)
    return UNOPENED if row is None else STATUS_OF_STAGE[row.stage]


def _get(org: Organisation, asked: LegacyCall) -> list[dict[str, Any]]:
    project = project_of(org, asked)
    link = asked.base_url if asked.payload.get("get_signed_url") else None
    return [_labels(org, project, key, link) for key in _keys(org, project, asked.uid)]


def _keys(org: Organisation, project: Project, uid: object) -> list[LabelKey]:
    hashes = uid if isinstance(uid, list) else [uid]
    if len(hashes) > MAX_LABELS:
        raise LegacyRefusal("MULTI_LABEL_LIMIT_ERROR", {"maximum_labels_allowed": MAX_LABELS})
    keys = []
    for text in hashes:
        key = org.projects.find(project, text)
        if key is None:
            raise not_found("label row", text)
        keys.append(key)
    return keys


def _open(org: Organisation, asked: LegacyCall) -> list[dict[str, Any]]:
    project = project_of(org, asked)
    hashes = asked.uid if isinstance(asked.uid, list) else [asked.uid]
    units = []
    for text in hashes:
        unit = org.datasets.find(text)
        if unit is None or not org.projects.has_unit(project, unit):
            raise not_found("data row of this project", text)
        units.append(unit)
    branch = asked.payload.get("branch_name") or "main"
    link = asked.base_url if asked.payload.get("get_signed_url") else None
    return [_labels(org, project, org.projects.open(project, branch, unit), link) for unit in units]


class _Saved(SavedLabels):
    label_hash: str | None = None


_decode_saved = msgspec.json.Decoder(list[_Saved]).decode


def _save(org: Organisation, asked: LegacyCall) -> bool:
    project = project_of(org, asked)
    keys = _keys(org, project, asked.uid)
    try:
        labels = _decode_saved(asked.raw_payload.get("labels", msgspec.Raw(b"null")))
    except msgspec.DecodeError as error:
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", f"labels: {error}") from None
    if len(labels) != len(keys):
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "there must be as many labels as label hashes")
    for key, given in zip(keys, labels, strict=True):
        org.projects.save(project, key, given)
    return True


def _labels(org: Organisation, project: Project, key: LabelKey, link: str | None) -> dict[str, Any]:
    """Write a label row with its labels (encord-wire-protocol.md §6.3)."""
    row = org.projects.row(project, key.branch, key.unit)
    if row is None:
        raise not_found("label row", org.projects.label_hash(project, key.branch, key.unit))
    number = org.datasets.item(key.unit)
    dataset, media = org.datasets.dataset(key.unit), org.storage.media(number)
    status, task = STATUS_OF_STAGE[row.stage]
    shown: dict[str, Any] = {
        "label_hash": org.projects.label_hash(project, key.branch, key.unit),
        "branch_name": project.branches[key.branch],
        "created_at": legacy(row.created),
        "last_edited_at": legacy(row.edited),
        "dataset_hash": dataset.uuid,
        "dataset_title": dataset.title,
        "data_title": org.storage.name(number),
        "data_hash": org.datasets.data_hash(key.unit),
        "data_type": media.kind.lower(),
        "is_valid": True,
        "label_status": status,
        "annotation_task_status": task,
        "object_answers": {},
        "classification_answers": {},
        "object_actions": {},
        "data_units": {},
        "spaces": {},
    }
    saved = row.saved
    if saved is not None:
        return shown | {name: getattr(saved, name) for name in SavedLabels.__struct_fields__}
    return shown | _drawn(org, project, key, link)


def _drawn(org: Organisation, project: Project, key: LabelKey, link: str | None) -> dict[str, Any]:
    """Write the source's own labels."""
    number = org.datasets.item(key.unit)
    media = org.storage.media(number)
    editor = org.projects.ontologies[project.ontology].editor
    labels = org.projects.labels(project, key.branch, key.unit)
    drawn = objects(editor, labels)
    unit: dict[str, Any] = {
        "data_hash": org.datasets.data_hash(key.unit),
        "data_title": org.storage.name(number),
        "data_link": org.storage.url(number) if link is None else thumbnail_url(link, org.storage.uuid(number)),
        "data_type": media.mime,
        "data_sequence": 0,
        "width": media.width,
        "height": media.height,
        "labels": {"objects": drawn, "classifications": []},
    }
    if media.kind == "VIDEO":
        unit |= {"data_fps": media.fps, "data_duration": media.duration}
        unit["labels"] = objects_by_frame(drawn, labels)
    return {
        "object_answers": {b.object_hash: {"objectHash": b.object_hash, "classifications": []} for b in labels.boxes},
        "classification_answers": classifications(editor, labels, media.frames),
        "data_units": {unit["data_hash"]: unit},
    }


HANDLERS: Final[dict[tuple[str, str], Callable[[Organisation, LegacyCall], Any]]] = {
    ("labelrowmetadata", "GET"): _list,
    ("labelrow", "GET"): _get,
    ("labelrow", "PUT"): _open,
    ("labelrow", "POST"): _save,
}
