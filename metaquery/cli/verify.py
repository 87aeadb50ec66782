"""`metaquery verify`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.options import open_here, plural, workspace_option
from metaquery.errors import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from metaquery.store.verify import Check

__all__ = ["verify"]


@click.command(short_help="Check what is stored: checksums, files, counts, references.")
@click.option("--all", "everything", is_flag=True, help="Every snapshot that is kept, not only the newest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@workspace_option
def verify(everything: bool, as_json: bool, workspace: Path | None) -> None:
    """Check that the snapshot, its description and the raw layer are what was written, and say the same.

    Every byte is read and compared with its checksum; then rows are counted and references followed. Nothing is
    written. It exits with 1 where something is damaged, and says what to do for each.

    \b
    Examples:
      metaquery verify
      metaquery verify --all --json
    """
    checks = open_here(workspace).history.verify(everything=everything)
    damaged = _as_json(checks) if as_json else _as_lines(checks)
    if damaged:
        click.get_current_context().exit(1)


def _as_lines(checks: Iterable[tuple[str, Check]]) -> bool:
    """Print a line for each check as it is done; return whether anything is damaged."""
    done: Counter[str] = Counter()
    snapshots: set[str] = set()
    before: str | None = None
    for of, check in checks:
        if of != before:
            click.echo(f"Snapshot {of}" if of else "Workspace")
            before = of
        snapshots |= {of} - {""}
        done["wrong" if check.wrong else "ok"] += 1
        note = f" ({check.note})" if check.note else ""
        what = shown(check.what)
        click.echo(f"  wrong  {what}: {check.wrong}" if check.wrong else f"  ok     {what}{note}")
        if check.wrong and check.way_out:
            click.echo(f"         {check.way_out}")
    checked = f"Checked {plural(len(snapshots), 'snapshot')}: {plural(done.total(), 'check')}"
    click.echo(f"{checked}, {plural(done['wrong'], 'damage')}.")
    return done["wrong"] > 0


def _as_json(checks: Iterable[tuple[str, Check]]) -> bool:
    """Print one object; return whether anything is damaged."""
    import json  # 5 ms that the other form need not pay

    found: list[dict[str, Any]] = [
        {
            "snapshot": of or None,
            "kind": check.kind,
            "what": check.what,
            "ok": check.wrong is None,
            "wrong": check.wrong,
            "way_out": check.way_out if check.wrong else None,
            "note": check.note,
        }
        for of, check in checks
    ]
    sound = all(entry["ok"] for entry in found)
    click.echo(json.dumps({"ok": sound, "checks": found}, ensure_ascii=False, indent=1))
    return not sound
