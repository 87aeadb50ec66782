"""`metaquery rematerialise`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.keys import key_lines
from metaquery.cli.options import open_here, plural, quiet_option, workspace_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["rematerialise"]


@click.command(short_help="Type what was synced anew, by the schema as it is now.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for a sync to finish.",
)
@quiet_option
@workspace_option
def rematerialise(wait_s: float, quiet: bool, workspace: Path | None) -> None:
    """Type what was synced anew, by the metadata schema as it was last set or seen here.

    Values are kept as they came, so this needs no server. It publishes a new snapshot; queries go on with the old one
    until then. A sync after a change of the schema does the same.

    \b
    Example:
      metaquery schema set fixed.json && metaquery rematerialise
    """
    opened = open_here(workspace)
    with Reporter(quiet=quiet) as reporter:
        report = opened.rematerialise(wait_s=wait_s, stage=reporter.stage)
    snapshot = report.snapshot
    if report.mended:
        click.echo(report.mended)
    click.echo(f"Typed {plural(snapshot.counts.data, 'data unit')} anew, without the network.")
    if report.schema_missing:
        click.echo("There is no metadata schema: every type was inferred. Better: metaquery schema set FILE")
    for line in ("", *key_lines(snapshot.keys)) if snapshot.keys else ():
        click.echo(line)
    click.echo(f'\nSnapshot {snapshot.id}. Next: metaquery query "…"')
