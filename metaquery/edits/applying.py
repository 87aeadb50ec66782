"""Applying a plan: journal, write, read back, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.edits.reading import ReadingBack
from metaquery.edits.records import Record, records
from metaquery.edits.report import EditReport, Left
from metaquery.edits.writing import Writer
from metaquery.errors import EditError, MetaqueryError, StoreError
from metaquery.schema import MetadataSchema
from metaquery.sources import Scope
from metaquery.store.snapshot import Snapshot
from metaquery.sync import sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.connections import Connections
    from metaquery.edits.plan import EditPlan

__all__ = ["apply"]

_PATIENCE_S = 60.0
"""How long a sync that is under way is waited for."""


def apply(
    plan: EditPlan,
    server: Connections,
    *,
    force: bool,
    progress: Callable[[int, int], None],
    stage: Callable[[str], None],
) -> EditReport:
    """Write a plan, read it back, and publish a snapshot that has the new values.

    A plan that resumes an interrupted edit goes on with it. Parameters and errors as `EditPlan.apply`.
    """
    if not plan.targets:
        return EditReport(plan.id, 0, plan.units, (), (), remark="There was nothing to write.")
    with server.client() as client:
        if client.domain != plan.server:
            raise EditError(
                f"the edit is of {plan.server}, and the workspace is connected to {client.domain}",
                hint=f"run: metaquery connect --domain {plan.server} --key FILE",
            )
        record = next(iter(records(server.layout, plan.id)), None)
        record = record or Record.begin(server.layout, plan, client.fingerprint)
        if record.done:
            raise EditError(f"the edit {plan.id} was applied already", hint="plan it anew, to apply it again")
        stage("writing client metadata")
        Writer(client, record, force, server.settings.connections, progress).run()
        settings = server.settings
        back = ReadingBack(
            client, server.layout, record, page_rows=settings.page_rows, connections=settings.connections
        )
        snapshot, remark = _publish(back, server, stage)
        report = _report(record, back.wrong, plan, snapshot, remark)
        record.finish(written=report.written, conflicts=len(report.conflicts), failed=len(report.failed))
        server.answered()
    return report


def _publish(back: ReadingBack, server: Connections, stage: Callable[[str], None]) -> tuple[str, str]:
    """Read back into a new snapshot; where that cannot be had, read back all the same, and say why."""
    if not back.touched:
        return "", "The local snapshot is as it was."
    try:
        before = Snapshot.current(server.layout)
        schema = MetadataSchema(before.metadata_schema) if before.metadata_schema is not None else None
        made = sync(
            back,
            Scope(datasets=tuple(back.touched)),
            server.layout,
            metadata_schema=schema,
            settings=server.settings,
            wait_s=_PATIENCE_S,
            stage=stage,
        )
    except StoreError as error:
        back.check()
        return "", f"The local snapshot does not have the new values: {error.message}. Next: metaquery sync"
    except MetaqueryError as error:
        raise EditError(
            f"everything was sent, and could not be read back: {error.message}",
            hint="run the same command again, or metaquery metadata resume",
        ) from error
    return made.snapshot.id, ""


def _report(record: Record, wrong: dict[str, str], plan: EditPlan, snapshot: str, remark: str) -> EditReport:
    """Count every data unit once."""
    written, already = 0, plan.unchanged
    conflicts: list[Left] = []
    failed: list[Left] = []
    for batch in record.batches:
        for place, work in enumerate(batch.works):
            units = (work.data_hash, *(other for _, other in work.others))
            unread = next((wrong[data_hash] for data_hash in units if data_hash in wrong), None)
            if place in batch.already:
                already += len(units)
            elif place in batch.conflicts:
                conflicts += [Left(data_hash, work.title, batch.conflicts[place]) for data_hash in units]
            elif why := batch.failed.get(place, unread):
                failed += [Left(data_hash, work.title, why) for data_hash in units]
            else:
                written += len(units)
    return EditReport(record.id, written, already, tuple(conflicts), tuple(failed), snapshot, remark)
