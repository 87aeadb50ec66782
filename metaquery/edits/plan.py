"""`EditPlan`: what an edit would write, before anything is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metaquery.edits.documents import changed, effect, members, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.edits.report import EditReport
    from metaquery.edits.units import Target

__all__ = ["EditPlan", "KeyEffect", "effects"]

_SAMPLE = 5
_KEYS = 30


@dataclass(frozen=True, slots=True)
class KeyEffect:
    """What an edit makes of one key, in data units.

    Attributes
    ----------
    key
        The key.
    before, after
        Units that have it, of those that the edit is about.
    added, changed, unchanged, removed
        Units that get it, that get another value, that have the value already, that lose it.
    """

    key: str
    before: int
    added: int
    changed: int
    unchanged: int
    removed: int

    @property
    def after(self) -> int:
        """Units that have it afterwards."""
        return self.before + self.added - self.removed


def effects(targets: Sequence[Target]) -> tuple[tuple[KeyEffect, ...], frozenset[int]]:
    """Return what changes do to each key that they touch, and which of the targets they leave as they are."""
    counts: dict[str, Counter[str]] = {}
    same = set()
    before: Counter[str] = Counter()
    for place, target in enumerate(targets):
        size = 1 + len(target.others)
        told = effect(target.old, target.change)
        before.update(dict.fromkeys(members(target.old), size))
        for kind in ("added", "altered", "unchanged", "removed"):
            for key in getattr(told, kind):
                counts.setdefault(key, Counter())[kind] += size
        if told.nothing and changed(target.old, target.change) == target.old:
            same.add(place)
    return tuple(
        KeyEffect(key, before[key], n["added"], n["altered"], n["unchanged"], n["removed"]) for key, n in counts.items()
    ), frozenset(same)


@dataclass(frozen=True)
class EditPlan:
    """What an edit of client metadata would write; nothing was sent yet.

    Attributes
    ----------
    id
        Names the edit in the journal.
    words
        What it does, in words.
    server
        Where it would be written.
    snapshot
        The snapshot whose values it was made from.
    targets
        Documents that would be written: one a storage item, or a data unit that none backs.
    keys
        What becomes of each key.
    units, unchanged
        Data units that it is about, those that share an item included; and those of them that it leaves as they are.
    outside
        Keys that it sets and the metadata schema does not have.
    no_schema
        Whether there is no schema to check values against.
    replace
        Whether keys that it does not name are removed.
    undoes
        The edit that it takes back; empty for an edit of its own.
    request
        Stands for what was asked, so that an interrupted edit is known again.
    resumes
        Whether it goes on with an edit that was interrupted.
    """

    id: str
    words: str
    server: str
    snapshot: str
    targets: tuple[Target, ...]
    keys: tuple[KeyEffect, ...]
    units: int
    unchanged: int
    outside: tuple[str, ...]
    no_schema: bool
    replace: bool
    undoes: str
    request: str
    resumes: bool
    run: Callable[..., EditReport] = field(repr=False, compare=False)

    @property
    def writes(self) -> int:
        """Data units that would change."""
        return sum(1 + len(target.others) for target in self.targets)

    def apply(
        self,
        *,
        force: bool = False,
        progress: Callable[[int, int], None] = lambda *_: None,
        stage: Callable[[str], None] = lambda _: None,
    ) -> EditReport:
        """Write it, read it back, and bring the local snapshot up to date.

        A unit whose metadata on the server is not what the last sync saw is left alone, and reported as a conflict.

        Parameters
        ----------
        force
            Whether to write those, too, merged into what the server has now.
        progress
            Called with documents settled and documents in all.
        stage
            Called with what is being done, in words, when it changes.

        Raises
        ------
        EditError
            It failed part-way; the same again goes on with it.
        """
        return self.run(self, force=force, progress=progress, stage=stage)

    def to_json(self) -> dict[str, Any]:
        """Return what it would do as plain values, for scripts."""
        return {
            "id": self.id, "what": self.words, "server": self.server, "snapshot": self.snapshot,
            "units": self.units, "writes": self.writes, "unchanged": self.unchanged, "replace": self.replace,
            "keys": {
                k.key: {
                    "before": k.before, "added": k.added, "changed": k.changed, "unchanged": k.unchanged,
                    "removed": k.removed, "after": k.after,
                }
                for k in self.keys
            },
            "not_in_schema": list(self.outside),
        }  # fmt: skip

    def describe(self) -> str:
        """Return the plan in words: counts by key, and the first documents before and after."""
        lines = [f"{self.words}: {self.writes:,} of {_units(self.units)} would change on {self.server}."]
        lines += [*self._manner(), "", *self._table()] if self.keys else []
        if self.targets:
            lines.append("")
        for target in self.targets[:_SAMPLE]:
            lines.append(f"{target.unit.title or target.unit.data_hash}")
            lines += _differences(target)
        if len(self.targets) > _SAMPLE:
            lines.append(f"… and {len(self.targets) - _SAMPLE:,} more.")
        return "\n".join(lines)

    def _manner(self) -> list[str]:
        lines = []
        if self.resumes:
            lines.append(f"It goes on with the interrupted edit {self.id}.")
        if self.undoes:
            lines.append(f"It puts back what was there before the edit {self.undoes}.")
        elif self.replace:
            lines.append("Replaced: keys that are not named are removed.")
        else:
            lines.append("Merged: keys that are not named stay as they are (--replace removes them).")
        shared = sum(len(target.others) for target in self.targets)
        if shared:
            lines.append(f"{_units(shared)} of these share a storage item with another one, and change with it.")
        if self.outside:
            lines.append(f"Not in the metadata schema: {', '.join(self.outside)}.")
        if self.no_schema:
            lines.append("There is no metadata schema: no value was checked.")
        return lines

    def _table(self) -> list[str]:
        rows: list[tuple[str, ...]] = [("key", "has it now", "added", "changed", "unchanged", "removed", "has it then")]
        rows += [
            (k.key, *(f"{n:,}" for n in (k.before, k.added, k.changed, k.unchanged, k.removed, k.after)))
            for k in self.keys[:_KEYS]
        ]
        widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
        lines = [
            "  ".join(c.rjust(w) if n else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True)))
            for row in rows
        ]
        more = len(self.keys) - _KEYS
        return [*lines, f"… and {more:,} more keys."] if more > 0 else lines


def _differences(target: Target) -> list[str]:
    """Return which keys of a document change, a line a key."""
    told, old, new = effect(target.old, target.change), members(target.old), members(changed(target.old, target.change))
    keys = [*told.removed, *told.altered, *told.added]
    lines = []
    for key in keys[:_SAMPLE]:
        before, after = (shown(bytes(m[key])) if key in m else "–" for m in (old, new))
        lines.append(f"  {key}: {before} → {after}")
    return [*lines, f"  … and {len(keys) - _SAMPLE:,} more keys"] if len(keys) > _SAMPLE else lines


def _units(count: int) -> str:
    return f"{count:,} data unit{'' if count == 1 else 's'}"
