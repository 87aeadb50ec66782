"""`ENDPOINTS`: a row an endpoint; `docs/explorer-api.md` describes each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.explorer import downloads, exploring, filtering, state
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
    Endpoint("GET", "/api/counts", exploring.counts, VIEW),
    Endpoint("GET", "/api/facets", exploring.facets, (*VIEW, "keys", "top", "bins", "find")),
    Endpoint("GET", "/api/rows", exploring.rows, (*VIEW, "offset", "limit")),
    Endpoint("GET", "/api/ids", exploring.ids, (*VIEW, "offset", "limit")),
    *(
        Endpoint("GET", f"/{relation}.{{format:str}}", downloads.of_relation(relation), VIEW[1:])
        for relation in RELATIONS
    ),
)
"""Every endpoint."""
