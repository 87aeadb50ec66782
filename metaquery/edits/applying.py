"""Applying a plan: journal, write and read back, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.edits.reading import ReadingBack
from metaquery.edits.records import Record, records
from metaquery.edits.report import EditReport, Left
from metaquery.edits.rounds import Rounds
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
        settings = server.settings
        with Rounds(
            client, record, force=force, page_rows=settings.page_rows, connections=settings.connections,
            progress=progress,
        ) as rounds:  # fmt: skip
            snapshot, remark = _publish(rounds, server, stage)
        report = _report(record, rounds.wrong, plan, snapshot, remark)
        record.finish(written=report.written, conflicts=len(report.conflicts), failed=len(report.failed))
        server.answered()
    return report


def _publish(rounds: Rounds, server: Connections, stage: Callable[[str], None]) -> tuple[str, str]:
    """Write, and read back into a new snapshot; where that cannot be had, do the rest all the same, and say why."""
    try:
        before = Snapshot.current(server.layout)
        schema = MetadataSchema(before.metadata_schema) if before.metadata_schema is not None else None
        made = sync(
            ReadingBack(rounds, server.layout),
            Scope(datasets=tuple(rounds.datasets)),
            server.layout,
            metadata_schema=schema,
            settings=server.settings,
            wait_s=_PATIENCE_S,
            stage=lambda words: None if words.startswith("reading") else stage(words),
        )
        rounds.finish()
    except StoreError as error:
        rounds.finish()
        return "", f"The local snapshot does not have the new values: {error.message}. Next: metaquery sync"
    except EditError:
        raise
    except MetaqueryError as error:
        rounds.finish()
        raise EditError(
            f"everything was sent, and the local snapshot does not have it: {error.message}",
            hint="run the same command again, or metaquery metadata resume",
        ) from error
    return (made.snapshot.id, "") if made.published else ("", "The local snapshot is as it was.")


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
