"""Projects and ontologies over v2: encord-wire-protocol.md §6.1, §6.4."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from metaquery.sandbox.answers import Call, Refusal
from metaquery.sandbox.clock import iso
from metaquery.sandbox.label_content import classifications
from metaquery.sandbox.legacy_call import title_matcher
from metaquery.sandbox.paging import page
from metaquery.sandbox.projects import STAGES, LabelKey, Project
from metaquery.sandbox.state import OWNER, Organisation
from metaquery.sandbox.storage import OPENED_AT
from metaquery.sandbox.v2_organisation import time_filter

__all__ = ["ROUTES", "project_of"]

_STATUSES: Final = ("notStarted", "inProgress", "inReview", "paused", "completed", "cancelled", "archived")


def project_of(org: Organisation, uuid: str) -> Project:
    """Give the project with that hash; a 404 where there is none."""
    project = org.projects.all.get(uuid)
    if project is None:
        raise Refusal(404, f"no project {uuid}")
    return project


def _show(org: Organisation, project: Project) -> dict[str, Any]:
    stages = [
        {"stageType": kind, "uuid": org.projects.stage_uuid(project, n), "title": title}
        for n, (kind, title) in enumerate(STAGES)
    ]
    return {
        "projectHash": project.uuid,
        "projectType": "workflow",
        "status": project.status,
        "title": project.title,
        "description": project.description,
        "createdAt": iso(project.created),
        "creatorEmail": OWNER,
        "lastEditedAt": iso(project.edited),
        "ontologyHash": project.ontology,
        "editorOntology": org.projects.ontologies[project.ontology].editor,
        "userRole": 0,
        "sourceProjects": None,
        "workflowManagerUuid": org.projects.stage_uuid(project, -1),
        "workflow": {"stages": stages},
    }


def _list(org: Organisation, call: Call) -> dict[str, Any]:
    title = title_matcher(call.param("titleEq"), call.param("titleLike"))
    described = title_matcher(call.param("descEq"), call.param("descLike"))
    created, edited = time_filter(call, "created"), time_filter(call, "edited")
    found = [
        p
        for p in org.projects.all.values()
        if (title is None or title(p.title))
        and (described is None or described(p.description))
        and created(p.created)
        and edited(p.edited)
        and not call.params.get("tagsAnyof")
    ]
    return page(org, call, found, lambda p: _show(org, p))


def _get(org: Organisation, _call: Call, project: str) -> dict[str, Any]:
    return _show(org, project_of(org, project))


def _datasets(org: Organisation, _call: Call, project: str) -> dict[str, Any]:
    shown = []
    for uuid in project_of(org, project).datasets:
        dataset = org.datasets.all[uuid]
        shown.append({"datasetHash": uuid, "title": dataset.title, "description": dataset.description})
    return {"results": shown, "nextPageToken": None}


def _branches(org: Organisation, call: Call, project: str) -> dict[str, Any]:
    return page(org, call, org.projects.used_branches(project_of(org, project)), lambda name: {"name": name})


def _set_status(org: Organisation, call: Call, project: str) -> None:
    found, body = project_of(org, project), call.json()
    status = body.get("status") if isinstance(body, dict) else None
    if status not in _STATUSES:
        raise Refusal(400, f"{status!r} is not a project status")
    found.status = status


def _ontology(org: Organisation, _call: Call, ontology: str) -> dict[str, Any]:
    found = org.projects.ontologies.get(ontology)
    if found is None:
        raise Refusal(404, f"no ontology {ontology}")
    return {
        "ontologyUuid": found.uuid,
        "title": found.title,
        "description": "",
        "editor": found.editor,
        "createdAt": iso(OPENED_AT),
        "lastEditedAt": iso(OPENED_AT),
        "userRole": 0,
    }


def _classifications(org: Organisation, call: Call, project: str) -> dict[str, Any]:
    found, body = project_of(org, project), call.json()
    uuids = body.get("labelUuids") if isinstance(body, dict) else None
    if not isinstance(uuids, list):
        raise Refusal(400, "labelUuids must be a list")
    if len(uuids) > 500:
        raise Refusal(400, "at most 500 labelUuids in a request")
    keys = [org.projects.find(found, uuid) for uuid in uuids]
    for uuid, key in zip(uuids, keys, strict=True):
        if key is None:
            raise Refusal(404, f"no label row {uuid}")
    return {"labels": [_classified(org, found, key) for key in keys if key is not None]}


def _classified(org: Organisation, project: Project, key: LabelKey) -> dict[str, Any]:
    row = org.projects.row(project, key.branch, key.unit)
    item = org.datasets.item(key.unit)
    answers: dict[str, Any]
    if row is not None and row.saved is not None:
        answers = msgspec.json.decode(row.saved.classification_answers)
    else:
        editor = org.projects.ontologies[project.ontology].editor
        labels = org.projects.labels(project, key.branch, key.unit)
        answers = classifications(editor, labels, org.storage.media(item).frames, saved=False)
    return {
        "labelUuid": org.projects.label_hash(project, key.branch, key.unit),
        "dataUuid": org.datasets.data_hash(key.unit),
        "dataTitle": org.storage.name(item),
        "branchName": project.branches[key.branch],
        "classificationAnswers": {
            name: {k: v for k, v in answer.items() if k not in {"spaces", "confidence"}}
            for name, answer in answers.items()
        },
        "exportUuid": None,
        "exportedAt": None,
    }


ROUTES: Final = (
    ("GET", "projects", _list),
    ("GET", "projects/{project}", _get),
    ("GET", "projects/{project}/datasets", _datasets),
    ("GET", "projects/{project}/branches", _branches),
    ("PUT", "projects/{project}/status", _set_status),
    ("POST", "projects/{project}/label-rows/classifications", _classifications),
    ("GET", "ontologies/{ontology}", _ontology),
)
