"""`Keep`: which snapshots are to be kept, as said in a word: a number, a span of time, or a date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from metaquery.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.store.snapshot import Snapshot

__all__ = ["Keep"]

_SPANS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
"""The units of the filter language's durations, and what they come to when they are compared."""

_FORMS = "give a number of snapshots such as 10, a span such as 30d, or a date such as 2026-01-01"


@dataclass(frozen=True, slots=True)
class Keep:
    """A rule for what is kept; one of the two.

    Attributes
    ----------
    newest
        How many snapshots.
    since
        A moment: every snapshot that was the current one at some time since, so that each of these times can still be
        asked.
    """

    newest: int | None = None
    since: datetime | None = None

    @classmethod
    def read(cls, text: str, now: datetime) -> Keep:
        """Read `10`, `30d` (units `min h d w mo y`), `2026-01-01` or a time; UTC unless it says otherwise.

        Raises
        ------
        UsageError
            It is none of these, or would keep nothing.
        """
        text = text.strip()
        if re.fullmatch(r"[0-9]{1,9}", text):
            if int(text) < 1:
                raise UsageError("at least one snapshot is kept: the current one", hint=_FORMS)
            return cls(newest=int(text))
        span = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)([a-z]+)", text)
        if span and span[2] in _SPANS:
            return cls(since=_ago(now, float(span[1]) * _SPANS[span[2]].total_seconds()))
        if span and span[2] == "m":
            raise UsageError(f"{text!r} may be minutes or months", hint=f"write {span[1]}min or {span[1]}mo")
        try:
            day = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
            moment = datetime.combine(date.fromisoformat(text), datetime.min.time()) if day else None
            moment = moment or datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{text!r} does not say which snapshots to keep", hint=_FORMS) from None
        return cls(since=moment if moment.tzinfo else moment.replace(tzinfo=UTC))

    def chosen(self, snapshots: Sequence[Snapshot]) -> set[str]:
        """Return the ids of those that are kept.

        Parameters
        ----------
        snapshots
            All that there are, newest first; the first is the current one, which is always kept.
        """
        if self.newest is not None:
            return {snapshot.id for snapshot in snapshots[: self.newest]}
        kept = set()
        for snapshot in snapshots:
            kept.add(snapshot.id)
            if self.since is not None and snapshot.created_at <= self.since:
                break
        return kept


def _ago(now: datetime, seconds: float) -> datetime:
    try:
        return now - timedelta(seconds=seconds)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
