"""`metaquery schema history` and `schema restore`: the schemas that there were, and one of them again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from metaquery.cli.keys import aligned
from metaquery.cli.options import open_here, plural, workspace_option, yes_option
from metaquery.cli.schema_words import apply_plan, change_line
from metaquery.errors import UsageError, shown

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.schema_history import SchemaVersion

__all__ = ["restore_schema", "schema_history"]

_SHOWN = 20
"""Changes of one version that are listed."""


@click.command("history")
@click.option("--json", "as_json", is_flag=True, help="A JSON list with the schemas whole, for scripts.")
@workspace_option
def schema_history(as_json: bool, workspace: Path | None) -> None:
    """List the organisation's schemas that were set or seen here, newest first, each with what it changed.

    What others set is seen at the next sync or schema command.

    \b
    Example:
      metaquery schema history
    """
    versions = open_here(workspace).schema.history.all()
    if as_json:
        click.echo(json.dumps([_document(versions, n) for n in range(len(versions))], ensure_ascii=False, indent=1))
        return
    if not versions:
        click.echo("No schema was set or seen here yet. Next: metaquery schema show", err=True)
        return
    heads = aligned([_head(version) for version in versions], numbers={0, 3})
    for n in reversed(range(len(versions))):
        click.echo(heads[n])
        for line in _changes(versions, n):
            click.echo(line)


def _head(version: SchemaVersion) -> tuple[str, ...]:
    keys = "none" if version.schema is None else plural(len(version.schema), "key")
    at = version.at.replace("T", " ").removesuffix("+00:00")
    by = " ".join(filter(None, (version.account, version.fingerprint))) if version.set_here else "by somebody"
    return str(version.number), f"{at} UTC", version.how, keys, version.short, by


def _changes(versions: list[SchemaVersion], n: int) -> list[str]:
    """Return what a version changed against the one before; nothing of the first, which may have stood for years."""
    if n == 0:
        return []
    from metaquery.schema_changes import changes

    lines = [f"     {change_line(change)}" for change in changes(versions[n - 1].schema, versions[n].schema)]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"     … and {more:,} more: --json has all"] if more > 0 else lines


def _document(versions: list[SchemaVersion], n: int) -> dict[str, object]:
    from metaquery.schema_changes import changes

    version = versions[n]
    before = versions[n - 1].schema if n else None
    return {
        "version": version.number,
        "at": version.at,
        "how": version.how,
        "account": version.account,
        "fingerprint": version.fingerprint,
        "server": version.server,
        "digest": version.digest,
        "schema": version.schema,
        "changes": [change.to_json() for change in changes(before, version.schema)],
    }


@click.command("restore")
@click.argument("version", required=False)
@click.option("--local", is_flag=True, help="For this workspace alone, without the server, until the next sync.")
@yes_option
@workspace_option
def restore_schema(version: str | None, local: bool, yes: bool, workspace: Path | None) -> None:
    """Import the schema of VERSION again, by its number or digest; else the one before that of the organisation.

    It is an import like any other: it shows what changes, and asks.

    \b
    Examples:
      metaquery schema restore
      metaquery schema restore 3
    """
    opened = open_here(workspace)
    history = opened.schema.history
    if version is None:
        now = opened.schema.known if local else opened.schema.read(at="schema restore")
        found = history.before(None if now is None else now.to_json())
    else:
        found = history.get(version)
    if found.schema is None:
        raise UsageError(f"the organisation had no schema at version {found.number}", hint="name another version")
    click.echo(f"Version {found.number}, {shown(found.how)} at {found.at}:")
    apply_plan(opened, found.schema, local=local, yes=yes)
