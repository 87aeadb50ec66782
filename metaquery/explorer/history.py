"""Snapshots, and what two of them differ by."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from metaquery.errors import NoSnapshot
from metaquery.explorer.state import told_snapshot
from metaquery.store.descriptions import Unreadable

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk

__all__ = ["diff", "snapshots"]

_MOST = 1_000


def snapshots(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return the snapshots that are kept, newest first."""
    limit = given.number("limit", 100, least=1, most=_MOST)
    try:
        entries = desk.workspace.history.log(limit)
    except NoSnapshot:
        entries = []
    return {"snapshots": [_told(entry) for entry in entries]}


def _told(entry: Any) -> dict[str, Any]:
    if isinstance(entry, Unreadable):
        return {"id": entry.id, "trouble": entry.wrong}
    changes = entry.snapshot.changes
    return {
        **told_snapshot(entry.snapshot),
        "trouble": None,
        "changes": None if changes is None else asdict(changes),
        "schema_changed": entry.schema_changed,
        "on_disk": entry.on_disk,
        "current": entry.current,
    }


def diff(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return what two snapshots differ by; the newest and the one before it, unless they are named."""
    found = desk.workspace.diff(
        given.text("before") or None,
        given.text("after") or None,
        where=given.text("filter") or None,
        limit=given.number("limit", 50, most=_MOST),
    )
    return found.to_json()
