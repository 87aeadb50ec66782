"""`metaquery schema`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from metaquery.cli.documents import read_document
from metaquery.cli.groups import Commands
from metaquery.cli.keys import aligned
from metaquery.cli.options import open_here, workspace_option, yes_option
from metaquery.cli.schema_evidence import check_schema, infer_schema
from metaquery.cli.schema_history import restore_schema, schema_history
from metaquery.cli.schema_words import apply_plan, option_words
from metaquery.errors import NotFound, SchemaError
from metaquery.schema import MetadataSchema

__all__ = ["schema"]

_FORM = 'a metadata schema is JSON: {"captured_at": "datetime", "city": "string"}'


@click.group(cls=Commands, short_help="Import and verify the organisation's metadata schema.")
def schema() -> None:
    """Import and verify the organisation's metadata schema."""


@schema.command("set")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--local", is_flag=True, help="For this workspace alone, without the server, until the next sync.")
@yes_option
@workspace_option
def set_schema(file: Path, local: bool, yes: bool, workspace: Path | None) -> None:
    """Import FILE as the organisation's metadata schema.

    An organisation has one schema, and an import replaces it: what changes is shown first, for each key with how many
    values of the newest snapshot fit. What was replaced stays in schema history. FILE is JSON: key to type, as in
    {"captured_at": "datetime", "city": "string", "dark": "boolean"}, or Encord's typed form.

    \b
    Examples:
      metaquery schema set schema.json
      metaquery schema set --local schema.json && metaquery rematerialise
    """
    wanted = MetadataSchema.from_json(read_document(file, SchemaError, hint=_FORM))
    apply_plan(open_here(workspace), wanted.to_json(), local=local, yes=yes)


@schema.command("show")
@click.option("--json", "as_json", is_flag=True, help="The typed form, as Encord has it.")
@workspace_option
def show_schema(as_json: bool, workspace: Path | None) -> None:
    """Read the organisation's metadata schema from the server and show it.

    A workspace that is not connected to a server, but has a schema of its own, shows that.

    \b
    Example:
      metaquery schema show
    """
    opened = open_here(workspace)
    own = opened.schema.known if opened.connection is None else None
    if own is not None:
        click.echo("The schema of this workspace, which is not connected to a server:", err=True)
    held = own or opened.schema.read()
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
schema.add_command(schema_history)
schema.add_command(restore_schema)
