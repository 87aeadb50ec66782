"""`metaquery log`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.keys import aligned
from metaquery.cli.options import open_here, workspace_option
from metaquery.store.descriptions import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.store.history import Entry

__all__ = ["log"]


@click.command(short_help="List the snapshots that are kept, newest first.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, for scripts.")
@workspace_option
def log(limit: int | None, as_json: bool, workspace: Path | None) -> None:
    """List the snapshots that are kept, newest first: when each was published, and what it changed.

    Added, changed and removed are data units, against the snapshot that was published before it.

    \b
    Examples:
      metaquery log
      metaquery log --limit 10
    """
    entries = open_here(workspace).history.log(limit)
    if as_json:
        import json  # 5 ms that the table need not pay

        click.echo(json.dumps(list(map(_document, entries)), ensure_ascii=False, indent=1))
        return
    for line in aligned([_HEADER, *map(_row, entries)], numbers={*range(2, len(_HEADER) - 1)}):
        click.echo(line)


_HEADER = ("snapshot", "published (UTC)", "units", "added", "changed", "removed", "labels", "predictions", "")


def _row(entry: Entry | Unreadable) -> tuple[str, ...]:
    if isinstance(entry, Unreadable):
        return (entry.id, *["–"] * (len(_HEADER) - 2), "cannot be read: metaquery verify says why")
    snapshot = entry.snapshot
    notes = ["current"] if entry.current else []
    notes += ["other schema"] if entry.schema_changed else []
    notes += [] if entry.on_disk else ["made again when asked for"]
    return (
        snapshot.id,
        f"{snapshot.created_at:%Y-%m-%d %H:%M:%S}",
        *(f"{number:,}" for number in _numbers(entry).values()),
        ", ".join(notes),
    )


def _document(entry: Entry | Unreadable) -> dict[str, Any]:
    if isinstance(entry, Unreadable):
        return {"snapshot": entry.id, "wrong": entry.wrong, "way_out": entry.way_out}
    return {
        "snapshot": entry.snapshot.id,
        "published": entry.snapshot.created_at.isoformat(),
        **_numbers(entry),
        "schema_changed": entry.schema_changed,
        "on_disk": entry.on_disk,
        "current": entry.current,
    }


def _numbers(entry: Entry) -> dict[str, int]:
    counts, changes = entry.snapshot.counts, entry.snapshot.changes
    return {
        "units": counts.data,
        "added": counts.data if changes is None else changes.added,
        "changed": 0 if changes is None else changes.changed,
        "removed": 0 if changes is None else changes.removed,
        "labels": counts.labels,
        "predictions": counts.predictions,
    }
