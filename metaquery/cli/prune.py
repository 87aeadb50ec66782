"""`metaquery prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.options import confirmed, open_here, plural, quiet_option, workspace_option, yes_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.store.prune import PruneReport, Sizes

__all__ = ["prune"]


@click.command(short_help="Drop earlier snapshots, and make what is stored smaller.")
@click.option("--keep", required=True, metavar="N|SPAN|DATE", help="What to keep: 10, 30d, or 2026-01-01.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be dropped, and do nothing.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for a sync to finish.",
)
@yes_option
@quiet_option
@workspace_option
def prune(keep: str, dry_run: bool, wait_s: float, yes: bool, quiet: bool, workspace: Path | None) -> None:
    """Drop earlier snapshots, and keep of the raw pages what can still be asked for.

    --keep takes a number of snapshots, a span of time (units min, h, d, w, mo, y), or a day or time (UTC). Of a span
    or since a day, every snapshot stays that was the current one at some time in it. What is dropped cannot be had
    back. Spared in any case: the current snapshot, one that somebody has open, one that a Collection was made from.

    \b
    Examples:
      metaquery prune --keep 10
      metaquery prune --keep 30d --dry-run
      metaquery prune --keep 2026-01-01 --yes
    """
    history = open_here(workspace).history
    meant = history.prune(keep, dry_run=True)
    every = len(meant.dropped) + len(meant.spared) + meant.kept
    if dry_run:
        click.echo(f"Would drop {len(meant.dropped):,} of {plural(every, 'snapshot')}; nothing was done.")
        for line in _lines(meant):
            click.echo(line)
        return
    question = f"Drop {len(meant.dropped):,} of {plural(every, 'snapshot')} for good?"
    if meant.dropped and not confirmed(question, yes=yes):
        click.echo("Nothing was dropped.")
        return
    with Reporter(quiet=quiet) as reporter:
        report = history.prune(keep, wait_s=wait_s, stage=reporter.stage)
    click.echo(f"Dropped {len(report.dropped):,} of {plural(every, 'snapshot')}.")
    for line in _lines(report):
        click.echo(line)


def _lines(report: PruneReport) -> list[str]:
    lines = [f"  dropped  {snapshot.id}" for snapshot in report.dropped]
    for entry in report.spared:
        why = "somebody has it open" if entry.collection is None else f"the Collection {entry.collection!r} is of it"
        lines.append(f"  spared   {entry.snapshot.id}: {why}")
    lines += [
        f"  open     {snapshot.id}: its raw pages stay as they are until the next prune"
        for snapshot in report.open_elsewhere
    ]
    lines += [f"  damaged  {entry.id}: it stays, and with it every raw page" for entry in report.unreadable]
    lines += sorted({f"           {entry.way_out}" for entry in report.unreadable if entry.way_out})
    return [*lines, "", *_sizes(report.before, report.after)]


def _sizes(before: Sizes, after: Sizes | None) -> list[str]:
    """Return a small table of sizes, before and after."""
    columns = [before] if after is None else [before, after]
    rows = [
        ("", ["now"] if after is None else ["before", "after"]),
        ("raw pages", [_bytes(sizes.raw) for sizes in columns]),
        ("snapshots", [_bytes(sizes.snapshots) for sizes in columns]),
        ("generations of raw pages", [f"{sizes.generations:,}" for sizes in columns]),
    ]
    return [f"{name:<25}" + "".join(f"{cell:>12}" for cell in cells) for name, cells in rows]


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:,.2f} MB"
