"""`metaquery explore`: the Explorer, a page over the workspace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from metaquery.cli.options import open_here, quiet_option, time_zone_option, workspace_option
from metaquery.explorer import Options
from metaquery.explorer import explore as serve

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["explore"]


@click.command("explore")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on. [default: any free one]")
@click.option("--no-browser", is_flag=True, help="Print the address, and start no browser.")
@click.option("--read-only", is_flag=True, help="Refuse every change: Collections, syncs, what is sent.")
@click.option(
    "--pictures",
    metavar="TEMPLATE",
    help="Where pictures of data units lie on this machine: a path with {title} or {data_hash} in it.",
)
@time_zone_option
@quiet_option
@workspace_option
def explore(
    port: int,
    no_browser: bool,
    read_only: bool,
    pictures: str | None,
    time_zone: str,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Explore the workspace in a browser: filter, look, collect, send. Served to this machine alone, until Ctrl-C.

    The address that is printed has a token in it: who knows it can do what the page can do. It is another one each
    time.

    \b
    Examples:
      metaquery explore
      metaquery explore --read-only --no-browser --port 8123
      metaquery explore --pictures "/data/scenes/{title}"
    """
    opened = open_here(workspace, quiet=quiet, time_zone=time_zone)

    def ready(address: str, once: str) -> None:
        click.echo(address)
        sys.stdout.flush()
        if not quiet:
            click.echo("Open this address in a browser on this machine; Ctrl-C stops it.", err=True)
        if not no_browser:
            _open(once)

    serve(opened, Options(port=port, read_only=read_only, pictures=pictures), ready=ready)


def _open(address: str) -> None:
    """Start a browser, without waiting for it."""
    import webbrowser  # only who wants one pays for it
    from threading import Thread

    Thread(target=webbrowser.open, args=(address,), daemon=True).start()
