"""Options that choose rows for a Collection or a tag: by a filter, a saved one, ids, or a set algebra."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.asking import Asked
from metaquery.cli.documents import standard_input
from metaquery.cli.options import of_the_past, view_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.collection.ids import Ids
    from metaquery.collection.selection import Selection
    from metaquery.schema import Relation
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = ["Chosen", "chosen", "given_ids", "ids_options", "put_keys"]

Command = Any


def ids_options(command: Command) -> Command:
    """Add `--ids` and `--skip-unknown`."""
    listed = click.option(
        "--ids",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Rows by their ids, one a line, or CSV, NDJSON or Parquet with columns of the key; - is standard input.",
    )
    skipped = click.option("--skip-unknown", is_flag=True, help="Leave ids out that are not there.")
    return listed(skipped(command))


@dataclass(frozen=True)
class Chosen:
    """Rows that the options of a command have chosen.

    Attributes
    ----------
    selection
        What a Collection is made of.
    remarks
        Called afterwards; returns what there is to say about rows that were left out.
    """

    selection: Selection
    remarks: Callable[[], list[str]]


def chosen(
    opened: Workspace,
    *,
    on: str,
    as_of: str | None = None,
    skip_unknown: bool = False,
    where: Asked | None = None,
    ids: Path | None = None,
    saved: str | None = None,
    algebra: str | None = None,
) -> Chosen:
    """Return the rows that exactly one of the last four tells.

    Raises
    ------
    UsageError
        None was given, or several.
    """
    given = [what for what in (where, ids, saved, algebra) if what is not None]
    if len(given) != 1:
        raise click.UsageError("say which rows, in one way: --where FILTER, --ids FILE, or another of the options")
    view = view_here(opened, on, as_of)
    here = opened.collections.newest if as_of is None else opened.as_of(as_of).evaluation
    past = of_the_past(opened, view.snapshot)
    beside = [past] if past else []
    if algebra is not None:
        selection = here.of_algebra(algebra)
        return Chosen(selection, lambda: beside)
    if ids is not None:
        listed = given_ids(ids, view.relation)
        again = [f"{listed.repeated:,} were given more than once and count once."] if listed.repeated else []
        return Chosen(here.of_ids(listed, view.relation, skip_unknown=skip_unknown), lambda: [*again, *beside])
    if saved is not None:
        where = Asked(opened.filters.get(saved.removeprefix("@"), on).reference)
    found = where.of(view) if where is not None else view
    return Chosen(found.selection(), lambda: [*_unknown(found), *beside])


def _unknown(view: View) -> list[str]:
    remark = view.counts().describe_unknown()
    return [remark] if remark else []


def given_ids(file: Path, relation: Relation) -> Ids:
    """Read the file of `--ids`.

    Raises
    ------
    UsageError
        There is no such file, or it has no ids.
    """
    from metaquery.collection.ids import read_ids  # a filter needs it not
    from metaquery.errors import UsageError

    if str(file) == "-":
        return read_ids(standard_input("--ids -"), relation, name="standard input")
    try:
        return read_ids(file.read_bytes(), relation, name=str(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def put_keys(rows: list[tuple[Any, ...]], header: tuple[str, ...], output: Path | None) -> None:
    """Write keys: of one column an id a line, of several CSV with the columns' names; both are read by `--ids`."""
    import csv  # only who asks for ids pays
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if len(header) > 1:
        writer.writerow(header)
    writer.writerows(rows)
    if output is None:
        click.echo(text.getvalue(), nl=False)
        return
    try:
        output.write_text(text.getvalue(), encoding="utf-8")
    except FileNotFoundError:
        raise click.UsageError(f"there is no directory {output.parent}") from None
    click.echo(f"Wrote {len(rows):,} to {output}.", err=True)
