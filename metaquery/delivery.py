"""`delivery()`: what has become of a Collection on the server, as the journal of its pushes tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from metaquery.store.journal import Journal

__all__ = ["Delivery", "delivery"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a Collection has come.

    Attributes
    ----------
    state
        `interrupted` where the last push did not come to its end, `sent in part` where members were left out,
        `undone` where the last push was taken back.
    left_out
        Members that the last push could not send, or that the server refused.
    """

    state: Literal["never sent", "interrupted", "sent in part", "sent", "undone"]
    left_out: int = 0


def delivery(journal: Journal) -> Delivery:
    """Read what the last push of a Collection to one server came to."""
    entries = list(journal.entries())
    plans = [n for n, entry in enumerate(entries) if entry["step"] == "planned"]
    last = entries[plans[-1] :] if plans else [e for e in entries if e["step"] != "pulled"]
    if not last:
        return Delivery("never sent")
    if "push" not in last[0]:
        return _without_id(last)
    finished = next((e for e in last if e["step"] == "finished" and e["push"] == last[0]["push"]), None)
    if finished is None:
        return Delivery("interrupted")
    if last[0].get("undoes"):
        return Delivery("undone", finished["failed"])
    return Delivery("sent in part" if finished["failed"] else "sent", finished["failed"])


def _without_id(entries: list[dict[str, Any]]) -> Delivery:
    """Read a journal from before pushes had ids."""
    settled = {entry["place"]: entry.get("refused", 0) for entry in entries if entry["step"] == "settled"}
    if not settled.keys() >= set(entries[0].get("places", ())) or (not settled and "places" not in entries[0]):
        return Delivery("interrupted")
    left_out = entries[0].get("left_out", 0) + sum(settled.values())
    return Delivery("sent in part" if left_out else "sent", left_out)
