"""`metaquery collection`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.collection_send import send
from metaquery.cli.keys import aligned
from metaquery.cli.options import (
    as_of_option,
    of_the_past,
    on_option,
    open_here,
    plural,
    time_zone_option,
    view_here,
    workspace_option,
)
from metaquery.errors import shown
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.collection import Collection
    from metaquery.workspace import Workspace

__all__ = ["collection"]


@click.group(short_help="Make Collections of what a filter finds, and send them.")
def collection() -> None:
    """Make Collections of what a filter finds, and send them to Encord."""


collection.add_command(send)


@collection.command("new")
@click.argument("title")
@click.option("--where", required=True, metavar="FILTER", help="What the members have to match.")
@click.option("--description", default="", help="What the Collection is for.")
@on_option
@as_of_option
@time_zone_option
@workspace_option
def new(
    title: str, where: str, description: str, on: str, as_of: str | None, time_zone: str, workspace: Path | None
) -> None:
    """Freeze what a filter finds under TITLE, which becomes a tag on every member.

    \b
    Example:
      metaquery collection new "Night drives" --where "dark and captured_at > 2023-01-01" \\
        --description "After sunset, since 2023"
    """
    opened = open_here(workspace, time_zone=time_zone)
    view = view_here(opened, on, as_of).filter(where)
    made = view.collect(title, description=description)
    click.echo(f"Collection {made.title!r}: {plural(made.members, view.relation.singular)}, tagged {made.title!r}.")
    if not made.members:
        click.echo("Nothing matches the filter, so the Collection is empty.", err=True)
    for remark in (view.tally().describe_unknown(), of_the_past(opened, view.snapshot)):
        if remark:
            click.echo(remark, err=True)
    click.echo(f"Next: metaquery collection send {_quoted(made.title)}")


@collection.command("list")
@workspace_option
def list_collections(workspace: Path | None) -> None:
    """List the Collections of this workspace.

    \b
    Example:
      metaquery collection list
    """
    opened = open_here(workspace)
    rows = [
        (
            c.title,
            f"{c.members:,}",
            c.relation,
            c.created_at.strftime("%Y-%m-%d %H:%M"),
            _state(opened, c),
        )
        for c in opened.collections.all()
    ]
    if not rows:
        click.echo("There are no Collections yet. Next: metaquery collection new TITLE --where FILTER", err=True)
        return
    header = ("title", "members", "of", "created (UTC)", "")
    for line in aligned([header, *rows], numbers=set()):
        click.echo(line)


@collection.command("show")
@click.argument("title")
@workspace_option
def show(title: str, workspace: Path | None) -> None:
    """Show where a Collection came from.

    \b
    Example:
      metaquery collection show "Night drives"
    """
    opened = open_here(workspace)
    found = opened.collections.get(title)
    came = found.provenance
    click.echo(f"Title        {shown(found.title)}")
    click.echo(f"Description  {shown(found.description) or '–'}")
    noun = RELATIONS[found.relation].singular
    click.echo(f"Members      {plural(found.members, noun)}")
    click.echo(f"Filter       {shown(came.filter or 'none: every row')}")
    if came.time_zone != "UTC":
        click.echo(f"Time zone    {came.time_zone}")
    click.echo(f"Unknown      {came.unknown:,} (for these the filter could not tell)")
    click.echo(f"Snapshot     {came.snapshot}")
    click.echo(f"Created      {found.created_at:%Y-%m-%d %H:%M:%S} UTC by {came.author}")
    click.echo(f"State        {_state(opened, found) or 'not connected to a server'}")


def _state(opened: Workspace, collection: Collection) -> str:
    """Return what has become of a Collection on the server; empty where none is connected."""
    found = opened.delivery(collection)
    if found is None:
        return ""
    return f"{found.state} ({found.left_out:,} left out)" if found.left_out else found.state


def _quoted(title: str) -> str:
    """Return the title as a shell takes it."""
    import shlex  # 5 ms

    return shlex.quote(title)
