"""`metaquery schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.documents import read_document
from metaquery.cli.keys import aligned
from metaquery.cli.options import confirmed, open_here, workspace_option, yes_option
from metaquery.cli.schema_evidence import check_schema, infer_schema
from metaquery.cli.schema_words import option_words
from metaquery.errors import NoSnapshot, NotFound, SchemaError, shown
from metaquery.schema import MetadataSchema

if TYPE_CHECKING:
    from metaquery.workspace import Workspace

__all__ = ["schema"]

_FORM = 'a metadata schema is JSON: {"captured_at": "datetime", "city": "string"}'


@click.group(short_help="Import and verify the organisation's metadata schema.")
def schema() -> None:
    """Import and verify the organisation's metadata schema."""


@schema.command("set")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--local", is_flag=True, help="For this workspace alone, without the server, until the next sync.")
@yes_option
@workspace_option
def set_schema(file: Path, local: bool, yes: bool, workspace: Path | None) -> None:
    """Import FILE as the organisation's metadata schema.

    An organisation has one schema, and an import replaces it. FILE is JSON: key to type, as in
    {"captured_at": "datetime", "city": "string", "dark": "boolean"}, or Encord's typed form.

    \b
    Examples:
      metaquery schema set schema.json
      metaquery schema set --local schema.json && metaquery rematerialise
    """
    wanted = MetadataSchema.from_json(read_document(file, SchemaError, hint=_FORM))
    opened = open_here(workspace)
    if local:
        _keep(opened, wanted)
        return
    held = opened.schema.read()
    before, after = held.to_json() if held else {}, wanted.to_json()
    if before == after:
        click.echo(f"The organisation has this schema already: {len(after):,} keys.")
        return
    for line in _differences(before, after):
        click.echo(line)
    question = f"Replace the organisation's schema of {len(before):,} keys?"
    if before and not confirmed(question, yes=yes):
        click.echo("Nothing was changed.")
        return
    opened.schema.set(after)
    next_ = "metaquery rematerialise" if _typed_otherwise(opened, after) else "metaquery sync"
    click.echo(f"Imported {len(after):,} keys and read them back. Next: {next_}")


def _typed_otherwise(opened: Workspace, schema: dict[str, Any]) -> bool:
    """Whether there is a snapshot, and it was typed by another schema."""
    try:
        return opened.snapshot().metadata_schema != schema
    except NoSnapshot:
        return False


def _keep(opened: Workspace, wanted: MetadataSchema) -> None:
    """Set a schema in this workspace alone, and say so."""
    known = opened.schema.known
    for line in _differences(known.to_json() if known else {}, wanted.to_json()):
        click.echo(line)
    opened.schema.keep(wanted.to_json())
    click.echo(f"Set {len(wanted.options):,} keys in this workspace alone; the organisation's schema is as it was.")
    click.echo("The next sync takes the organisation's again. Next: metaquery rematerialise")


@schema.command("show")
@click.option("--json", "as_json", is_flag=True, help="The typed form, as Encord has it.")
@workspace_option
def show_schema(as_json: bool, workspace: Path | None) -> None:
    """Read the organisation's metadata schema from the server and show it.

    \b
    Example:
      metaquery schema show
    """
    held = open_here(workspace).schema.read()
    if held is None:
        raise NotFound(
            "the organisation has no metadata schema",
            hint="import one with: metaquery schema set schema.json",
        )
    if as_json:
        click.echo(json.dumps(held.to_json(), ensure_ascii=False, indent=2))
        return
    rows = [(key, option_words(option)) for key, option in held.options.items()]
    for line in aligned(rows, numbers=set()) if rows else ():
        click.echo(line)


schema.add_command(check_schema)
schema.add_command(infer_schema)


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    added = [f"  + {shown(key)}: {option_words(option)}" for key, option in after.items() if key not in before]
    gone = [f"  - {shown(key)}: {option_words(option)}" for key, option in before.items() if key not in after]
    retyped = [
        f"  ~ {shown(key)}: {option_words(before[key])} becomes {option_words(option)}"
        for key, option in after.items()
        if key in before and before[key] != option
    ]
    return [*added, *gone, *retyped]
