"""Pages of v2 lists: tokens that only we can have made (encord-wire-protocol.md §8, §11)."""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, TypeVar

from metaquery.sandbox.answers import Call, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.sandbox.state import Organisation

__all__ = ["page", "page_size"]

_Row = TypeVar("_Row")


def page_size(call: Call) -> int:
    """Read `pageSize`: 100 where absent; a 400 outside 1 to 1000."""
    text = call.param("pageSize")
    if text is None:
        return 100
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 1000:
        raise Refusal(400, f"pageSize must be between 1 and 1000, not {text!r}")
    return int(text)


def page(org: Organisation, call: Call, rows: Sequence[_Row], show: Callable[[_Row], Any]) -> dict[str, Any]:
    """Answer one page of `rows`, and the token of the next where there is one."""
    size = page_size(call)
    start = _read_token(org, call)
    if start and start >= len(rows):
        return {"results": [], "nextPageToken": None}
    results = [show(row) for row in rows[start : start + size]]
    after = start + size
    return {"results": results, "nextPageToken": _token(org, call, after) if after < len(rows) else None}


def _question(call: Call) -> str:
    kept = sorted((k, v) for k, v in call.params.items() if k not in {"pageToken", "pageSize"})
    return f"{call.path}?{kept}"


def _token(org: Organisation, call: Call, start: int) -> str:
    seal = org.seal(f"{start} {_question(call)}")
    return base64.urlsafe_b64encode(f"{start}.{seal}".encode()).decode()


def _read_token(org: Organisation, call: Call) -> int:
    text = call.param("pageToken")
    if text is None:
        return 0
    try:
        start, _, seal = base64.urlsafe_b64decode(text.encode()).decode().partition(".")
    except (binascii.Error, ValueError):
        start, seal = "", ""
    if not start.isdigit() or not compare_digest(seal, org.seal(f"{start} {_question(call)}")):
        raise Refusal(400, "pageToken was not handed out for this list")
    return int(start)
