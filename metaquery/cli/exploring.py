"""What `facet` and `describe` share: options, and how what they have found is told to people, files and scripts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import click

from metaquery.answers import asked_and_when, asked_of, plural
from metaquery.cli.options import (
    as_of_option,
    lake_option,
    of_the_past,
    open_asked,
    quiet_option,
    time_zone_option,
    view_here,
    workspace_option,
)
from metaquery.cli.output import chosen_format, output_option, write_lines, write_records
from metaquery.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.formats import Format
    from metaquery.lake import Lake
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = ["Telling", "Way", "explored_options"]

Command = TypeVar("Command", bound=Callable[..., Any])


class _Finding(Protocol):
    def to_json(self) -> dict[str, Any]: ...


Found = TypeVar("Found", bound=_Finding)


@dataclass(frozen=True)
class Way(Generic[Found]):
    """How one kind of finding is told.

    Attributes
    ----------
    name
        Of the list of them in the one JSON object.
    noun
        What a row is.
    columns
        Arrow's type of each column of a row.
    records
        Returns the rows.
    lines
        Returns what people read: of findings, the time zone, and the columns of the screen.
    """

    name: str
    noun: str
    columns: dict[str, str]
    records: Callable[[list[Found]], list[dict[str, Any]]]
    lines: Callable[[list[Found], str, int], list[str]]


@dataclass(frozen=True)
class Telling:
    """What the options say of how to tell it, and of which rows.

    Attributes
    ----------
    opened
        The workspace, or the lake.
    as_of
        Which snapshot; None for the newest.
    as_json, form, output
        One JSON object, or a format, to standard output or a file.
    quiet
        Whether remarks are left out.
    """

    opened: Workspace | Lake
    as_of: str | None
    as_json: bool
    form: Format
    output: Path | None
    quiet: bool

    def rows(self, on: str) -> View:
        """Return all rows that are asked about."""
        return view_here(self.opened, on, self.as_of)

    def tell(self, view: View, find: Callable[[], dict[str, Found]], way: Way[Found]) -> None:
        """Find something out about a view, and tell it."""
        started = time.perf_counter()
        found = list(find().values())
        if self.as_json:
            import json  # 5 ms that the other forms need not pay

            told = {**asked_of(view, view.counts()), way.name: [each.to_json() for each in found]}
            click.echo(json.dumps(told, ensure_ascii=False))
        elif not self.form.for_people:
            write_records(way.records(found), way.columns, self.form, self.output)
        else:
            head = []
            if not self.quiet:
                tally = view.counts()
                head = [*asked_and_when(view, tally, time.perf_counter() - started), ""]
            write_lines([*head, *way.lines(found, view.time_zone, shutil.get_terminal_size().columns)], self.output)
        if self.quiet:
            return
        past = of_the_past(self.opened, view.snapshot)
        if past:
            click.echo(past, err=True)
        if self.output is not None:
            click.echo(f"Wrote {plural(len(way.records(found)), way.noun)} to {self.output}.", err=True)


def explored_options(noun: str) -> Callable[[Command], Command]:
    """Add the options from `--json` to `--workspace`, given to the command as `telling`; `noun` is what a row is."""

    def add(command: Command) -> Command:
        @wraps(command)
        def with_telling(
            *args: Any,
            as_json: bool,
            format_name: str | None,
            output: Path | None,
            as_of: str | None,
            lake: Path | None,
            time_zone: str,
            quiet: bool,
            workspace: Path | None,
            **others: Any,
        ) -> Any:
            if as_json and (format_name is not None or output is not None):
                raise click.UsageError(
                    f"--json is one object, and --format and --output are a row a {noun}: give one of them"
                )
            form = chosen_format(format_name, output)
            opened = open_asked(workspace, lake, quiet=quiet, time_zone=time_zone)
            return command(*args, telling=Telling(opened, as_of, as_json, form, output, quiet), **others)

        added: Any = with_telling
        for option in (
            workspace_option,
            quiet_option,
            time_zone_option,
            lake_option,
            as_of_option,
            output_option("Write to a file."),
            click.option(
                "-f",
                "--format",
                "format_name",
                metavar="FORMAT",
                help=f"A row a {noun}, as one of {', '.join(FORMATS)}.",
            ),
            click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts."),
        ):
            added = option(added)
        return added  # type: ignore[no-any-return]

    return add
