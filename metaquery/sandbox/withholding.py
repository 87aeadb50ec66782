"""A server that does a part of what it was asked: members are refused, with their names, or lost without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from random import Random

    from metaquery.sandbox.answers import Reply

__all__ = ["named_as_failed", "withheld"]


def withheld(body: bytes, dice: Random, share: float) -> tuple[bytes, list[Any]]:
    """Take a share of the members out of a request, one at least.

    Returns
    -------
    bytes, list
        The request without them, and they as they were sent; the request as it is where it has no members.
    """
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body, []
    inside = document
    if isinstance(document, dict) and isinstance(document.get("values"), dict):
        inside = document["values"].get("payload")
    if not isinstance(inside, dict):
        return body, []
    name = next((n for n in ("itemUuids", "items", "item_uuids") if isinstance(inside.get(n), list)), None)
    if name is None or not inside[name]:
        return body, []
    places = set(dice.sample(range(len(inside[name])), max(1, round(share * len(inside[name])))))
    taken = [member for place, member in enumerate(inside[name]) if place in places]
    inside[name] = [member for place, member in enumerate(inside[name]) if place not in places]
    return msgspec.json.encode(document), taken


def named_as_failed(reply: Reply, taken: list[Any]) -> None:
    """Name members in the `failedItems` of an answer that has them; other answers stay as they are."""
    if not isinstance(reply.body, bytes):
        return
    document = msgspec.json.decode(reply.body)
    if isinstance(document, dict) and isinstance(document.get("failedItems"), list):
        document["failedItems"] += taken
        reply.body = msgspec.json.encode(document)
