"""`refuse_others()`: a file takes the place of rows that another file brought only where that is surely meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from metaquery.errors import NoSnapshot, UsageError
from metaquery.sources.comparison import known_units
from metaquery.store.history import chain_of
from metaquery.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.sources.staging import Staged
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import SpooledPart

__all__ = ["refuse_others"]

_INPUT = "-"
"""Origin of what came from standard input."""


def refuse_others(staged: Iterable[Staged], layout: Layout) -> None:
    """Refuse parts that would take the place of rows that are not an earlier form of theirs.

    A dataset that another file brought is replaced where the two have a data unit in common: a file was moved, or each
    night's has a folder of its own. Two that have none are two, whatever they are called. Nothing tells an earlier run
    of a model from another model, so annotations of another file stay as long as that file is there. What comes from
    standard input is a newer form of all data units that it brought before, if any of them is in it.

    Parameters
    ----------
    staged
        What the files have.
    layout
        The workspace, whose newest snapshot it is compared with.

    Raises
    ------
    UsageError
        Rows would go that nobody meant.
    """
    try:
        before = Snapshot.current(layout)
    except NoSnapshot:
        return
    staged = tuple(staged)
    _refuse_other_input(staged, before, layout)
    held = {entry.part.folder: entry for entry in before.parts}
    for rows in staged:
        entry = held.get(rows.part.folder)
        if entry is None or entry.part.origin == rows.part.origin:
            continue
        if not entry.part.origin:
            raise UsageError(
                f"the dataset {rows.part.title!r} of {rows.part.origin} was synced from a server",
                hint="give its rows another dataset_hash, or use another workspace",
            )
        _refuse_other_file(rows, entry, layout)


def _refuse_other_file(rows: Staged, entry: SpooledPart, layout: Layout) -> None:
    title, new, old = rows.part.title, rows.part.origin, entry.part.origin
    if rows.part.kind == "units":
        if known_units(chain_of(layout, entry)).keys().isdisjoint(rows.digests):
            raise UsageError(
                f"{new} has none of the data units that {old} brought for the dataset {title!r}",
                hint="to add them, give their rows another dataset_hash, or put the rows of both into one file",
            )
    elif old != _INPUT and Path(old).exists():
        what = rows.part.hash.partition(" ")[0]
        raise UsageError(
            f"there are {what} called {title!r} from another file, {old}",
            hint=f"to add those of {new}, give it another name; to replace the others, write over {old}",
        )


def _refuse_other_input(staged: Iterable[Staged], before: Snapshot, layout: Layout) -> None:
    new = [rows.digests for rows in staged if rows.part.kind == "units" and rows.part.origin == _INPUT]
    old = [entry for entry in before.parts if entry.part.kind == "units" and entry.part.origin == _INPUT]
    known = (known_units(chain_of(layout, entry)).keys() for entry in old)
    if new and old and all(names.isdisjoint(rows) for names in known for rows in new):
        raise UsageError(
            "standard input has none of the data units that it brought before, and would take their place",
            hint="to add them, write them into a file and give its name",
        )
