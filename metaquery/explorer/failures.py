"""Errors as JSON of our own form; a fault of ours leaves a file, and no traceback reaches the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from metaquery import errors
from metaquery.crashes import keep_crash
from metaquery.explorer.positions import utf16

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

__all__ = ["failed", "filter_error", "refusal"]

_KEY_FILE = re.compile(r"""(?:the |a )?key file (['"]).*\1""", re.DOTALL)
"""Where a key lies is nobody's business but its user's, who is told on the command line."""

_KINDS: tuple[tuple[type[errors.MetaqueryError], int, str], ...] = (
    (errors.NoSnapshot, 404, "no_snapshot"),
    (errors.WorkspaceLocked, 423, "locked"),
    (errors.NoSpace, 507, "no_space"),
    (errors.StoreError, 409, "store"),
    (errors.NotFound, 404, "not_found"),
    (errors.AuthError, 502, "auth"),
    (errors.Unreachable, 502, "unreachable"),
    (errors.WireError, 502, "server"),
    (errors.UsageError, 400, "usage"),
    (errors.SettingsError, 400, "settings"),
    (errors.SchemaError, 400, "schema"),
    (errors.CollectionError, 409, "collection"),
    (errors.MetaqueryError, 409, "failed"),
)
"""Status and kind of each error of ours: the first that it is one of."""


def failed(error: Exception) -> tuple[int, dict[str, Any]]:
    """Return the status and the body for an error."""
    if isinstance(error, errors.FilterError):
        return 400, {"error": filter_error(error)}
    if isinstance(error, errors.MetaqueryError) and not isinstance(error, errors.EngineError):
        status, kind = next((status, kind) for of, status, kind in _KINDS if isinstance(error, of))
        message = _KEY_FILE.sub("the key file", error.message) if kind == "auth" else error.message
        return status, {"error": {"kind": kind, "message": message, "hint": error.hint}}
    kept = keep_crash(error)
    message = f"metaquery failed: {type(error).__name__}"
    hint = f"please report it with the details, which are in the file {kept.name} on the machine that serves this"
    return 500, {"error": {"kind": "bug", "message": message, "hint": hint, "crash": kept.stem}}


def filter_error(error: errors.FilterError) -> dict[str, Any]:
    """Return what is wrong with a filter; positions count as JavaScript does."""
    start, end = (utf16(error.source, at) for at in error.span)
    return {
        "kind": "filter",
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "start": start,
        "end": end,
        "picture": errors.picture(error.source, error.span),
        "suggestions": list(error.suggestions),
    }


def refusal(
    status: int, kind: str, message: str, hint: str | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer to a request that is not taken."""
    body = {"error": {"kind": kind, "message": message, "hint": hint}}
    return JSONResponse(body, status, headers=dict(headers or {}))
