"""`Rejections`: rows of a file that cannot be taken, those of one reason told together."""

from __future__ import annotations

from dataclasses import dataclass, field

from metaquery.errors import shown

__all__ = ["Rejection", "Rejections"]

_FIRST = 3
"""Rows of one reason that are named."""

_REASONS = 10
"""Reasons that are told."""

_CUT = 80
"""Characters of what stands in a row, at most."""


@dataclass(slots=True)
class Rejection:
    """Rows that cannot be taken for one reason.

    Attributes
    ----------
    reason
        Why, in words that are the same for all of them.
    rows
        How many there are.
    first
        Line of the first of them, and what stands there; empty where the reason says it all.
    """

    reason: str
    rows: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        """Return `412 rows: confidence is no number (first 3: line 2: high; line 5: low; line 7: ?)`."""
        if self.rows == 1:
            ((line, found),) = self.first
            return shown(f"line {line}: {self.reason}{found and f': {found}'}")
        found = "; ".join(f"line {line}: {found}" if found else f"line {line}" for line, found in self.first)
        first = f"first {_FIRST}: " if self.rows > _FIRST else ""
        return shown(f"{self.rows:,} rows: {self.reason} ({first}{found})")


class Rejections:
    """What could not be taken of a file."""

    def __init__(self) -> None:
        self._by_reason: dict[str, Rejection] = {}

    def add(self, line: int, reason: str, found: str = "") -> None:
        """Count one row; `found` is what stands in it."""
        rejection = self._by_reason.setdefault(reason, Rejection(reason))
        rejection.rows += 1
        if len(rejection.first) < _FIRST:
            rejection.first.append((line, found if len(found) <= _CUT else f"{found[: _CUT - 1]}…"))

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(rejection.rows for rejection in self._by_reason.values())

    @property
    def reasons(self) -> tuple[Rejection, ...]:
        """Each reason, that of most rows first."""
        return tuple(sorted(self._by_reason.values(), key=lambda rejection: -rejection.rows))

    def lines(self) -> list[str]:
        """Return a line a reason, of ten reasons at most."""
        reasons = self.reasons
        more = sum(rejection.rows for rejection in reasons[_REASONS:])
        return [*map(str, reasons[:_REASONS]), *([f"{more:,} rows for other reasons"] if more else [])]
