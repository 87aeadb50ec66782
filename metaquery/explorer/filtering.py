"""What the filter box asks while somebody types, and what a click makes of its text."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.errors import FilterError, UsageError
from metaquery.explorer.asking import Asked
from metaquery.explorer.failures import filter_error
from metaquery.explorer.positions import code_points, utf16
from metaquery.language.tokens import tokens

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk
    from metaquery.saved_filters import SavedFilter

__all__ = ["check", "complete", "edit", "forget", "save", "told_filter"]

_CANDIDATES = 50


def check(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return the pieces of the filter for highlighting, and what is wrong with it, if anything."""
    asked = Asked.of(given)
    text = asked.filter
    pieces = [
        {"kind": piece.kind, "start": utf16(text, piece.start), "end": utf16(text, piece.end), "wrong": piece.wrong}
        for piece in tokens(text)
    ]
    whole = asked.whole(desk)
    searched = asked.searched(desk).canonical
    found: dict[str, Any] = {
        "snapshot": whole.snapshot.id,
        "tokens": pieces,
        "canonical": None,
        "error": None,
        "search": searched,
    }
    try:
        view = whole.filter(text) if text.strip() else whole
        found["canonical"] = view.canonical
        found["words"] = view.explain().words if text.strip() else ""
    except FilterError as error:
        found["error"] = filter_error(error)
    return found


def complete(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return what may stand at the cursor."""
    asked = Asked.of(given)
    text = asked.filter
    cursor = code_points(text, given.number("cursor", 2**31, most=2**31))
    limit = given.number("limit", _CANDIDATES, least=1, most=1_000)
    found = asked.whole(desk).complete(text, cursor, limit=limit, ordered=False)
    return {
        "start": utf16(text, found.span.start),
        "end": utf16(text, found.span.end),
        "candidates": [
            {
                "text": each.text,
                "kind": each.kind,
                "label": each.label,
                "detail": each.detail,
                "count": each.count,
                "caret": each.caret,
            }
            for each in found.candidates
        ],
    }


def edit(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return the filter's text after a click."""
    asked = Asked.of(given)
    view = asked.searched(desk)
    chosen = view.crossfilter(asked.filter)
    what, key = given.needed("do"), given.needed("key")
    match what:
        case "toggle":
            text = chosen.toggle(key, given.needed("with"))
        case "only":
            text = chosen.only(key, given.needed("with"))
        case "exclude":
            text = chosen.exclude(key, given.needed("with"))
        case "clear":
            text = chosen.clear(key)
        case "brush":
            text = chosen.brush(key, _end(given.text("from")), _end(given.text("to")))
        case _:
            raise UsageError(f"an edit is no {what[:100]!r}", hint="toggle, only, exclude, clear or brush")
    return {"filter": text, "canonical": view.filter(text).canonical if text.strip() else None}


def save(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Save a filter under a name, for use as `@name`."""
    given.only("name", "relation", "filter", "replacing")
    saved = desk.workspace.save_filter(
        given.field("name", str),
        given.field("filter", str),
        on=given.field("relation", str, "data"),
        replace=given.field("replacing", bool, default=False),
    )
    return told_filter(saved)


def forget(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Delete a saved filter."""
    given.only("name", "relation")
    return told_filter(desk.workspace.filters.delete(given.field("name", str), given.field("relation", str, "data")))


def told_filter(saved: SavedFilter) -> dict[str, Any]:
    """Return what the page shows of a saved filter."""
    return {"name": saved.name, "relation": saved.relation, "text": saved.text, "reference": saved.reference}


def _end(text: str) -> float | datetime | None:
    """Return an end of a range: a number, or an instant; blank is open."""
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if math.isfinite(number) and text.isascii() and "_" not in text:
            return number
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{text[:100]!r} is neither a number nor an instant", hint="such as 2023-04-01T00:00:00Z"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
