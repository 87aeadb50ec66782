"""One data unit, whole; boxes of some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from metaquery.errors import NotFound, UsageError
from metaquery.pictures import local_picture

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk

__all__ = ["boxes", "picture", "unit"]

_UNITS = 1_000
_BOXES = 20_000

_PICTURE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",  # an SVG may hold a script
    "cache-control": "private, max-age=600",
}


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


def picture(desk: Desk, given: Parameters) -> Response:
    """Return the picture of a data unit: a file of this machine, or, where that is asked for, from the server."""
    data_hash, source = given.path["hash"], given.text("from", "local")
    if source == "server":
        found = desk.pictures.of(data_hash)
    elif source == "local" and desk.options.pictures is not None:
        item, title = desk.workspace.storage_item(data_hash)
        if item is None and title is None:
            raise NotFound(f"there is no data unit {data_hash[:100]!r}")
        found = local_picture(desk.options.pictures, data_hash, title)
    elif source == "local":
        raise NotFound("no pictures lie on this machine", hint="metaquery explore --pictures TEMPLATE says where")
    else:
        raise UsageError(f"pictures are from local or server, not from {source[:100]!r}")
    return Response(found.content, media_type=found.media_type, headers=_PICTURE)
