"""`delivery()`: what has become of a Collection on the server, as the journal of its pushes tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from metaquery.frozen import dataclass

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
        `undone` where every push was taken back.
    left_out
        Members that the last push could not send, or that the server refused.
    """

    state: Literal["never sent", "interrupted", "sent in part", "sent", "undone"]
    left_out: int = 0


def delivery(journal: Journal) -> Delivery:
    """Read what the last push of a Collection to one server came to; one that was undone counts no more."""
    entries = [e for e in journal.entries() if e["step"] != "pulled"]
    if not entries:
        return Delivery("never sent")
    plans = [e for e in entries if e["step"] == "planned" and e.get("push")]
    if not plans:
        last = max((n for n, e in enumerate(entries) if e["step"] == "planned"), default=0)
        return _without_id(entries[last:])
    finished = {e["push"]: e for e in entries if e["step"] == "finished"}
    undoing = {e["undoes"]: e["push"] in finished for e in plans if e.get("undoes")}
    pushes = [e["push"] for e in plans if not e.get("undoes") and not undoing.get(e["push"])]
    if not pushes:
        return Delivery("undone")
    if pushes[-1] not in finished or pushes[-1] in undoing:
        return Delivery("interrupted")
    failed = finished[pushes[-1]]["failed"]
    return Delivery("sent in part" if failed else "sent", failed)


def _without_id(entries: list[dict[str, Any]]) -> Delivery:
    """Read a journal from before pushes had ids."""
    settled = {entry["place"]: entry.get("refused", 0) for entry in entries if entry["step"] == "settled"}
    if not settled.keys() >= set(entries[0].get("places", ())) or (not settled and "places" not in entries[0]):
        return Delivery("interrupted")
    left_out = entries[0].get("left_out", 0) + sum(settled.values())
    return Delivery("sent in part" if left_out else "sent", left_out)
