"""`metaquery sandbox`: a stand-in Encord on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from metaquery.cli.groups import Commands
from metaquery.sandbox import SETS, serve
from metaquery.sandbox.serving import DEFAULT_KEY_FILE

__all__ = ["sandbox"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=Commands)
def sandbox() -> None:
    """Run a stand-in Encord on this machine, to try metaquery without an account."""


@sandbox.command("serve")
@click.option("--set", "set_name", type=click.Choice(SETS), default="scenes", show_default=True, help="Which data.")
@click.option("--units", type=click.IntRange(min=1), help="How many data units. [default: 1000, or all there are]")
@click.option("--seed", type=int, default=7, show_default=True, help="Same seed, same data.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on. [default: any free one]")
@click.option("--key-out", type=_FILE, default=DEFAULT_KEY_FILE, show_default=True, help="File for the private key.")
@click.option("--schema-out", type=_FILE, help="File for the metadata schema that fits the data.")
@click.option("--with-schema", is_flag=True, help="Have the schema set from the start.")
def serve_command(
    set_name: str,
    units: int | None,
    seed: int,
    port: int,
    key_out: Path,
    schema_out: Path | None,
    with_schema: bool,
) -> None:
    """Serve on 127.0.0.1 until interrupted; print the key's file, then the URL."""
    serve(
        set_name,
        units=units,
        seed=seed,
        port=port,
        key_out=key_out,
        schema_out=schema_out,
        with_schema=with_schema,
    )
