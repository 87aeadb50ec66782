"""`metaquery metadata`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.groups import Commands
from metaquery.cli.metadata_edits import import_metadata, list_edits, resume_edit, set_metadata, undo_edit
from metaquery.cli.options import open_here, standard_output, workspace_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from metaquery.edits import UnitMetadata

__all__ = ["metadata"]


@click.group(cls=Commands, short_help="List client metadata, and edit it on the server.")
def metadata() -> None:
    """List client metadata as it is kept, and edit it on the server."""


@metadata.command("list")
@click.option("--dataset", required=True, metavar="TITLE|HASH", help="Whose data units.")
@click.option(
    "-f", "--format", "form", type=click.Choice(["table", "json", "ndjson", "csv"]), default="table", show_default=True,
    help="How to write them; metadata import takes ndjson and csv.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as -f json.")
@workspace_option
def list_metadata(dataset: str, form: str, as_json: bool, workspace: Path | None) -> None:
    """List the data units of a dataset of the newest snapshot: index, title, client metadata, byte for byte.

    \b
    Examples:
      metaquery metadata list --dataset "Street scenes north"
      metaquery metadata list --dataset "Street scenes north" -f ndjson > north.ndjson
    """
    opened = open_here(workspace)
    listed = opened.metadata.list(dataset)
    with standard_output() as out:
        for line in _WRITERS["json" if as_json else form](listed):
            out.write(line)
    snapshot = opened.snapshot()
    click.echo(f"As of {snapshot.created_at:%Y-%m-%d %H:%M:%S} UTC, snapshot {snapshot.id}.", err=True)


@metadata.command("get")
@click.argument("unit")
@click.option("--dataset", metavar="TITLE|HASH", help="In which UNIT is an index, or a title.")
@workspace_option
def get_metadata(unit: str, dataset: str | None, workspace: Path | None) -> None:
    """Print the client metadata of UNIT as it is kept: a data hash, an index in --dataset, or a title.

    \b
    Examples:
      metaquery metadata get scene_0000004.jpg
      metaquery metadata get 0 --dataset "Street scenes north"
    """
    text = open_here(workspace).metadata.get(unit, dataset=dataset)
    with standard_output() as out:
        out.write(text.encode() + b"\n")


for _command in (set_metadata, import_metadata, undo_edit, resume_edit, list_edits):
    metadata.add_command(_command)


def _table(listed: Iterable[UnitMetadata]) -> Iterator[bytes]:
    for unit in listed:
        yield f"{unit.index}\t{unit.title or unit.data_hash}\t{unit.metadata}\n".encode()


def _ndjson(listed: Iterable[UnitMetadata]) -> Iterator[bytes]:
    import msgspec  # keeps the metadata as it is

    for unit in listed:
        document = msgspec.Raw(unit.metadata.encode())
        row = {"index": unit.index, "data_hash": unit.data_hash, "title": unit.title, "client_metadata": document}
        yield msgspec.json.encode(row) + b"\n"


def _json(listed: Iterable[UnitMetadata]) -> Iterator[bytes]:
    start = b"["
    for line in _ndjson(listed):
        yield start + line.rstrip(b"\n")
        start = b",\n"
    yield b"[]\n" if start == b"[" else b"]\n"


def _csv(listed: Iterable[UnitMetadata]) -> Iterator[bytes]:
    import csv  # only this form is quoted
    import io

    def line(*cells: object) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(cells)
        return text.getvalue().encode()

    yield line("index", "data_hash", "title", "client_metadata")
    for unit in listed:
        yield line(unit.index, unit.data_hash, unit.title or "", unit.metadata)


_WRITERS = {"table": _table, "json": _json, "ndjson": _ndjson, "csv": _csv}
