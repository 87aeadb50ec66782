"""`metaquery filter presets`, `import-preset` and `push`: filter presets of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.filter_files import tell_imported
from metaquery.cli.keys import aligned
from metaquery.cli.options import confirmed, on_option, open_here, workspace_option, yes_option
from metaquery.errors import shown

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["import_preset", "list_presets", "push"]


@click.command("presets")
@click.option("--project", metavar="TITLE", help="Presets of this project in Active; else of the Index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, for scripts.")
@workspace_option
def list_presets(project: str | None, as_json: bool, workspace: Path | None) -> None:
    """List the filter presets of the server.

    \b
    Examples:
      metaquery filter presets
      metaquery filter presets --project "Street scenes"
    """
    found = open_here(workspace).filters.presets(project)
    if as_json:
        import json  # 5 ms that the table need not pay
        from dataclasses import asdict

        click.echo(json.dumps([asdict(preset) for preset in found], ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo("There are no presets. Next: metaquery filter push NAME", err=True)
        return
    rows = [(p.name, p.uuid, (p.updated_at or "")[:19].replace("T", " "), p.description) for p in found]
    for line in aligned([("preset", "uuid", "changed (UTC)", "description"), *rows], numbers=set()):
        click.echo(line)


@click.command("import-preset", short_help="Save the filter of a preset, if all of it is understood.")
@click.argument("name", metavar="NAME|UUID")
@click.option("--as", "called", metavar="NAME", help="Name of the saved filter; else the preset's.")
@click.option("--project", metavar="TITLE", help="A preset of this project in Active; else of the Index.")
@click.option("--replace", is_flag=True, help="Replace the saved filter of this name.")
@click.option("-n", "--dry-run", is_flag=True, help="Check it, and say what would be saved; change nothing.")
@workspace_option
def import_preset(
    name: str, called: str | None, project: str | None, replace: bool, dry_run: bool, workspace: Path | None
) -> None:
    """Save the filter of a preset, if all of the preset is understood; else say what is not, and save nothing.

    What is understood is what metaquery filter push has written: what Encord's own filters mean is not published.

    \b
    Example:
      metaquery filter import-preset night --as "night of the others"
    """
    filters = open_here(workspace).filters
    wanted = called.removeprefix("@") if called is not None else None
    done = filters.import_preset(name, called=wanted, project=project, replace=replace, dry_run=dry_run)
    tell_imported(done, dry_run=dry_run)


@click.command("push", short_help="Send a saved filter to the server as a preset.")
@click.argument("name")
@click.option("--as", "called", metavar="NAME", help="Name of the preset; else the filter's.")
@click.option("--project", metavar="TITLE", help="Make a preset of this project in Active; else of the Index.")
@click.option("--replace", is_flag=True, help="Replace a preset of this name that has another filter of metaquery.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done; send nothing.")
@on_option
@yes_option
@workspace_option
def push(
    name: str,
    called: str | None,
    project: str | None,
    replace: bool,
    dry_run: bool,
    on: str,
    yes: bool,
    workspace: Path | None,
) -> None:
    """Send a saved filter to the server as a preset, for import-preset in another workspace.

    Encord lists it with its presets; its own pages do not know the language, and cannot apply it.

    \b
    Examples:
      metaquery filter push night --dry-run
      metaquery filter push night
    """
    filters, name = open_here(workspace).filters, name.removeprefix("@")
    plan = filters.plan_push(name, on, called=called, project=project, replace=replace)
    what = f"preset {plan.name!r} in {plan.place}"
    if plan.action == "nothing":
        click.echo(f"The {what} has the filter already: {plan.uuid}.")
        return
    words = f"{plan.action} the {what}, with: {shown(plan.filter.text)}"
    if dry_run:
        click.echo(f"Would {words}")
        click.echo("Nothing was sent: this was a dry run.", err=True)
        return
    if not confirmed(f"{words[0].upper()}{words[1:]}?", yes=yes):
        click.echo("Nothing was sent.")
        return
    made = filters.push(name, on, called=called, project=project, replace=replace)
    click.echo(f"The {what} has the filter now: {made.uuid}.")
