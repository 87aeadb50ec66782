"""Rows to a file or to standard output, in the format that the user named or the file's name says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.colour import bold
from metaquery.cli.options import standard_output
from metaquery.formats import FORMATS, Format, Screen, format_named, format_of

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

__all__ = ["chosen_format", "write_lines", "write_records", "write_rows"]


def chosen_format(name: str | None, output: Path | None) -> Format:
    """Return the format of `--format`, else that of the output's name, else the table."""
    if name is not None:
        return format_named(name)
    return format_of(output) if output is not None else FORMATS["table"]


def write_rows(reader: pa.RecordBatchReader, form: Format, output: Path | None) -> int:
    """Write rows to a file, which is there whole or not at all, or to standard output; return how many there were."""
    if output is None and form.for_people and sys.stdout.isatty():
        return _show_rows(reader, form)
    if output is None:
        with standard_output() as out:
            return form.write(reader, out)
    beside = output.with_name(f".{output.name}.part")
    try:
        with beside.open("wb") as out:
            rows = form.write(reader, out)
        beside.replace(output)
    except FileNotFoundError:
        raise click.UsageError(f"there is no directory {output.parent}") from None
    finally:
        beside.unlink(missing_ok=True)
    return rows


def write_records(records: list[dict[str, Any]], columns: dict[str, str], form: Format, output: Path | None) -> int:
    """Write a few rows of our own, as `write_rows`; `columns` has Arrow's type of each."""
    import pyarrow as pa  # 180 ms that the forms for people need not pay

    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])
    kept = [{name: record[name] for name in columns} for record in records]
    return write_rows(pa.Table.from_pylist(kept, schema=schema).to_reader(), form, output)


def write_lines(lines: list[str], output: Path | None) -> None:
    """Write lines for people to a file, or to standard output."""
    if output is None:
        for line in lines:
            click.echo(line)
        return
    try:
        output.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except FileNotFoundError:
        raise click.UsageError(f"there is no directory {output.parent}") from None


def _show_rows(reader: pa.RecordBatchReader, form: Format) -> int:
    """Write rows to the terminal, their heading in bold, by way of a pager where they are longer than the screen."""
    from metaquery.cli.pager import put_page  # scripts need it not

    screen = Screen()
    rows = form.write(reader, screen)
    heading, line, rest = screen.getvalue().partition(b"\n")
    put_page(bold(heading.decode(), sys.stdout).encode() + line + rest)
    return rows
