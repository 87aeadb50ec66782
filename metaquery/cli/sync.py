"""`metaquery sync` and `metaquery status`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metaquery.cli.documents import read_document, refuse_terminal
from metaquery.cli.keys import key_lines
from metaquery.cli.options import open_here, plural, quiet_option, workspace_option
from metaquery.cli.progress import Reporter
from metaquery.errors import SchemaError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.sources.files import FileReport
    from metaquery.sync import SyncReport

__all__ = ["sync"]

_FORM = 'a metadata schema is JSON: {"captured_at": "datetime", "city": "string"}'


@click.command(short_help="Import projects: data units, client metadata, labels, predictions.")
@click.option("--project", "projects", multiple=True, metavar="TITLE", help="A project, by title or hash.")
@click.option("--dataset", "datasets", multiple=True, metavar="TITLE", help="A dataset alone, by title or hash.")
@click.option("--all", "everything", is_flag=True, help="Every project and dataset that the key can see.")
@click.option("--from", "units", metavar="FILE", help="Data units from NDJSON, CSV or Parquet; - for standard input.")
@click.option("--labels", metavar="FILE", help="Labels from a file.")
@click.option("--predictions", metavar="FILE", help="Predictions from a file.")
@click.option(
    "--schema",
    "schema",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The metadata schema that files are typed by; it is remembered.",
)
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
    units: str | None,
    labels: str | None,
    predictions: str | None,
    schema: Path | None,
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
      metaquery sync --from units.ndjson --predictions model.parquet
    """
    files = {"units": units, "labels": labels, "predictions": predictions}
    from_files = any(files.values())
    if from_files and (everything or projects or datasets):
        raise click.UsageError("files and a server's projects are two syncs: give one or the other")
    if schema and not from_files:
        raise click.UsageError("--schema goes with files; for a server's: metaquery schema set FILE")
    if not from_files and everything == bool(projects or datasets):
        raise click.UsageError("name a --project or a --dataset, or give --all (one or the other)")
    for option, file in {"--from": units, "--labels": labels, "--predictions": predictions}.items():
        if file == "-":
            refuse_terminal(f"{option} -")
    document = read_document(schema, SchemaError, hint=_FORM) if schema else None
    opened = open_here(workspace)
    reports: list[FileReport] = []
    with Reporter(quiet=quiet) as reporter:
        if from_files:
            report, reports = opened.sync_files(
                **files, schema=document, full=full, wait_s=wait_s, progress=reporter.rows, stage=reporter.stage
            )
        else:
            report = opened.sync(
                projects=projects,
                datasets=datasets,
                full=full,
                wait_s=wait_s,
                progress=reporter.rows,
                stage=reporter.stage,
            )
    mended = [report.mended] if report.mended else []
    for line in [*mended, *_file_lines(reports), *_lines(report, reports)]:
        click.echo(shown(line))


def _file_lines(reports: Sequence[FileReport]) -> list[str]:
    """Say what became of the rows of files; those that were not taken by reason."""
    lines = []
    for report in reports:
        lines.append(
            f"{report.name}: expected {plural(report.rows, 'row')}, got {report.taken:,}, rejected {report.rejected:,}"
        )
        lines += [f"  {reason}" for reason in report.rejections.lines()]
        lines += [f"  left empty: {misfit}" for misfit in report.misfits.lines()]
        lines += [f"  one in Collections: {alike}" for alike in report.alike.lines()]
        if report.unused:
            lines.append(f"  not used: {', '.join(sorted(report.unused))}")
    return lines


def _lines(report: SyncReport, files: Sequence[FileReport]) -> list[str]:
    snapshot, changes = report.snapshot, report.changes
    rejected = {dataset: rows for file in files for dataset, rows in file.rejected_in.items()}
    lines = []
    for entry in report.parts:
        refused = rejected.pop(entry.part.hash, 0) if entry.part.kind == "units" else 0
        labels = "annotation" if entry.part.origin else "label row"
        what = "data unit" if entry.part.kind == "units" else labels
        notes = [f"{entry.unchanged:,} unchanged"] if entry.unchanged else []
        notes += [f"{entry.resumed:,} from the interrupted run before"] if entry.resumed else []
        if entry.replaces:
            before = "standard input before" if entry.replaces == "-" else entry.replaces
            notes.append(f"in the place of what came from {before}")
        note = f" ({', '.join(notes)})" if notes else ""
        short = f", rejected {refused:,}" if refused else ""
        expected = plural(entry.expected + refused, what)
        lines.append(f"{entry.part.title}: expected {expected}, got {entry.received:,}{short}{note}")
    lines += [
        f"{dataset}: expected {plural(rows, 'data unit')}, got 0, rejected {rows:,}"
        for dataset, rows in rejected.items()
    ]
    if report.gone:
        lines.append(f"No longer there: {', '.join(part.title for part in report.gone)}")
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
        better = "give one by --schema FILE" if snapshot.domain == "files" else "metaquery schema set FILE"
        lines.append(f"The organisation has no metadata schema: every type was inferred. Better: {better}")
    if snapshot.keys:
        lines += ["", *key_lines(snapshot.keys)]
    if report.published:
        lines += ["", f'Snapshot {snapshot.id}. Next: metaquery query "…"']
    else:
        lines += ["", f"Nothing has changed: the snapshot is still {snapshot.id}."]
    return lines
