"""`metaquery sync` and `metaquery status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.keys import key_lines
from metaquery.cli.options import open_here, plural, quiet_option, workspace_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.sync import SyncReport

__all__ = ["sync"]


@click.command(short_help="Import projects: data units, client metadata, labels, predictions.")
@click.option("--project", "projects", multiple=True, metavar="TITLE", help="A project, by title or hash.")
@click.option("--dataset", "datasets", multiple=True, metavar="TITLE", help="A dataset alone, by title or hash.")
@click.option("--all", "everything", is_flag=True, help="Every project and dataset that the key can see.")
@click.option("--full", is_flag=True, help="Read everything again, not only what can have changed.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another sync to finish.",
)
@quiet_option
@workspace_option
def sync(
    projects: tuple[str, ...],
    datasets: tuple[str, ...],
    everything: bool,
    full: bool,
    wait_s: float,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Import projects: their datasets, data units with client metadata, labels and predictions.

    A sync publishes a new snapshot; queries go on with the old one until then. Of what was synced before, only what
    can have changed is read. What an interrupted sync has read is not read again.

    \b
    Examples:
      metaquery sync --project "Street scenes"
      metaquery sync --dataset 'North' --dataset 'South'
      metaquery sync --all
    """
    if everything == bool(projects or datasets):
        raise click.UsageError("name a --project or a --dataset, or give --all (one or the other)")
    opened = open_here(workspace)
    with Reporter(quiet=quiet) as reporter:
        report = opened.sync(
            projects=projects,
            datasets=datasets,
            full=full,
            wait_s=wait_s,
            progress=reporter.rows,
            stage=reporter.stage,
        )
    for line in _lines(report):
        click.echo(line)


def _lines(report: SyncReport) -> list[str]:
    snapshot, changes = report.snapshot, report.changes
    lines = []
    for entry in report.parts:
        what = "data unit" if entry.part.kind == "units" else "label row"
        notes = [f"{entry.unchanged:,} unchanged"] if entry.unchanged else []
        notes += [f"{entry.resumed:,} from the interrupted run before"] if entry.resumed else []
        note = f" ({', '.join(notes)})" if notes else ""
        lines.append(f"{entry.part.title}: expected {plural(entry.expected, what)}, got {entry.received:,}{note}")
    if report.kept:
        lines.append(f"Kept as they were: {', '.join(part.title for part in report.kept)}")
    counts = snapshot.counts
    lines += [
        "",
        (
            f"{plural(counts.data, 'data unit')}: {changes.added:,} added, {changes.changed:,} changed, "
            f"{changes.removed:,} removed. {plural(counts.labels, 'label')}, "
            f"{plural(counts.predictions, 'prediction')}."
        ),
    ]
    if counts.not_objects:
        lines.append(f"{plural(counts.not_objects, 'data unit')} have client metadata that is no object.")
    if counts.orphans:
        lines.append(f"{plural(counts.orphans, 'annotation')} left out: their data unit is not there.")
    if report.schema_missing:
        lines.append(
            "The organisation has no metadata schema: every type was inferred. Better: metaquery schema set FILE"
        )
    if snapshot.keys:
        lines += ["", *key_lines(snapshot.keys)]
    if report.published:
        lines += ["", f'Snapshot {snapshot.id}. Next: metaquery query "…"']
    else:
        lines += ["", f"Nothing has changed: the snapshot is still {snapshot.id}."]
    return lines
