"""`EditReport`: what became of an edit."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EditReport", "Left"]

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Left:
    """A data unit that was not written.

    Attributes
    ----------
    data_hash, title
        The unit.
    why
        In words.
    """

    data_hash: str
    title: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.data_hash} ({self.title}): {self.why}" if self.title else f"{self.data_hash}: {self.why}"


@dataclass(frozen=True, slots=True)
class EditReport:
    """What became of an edit; every data unit of the plan is counted once.

    Attributes
    ----------
    id
        Of the edit.
    written
        Data units that have the new values now, and were read back with them.
    already
        Data units that had them when it came to writing.
    conflicts
        Units that were changed on the server since the last sync, and left as they are.
    failed
        Units that the server did not take.
    snapshot
        The snapshot that has the new values; empty where none was published.
    remark
        Why none was published; empty where one was.
    """

    id: str
    written: int
    already: int
    conflicts: tuple[Left, ...]
    failed: tuple[Left, ...]
    snapshot: str = ""
    remark: str = ""

    @property
    def complete(self) -> bool:
        """Whether all is as planned."""
        return not self.conflicts and not self.failed

    def describe(self) -> str:
        """Return it in words."""
        counts = (
            f"{self.written:,} data unit{'' if self.written == 1 else 's'} written and read back",
            f"{self.already:,} had the values already",
            f"{len(self.conflicts):,} in conflict",
            f"{len(self.failed):,} failed",
        )
        lines = [f"Edit {self.id}: {', '.join(counts)}."]
        for title, left in (("changed on the server since the last sync", self.conflicts), ("failed", self.failed)):
            lines += [f"{title}: {unit}" for unit in left[:_SHOWN]]
            lines += [f"… and {len(left) - _SHOWN:,} more."] if len(left) > _SHOWN else []
        if self.conflicts:
            lines.append("Look at them after a metaquery sync, or write over them with --force.")
        if self.snapshot:
            lines.append(f"The snapshot {self.snapshot} has the new values.")
        if self.remark:
            lines.append(self.remark)
        return "\n".join(lines)
