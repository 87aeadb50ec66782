"""What is fetched without a signature: metadata behind a sealed link, and the drawing of an item."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from metaquery.sandbox.answers import Call, Reply, encode
from metaquery.sandbox.drawing import draw_card

if TYPE_CHECKING:
    from metaquery.sandbox.state import Organisation

__all__ = ["METADATA", "THUMBNAILS", "answer"]

METADATA = "/sandbox/metadata/"
THUMBNAILS = "/sandbox/thumbnails/"


def answer(org: Organisation, call: Call) -> Reply:
    """Answer a request for a link that one of our answers held."""
    if call.method != "GET":
        return _no(405, "only GET is allowed here")
    if call.path.startswith(METADATA):
        return _metadata(org, call)
    if call.path.startswith(THUMBNAILS):
        return _thumbnail(org, call)
    return _no(404, "Not found")


def _metadata(org: Organisation, call: Call) -> Reply:
    uuid = call.path[len(METADATA) :].removesuffix(".json")
    number = org.storage.find(uuid)
    if number is None or not compare_digest(call.param("token") or "", org.seal(uuid)):
        return _no(403, "the link is not one that was handed out")
    return Reply(org.storage.metadata(number).encode())


def _thumbnail(org: Organisation, call: Call) -> Reply:
    number = org.storage.find(call.path[len(THUMBNAILS) :].removesuffix(".svg"))
    if number is None or not call.path.endswith(".svg"):
        return _no(404, "no such item")
    drawn = number < org.source.units
    picture = org.source.picture(number) if drawn else draw_card(org.storage.name(number), ())
    return Reply(picture.encode(), media_type="image/svg+xml", headers={"Access-Control-Allow-Origin": "*"})


def _no(status: int, message: str) -> Reply:
    return Reply(encode({"message": message}), status)
