"""`metaquery push`: what was sent, and how it is taken back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from metaquery.cli.collection_send import applied, dry_run_option, failed_to_option
from metaquery.cli.groups import Commands
from metaquery.cli.keys import aligned
from metaquery.cli.options import open_here, quiet_option, workspace_option, yes_option

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.push import Pushed

__all__ = ["push"]


@click.group(cls=Commands, short_help="List what was sent to the server, and take it back.")
def push() -> None:
    """List what was sent to the server, and take it back."""


@push.command("log")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, for scripts.")
@workspace_option
def log(limit: int | None, as_json: bool, workspace: Path | None) -> None:
    """List what was sent, newest first: what, when, where, with which key, and what became of it.

    \b
    Examples:
      metaquery push log
      metaquery push log --json
    """
    pushes = open_here(workspace).pushes.log()[:limit]
    if as_json:
        import json  # 5 ms that the table need not pay

        click.echo(json.dumps([_document(p) for p in pushes], ensure_ascii=False, indent=1))
        return
    if not pushes:
        click.echo("Nothing has been sent yet. Next: metaquery collection send TITLE", err=True)
        return
    for line in aligned([_HEADER, *map(_row, pushes)], numbers={3, 4, 5, 6}):
        click.echo(line)


@push.command("undo")
@click.argument("push_id", metavar="ID")
@dry_run_option
@failed_to_option
@yes_option
@quiet_option
@workspace_option
def undo(push_id: str, dry_run: bool, failed_to: Path | None, yes: bool, quiet: bool, workspace: Path | None) -> None:
    """Take back what one push added, and put back what it removed; ID as metaquery push log shows it.

    What was there before, or was added by others or by a later push, stays. A Collection that the push made is deleted
    if nothing else is in it. Data units that go from a dataset take the labels along that were made on them since.
    The protocol has no call that deletes a dataset or a project: those stay.

    \b
    Examples:
      metaquery push undo 20261124T150639 --dry-run
      metaquery push undo 20261124T150639
    """
    opened = open_here(workspace)
    plan = opened.pushes.plan_undo(push_id)
    question = f"Undo push {plan.undoes} of {plan.title!r}: remove {plan.removes:,}, put back {plan.adds:,}?"
    if not applied(opened, plan, question, dry_run=dry_run, yes=yes, quiet=quiet, failed_to=failed_to):
        click.get_current_context().exit(1)


_HEADER = ("push", "planned (UTC)", "Collection", "added", "there", "removed", "failed", "state", "to", "key")


def _row(pushed: Pushed) -> tuple[str, ...]:
    numbers = (pushed.added, pushed.already, pushed.removed, pushed.failed)
    return (
        pushed.id,
        pushed.at[:19].replace("T", " "),
        pushed.title,
        *(f"{number:,}" for number in numbers),
        f"{'undid ' + pushed.undoes + ', ' if pushed.undoes else ''}{pushed.state}",
        ", ".join(pushed.places),
        f"{pushed.key[:15]}… at {pushed.server}",
    )


def _document(pushed: Pushed) -> dict[str, object]:
    document = asdict(pushed)
    del document["entries"]
    return document
