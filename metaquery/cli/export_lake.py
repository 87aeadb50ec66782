"""`metaquery export lake`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metaquery.answers import plural
from metaquery.cli.options import as_of_option, of_the_past, open_here, quiet_option, workspace_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from metaquery.lake_export import LakeExport

__all__ = ["export_lake"]


@click.command("lake", short_help="Write the whole snapshot as Parquet in parts, for Spark and other engines.")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--parts", type=click.IntRange(1, 4096), help="Parts of each table; else one for 500,000 data units.")
@as_of_option
@quiet_option
@workspace_option
def export_lake(directory: Path, parts: int | None, as_of: str | None, quiet: bool, workspace: Path | None) -> None:
    """Write a whole snapshot as plain Parquet into DIRECTORY: units, labels, predictions, rejects, Collections, tags.

    DuckDB, pandas, Polars, pyarrow and Spark read the files as they are; so should Trino, which was not tried. Ask them
    here by metaquery query --lake DIRECTORY. Each row is in the part of its data unit, by the md5 of the data hash, so
    that a filter can be run part by part.

    DIRECTORY is there when it is whole. An export that was interrupted is gone on with by the same command; a lake that
    is there is never changed.

    \b
    Examples:
      metaquery export lake night-lake
      metaquery export lake november --as-of 2026-11-01 --parts 16
    """
    opened = open_here(workspace, quiet=quiet)
    moment = opened if as_of is None else opened.as_of(as_of)
    with Reporter(quiet=quiet) as reporter:
        reporter.stage("exporting")
        written = moment.export_lake(directory, parts=parts, progress=reporter.members)
    for line in _lines(written, directory):
        click.echo(line)
    past = None if as_of is None or quiet else of_the_past(opened, opened.as_of(as_of).snapshot)
    if past:
        click.echo(past)


def _lines(written: LakeExport, directory: Path) -> list[str]:
    rows = ", ".join(f"{many:,} of {table}" for table, many in written.rows.items())
    files = f"{plural(written.files, 'file')}, {plural(written.bytes, 'byte')}"
    if written.found == written.files:
        head = f"{directory} is there already: {files}, of snapshot {written.snapshot}."
    else:
        head = f"Wrote {directory}: {files} in {plural(written.parts, 'part')}, of snapshot {written.snapshot}."
    going_on = 0 < written.found < written.files
    return [
        head,
        *([f"{plural(written.found, 'file')} of an interrupted export were there already."] if going_on else []),
        f"Rows: {rows}.",
        f'Next: metaquery query "…" --lake {shlex.quote(str(directory))}',
    ]
