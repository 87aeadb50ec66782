"""`metaquery query`, `count` and `explain`."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from metaquery.answers import cut_short, plural
from metaquery.cli.arranging import Arranged, arranging_options
from metaquery.cli.asking import Asked, filter_argument
from metaquery.cli.options import (
    as_of_option,
    fail_empty_option,
    lake_option,
    of_the_past,
    on_option,
    open_asked,
    quiet_option,
    time_zone_option,
    view_here,
    workspace_option,
)
from metaquery.cli.output import chosen_format, output_option, write_rows
from metaquery.cli.remarks import name_misfits, remark
from metaquery.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["count", "explain", "query"]

_SCREENFUL = 50
"""Rows of a table where the user does not say."""


@click.command(short_help="Show or write the rows that match a filter.")
@filter_argument
@on_option
@arranging_options("A table shows 50.")
@click.option("-f", "--format", "format_name", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")
@click.option("--json", "shorthand", flag_value="json", help="The same as --format json.")
@click.option("--csv", "shorthand", flag_value="csv", help="The same as --format csv.")
@output_option("Write to a file.")
@fail_empty_option
@as_of_option
@lake_option
@time_zone_option
@quiet_option
@workspace_option
def query(
    asked: Asked,
    on: str,
    arranged: Arranged,
    format_name: str | None,
    shorthand: str | None,
    output: Path | None,
    fail_empty: bool,
    as_of: str | None,
    lake: Path | None,
    time_zone: str,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Show or write the rows that match EXPRESSION; all rows without one.

    \b
    Examples:
      metaquery query "dark = true and captured_at > 2023-01-01"
      metaquery query "city in ('Paris', 'Oslo')" --select title,city,captured_at --order-by "captured_at desc"
      metaquery query "class = 'car' and confidence < 0.5" --on predictions -o weak.parquet
      metaquery query "city = :city and speed > :least" --param city="L'Aquila" --param least=50
      metaquery query "dark" --as-of 2026-11-01
      metaquery query "dark and tags has 'Night drives'" --lake lake
    """
    asked.check(needed=False)
    form = chosen_format(format_name or shorthand, output)
    opened = open_asked(workspace, lake, quiet=quiet, time_zone=time_zone)
    whole = view_here(opened, on, as_of)
    view = arranged.of(asked.of(whole, ordered=True))
    if not view.has_columns and not form.for_people:
        view = view.select_all()
    if arranged.limit is None and form.for_people and view.row_limit is None:
        view = view.limit(_SCREENFUL)
    shown = write_rows(view.batches(), form, output)
    if not quiet:
        asked.remark(whole)
        remark(view, shown, None if output is None else f"Wrote {plural(shown, view.relation.singular)} to {output}.")
        past = of_the_past(opened, view.snapshot)
        if past:
            click.echo(past, err=True)
    elif form.for_people and arranged.limit is None and shown == view.row_limit and (matched := view.count()) > shown:
        click.echo(cut_short(shown, matched, "--limit 0"), err=True)  # a table that was cut says so in any case
    _fail_if(fail_empty and not shown)


@click.command(short_help="Count what matches a filter, and what is unknown and why.")
@filter_argument
@on_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@fail_empty_option
@as_of_option
@lake_option
@time_zone_option
@click.option("-q", "--quiet", is_flag=True, help="The number alone.")
@workspace_option
def count(
    asked: Asked,
    on: str,
    as_json: bool,
    fail_empty: bool,
    as_of: str | None,
    lake: Path | None,
    time_zone: str,
    quiet: bool,
    workspace: Path | None,
) -> None:
    """Count what matches EXPRESSION, and what is unknown and why; all rows without one.

    \b
    Examples:
      metaquery count
      metaquery count "dark = true and captured_at > 2023-01-01"
      metaquery count -q "city = 'Paris'"
      metaquery count --search "wet road"
      metaquery count --cql2-json night.json
      metaquery count "dark = true" --lake lake
    """
    asked.check(needed=False)
    opened = open_asked(workspace, lake, quiet=quiet, time_zone=time_zone)
    whole = view_here(opened, on, as_of)
    view = asked.of(whole)
    if quiet:
        matched = view.count()
        click.echo(matched)
        _fail_if(fail_empty and not matched)
        return
    asked.remark(whole)
    tally = view.counts()
    past = of_the_past(opened, view.snapshot)
    if as_json:
        import json  # 5 ms that the other forms need not pay

        of = {"snapshot": view.snapshot.id, "published": view.snapshot.created_at.isoformat()} if past else {}
        misfits = {misfit.key.name: misfit.to_json() for misfit in view.misfits()}
        clauses = {} if tally.matched else {"clauses": [clause.to_json() for clause in view.clauses()]}
        click.echo(json.dumps({**tally.to_json(), "misfits": misfits, **clauses, **of}, ensure_ascii=False))
        _fail_if(fail_empty and not tally.matched)
        return
    every = plural(tally.total, view.relation.singular)
    click.echo(f"{every}." if view.canonical is None else f"{tally.matched:,} of {every} match.")
    for line in (*(() if tally.matched else view.why_nothing()), tally.describe_unknown(), past):
        if line:
            click.echo(line)
    name_misfits(view)
    _fail_if(fail_empty and not tally.matched)


def _fail_if(empty: bool) -> None:
    """Exit with 1, where --fail-empty makes nothing a failure."""
    if empty:
        click.get_current_context().exit(1)


@click.command(short_help="Show what a filter selects, in words and as SQL.")
@filter_argument
@on_option
@click.option("--to-cql2-json", is_flag=True, help="Write the filter as CQL2-JSON, and nothing else.")
@as_of_option
@lake_option
@time_zone_option
@workspace_option
def explain(
    asked: Asked,
    on: str,
    to_cql2_json: bool,
    as_of: str | None,
    lake: Path | None,
    time_zone: str,
    workspace: Path | None,
) -> None:
    """Show how EXPRESSION is understood: its canonical text, what it selects in words, its SQL and the parameters.

    \b
    Examples:
      metaquery explain "dark = true and captured_at > 2023-01-01"
      metaquery explain --to-cql2-json "dark = true" > night.json
    """
    asked.check()
    opened = open_asked(workspace, lake, time_zone=time_zone)
    view = asked.of(view_here(opened, on, as_of), ordered=True)
    if to_cql2_json:
        import json  # as for `count`

        click.echo(json.dumps(view.to_cql2_json(), ensure_ascii=False))
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    from metaquery.errors import shown  # only who explains needs it

    text = view.explain().text(width)
    click.echo(text if width is None else "\n".join(map(shown, text.split("\n"))))
    past = of_the_past(opened, view.snapshot)
    if past:
        click.echo(past)
