"""`metaquery collection`: the group, and the commands that make and show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.asking import Asked, where_option
from metaquery.cli.choosing import chosen, ids_options, put_keys
from metaquery.cli.collection_change import CHANGES
from metaquery.cli.collection_compare import diff, drift
from metaquery.cli.collection_pull import pull
from metaquery.cli.collection_send import send
from metaquery.cli.groups import Commands
from metaquery.cli.keys import aligned
from metaquery.cli.options import as_of_option, on_option, open_here, plural, time_zone_option, workspace_option
from metaquery.errors import shown
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from metaquery.collection import Change, Collection
    from metaquery.workspace import Workspace

__all__ = ["collection"]


@click.group(cls=Commands, short_help="Make Collections of what a filter finds, and send them.")
def collection() -> None:
    """Make Collections of what a filter finds, change and compare them, and send them to Encord."""


@collection.command("new")
@click.argument("title")
@where_option
@ids_options
@click.option("--from-saved", "saved", metavar="NAME", help="Rows that a saved filter finds.")
@click.option("--of", "algebra", metavar="SETS", help="A set algebra of Collections: \"'A' and not 'B' or 'C'\".")
@click.option("--live", is_flag=True, help="Let the members follow the filter, or the sets, from now on.")
@click.option("--description", default="", help="What the Collection is for.")
@click.option("--replace", is_flag=True, help="Replace the Collection of this title.")
@on_option
@as_of_option
@time_zone_option
@workspace_option
def new(
    title: str,
    where: Asked | None,
    ids: Path | None,
    saved: str | None,
    algebra: str | None,
    skip_unknown: bool,
    live: bool,
    description: str,
    replace: bool,
    on: str,
    as_of: str | None,
    time_zone: str,
    workspace: Path | None,
) -> None:
    """Make a Collection of what a filter finds, or of ids; TITLE becomes a tag on every member.

    Its members are frozen, unless --live lets them follow the filter.

    \b
    Examples:
      metaquery collection new "Night drives" --where "dark and captured_at > 2023-01-01" \\
        --description "After sunset, since 2023"
      metaquery collection new "Night" --where "dark" --live
      metaquery collection new "To review" --ids hashes.txt
      metaquery collection new "Rest" --of "'Night' and not 'To review'"
    """
    if live and as_of is not None:
        raise click.UsageError("--live follows the newest snapshot, and --as-of is another: give one of them")
    opened = open_here(workspace, time_zone=time_zone)
    rows = chosen(
        opened, on=on, as_of=as_of, skip_unknown=skip_unknown, where=where, ids=ids, saved=saved, algebra=algebra
    )
    made = opened.collections.make(title, rows.selection, description=description, live=live, replacing=replace)
    noun = RELATIONS[made.relation].singular
    kind, now = ("Live Collection", " now") if live else ("Collection", "")
    click.echo(f"{kind} {made.title!r}: {plural(made.members, noun)}{now}, tagged {made.title!r}.")
    if not made.members:
        click.echo("Nothing matches, so the Collection is empty.", err=True)
    for remark in rows.remarks():
        click.echo(remark, err=True)
    click.echo(f"Next: metaquery collection send {_quoted(made.title)}")


@collection.command("list")
@click.option("--deleted", is_flag=True, help="List what was deleted and can be restored.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for scripts.")
@workspace_option
def list_collections(deleted: bool, as_json: bool, workspace: Path | None) -> None:
    """List the Collections of this workspace.

    \b
    Examples:
      metaquery collection list
      metaquery collection list --deleted
    """
    opened = open_here(workspace)
    found = opened.collections.deleted() if deleted else [_counted(c) for c in opened.collections.all()]
    if as_json:
        import json  # 5 ms that the other form need not pay

        click.echo(json.dumps([_record(c) for c in found], ensure_ascii=False, indent=1))
        return
    if not found:
        nothing = "Nothing was deleted." if deleted else "There are no Collections yet."
        click.echo(f"{nothing} Next: metaquery collection new TITLE --where FILTER", err=True)
        return
    rows = [
        (
            c.title,
            f"{c.members:,}",
            f"{c.relation}, live" if c.live else c.relation,
            c.created_at.strftime("%Y-%m-%d %H:%M"),
            "" if deleted else _state(opened, c),
        )
        for c in found
    ]
    header = ("title", "members", "of", "created (UTC)", "")
    for line in aligned([header, *rows], numbers=set()):
        click.echo(line)
    if deleted:
        click.echo("Next: metaquery collection restore TITLE", err=True)


@collection.command("show")
@click.argument("title")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@click.option("--ids", is_flag=True, help="Write the members' keys, which --ids of other commands reads.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="With --ids: the file to write.")
@workspace_option
def show(title: str, as_json: bool, ids: bool, output: Path | None, workspace: Path | None) -> None:
    """Show where a Collection came from and what was done to it, or its members' keys.

    \b
    Examples:
      metaquery collection show "Night drives"
      metaquery collection show "Night drives" --ids -o night.txt
    """
    if output is not None and not ids:
        raise click.UsageError("-o is for --ids")
    opened = open_here(workspace)
    found = opened.collections.get(title)
    if ids:
        relation = RELATIONS[found.relation]
        rows = found.evaluated().to_arrow().select(list(relation.key)).to_pylist()
        put_keys(sorted((tuple(row.values()) for row in rows), key=str), relation.key, output)
        return
    found = _counted(found)
    if as_json:
        import json  # as for `list`

        click.echo(json.dumps(_record(found), ensure_ascii=False, indent=1))
        return
    for line in _lines(opened, found):
        click.echo(line)


def _lines(opened: Workspace, found: Collection) -> list[str]:
    came, noun = found.provenance, RELATIONS[found.relation].singular
    lines = [f"Title        {shown(found.title)}", *_description(found.description)]
    now = " now: it is live" if found.live else ""
    lines.append(f"Members      {plural(found.members, noun)}{now}")
    if came.algebra is not None:
        lines.append(f"Sets         {shown(_text(opened, found))}")
    elif came.pulled is not None:
        lines.append(f"Pulled       from {shown(came.pulled)}")
    elif came.ids is not None:
        lines.append(f"Ids          {came.ids:,} were given")
    else:
        lines.append(f"Filter       {shown(_text(opened, found)) if came.filter else 'none: every row'}")
    if came.time_zone != "UTC":
        lines.append(f"Time zone    {came.time_zone}")
    if came.pulled is None:
        lines.append(f"Unknown      {came.unknown:,} (for these the filter could not tell)")
    lines.append(f"Snapshot     {came.snapshot}")
    if came.schema is not None:
        lines.append(f"Schema       {came.schema}")
    first = "" if came.matched is None else f", with {plural(came.matched, 'member')}"
    lines.append(f"Created      {found.created_at:%Y-%m-%d %H:%M:%S} UTC by {came.author}{first}")
    lines += [f"Changed      {change.at:%Y-%m-%d %H:%M:%S} UTC: {_change(change)}" for change in found.changes]
    lines.append(f"State        {_state(opened, found) or 'not connected to a server'}")
    return lines


def _description(text: str) -> list[str]:
    """Return a description line by line, as whoever wrote it broke it; all else that is not seen is shown."""
    first, *others = re.split(r"\r\n|\r|\n", text.rstrip())
    return [f"Description  {shown(first) or '–'}", *(f"{'':13}{shown(line)}".rstrip() for line in others)]


def _text(opened: Workspace, found: Collection) -> str:
    """Return the filter or the algebra, with what it names under the titles of today."""
    if found.definition is None:
        return found.provenance.filter or ""
    from metaquery.collection.names import current_text  # the language costs 50 ms that ids need not pay

    return current_text(found.definition, {c.id: c.title for c in opened.collections.records()})


def _change(change: Change) -> str:
    who = f" by {change.author}"
    match change.what:
        case "added" | "removed":
            return f"{plural(change.members, 'member')} {change.what}{who}: {shown(change.by or '')}"
        case "renamed":
            return f"renamed{who}, from {change.by!r}"
        case "frozen" | "replaced" | "deleted":
            return f"{change.what}{who}, with {plural(change.members, 'member')}"
        case _:
            return f"{change.what}{who}"


def _counted(found: Collection) -> Collection:
    """Return a Collection with the members of now; where a live one cannot tell them, say why and go on."""
    from metaquery.errors import MetaqueryError

    try:
        return found.evaluated()
    except MetaqueryError as error:
        click.echo(f"{error}", err=True)
        return found


def _record(found: Collection) -> dict[str, Any]:
    """Return a record for scripts, without what names our files."""
    return {name: value for name, value in found.to_json().items() if name != "file"}


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


for _command in (*CHANGES, diff, drift, send, pull):
    collection.add_command(_command)
