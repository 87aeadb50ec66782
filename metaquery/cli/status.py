"""`metaquery status`."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from metaquery.cli.options import plural, workspace_option
from metaquery.cli.switches import switched
from metaquery.errors import shown

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.errors import MetaqueryError
    from metaquery.status import Status

__all__ = ["status"]

_SHOWN = 5
"""Collections and keys that are named; more are counted."""

_WORDS = 100
"""Characters of what an edit does."""


@click.command(short_help="Show the connection, the snapshot, what it takes on disk, and what was not sent.")
@click.option("--check", is_flag=True, help="Ask the server whether it is there and takes the key.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@workspace_option
def status(check: bool, as_json: bool, workspace: Path | None) -> None:
    """Show where the workspace stands: connection, snapshot, history, size on disk, what is unsent or unfinished.

    It reads this machine's files alone, unless --check is given.

    \b
    Examples:
      metaquery status
      metaquery status --check --json
    """
    from metaquery.connections import Connections  # not `metaquery.workspace`: a filter's language costs 100 ms
    from metaquery.errors import MetaqueryError
    from metaquery.settings import Settings
    from metaquery.status import status as found_out
    from metaquery.store.layout import Layout

    offline = switched("offline") or None
    settings = Settings.read(workspace=workspace.expanduser() if workspace else None, offline=offline)
    server = Connections(Layout.of(settings.workspace), settings)
    refused: MetaqueryError | None = None
    if check:
        try:
            server.check()
        except MetaqueryError as error:
            refused = error
    found = found_out(server.layout, server.current)
    if as_json:
        import json  # 5 ms that the other form need not pay

        answers = {"answers": refused is None} if check else {}
        click.echo(json.dumps({**found.to_json(), **answers}, ensure_ascii=False, indent=1))
    else:
        for line in _lines(found):
            click.echo(line)
    if refused is not None:
        raise refused


def _lines(found: Status) -> list[str]:
    lines = [f"Workspace    {found.workspace}", f"Connection   {_connection(found)}"]
    snapshot = found.snapshot
    if snapshot is None:
        lines.append(f"Snapshot     none: {_one_line(found.trouble)}")
    else:
        counts = snapshot.counts
        lines += [
            f"Snapshot     {snapshot.id}, {_age(snapshot.created_at)} old",
            (
                f"Holds        {plural(counts.data, 'data unit')}, {plural(counts.labels, 'label')}, "
                f"{plural(counts.predictions, 'prediction')}"
            ),
            *_schema(found),
        ]
    if found.oldest is not None:
        lines.append(f"History      {plural(found.snapshots, 'snapshot')} since {found.oldest:%Y-%m-%d %H:%M} UTC")
    lines += [_disk(found), *_collections(found), *_unfinished(found)]
    if found.writer is not None:
        lines.append(f"Writing      process {found.writer.pid}, since {found.writer.since}")
    return lines


def _connection(found: Status) -> str:
    held = found.connection
    if held is None:
        return "none; next: metaquery connect --domain URL --key FILE"
    seen = "" if held.last_contact is None else f", last answered {_age(datetime.fromisoformat(held.last_contact))} ago"
    return f"{held.domain} with {held.key_file or 'the key of the environment'} ({held.fingerprint}){seen}"


def _one_line(trouble: MetaqueryError | None) -> str:
    return "" if trouble is None else "; ".join(str(trouble).splitlines())


def _schema(found: Status) -> list[str]:
    lines = []
    if found.in_doubt:
        named = ", ".join(map(shown, found.in_doubt[:_SHOWN])) + (", …" if len(found.in_doubt) > _SHOWN else "")
        keys = "1 key is" if len(found.in_doubt) == 1 else f"{len(found.in_doubt):,} keys is"
        lines.append(f"Schema       the type of {keys} in doubt: {named}; next: metaquery schema check")
    if not found.schema_applied:
        lines.append("Schema       changed after the values were typed; next: metaquery rematerialise")
    return lines


def _disk(found: Status) -> str:
    held = found.sizes
    kinds = {
        "snapshots": held.snapshots,
        "raw layer": held.raw,
        "Collections": held.collections,
        "journals": held.journal,
        "other": held.other,
    }
    shown = ", ".join(f"{kind} {size / 1e6:,.1f}" for kind, size in kinds.items())
    return f"Disk         {held.total / 1e6:,.1f} MB: {shown}"


def _collections(found: Status) -> list[str]:
    made = found.collections
    if not made:
        return []
    states = Counter(sent.state for _, sent in made if sent is not None)
    counted = f": {', '.join(f'{count:,} {state}' for state, count in sorted(states.items()))}" if states else ""
    lines = [f"Collections  {len(made):,}{counted}"]
    waiting = [(each, sent) for each, sent in made if sent is not None and sent.state != "sent"]
    for each, sent in waiting[:_SHOWN]:
        left_out = f" ({sent.left_out:,} left out)" if sent.left_out else ""
        members = plural(each.members, "member")
        lines.append(f"             {each.title}: {members}, {sent.state}{left_out}")
    if len(waiting) > _SHOWN:
        lines.append(f"             and {len(waiting) - _SHOWN:,} more; metaquery collection list shows them")
    return lines


def _unfinished(found: Status) -> list[str]:
    lines = []
    for entry in found.unfinished:
        what = "data units" if entry.kind == "units" else "label rows"
        lines.append(
            f"Unfinished   {entry.title}: {entry.received:,} of {entry.expected:,} {what} are read; "
            "the next sync goes on with them"
        )
    lines += [
        f"Unfinished   the edit {edit.id}: {edit.settled:,} of {plural(edit.documents, 'document')} are settled, "
        f"{shown(edit.words)[:_WORDS]}; next: {edit.next}"
        for edit in found.unfinished_edits
    ]
    return lines


def _age(moment: datetime) -> str:
    age = max(datetime.now(UTC) - moment, timedelta())
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:  # minutes of an hour
        return plural(minutes, "minute")
    hours = minutes // 60
    return plural(hours, "hour") if hours < 48 else plural(hours // 24, "day")  # two days
