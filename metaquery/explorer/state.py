"""What the page has to know first: the workspace, its snapshots, the fields, what can be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.errors import MetaqueryError, NoSnapshot
from metaquery.explorer.downloads import DOWNLOADS
from metaquery.explorer.exploring import column
from metaquery.explorer.filtering import told_filter
from metaquery.schema import RELATIONS
from metaquery.version import __version__

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk
    from metaquery.moment import Moment
    from metaquery.schema import Relation
    from metaquery.store.snapshot import Snapshot
    from metaquery.workspace import Workspace

__all__ = ["state", "told_snapshot"]


def state(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return where the workspace stands, and the fields of one snapshot."""
    workspace = desk.workspace
    newest, server = _newest(workspace), _server(workspace)
    ref = given.text("snapshot")
    moment = desk.moment(ref) if ref or newest else None
    return {
        "metaquery": __version__,
        "workspace": {"name": workspace.layout.root.name, "path": str(workspace.layout.root)},
        "read_only": desk.options.read_only,
        "server": server,
        "time_zone": workspace.time_zone,
        "snapshot": None if moment is None else told_snapshot(moment.snapshot),
        "newest": None if newest is None else told_snapshot(newest),
        "relations": [_relation(relation, moment) for relation in RELATIONS.values()],
        "synced": _synced(moment),
        "filters": [told_filter(each) for each in workspace.filters.all()],
        "pictures": {"local": desk.options.pictures is not None, "server": server is not None},
        "downloads": list(DOWNLOADS),
        "next": None if newest is not None else _next(connected=server is not None),
    }


def _newest(workspace: Workspace) -> Snapshot | None:
    try:
        return workspace.snapshot()
    except NoSnapshot:
        return None


def told_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Return what the page shows of a snapshot."""
    counts = snapshot.counts
    return {
        "id": snapshot.id,
        "created_at": snapshot.created_at.isoformat(),
        "age_s": max(0, round((datetime.now(UTC) - snapshot.created_at).total_seconds())),
        "data": counts.data,
        "labels": counts.labels,
        "predictions": counts.predictions,
    }


def _server(workspace: Workspace) -> dict[str, Any] | None:
    """Return how the server is reached; without the path of the key."""
    try:
        held = workspace.connection
    except MetaqueryError:
        return None
    return None if held is None else {"domain": held.domain, "fingerprint": held.fingerprint}


def _relation(relation: Relation, moment: Moment | None) -> dict[str, Any]:
    """Return the fields of a relation: its own, and the client metadata of the data units."""
    told = {"name": relation.name, "singular": relation.singular, "key": list(relation.key)}
    if moment is None:
        return {**told, "rows": 0, "shown": [], "fields": []}
    view = moment.view(relation)
    return {
        **told,
        "rows": view.snapshot.counts.of(relation),
        "shown": [view.name_of(field) for field in view.columns],
        "fields": [
            {**column(view, field), "values": list(field.values)}
            for field in (*relation.fields, *view.snapshot.schema.fields)
        ],
    }


def _synced(moment: Moment | None) -> dict[str, list[str]]:
    """Return the titles of what was synced, which a sync can name."""
    parts = [] if moment is None else [each.part for each in moment.snapshot.parts]
    kinds = {"datasets": "units", "projects": "labels"}
    return {
        name: sorted(part.title for part in parts if part.kind == kind and not part.origin)
        for name, kind in kinds.items()
    }


def _next(*, connected: bool) -> str:
    """Return the command that fills an empty workspace."""
    return "metaquery sync" if connected else "metaquery connect"
