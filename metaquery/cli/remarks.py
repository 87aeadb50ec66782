"""What is said on standard error of rows that were shown or written: how many, what is unknown, what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.answers import cut_short, misfit_lines, plural

if TYPE_CHECKING:
    from metaquery.view import View

__all__ = ["name_misfits", "remark"]


def remark(view: View, shown: int, wrote: str | None = None) -> None:
    """Say what the rows are, what was left out, and what could not be told.

    Parameters
    ----------
    view
        Whose rows they are.
    shown
        How many were.
    wrote
        What was written where; None where they were shown.
    """
    tally = view.counts()
    noun = view.relation.singular
    if wrote is not None:
        click.echo(wrote, err=True)
    if shown < tally.matched:
        click.echo(cut_short(shown, tally.matched, "--limit 0"), err=True)
    elif not tally.matched:
        click.echo(f"Nothing matches, of {plural(tally.total, noun)}.", err=True)
        for line in view.why_nothing():
            click.echo(line, err=True)
    elif wrote is None:
        click.echo(f"{tally.matched:,} of {plural(tally.total, noun)} match.", err=True)
    unknown = tally.describe_unknown()
    if unknown:
        click.echo(unknown, err=True)
    name_misfits(view)


def name_misfits(view: View) -> None:
    """Say of which fields the schema is wrong."""
    for line in misfit_lines(view):
        click.echo(line, err=True)
