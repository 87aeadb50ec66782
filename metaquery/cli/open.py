"""`metaquery open`."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from metaquery.answers import plural
from metaquery.cli.options import as_of_option, open_here, workspace_option
from metaquery.errors import shown
from metaquery.formats.numbers import number_shown
from metaquery.language.moments import iso_text, micros_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from metaquery.unit import Unit, UnitEvent, UnitValue, ValueChange

__all__ = ["open_unit"]

_ROWS = 20
"""Labels, and predictions, that are shown."""

_LEAST = 30
"""Columns of the screen that a value has in any case."""

_ANNOTATION = ("class", "shape", "answer", "confidence", "frame", "last_frame", "annotator", "model", "stage")
"""What is shown of an annotation; `--json` has all."""

_CHANGES = {
    "there": "was there in the first snapshot that is kept",
    "added": "added",
    "changed": "changed",
    "removed": "removed",
    "unreadable": "cannot be read: metaquery verify says why",
}


@click.command("open", short_help="Show one data unit whole: metadata, labels, predictions, history.")
@click.argument("unit")
@click.option("--dataset", metavar="TITLE|HASH", help="In which UNIT is an index, or a title.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@as_of_option
@workspace_option
def open_unit(unit: str, dataset: str | None, as_json: bool, as_of: str | None, workspace: Path | None) -> None:
    """Show all that is known of UNIT: a data hash, a title, or an index in --dataset; one that is gone as it was last.

    Built-in fields; client metadata by key, with types, what does not fit and what is outside the schema; labels and
    predictions; Collections and tags; and what each snapshot that is kept changed.

    \b
    Examples:
      metaquery open scene_0000004.jpg
      metaquery open 0 --dataset "Street scenes north"
      metaquery open scene_0000004.jpg --json
    """
    found = open_here(workspace).unit(unit, dataset=dataset, as_of=as_of)
    if as_json:
        import json  # 5 ms that the other form need not pay

        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    from metaquery.cli.pager import put_page  # scripts need it not

    cell = max(shutil.get_terminal_size().columns // 2, _LEAST) if sys.stdout.isatty() else None
    put_page("".join(f"{line}\n" for line in _lines(found, cell)).encode())


def _lines(unit: Unit, cell: int | None) -> Iterator[str]:
    """Yield the lines for people; a value takes at most `cell` columns."""
    yield shown(unit.title or unit.data_hash)
    if unit.gone is not None:
        yield f"Gone since {_event_at(unit.gone)}; this is how it was last."
    yield f"Snapshot {unit.snapshot}."
    yield ""
    yield from _table([(name, _text(value)) for name, value in unit.fields.items()], cell)
    yield from _metadata(unit, cell)
    for noun, rows in (("label", unit.labels), ("prediction", unit.predictions)):
        yield from _annotations(noun, rows, cell)
    for noun, titles in (("Collection", unit.collections), ("tag", unit.tags)):
        if titles:
            yield from ("", f"In {plural(len(titles), noun)}: {', '.join(map(shown, titles))}")
    yield from ("", "History")
    for event in unit.history:
        yield from _event(event, cell)


def _metadata(unit: Unit, cell: int | None) -> Iterator[str]:
    yield from ("", f"Client metadata: {plural(len(unit.metadata), 'key')}")
    if unit.not_an_object is not None:
        yield f"is no object, so that it has no keys: {shown(unit.not_an_object)}"
    yield from _table([(value.key, value.type or "–", *_told(value)) for value in unit.metadata], cell)
    if unit.missing:
        yield f"missing: {', '.join(map(shown, unit.missing))}"


def _told(value: UnitValue) -> tuple[str, str]:
    """Return a value as it came, and what there is to say about it."""
    remarks = [f"invalid: it has to be {value.expected}"] if value.expected else []
    if value.source != "schema":
        remarks.append("outside the schema" if value.source == "inferred" else "deleted from the schema")
    return value.text, "; ".join(remarks)


def _annotations(noun: str, rows: Sequence[Mapping[str, Any]], cell: int | None) -> Iterator[str]:
    yield from ("", plural(len(rows), noun))
    names = [name for name in _ANNOTATION if any(name in row for row in rows)]
    if rows:
        yield from _table([names, *([_text(row.get(name)) for name in names] for row in rows[:_ROWS])], cell)
    if len(rows) > _ROWS:
        yield f"… and {len(rows) - _ROWS:,} more; --json has all."


def _event(event: UnitEvent, cell: int | None) -> Iterator[str]:
    yield f"{_event_at(event)}  {_CHANGES[event.change]}"
    yield from _table([("", change.field, _change(change)) for change in event.fields], cell)


def _event_at(event: UnitEvent) -> str:
    at = "" if event.published is None else f"{event.published:%Y-%m-%d %H:%M:%S} UTC  "
    return f"{at}{event.snapshot}"


def _change(change: ValueChange) -> str:
    before, after = ("nothing" if text is None else text for text in (change.before, change.after))
    return f"{before} → {after}"


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{iso_text(micros_of(value))}Z"  # as a table has it, so that either can be pasted into a filter
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "–"
    return "–" if value is None else number_shown(value) if isinstance(value, float) else str(value)


def _table(rows: Sequence[Sequence[str]], most: int | None) -> Iterator[str]:
    """Yield rows with their columns below each other, each cell cut to so many of the screen's."""
    from metaquery.cli.bars import cut  # as in `open_unit`
    from metaquery.cli.keys import aligned

    cells = [[cell if most is None else cut(shown(cell), most) for cell in row] for row in rows]
    yield from aligned(cells, numbers=set())
