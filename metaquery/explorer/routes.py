"""`ENDPOINTS`: a row an endpoint; `docs/explorer-api.md` describes each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.explorer import collecting, downloads, exploring, filtering, history, schema, sending, state, units
from metaquery.explorer.asking import VIEW
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk

__all__ = ["ENDPOINTS", "Endpoint"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that can be asked.

    Attributes
    ----------
    method
        `GET` for what changes nothing, `POST` for all else.
    path
        As starlette writes it.
    run
        Answers, in a thread: what becomes JSON, or an answer of its own kind.
    parameters
        Names that the address may have.
    """

    method: str
    path: str
    run: Callable[[Desk, Parameters], Any]
    parameters: tuple[str, ...] = ()


ENDPOINTS = (
    Endpoint("GET", "/api/state", state.state, ("snapshot",)),
    Endpoint("GET", "/api/check", filtering.check, VIEW),
    Endpoint("GET", "/api/complete", filtering.complete, (*VIEW, "cursor", "limit")),
    Endpoint("GET", "/api/edit", filtering.edit, (*VIEW, "do", "key", "with", "from", "to")),
    Endpoint("POST", "/api/filters", filtering.save),
    Endpoint("POST", "/api/filters/delete", filtering.forget),
    Endpoint("GET", "/api/counts", exploring.counts, (*VIEW, "draft")),
    Endpoint("GET", "/api/facets", exploring.facets, (*VIEW, "keys", "top", "bins", "find")),
    Endpoint("GET", "/api/rows", exploring.rows, (*VIEW, "offset", "limit")),
    Endpoint("GET", "/api/ids", exploring.ids, (*VIEW, "offset", "limit")),
    Endpoint("GET", "/api/boxes", units.boxes, ("units", "snapshot")),
    Endpoint("GET", "/api/units/{hash}", units.unit, ("snapshot",)),
    Endpoint("GET", "/api/units/{hash}/picture", units.picture, ("from",)),
    Endpoint("GET", "/api/collections", collecting.everything),
    Endpoint("GET", "/api/collections/deleted", collecting.deleted),
    Endpoint("GET", "/api/collections/compare", collecting.compare, ("a", "b")),
    Endpoint("GET", "/api/collections/{id}", collecting.show),
    Endpoint("GET", "/api/collections/{id}/drift", collecting.drift),
    Endpoint("POST", "/api/collections", collecting.make),
    Endpoint("POST", "/api/collections/{id}/add", collecting.add),
    Endpoint("POST", "/api/collections/{id}/remove", collecting.remove),
    Endpoint("POST", "/api/collections/{id}/rename", collecting.rename),
    Endpoint("POST", "/api/collections/{id}/describe", collecting.describe),
    Endpoint("POST", "/api/collections/{id}/freeze", collecting.freeze),
    Endpoint("POST", "/api/collections/{id}/delete", collecting.delete),
    Endpoint("POST", "/api/collections/{id}/restore", collecting.restore),
    Endpoint("POST", "/api/collections/{id}/plan", sending.plan),
    Endpoint("POST", "/api/plans/{plan}/apply", sending.apply),
    Endpoint("GET", "/api/pushes", sending.pushes),
    Endpoint("POST", "/api/pushes/{id}/plan-undo", sending.plan_undo),
    Endpoint("GET", "/api/schema", schema.check),
    Endpoint("GET", "/api/schema/proposal", schema.proposal, ("invalid_percent",)),
    Endpoint("POST", "/api/schema/keep", schema.keep),
    Endpoint("POST", "/api/sync", sending.sync),
    Endpoint("POST", "/api/rematerialise", sending.rematerialise),
    Endpoint("GET", "/api/jobs", sending.jobs),
    Endpoint("GET", "/api/jobs/{id}", sending.job),
    Endpoint("POST", "/api/jobs/{id}/stop", sending.stop),
    Endpoint("GET", "/api/snapshots", history.snapshots, ("limit",)),
    Endpoint("GET", "/api/diff", history.diff, ("before", "after", "filter", "limit")),
    Endpoint("GET", "/units/{hash}.json", units.unit, ("snapshot",)),
    Endpoint("GET", "/collections.json", collecting.everything),
    Endpoint("GET", "/collections/{id}.json", collecting.show),
    Endpoint("GET", "/schema.json", schema.check),
    Endpoint("GET", "/snapshots.json", history.snapshots, ("limit",)),
    *(
        Endpoint("GET", f"/{relation}.{{format:str}}", downloads.of_relation(relation), VIEW[1:])
        for relation in RELATIONS
    ),
)
"""Every endpoint."""
