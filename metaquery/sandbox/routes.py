"""The table of v2 operations and the way from a request to its handler (encord-wire-protocol.md §1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.routing import compile_path

from metaquery.sandbox import v2_active, v2_collections, v2_organisation, v2_projects, v2_storage, v2_uploads
from metaquery.sandbox.answers import Call, Refusal, Reply, encode

if TYPE_CHECKING:
    from metaquery.sandbox.state import Organisation

__all__ = ["answer"]

_Handler = Callable[..., Any]

_ROUTES: list[tuple[str, Any, _Handler]] = [
    (method, compile_path(f"/v2/public/{template}")[0], handler)
    for module in (v2_organisation, v2_projects, v2_storage, v2_uploads, v2_collections, v2_active)
    for method, template, handler in module.ROUTES
]


def answer(org: Organisation, call: Call) -> Reply:
    """Answer one v2 request, failures included."""
    try:
        handler, names = _find(call)
        return Reply(encode(handler(org, call, **names)))
    except Refusal as refusal:
        return Reply(encode({"message": refusal.message}), refusal.status)


def _find(call: Call) -> tuple[_Handler, dict[str, str]]:
    elsewhere = False
    for method, pattern, handler in _ROUTES:
        match = pattern.match(call.path)
        if match is None:
            continue
        if method == call.method:
            return handler, match.groupdict()
        elsewhere = True
    if elsewhere:
        raise Refusal(405, f"{call.method} is not allowed here")
    raise Refusal(404, "Not found")
