"""`metaquery connect`."""

from __future__ import annotations

from pathlib import Path

import click

from metaquery.cli.options import open_here, workspace_option

__all__ = ["connect"]


@click.command(short_help="Check a key against a server and remember the connection.")
@click.option("--domain", default="https://api.encord.com", show_default=True, help="The server's URL.")
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path),
    help="File of the private key (Ed25519, OpenSSH); else ENCORD_SSH_KEY_FILE, then ENCORD_SSH_KEY.",
)
@workspace_option
def connect(domain: str, key_file: Path | None, workspace: Path | None) -> None:
    """Check a key against a server and remember the connection.

    The key is remembered by its path, never by its content.

    \b
    Examples:
      metaquery connect --key ~/.ssh/encord
      metaquery connect --domain https://api.us.encord.com --key ~/.ssh/encord
    """
    opened = open_here(workspace)
    connection = opened.connect(domain, key_file=key_file)
    key = connection.key_file or "the environment's key"
    click.echo(f"Connected to {connection.domain} with {key} ({connection.fingerprint}).")
    click.echo(f"Remembered in {opened.layout.home}. Next: metaquery sync --project TITLE")
