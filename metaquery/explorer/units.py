"""One data unit, whole; boxes of some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.errors import UsageError

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk

__all__ = ["boxes", "unit"]

_UNITS = 1_000
_BOXES = 20_000


def unit(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return all that is known of one data unit."""
    snapshot, data_hash = given.text("snapshot"), given.path["hash"]
    found = desk.workspace.unit(data_hash, as_of=snapshot or None).to_json()
    moment = desk.moment(found["snapshot"])
    found["fields"].pop("link", None)  # it may be signed
    drawn = [box.to_json() for box in moment.boxes([found["data_hash"]], most=_BOXES)]
    return {**found, "boxes": drawn}


def boxes(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return the boxes of some data units."""
    listed = given.needed("units")
    units = [each for each in listed.split(",") if each]
    if len(units) > _UNITS:
        raise UsageError(f"boxes of more than {_UNITS:,} data units", hint="ask for those that are seen")
    moment = desk.moment(given.text("snapshot"))
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in units}
    for box in moment.boxes(units, most=_BOXES):
        found[box.data_hash].append(box.to_json())
    return {"snapshot": moment.snapshot.id, "boxes": found}
