"""`metaquery tag`: tags without a Collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from metaquery.cli.asking import Asked, where_option
from metaquery.cli.choosing import chosen, ids_options
from metaquery.cli.collection_change import added, removed
from metaquery.cli.groups import Commands
from metaquery.cli.keys import aligned
from metaquery.cli.options import open_here, plural, time_zone_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.workspace import Workspace

__all__ = ["tag"]


@click.group(cls=Commands, short_help="Tag data units, without a Collection.")
def tag() -> None:
    """Tag data units, without a Collection; filters find them by tags has 'TAG'."""


@tag.command("add")
@click.argument("tag_", metavar="TAG")
@where_option
@ids_options
@time_zone_option
@workspace_option
def add(
    tag_: str, where: Asked | None, ids: Path | None, skip_unknown: bool, time_zone: str, workspace: Path | None
) -> None:
    """Tag the data units that a filter finds, or ids.

    \b
    Example:
      metaquery tag add checked --where "city = 'Oslo'"
    """
    opened = open_here(workspace, time_zone=time_zone)
    if _is_tag(opened, tag_, "add"):
        added(opened, tag_, where, ids, skip_unknown=skip_unknown)
        return
    rows = chosen(opened, on="data", skip_unknown=skip_unknown, where=where, ids=ids)
    made = opened.collections.make(tag_, rows.selection, kind="tag")
    click.echo(f"Tagged {plural(made.members, 'data unit')} {made.title!r}.")
    for remark in rows.remarks():
        click.echo(remark, err=True)


@tag.command("remove")
@click.argument("tag_", metavar="TAG")
@where_option
@ids_options
@click.option("--all", "everywhere", is_flag=True, help="Take the tag off every data unit, and forget it.")
@time_zone_option
@workspace_option
def remove(
    tag_: str,
    where: Asked | None,
    ids: Path | None,
    skip_unknown: bool,
    everywhere: bool,
    time_zone: str,
    workspace: Path | None,
) -> None:
    """Take a tag off the data units that a filter finds, or ids, or off all.

    \b
    Examples:
      metaquery tag remove checked --where "dark"
      metaquery tag remove checked --all
    """
    if everywhere and (where is not None or ids is not None):
        raise click.UsageError("--all is instead of --where and --ids")
    opened = open_here(workspace, time_zone=time_zone)
    if not _is_tag(opened, tag_, "remove"):
        _refuse_unknown(opened, tag_)
    if not everywhere:
        removed(opened, tag_, where, ids, skip_unknown=skip_unknown)
        return
    import shlex  # 5 ms

    gone = opened.collections.delete(tag_)
    click.echo(f"Took {gone.title!r} off {plural(gone.members, 'data unit')}.")
    click.echo(f"Undo: metaquery collection restore {shlex.quote(gone.title)}")


@tag.command("list")
@workspace_option
def list_tags(workspace: Path | None) -> None:
    """List the tags: those without a Collection, and the Collections' titles.

    \b
    Example:
      metaquery tag list
    """
    found = open_here(workspace).collections.records()
    if not found:
        click.echo("There are no tags yet. Next: metaquery tag add TAG --where FILTER", err=True)
    rows = [
        (
            each.title,
            "" if each.live else plural(each.members, "data unit" if each.relation == "data" else "member"),
            "" if each.kind == "tag" else "a live Collection" if each.live else "a Collection",
        )
        for each in sorted(found, key=lambda c: c.kind != "tag")
    ]
    for line in aligned(rows, numbers=set()):
        click.echo(line)


def _is_tag(opened: Workspace, title: str, verb: str) -> bool:
    """Whether a tag has the title; refuse a Collection's."""
    from metaquery.errors import CollectionError

    found = next((c for c in opened.collections.records() if c.title == title.strip()), None)
    if found is not None and found.kind != "tag":
        raise CollectionError(
            f"{title!r} is the title of a Collection, and so the tag of its members",
            hint=f"metaquery collection {verb} changes its members; or choose another tag",
        )
    return found is not None


def _refuse_unknown(opened: Workspace, title: str) -> NoReturn:
    """Name the tag that was meant."""
    from metaquery.errors import CollectionError
    from metaquery.suggestions import similar

    meant = similar(title.strip(), [c.title for c in opened.collections.records() if c.kind == "tag"])
    hint = f"did you mean {meant[0]!r}?" if meant else "metaquery tag list shows what there is"
    raise CollectionError(f"there is no tag {title!r}", hint=hint)
