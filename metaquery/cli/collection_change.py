"""`metaquery collection add`, `remove`, `rename`, `describe`, `freeze`, `delete` and `restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.asking import Asked, where_option
from metaquery.cli.choosing import chosen, given_ids, ids_options
from metaquery.cli.options import open_here, plural, time_zone_option, workspace_option
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.workspace import Workspace

__all__ = ["CHANGES", "added", "removed"]


@click.command("add")
@click.argument("title")
@where_option
@ids_options
@time_zone_option
@workspace_option
def add(
    title: str, where: Asked | None, ids: Path | None, skip_unknown: bool, time_zone: str, workspace: Path | None
) -> None:
    """Add rows that a filter finds, or ids, to the members of TITLE.

    \b
    Example:
      metaquery collection add "Night drives" --where "city = 'Oslo'"
    """
    added(open_here(workspace, time_zone=time_zone), title, where, ids, skip_unknown=skip_unknown)


@click.command("remove")
@click.argument("title")
@where_option
@ids_options
@time_zone_option
@workspace_option
def remove(
    title: str, where: Asked | None, ids: Path | None, skip_unknown: bool, time_zone: str, workspace: Path | None
) -> None:
    """Remove rows that a filter finds, or ids, from the members of TITLE.

    \b
    Example:
      metaquery collection remove "Night drives" --ids rejected.txt
    """
    removed(open_here(workspace, time_zone=time_zone), title, where, ids, skip_unknown=skip_unknown)


def added(opened: Workspace, title: str, where: Asked | None, ids: Path | None, *, skip_unknown: bool) -> None:
    """Add members, and say how many were new."""
    found = opened.collections.get(title)
    rows = chosen(opened, on=found.relation, skip_unknown=skip_unknown, where=where, ids=ids)
    new = opened.collections.add(found.id, rows.selection)
    _say(new.title, new.relation, "Added", "to", new.changes[-1].members, new.members)
    for remark in rows.remarks():
        click.echo(remark, err=True)


def removed(opened: Workspace, title: str, where: Asked | None, ids: Path | None, *, skip_unknown: bool) -> None:
    """Remove members, and say how many there were."""
    found = opened.collections.get(title)
    if ids is not None and where is None:
        listed = given_ids(ids, RELATIONS[found.relation])
        new = opened.collections.remove_ids(found.id, listed, skip_unknown=skip_unknown)
    else:
        rows = chosen(opened, on=found.relation, where=where, ids=ids)
        new = opened.collections.remove(found.id, rows.selection)
    _say(new.title, new.relation, "Removed", "from", new.changes[-1].members, new.members)


def _say(title: str, relation: str, done: str, where: str, count: int, members: int) -> None:
    noun = RELATIONS[relation].singular
    click.echo(f"{done} {plural(count, noun)} {where} {title!r}, which has {plural(members, 'member')} now.")


@click.command("rename")
@click.argument("title")
@click.argument("new")
@workspace_option
def rename(title: str, new: str, workspace: Path | None) -> None:
    """Give TITLE the title NEW; the tag on its members changes with it.

    Live Collections that are made of it are rewritten; saved filters that name the old title are named, not changed.

    \b
    Example:
      metaquery collection rename "Night drives" "Night drives 2023"
    """
    opened = open_here(workspace)
    old = opened.collections.get(title)
    users = opened.collections.named_by(old.id)
    renamed = opened.collections.rename(old.id, new)
    click.echo(f"{old.title!r} is {renamed.title!r} now, and so is the tag on its members.")
    if users:
        click.echo(f"Rewritten in {plural(len(users), 'live Collection')}: {', '.join(map(repr, users))}.")
    _name_saved(opened, old.title)


@click.command("describe")
@click.argument("title")
@click.argument("description")
@workspace_option
def describe(title: str, description: str, workspace: Path | None) -> None:
    """Give TITLE another DESCRIPTION.

    \b
    Example:
      metaquery collection describe "Night drives" "After sunset, checked by Ines"
    """
    changed = open_here(workspace).collections.describe(title, description)
    click.echo(f"{changed.title!r} is described anew.")


@click.command("freeze")
@click.argument("title")
@workspace_option
def freeze(title: str, workspace: Path | None) -> None:
    """Make the live Collection TITLE static, with the members that it has now.

    \b
    Example:
      metaquery collection freeze "Night"
    """
    frozen = open_here(workspace).collections.freeze(title)
    click.echo(f"{frozen.title!r} is frozen, with {plural(frozen.members, RELATIONS[frozen.relation].singular)}.")


@click.command("delete")
@click.argument("title")
@workspace_option
def delete(title: str, workspace: Path | None) -> None:
    """Delete TITLE, and the tag on its members; for 30 days it can be restored. Nothing is deleted in Encord.

    \b
    Example:
      metaquery collection delete "Night drives"
    """
    import shlex  # 5 ms

    opened = open_here(workspace)
    gone = opened.collections.delete(title)
    click.echo(f"Deleted {gone.title!r}, and the tag on its members.")
    click.echo(f"Undo: metaquery collection restore {shlex.quote(gone.title)}")
    _name_saved(opened, gone.title)


@click.command("restore")
@click.argument("title")
@click.option("--as", "new", metavar="TITLE", help="Another title, where that one is taken by now.")
@workspace_option
def restore(title: str, new: str | None, workspace: Path | None) -> None:
    """Bring back what was deleted last under TITLE.

    \b
    Example:
      metaquery collection restore "Night drives"
    """
    back = open_here(workspace).collections.restore(title, new=new)
    click.echo(f"Restored {back.title!r}, with {plural(back.members, RELATIONS[back.relation].singular)}.")


def _name_saved(opened: Workspace, title: str) -> None:
    """Say which saved filters name a title that nothing has any more."""
    from metaquery.collection.names import names_text  # the language, which is loaded by now

    users = [
        f"{saved.reference} on {saved.relation}" for saved in opened.filters.all() if names_text(saved.text, title)
    ]
    if users:
        click.echo(f"{title!r} is named still by {plural(len(users), 'saved filter')}: {', '.join(users)}.", err=True)


CHANGES = (add, remove, rename, describe, freeze, delete, restore)
"""The commands."""
