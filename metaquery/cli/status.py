"""`metaquery status`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from metaquery.cli.options import open_here, plural, workspace_option
from metaquery.errors import NoSnapshot

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["status"]


@click.command(short_help="Show the connection, the snapshot and what was not sent.")
@workspace_option
def status(workspace: Path | None) -> None:
    """Show the connection, the snapshot and its age, and the Collections that were not sent.

    \b
    Example:
      metaquery status
    """
    opened = open_here(workspace)
    click.echo(f"Workspace    {opened.layout.root}")
    connection = opened.connection
    if connection is None:
        click.echo("Connection   none; next: metaquery connect --domain URL --key FILE")
    else:
        click.echo(f"Connection   {connection.domain} with {connection.key_file or 'the key of the environment'}")
    try:
        snapshot = opened.snapshot()
    except NoSnapshot:
        click.echo("Snapshot     none; next: metaquery sync --project TITLE")
        return
    counts = snapshot.counts
    age = _age(datetime.now(UTC) - snapshot.created_at)
    size = snapshot.path.stat().st_size / 1_000_000
    click.echo(f"Snapshot     {snapshot.id}, {age} old, {size:,.1f} MB")
    click.echo(
        f"Holds        {plural(counts.data, 'data unit')}, {plural(counts.labels, 'label')}, "
        f"{plural(counts.predictions, 'prediction')}"
    )
    for collection in opened.collections.all():
        sent = "sent" if opened.was_sent(collection) else "not sent"
        click.echo(f"Collection   {collection.title}: {plural(collection.members, 'member')}, {sent}")


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 60:  # minutes of an hour
        return plural(minutes, "minute")
    hours = minutes // 60
    return plural(hours, "hour") if hours < 48 else plural(hours // 24, "day")  # two days
