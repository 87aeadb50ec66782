"""`metaquery schema check` and `schema infer`: how the values fit the schema, and a schema that they fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metaquery.cli.keys import aligned, key_lines
from metaquery.cli.options import confirmed, open_here, plural, workspace_option, yes_option
from metaquery.cli.schema_words import option_words
from metaquery.corrections import in_doubt
from metaquery.errors import shown

if TYPE_CHECKING:
    from metaquery.corrections import Correction
    from metaquery.workspace import Workspace

__all__ = ["check_schema", "infer_schema"]

_share_option = click.option(
    "--invalid",
    "percent",
    type=click.FloatRange(0, 100),
    default=10.0,
    show_default=True,
    metavar="PERCENT",
    help="Of a key's values, so many may be invalid before its type is in doubt.",
)


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@_share_option
@workspace_option
@click.pass_context
def check_schema(ctx: click.Context, as_json: bool, percent: float, workspace: Path | None) -> None:
    """Show how the values of the newest snapshot fit the schema, and what those that do not fit look like.

    Exits with 1 where a key has values and none that is valid, or more invalid ones than --invalid allows.

    \b
    Examples:
      metaquery schema check
      metaquery schema check --invalid 0 --json
    """
    opened = open_here(workspace)
    snapshot = opened.snapshot()
    failing = [key.name for key in snapshot.keys if in_doubt(key, invalid_share=percent / 100)]
    if as_json:
        click.echo(json.dumps(_report(opened, failing), ensure_ascii=False))
    else:
        for line in _lines(opened, failing):
            click.echo(line)
    if failing:
        ctx.exit(1)


def _report(opened: Workspace, failing: list[str]) -> dict[str, object]:
    snapshot = opened.snapshot()
    misfits = {misfit.key.name: misfit.to_json() for misfit in opened.schema.misfits()}
    return {
        "snapshot": snapshot.id,
        "units": snapshot.counts.data,
        "schema_is_applied": _applied(opened),
        "failing": failing,
        "keys": {
            key.name: misfits.get(key.name)
            or {"type": key.type, "valid": key.valid, "missing": key.missing, "invalid": key.invalid}
            for key in snapshot.keys
        },
    }


def _lines(opened: Workspace, failing: list[str]) -> list[str]:
    snapshot = opened.snapshot()
    if not snapshot.keys:
        return ["No unit has client metadata, and there is no schema."]
    misfits = [(misfit.key.name, misfit.sentence()) for misfit in opened.schema.misfits()]
    lines = [*key_lines(snapshot.keys), ""]
    lines += [*aligned(misfits, numbers=set()), ""] if misfits else []
    if failing:
        names = ", ".join(map(shown, failing))
        lines.append(f"The type of {plural(len(failing), 'key')} is in doubt: {names}. Next: metaquery schema infer")
    else:
        lines.append("No key's type is in doubt.")
    if not _applied(opened):
        lines.append("The schema was changed after these values were typed. Next: metaquery rematerialise")
    return lines


def _applied(opened: Workspace) -> bool:
    """Whether the values were typed by the schema as it was last set or seen here."""
    known = opened.schema.known
    return opened.snapshot().metadata_schema == (None if known is None else known.to_json())


@click.command("infer")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the schema to a file.")
@_share_option
@yes_option
@workspace_option
def infer_schema(output: Path | None, percent: float, yes: bool, workspace: Path | None) -> None:
    """Propose a corrected metadata schema: keys that misfit get another type, keys outside the schema are added.

    Every value of the newest snapshot counts. The schema goes to standard output, or to a file; what speaks for each
    key, to standard error. Nothing is set.

    \b
    Examples:
      metaquery schema infer > fixed.json
      metaquery schema infer -o fixed.json && metaquery schema set fixed.json && metaquery rematerialise
    """
    if output is not None and output.exists() and not confirmed(f"Replace {output}?", yes=yes):
        click.echo("Nothing was changed.")
        return
    proposal = open_here(workspace).schema.infer(invalid_share=percent / 100)
    for line in _evidence(proposal.corrections):
        click.echo(line, err=True)
    document = json.dumps(proposal.schema.to_json(), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(document)
        return
    try:
        output.write_text(f"{document}\n", encoding="utf-8")
    except FileNotFoundError:
        raise click.UsageError(f"there is no directory {output.parent}") from None
    click.echo(f"Wrote {output}. Next: metaquery schema set {output}", err=True)


def _evidence(corrections: tuple[Correction, ...]) -> list[str]:
    """Return what speaks for each key that would change, and remarks on others."""
    from metaquery.misfits import look_text  # with it comes the language

    rows = [("key", "now", "proposed", "evidence")]
    for one in corrections:
        if not one.changes and not one.remark:
            continue
        now = "–" if one.now is None else option_words(one.now)
        proposed = "–" if one.proposed is None else option_words(one.proposed)
        looks = ", ".join(map(look_text, one.looks))
        evidence = "; ".join(part for part in (looks, one.remark) if part)
        rows.append((one.key, now, proposed if one.changes else "the same", evidence))
    changed = sum(one.changes for one in corrections)
    table = [*aligned(rows, numbers=set()), ""] if len(rows) > 1 else []
    return [*table, f"{changed:,} of {plural(len(corrections), 'key')} would change."]
