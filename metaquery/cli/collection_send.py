"""`metaquery collection send`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metaquery.cli.options import confirmed, open_here, plural, quiet_option, workspace_option, yes_option
from metaquery.cli.progress import Reporter

if TYPE_CHECKING:
    from metaquery.push import Failure, PushPlan, PushReport, TargetReport
    from metaquery.push.plan import Kind
    from metaquery.workspace import Workspace

__all__ = ["applied", "dry_run_option", "failed_to_option", "send"]

_SHOWN_FAILURES = 5

dry_run_option = click.option(
    "-n", "--dry-run", is_flag=True, help="Show what would be done, and in which batches; send nothing."
)

failed_to_option = click.option(
    "--failed-to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write every member that failed, with its reason, to a .csv or .ndjson file.",
)


@click.command("send")
@click.argument("title")
@click.option(
    "--to",
    type=click.Choice(["collection", "project-collection", "dataset", "project"]),
    help="What it becomes. [default: collection]",
)
@click.option("--project", metavar="TITLE", help="Send frames (or labels) to a Collection of this project.")
@click.option("--title", "named", metavar="TITLE", help="Title of the new dataset or project.")
@click.option("--description", metavar="TEXT", help="Description of the new dataset or project.")
@click.option("--ontology", metavar="HASH", help="Ontology of the new project; else an empty one.")
@click.option("--like", metavar="PROJECT", help="Give the new project the ontology of this one.")
@click.option(
    "--import-active",
    is_flag=False,
    flag_value="label",
    type=click.Choice(["data", "label", "metric", "advanced"]),
    help="Have Active import the new project; label unless said otherwise.",
)
@click.option("--sync", is_flag=True, help="Remove, too, what is there and is no member here.")
@dry_run_option
@failed_to_option
@yes_option
@quiet_option
@workspace_option
def send(
    title: str,
    to: Kind | None,
    project: str | None,
    named: str | None,
    description: str | None,
    ontology: str | None,
    like: str | None,
    import_active: str | None,
    sync: bool,
    dry_run: bool,
    failed_to: Path | None,
    yes: bool,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Send a Collection to Encord: create there what is missing, and add what is missing in it.

    It becomes an Index Collection of storage items in each folder where they lie; with --to dataset, a dataset of them
    as well; with --to project, a project over that. Sending twice changes nothing, and what was interrupted is gone on
    with. What Encord does not take is listed, with exit code 1.

    \b
    Examples:
      metaquery collection send "Night drives" --dry-run
      metaquery collection send "Night drives"
      metaquery collection send "Night drives" --project "Street scenes"
      metaquery collection send "Night drives" --to project --title "Label the night" --like "Street scenes"
    """
    opened = open_here(workspace)
    found = opened.collections.get(title).evaluated()
    if not found.members and not sync:
        click.echo(f"{found.title!r} has no members: nothing was sent.", err=True)
        return
    plan = opened.pushes.plan(
        found,
        to=to or ("collection" if project is None else "project-collection"),
        project=project,
        title=named,
        description=description,
        ontology=ontology,
        like=like,
        sync=sync,
        import_active=import_active,
    )
    where = f"the project {project!r}" if project else "Encord"
    removed = f", and remove {plan.removes:,} there" if sync else ""
    question = f"Send {found.members:,} members of {found.title!r} to {where}: add {plan.adds:,}{removed}?"
    if not applied(opened, plan, question, dry_run=dry_run, yes=yes, quiet=quiet, failed_to=failed_to):
        click.get_current_context().exit(1)


def applied(
    opened: Workspace,
    plan: PushPlan,
    question: str,
    *,
    dry_run: bool,
    yes: bool,
    quiet: bool,
    failed_to: Path | None,
) -> bool:
    """Show a plan, ask, do it, and say what became of it; return whether all of it was done."""
    if dry_run:
        click.echo("\n".join(plan.lines()))
        click.echo("Nothing was sent: this was a dry run.", err=True)
        return True
    if failed_to is not None:
        from metaquery.push import write_failures  # loaded by now

        write_failures((), failed_to)  # what cannot be written must not come to light after the sending
    if plan.done_by is None:
        if not yes:
            click.echo("\n".join(plan.lines()), err=True)
        if not confirmed(question, yes=yes):
            click.echo("Nothing was sent.")
            return True
    with Reporter(quiet=quiet) as reporter:
        reporter.stage(f"sending {plan.title}")
        report = opened.pushes.apply(plan, progress=reporter.members)
    _tell(report, plan)
    if failed_to is not None:
        write_failures(report.failures, failed_to)
        click.echo(f"Wrote {plural(report.failed, 'failure')} to {failed_to}.", err=True)
    return not report.failed


def _tell(report: PushReport, plan: PushPlan) -> None:
    for target in report.targets:
        click.echo(_line(target))
    if plan.done_by is not None:
        done = "undone" if plan.undoes else "sent"
        click.echo(f"Nothing was sent: push {plan.done_by} has {done} all of it.", err=True)
    reasons: dict[str, list[Failure]] = {}
    for failure in report.failures:
        reasons.setdefault(failure.reason, []).append(failure)
    for reason, failures in reasons.items():
        names = [failure.member or failure.data_hash for failure in failures]
        more = f" and {len(names) - _SHOWN_FAILURES:,} more" if len(names) > _SHOWN_FAILURES else ""
        click.echo(f"{len(names):,} failed: {reason}: {', '.join(names[:_SHOWN_FAILURES])}{more}", err=True)
    for words in plan.cannot:
        click.echo(f"Kept {words}.", err=True)


def _line(target: TargetReport) -> str:
    name = f"{target.title!r} in {target.where}" if target.where else f"the {target.kind} {target.title!r}"
    done = "created" if target.created else "deleted" if target.deleted else "found"
    if target.kind == "project" and not target.failed:
        return f"{name}: {done} ({target.uuid})"
    counts = f"{target.added:,} added, {target.already:,} there already, "
    counts += f"{target.removed:,} removed, " if target.removed else ""
    return f"{name}: {done} ({target.uuid}), {counts}{len(target.failed):,} failed"
