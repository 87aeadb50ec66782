"""What takes longer, and goes to the server or comes from there: plans and their sending, syncs."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from metaquery.errors import NotFound

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk
    from metaquery.explorer.jobs import Job
    from metaquery.push import PushPlan, PushReport
    from metaquery.sync import SyncReport

__all__ = ["apply", "job", "jobs", "plan", "plan_undo", "pushes", "rematerialise", "stop", "sync"]

_FIRST = 1_000
"""Members that were left out or failed that are listed; the counts are of all."""


def plan(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Find out what sending a Collection would do; reads from the server, and writes nothing."""
    from metaquery.push import Options

    given.only(*Options.__annotations__)
    found = desk.workspace.pushes.plan(desk.workspace.collections.get(given.path["id"]), **_destination(given))
    return _kept(desk, found)


def plan_undo(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Find out what taking a push back would do; reads from the server, and writes nothing."""
    given.only()
    return _kept(desk, desk.workspace.pushes.plan_undo(given.path["id"]))


def _kept(desk: Desk, found: PushPlan) -> dict[str, Any]:
    name = secrets.token_urlsafe(9)
    desk.put_plan(name, found)
    return {"plan": name, **_planned(found)}


def _destination(given: Parameters) -> Any:
    """Return where it is to go; what makes no sense there is told by who plans."""
    texts = {name: given.field(name, (str, type(None))) for name in given.body if name != "sync"}
    found = {name: value for name, value in texts.items() if value is not None}
    return {**found, "sync": given.field("sync", bool, default=False)}


def _planned(found: PushPlan) -> dict[str, Any]:
    return {
        "title": found.title,
        "to": found.to,
        "server": found.server,
        "idle": found.idle,
        "done_by": found.done_by,
        "resumes": found.resumes,
        "undoes": found.undoes,
        "adds": found.adds,
        "removes": found.removes,
        "lines": found.lines(),
        "targets": [
            {
                "kind": target.kind,
                "title": target.title,
                "where": target.where,
                "exists": target.uuid is not None,
                "wanted": len(target.wanted),
                "add": len(target.add),
                "remove": len(target.remove),
            }
            for target in found.targets
        ],
        "left_out": {"count": len(found.left_out), "first": [asdict(each) for each in found.left_out[:_FIRST]]},
    }


def apply(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Begin to do what a plan says; a plan is good once."""
    given.only()
    found = desk.take_plan(given.path["plan"])
    if found is None:
        raise NotFound("there is no such plan, or it was applied already", hint="plan anew")

    def work(job: Job) -> dict[str, Any]:
        job.at(f"taking back {found.title}" if found.undoes else f"sending {found.title}")
        return _sent(desk.workspace.pushes.apply(found, progress=job.reached))

    return desk.jobs.start("send", work).to_json()


def _sent(report: PushReport) -> dict[str, Any]:
    return {
        "push": report.id,
        "title": report.title,
        "requested": report.requested,
        "added": report.added,
        "already": report.already,
        "removed": report.removed,
        "targets": [
            {
                "kind": target.kind,
                "title": target.title,
                "where": target.where,
                "uuid": target.uuid,
                "created": target.created,
                "deleted": target.deleted,
                "added": target.added,
                "already": target.already,
                "removed": target.removed,
                "failed": len(target.failed),
            }
            for target in report.targets
        ],
        "failures": {"count": report.failed, "first": [asdict(each) for each in report.failures[:_FIRST]]},
    }


def pushes(desk: Desk, _given: Parameters) -> dict[str, Any]:
    """Return what was sent, newest first; the server is not asked."""
    found = [asdict(each) for each in desk.workspace.pushes.log()]
    return {"pushes": [{name: value for name, value in each.items() if name != "entries"} for each in found]}


def sync(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Begin to import what changed on the server."""
    given.only("projects", "datasets", "full")
    named = {what: given.field(what, list, []) for what in ("projects", "datasets")}
    full = given.field("full", bool, default=False)
    asked = {**named, "full": full}

    def work(job: Job) -> dict[str, Any]:
        return _synced(
            desk.workspace.sync(
                projects=list(map(str, named["projects"])),
                datasets=list(map(str, named["datasets"])),
                full=full,
                stage=job.at,
                progress=lambda _part, done, total: job.reached(done, total),
            )
        )

    return desk.jobs.start("sync", work, asked=asked).to_json()


def rematerialise(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Begin to type anew what was synced, by the schema as it is known here."""
    given.only()
    return desk.jobs.start("sync", lambda job: _synced(desk.workspace.rematerialise(stage=job.at))).to_json()


def _synced(report: SyncReport) -> dict[str, Any]:
    from metaquery.explorer.state import told_snapshot

    return {
        "snapshot": told_snapshot(report.snapshot),
        "published": report.published,
        "changes": asdict(report.changes),
        "parts": [
            {"kind": each.part.kind, "title": each.part.title, "received": each.received, "expected": each.expected}
            for each in report.parts
        ],
        "schema_missing": report.schema_missing,
        "mended": report.mended,
    }


def jobs(desk: Desk, _given: Parameters) -> dict[str, Any]:
    """Return what runs and what has run since the start of the server, oldest first."""
    return {"jobs": [each.to_json() for each in desk.jobs.all()]}


def job(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return how far one of them is."""
    return desk.jobs.get(given.path["id"]).to_json()


def stop(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Stop a sync soon: the next one goes on with what it has read, and the snapshot before is as it was."""
    given.only()
    found = desk.jobs.get(given.path["id"])
    found.stop()
    return found.to_json()
