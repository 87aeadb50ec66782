"""`apply_plan`: do what a plan says, each step in the journal before the next; then read back, and compare."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from metaquery.errors import PushError, WireError
from metaquery.push.members import member_text
from metaquery.push.plan import BATCH, Member, PushPlan, TargetPlan
from metaquery.push.report import Failure, PushReport, TargetReport
from metaquery.push.targets import Target, target_of
from metaquery.wire import is_ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.push.records import Record
    from metaquery.wire import EncordClient

__all__ = ["apply_plan"]

_NOT_LISTED = "Encord took it without an error, and does not list it"
_STILL_LISTED = "Encord removed it without an error, and still lists it"


def apply_plan(
    plan: PushPlan,
    client: EncordClient,
    record: Record,
    *,
    batch: int = BATCH,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PushReport:
    """Do what a plan says.

    Parameters
    ----------
    plan
        From `Planner`; where it has nothing to do and was done before, nothing is sent or written.
    client, record
        The plan's server, and its journal.
    batch
        Members a request.
    progress
        Called with members settled and members in all.

    Raises
    ------
    PushError
        Another process has sent the same since the plan was made.
    WireError
        The server failed; the journal knows how far it came, and the next push goes on there.
    """
    if plan.done_by is not None:
        return PushReport("", plan.title, tuple(_as_found(t) for t in plan.targets), plan.left_out)
    with record.held(plan.seen):
        record.begin(plan)
        run = _Run(plan, client, record, batch, _Count(progress, plan.adds + plan.removes))
        targets = tuple(run.settle(target) for target in plan.targets)
        if plan.imports:
            run.import_into_active(targets[-1].uuid)
        report = PushReport(plan.id, plan.title, targets, plan.left_out)
        counts = {"added": report.added, "already": report.already, "removed": report.removed}
        record.write("finished", **counts, failed=report.failed)
    return report


def _as_found(target: TargetPlan) -> TargetReport:
    """Report on a target to which nothing was to be done."""
    return TargetReport(
        kind=target.kind,
        title=target.title,
        where=target.where,
        uuid=target.uuid or "",
        created=False,
        deleted=False,
        requested=len(target.wanted),
        already=len(target.wanted),
        added=0,
        removed=0,
        failed=(),
    )


class _Count:
    def __init__(self, progress: Callable[[int, int], None], total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, members: int) -> None:
        self._done += members
        self._progress(self._done, self._total)


@dataclass
class _Run:
    plan: PushPlan
    client: EncordClient
    record: Record
    batch: int
    count: _Count
    datasets: list[str] = field(default_factory=list)
    """Those that a project is made over."""

    def settle(self, plan: TargetPlan) -> TargetReport:
        """Bring one target to what it is to be."""
        if plan.kind == "project":
            plan = replace(plan, wanted=tuple(self.datasets))
        target = target_of(self.client, plan, self.datasets[0] if self.datasets else None)
        uuid = plan.uuid if plan.uuid is not None else self._create(target, plan)
        if plan.kind == "dataset":
            self.datasets.append(uuid)
        if plan.changes:
            target.change(uuid, plan.title, plan.description)
            self.record.write("changed", kind=plan.kind, place=plan.place, uuid=uuid, title=plan.title)
        refused = self._batches(target.remove, plan, uuid, "removed") | self._batches(target.add, plan, uuid, "added")
        report = self._reconciled(plan, uuid, target, refused)
        counts = {"added": report.added, "already": report.already, "removed": report.removed}
        here = {"kind": plan.kind, "place": plan.place, "uuid": uuid}
        self.record.write("settled", **here, **counts, members=report.requested, refused=len(report.failed))
        if report.deleted:
            target.delete(uuid)
            self.record.write("deleted", **here)
        return report

    def _create(self, target: Target, plan: TargetPlan) -> str:
        """Make it; where the answer is lost, look whether it is there."""
        here = {"kind": plan.kind, "place": plan.place, "title": plan.title}
        self.record.write("creating", **here)
        try:
            uuid = target.create(plan.title, plan.description or "")
        except WireError as error:
            if not is_ambiguous(error):
                self.record.write("not created", **here)
                raise
            found = [f for f in target.known(plan.title) if f.name == plan.title]
            if len(found) != 1:
                raise
            uuid = found[0].uuid
        self.record.write("created", **here, uuid=uuid)
        return uuid

    def _batches(
        self,
        change: Callable[[str, Sequence[Any]], dict[Any, str]],
        plan: TargetPlan,
        uuid: str,
        step: str,
    ) -> dict[Any, str]:
        """Add or remove members, batch after batch; return those that the server refused."""
        members = plan.add if step == "added" else plan.remove
        every: dict[Any, str] = {}
        for start in range(0, len(members), self.batch):
            some = members[start : start + self.batch]
            refused = change(uuid, some)
            every |= refused
            here = {"kind": plan.kind, "place": plan.place, "uuid": uuid}
            self.record.write(step, **here, members=len(some), refused=len(refused))
            self.count.add(len(some))
        return every

    def _reconciled(self, plan: TargetPlan, uuid: str, target: Target, refused: dict[Any, str]) -> TargetReport:
        """Read the target back: what the server said counts less than what it lists."""
        report = replace(_as_found(plan), uuid=uuid, created=plan.uuid is None)
        if plan.idle and plan.kind != "project":
            return report
        there = set(target.members(uuid))
        absent = [m for m in dict.fromkeys((*plan.wanted, *plan.add)) if m not in there]
        stayed = [m for m in plan.remove if m in there]
        missing = set(absent)
        counted = plan if plan.kind != "project" else replace(plan, wanted=())  # its dataset is no member
        return replace(
            report,
            requested=len(counted.wanted),
            already=len(counted.wanted) - len(plan.add) if counted.wanted else 0,
            added=sum(m not in missing for m in plan.add),
            removed=len(plan.remove) - len(stayed),
            deleted=plan.delete and not there,
            failed=(
                *self._failures(plan, [(m, refused.get(m, _NOT_LISTED)) for m in absent]),
                *self._failures(plan, [(m, refused.get(m, _STILL_LISTED)) for m in stayed]),
            ),
        )

    def _failures(self, plan: TargetPlan, members: Sequence[tuple[Member, str]]) -> list[Failure]:
        return [
            Failure(data_hash, member_text(member), plan.named, reason)
            for member, reason in members
            for data_hash in self._units(member)
        ]

    def _units(self, member: Member) -> tuple[str, ...]:
        return self.plan.units.get(member, ("",)) if isinstance(member, str) else (member.data_hash,)

    def import_into_active(self, project: str) -> None:
        """Have Active import the new project; asked twice where the answer was lost, it does no harm."""
        if self.plan.destination is None or self.plan.destination.import_active is None:
            raise PushError("nothing is to be imported")
        self.client.import_into_active(project, self.plan.destination.import_active)
        self.record.write("imported", uuid=project)
