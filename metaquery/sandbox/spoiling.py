"""What a rule makes of an answer: another status, half a body, or a page whose rows are not as they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from metaquery.sandbox.answers import LegacyRefusal, Reply, encode

if TYPE_CHECKING:
    from random import Random

    from metaquery.sandbox.faults import Rule
    from metaquery.sandbox.state import Organisation

__all__ = ["edit_a_unit", "spoilt"]

_ROWS = ("response", "data_rows", "results", "result")
"""Members that hold a page's rows, or an object that holds them."""


def spoilt(rule: Rule, reply: Reply, dice: Random) -> Reply:
    """Make of an answer what a rule wants it to be."""
    if rule.kind == "status":
        extra = {} if rule.retry_after is None else {"Retry-After": rule.retry_after}
        body = rule.body.encode() if rule.body is not None else encode({"message": f"status {rule.status} as asked"})
        return Reply(body, rule.status, headers=extra)
    if rule.kind == "envelope":
        return Reply(LegacyRefusal(rule.code, rule.body, rule.status).body(), envelope_status=rule.status)
    whole = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    if rule.kind == "malformed":
        whole = rule.body.encode() if rule.body is not None else whole[: len(whole) // 2] + b"\x00"
    elif rule.kind == "rewrite":
        for old, new in rule.texts.items():
            whole = whole.replace(old.encode(), new.encode())
    elif rule.kind in {"duplicate", "reorder"}:
        whole = _shuffled(whole, dice, again=rule.kind == "duplicate")
    return Reply(whole, reply.status, reply.media_type, envelope_status=reply.envelope_status)


def edit_a_unit(org: Organisation, dice: Random, *, quiet: bool) -> None:
    """Give one data unit the client metadata that another one has; each row stays as it was sent, or becomes that."""
    units = [unit for dataset in org.datasets.all.values() for unit in org.datasets.units(dataset)]
    to, of = dice.choice(units), dice.choice(units)
    org.storage.write(org.datasets.item(to), metadata=org.storage.metadata(org.datasets.item(of)), quiet=quiet)


def _shuffled(body: bytes, dice: Random, *, again: bool) -> bytes:
    """Bring the rows of a page into another order, some of them twice where asked; other bodies stay as they are."""
    try:
        document = msgspec.json.decode(body, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return body  # neither a page nor an envelope
    if isinstance(document, dict):
        inside = {name: _shuffled(bytes(document[name]), dice, again=again) for name in _ROWS if name in document}
        return msgspec.json.encode(document | {name: msgspec.Raw(text) for name, text in inside.items()})
    extra = dice.sample(document, dice.randint(1, len(document))) if again and document else []
    return msgspec.json.encode(dice.sample([*document, *extra], len(document) + len(extra)))
