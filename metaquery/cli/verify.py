"""`metaquery verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.options import open_here, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["verify"]


@click.command(short_help="Check what is stored: files, counts, references.")
@click.option("--all", "everything", is_flag=True, help="Every snapshot that is kept, not only the newest.")
@workspace_option
def verify(everything: bool, workspace: Path | None) -> None:
    """Check that the snapshot, its description and the raw layer say the same; a line for each check.

    Nothing is written. It exits with 1 where something is wrong.

    \b
    Example:
      metaquery verify
    """
    wrong, shown = 0, ""
    for snapshot, check in open_here(workspace).history.verify(everything=everything):
        if snapshot.id != shown:
            there = "" if snapshot.path.exists() else ", whose file is made again when asked for"
            click.echo(f"Snapshot {snapshot.id}{there}")
            shown = snapshot.id
        wrong += check.wrong is not None
        click.echo(f"  ok     {check.what}" if check.wrong is None else f"  wrong  {check.what}: {check.wrong}")
    if wrong:
        click.echo(
            f"{wrong:,} of the checks found something wrong; metaquery sync --full reads everything anew", err=True
        )
        click.get_current_context().exit(1)
