"""`metaquery active`: have Encord's Active read a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.groups import Commands
from metaquery.cli.options import open_here, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["active"]


@click.group(cls=Commands, short_help="Have Encord's Active read a project anew.")
def active() -> None:
    """Have Encord's Active read a project. It does so by itself, and does not tell when it is done."""


@active.command("sync")
@click.argument("project")
@workspace_option
def sync(project: str, workspace: Path | None) -> None:
    """Have Active read PROJECT anew, by title or hash: after its metadata schema was corrected, or metadata edited.

    \b
    Example:
      metaquery active sync "Street scenes"
    """
    title = open_here(workspace).active.sync(project)
    click.echo(f"Active reads {title!r} anew; Encord does not tell when it is done.")


@active.command("import")
@click.argument("project")
@click.option(
    "--mode", default="label", show_default=True, metavar="MODE", help="How much: data, label, metric or advanced."
)
@workspace_option
def import_(project: str, mode: str, workspace: Path | None) -> None:
    """Have Active import PROJECT, by title or hash.

    \b
    Example:
      metaquery active import "Street scenes" --mode metric
    """
    title = open_here(workspace).active.import_project(project, mode=mode)
    click.echo(f"Active imports {title!r}, mode {mode}; Encord does not tell when it is done.")
