"""`metaquery filter`: filters under a name, their files, and the presets of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.asking import param_option, untyped
from metaquery.cli.filter_files import export, import_filters
from metaquery.cli.filter_presets import import_preset, list_presets, push
from metaquery.cli.groups import Commands
from metaquery.cli.keys import aligned
from metaquery.cli.options import on_option, open_here, plural, workspace_option
from metaquery.errors import shown

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["filters"]


@click.group(cls=Commands, short_help="Save filters under a name, for use as @name.")
def filters() -> None:
    """Save filters under a name, for use as @name in other filters."""


@filters.command("save")
@click.argument("name")
@click.argument("expression")
@click.option("--replace", is_flag=True, help="Replace the filter of this name.")
@param_option
@on_option
@workspace_option
def save(name: str, expression: str, replace: bool, params: dict[str, Any], on: str, workspace: Path | None) -> None:
    """Check EXPRESSION and save it as NAME, with the values of its parameters.

    \b
    Example:
      metaquery filter save night "dark = true and captured_at > 2023-01-01"
    """
    saved = open_here(workspace).save_filter(name, expression, on=on, replace=replace, params=untyped(params))
    click.echo(shown(f"{saved.reference} on {saved.relation} is: {saved.text}"))
    click.echo(f"Next: metaquery count '{saved.reference}'")


@filters.command("list")
@workspace_option
def list_filters(workspace: Path | None) -> None:
    """List the saved filters.

    \b
    Example:
      metaquery filter list
    """
    found = open_here(workspace).filters.all()
    if not found:
        click.echo("No filter is saved yet. Next: metaquery filter save NAME FILTER", err=True)
        return
    for line in aligned([(f.reference, f.relation, " ".join(f.text.split("\n"))) for f in found], numbers=set()):
        click.echo(line)


@filters.command("show")
@click.argument("name")
@on_option
@workspace_option
def show(name: str, on: str, workspace: Path | None) -> None:
    """Show the text of a saved filter.

    \b
    Example:
      metaquery filter show night
    """
    click.echo(open_here(workspace).filters.get(name.removeprefix("@"), on).text)


@filters.command("rename", short_help="Give a saved filter another name.")
@click.argument("old")
@click.argument("new")
@on_option
@workspace_option
def rename(old: str, new: str, on: str, workspace: Path | None) -> None:
    """Give the filter OLD the name NEW, also in saved filters that name it.

    \b
    Example:
      metaquery filter rename night "after dark"
    """
    saved = open_here(workspace).filters
    before = saved.get(old.removeprefix("@"), on).reference
    done = saved.rename(old.removeprefix("@"), new.removeprefix("@"), on)
    click.echo(f"{shown(before)} on {on} is {shown(done.filter.reference)} now.")
    if done.rewritten:
        listed = ", ".join(f"{shown(user.reference)} on {user.relation}" for user in done.rewritten)
        click.echo(f"Rewritten in {plural(len(done.rewritten), 'saved filter')}: {listed}.")


@filters.command("delete", short_help="Delete a saved filter that no other names.")
@click.argument("name")
@on_option
@workspace_option
def delete(name: str, on: str, workspace: Path | None) -> None:
    """Delete a saved filter that no other names; it is shown, so that it can be saved again.

    \b
    Example:
      metaquery filter delete night
    """
    gone = open_here(workspace).filters.delete(name.removeprefix("@"), on)
    click.echo(f"Deleted {gone.reference} on {gone.relation}; it was: {gone.text}")


for command in (export, import_filters, list_presets, import_preset, push):
    filters.add_command(command)
