"""Rows to a file or to standard output, in the format that the user named or the file's name says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from metaquery.cli.colour import bold
from metaquery.cli.options import standard_output
from metaquery.formats import FORMATS, Format, Screen, format_named, format_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["chosen_format", "output_option", "refuse_binary", "write_lines", "write_records", "write_rows"]

Command = TypeVar("Command", bound=Callable[..., Any])


def chosen_format(name: str | None, output: Path | None) -> Format:
    """Return the format of `--format`, else that of the output's name, else the table."""
    if name is not None:
        return format_named(name)
    return format_of(output) if output is not None else FORMATS["table"]


def output_option(help_: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Add `-o/--output`, given to the command as `output`: a path, or None for standard output, as `-` is."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        required=required,
        metavar="FILE",
        callback=lambda _context, _option, path: None if str(path) == "-" else path,
        help=help_,
    )


def write_rows(reader: pa.RecordBatchReader, form: Format, output: Path | None) -> int:
    """Write rows to a file, which is there whole or not at all, or to standard output; return how many there were."""
    if output is None and form.for_people and sys.stdout.isatty():
        return _show_rows(reader, form)
    if output is None:
        refuse_binary(form)
        with standard_output() as out:
            return form.write(reader, out)
    from metaquery.whole_file import whole_file  # who only looks need not pay

    with whole_file(output) as out:
        return form.write(reader, out)


def refuse_binary(form: Format) -> None:
    """Refuse to write what is no text to a terminal.

    Raises
    ------
    UsageError
        It is one.
    """
    if form.binary and sys.stdout.isatty():
        raise click.UsageError(
            f"{form.name} is no text, and standard output is a terminal: give -o FILE, or pipe it on"
        )


def write_records(records: list[dict[str, Any]], columns: dict[str, str], form: Format, output: Path | None) -> int:
    """Write a few rows of our own, as `write_rows`; `columns` has Arrow's type of each."""
    import pyarrow as pa  # 180 ms that the forms for people need not pay

    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])
    kept = [{name: record[name] for name in columns} for record in records]
    return write_rows(pa.Table.from_pylist(kept, schema=schema).to_reader(), form, output)


def write_lines(lines: list[str], output: Path | None) -> None:
    """Write lines for people to a file, or to standard output, by way of a pager where they are more than a screen."""
    text = "".join(f"{line}\n" for line in lines).encode()
    if output is None:
        from metaquery.cli.pager import put_page  # as in `_show_rows`

        put_page(text)
        return
    from metaquery.whole_file import whole_file  # as in `write_rows`

    with whole_file(output) as out:
        out.write(text)


def _show_rows(reader: pa.RecordBatchReader, form: Format) -> int:
    """Write rows to the terminal, their heading in bold, by way of a pager where they are longer than the screen."""
    from metaquery.cli.pager import put_page  # scripts need it not

    screen = Screen()
    rows = form.write(reader, screen)
    heading, line, rest = screen.getvalue().partition(b"\n")
    put_page(bold(heading.decode(), sys.stdout).encode() + line + rest)
    return rows
