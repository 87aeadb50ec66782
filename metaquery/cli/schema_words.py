"""Metadata schemas in words, and what setting one prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.options import confirmed, plural
from metaquery.errors import NoSnapshot, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.schema_changes import SchemaChange
    from metaquery.store.retyping import Fit
    from metaquery.workspace import Workspace

__all__ = ["apply_plan", "change_line", "option_words"]


def option_words(option: Mapping[str, Any]) -> str:
    """Return `string`, `enum of fog, rain`, `embedding of 4 numbers`; safe to print."""
    return shown(_words(option))


def _words(option: Mapping[str, Any]) -> str:
    match option["ty"]:
        case "variant":
            return {"varchar": "string", "text": "long text"}.get(option["hint"], str(option["hint"]))
        case "enum":
            return f"enum of {', '.join(option['values'])}"
        case "embedding":
            return f"embedding of {option['size']} numbers"
        case "tombstone":
            return "deleted"
        case other:
            return str(other)


def change_line(change: SchemaChange) -> str:
    """Return `~ city: datetime becomes string; 351 of 353 values fit …`, safe to print."""
    before = None if change.before is None else option_words(change.before)
    after = None if change.after is None else option_words(change.after)
    kind = after if before is None else before if after is None else f"{before} becomes {after}"
    return f"{change.sign} {shown(change.key)}: {kind}{_fit_words(change.fit)}"


def _fit_words(fit: Fit | None) -> str:
    if fit is None or not fit.valid + fit.invalid:
        return ""
    values = fit.valid + fit.invalid
    if not fit.invalid:
        return f"; {'its one value fits' if values == 1 else f'all {values:,} values fit'}"
    from metaquery.misfits import described, example_text  # with it comes the language

    does_not = (
        f"1 does not: {example_text(fit.misfits[0].example)}"
        if fit.invalid == 1
        else f"{fit.invalid:,} do not: {described(fit.misfits)}"
    )
    return f"; {fit.valid:,} of {plural(values, 'value')} fit, {does_not}"


def apply_plan(opened: Workspace, wanted: Mapping[str, Any], *, local: bool, yes: bool) -> None:
    """Show what a schema changes, ask, and set it: on the server, or in this workspace alone."""
    plan = opened.schema.plan(wanted, local=local)
    if plan.moved is not None:
        at = plan.moved.at.replace("T", " ").removesuffix("+00:00")
        click.echo(
            f"Somebody changed the organisation's schema since it was last seen here (version {plan.moved.number}, "
            f"{at} UTC): metaquery schema history tells what. Below is what changes against it as it is now.",
            err=True,
        )
    if not local and plan.before == plan.after:
        click.echo(f"The organisation has this schema already: {len(plan.after):,} keys.")
        return
    for change in plan.changes:
        click.echo(f"  {change_line(change)}")
    if local:
        _keep(opened, plan.after)
        return
    question = f"Replace the organisation's schema of {plural(len(plan.before or {}), 'key')}?"
    if plan.before and not confirmed(question, yes=yes):
        click.echo("Nothing was changed.")
        return
    opened.schema.set(plan.after)
    next_ = "metaquery rematerialise" if _typed_otherwise(opened, plan.after) else "metaquery sync"
    click.echo(f"Imported {len(plan.after):,} keys and read them back. Next: {next_}")


def _keep(opened: Workspace, wanted: dict[str, Any]) -> None:
    """Set a schema in this workspace alone, and say so."""
    opened.schema.keep(wanted)
    click.echo(f"Set {len(wanted):,} keys in this workspace alone; the organisation's schema is as it was.")
    click.echo("The next sync takes the organisation's again. Next: metaquery rematerialise")


def _typed_otherwise(opened: Workspace, schema: dict[str, Any]) -> bool:
    """Whether there is a snapshot, and it was typed by another schema."""
    try:
        return opened.snapshot().metadata_schema != schema
    except NoSnapshot:
        return False
