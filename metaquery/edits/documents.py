"""Client metadata as exact JSON: members are taken out, put in and compared as texts, and no number is ever rounded."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from metaquery.json_members import members_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Change", "Effect", "changed", "effect", "members", "same", "shown"]

_ONE_WAY = re.compile(rb'"[^"\\]*"|0|-?[1-9][0-9]*|true|false|null')
"""Values that can be written in one way only, if both are: their bytes tell them apart, no parser has to."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to the client metadata of a unit.

    Attributes
    ----------
    set
        JSON text by key: what the keys are to have.
    remove
        Keys that are to go.
    replace
        Whether all other keys go, too.
    document
        The whole object that the unit is to have, in place of all that; None for a change by key.
    """

    set: Mapping[str, bytes] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    replace: bool = False
    document: bytes | None = None


class Effect(NamedTuple):
    """What a change makes of one document, by key."""

    added: tuple[str, ...]
    altered: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the document stays as it is."""
        return not (self.added or self.altered or self.removed)


def members(document: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object as texts, the first of each name; of anything else, none."""
    try:
        return members_of(document)
    except msgspec.ValidationError:
        return {}


def changed(document: bytes, change: Change) -> bytes:
    """Return the document after a change; the same bytes where it changes nothing.

    Members that stay keep their place and their bytes, new ones come last. What is no object becomes one.
    """
    if change.document is not None:
        return change.document
    after = members(document)
    nothing = bool(after) or document.strip() == b"{}"
    for key in _removed(after, change):
        del after[key]
        nothing = False
    for key, value in change.set.items():
        if key not in after or not same(bytes(after[key]), value):
            after[key] = msgspec.Raw(value)
            nothing = False
    return document if nothing else msgspec.json.encode(after)


def effect(document: bytes, change: Change) -> Effect:
    """Return what a change makes of a document."""
    if change.document is not None:
        change = Change({key: bytes(text) for key, text in members(change.document).items()}, replace=True)
    return _told(members(document), change)


def _told(before: Mapping[str, msgspec.Raw], change: Change) -> Effect:
    added, altered, unchanged = [], [], []
    for key, value in change.set.items():
        if key not in before:
            added.append(key)
        elif same(bytes(before[key]), value):
            unchanged.append(key)
        else:
            altered.append(key)
    return Effect(tuple(added), tuple(altered), tuple(unchanged), tuple(_removed(before, change)))


def _removed(before: Mapping[str, msgspec.Raw], change: Change) -> list[str]:
    if change.replace:
        return [key for key in before if key not in change.set]
    return [key for key in dict.fromkeys(change.remove) if key in before and key not in change.set]


def same(one: bytes, other: bytes) -> bool:
    """Whether two JSON texts say the same: the order of members, blanks and the writing of numbers do not count.

    Numbers are compared exactly, 9007199254740993 with 9007199254740992 too; `1` is `1.0`, and not `true`.
    """
    if one == other:
        return True
    if _ONE_WAY.fullmatch(one) and _ONE_WAY.fullmatch(other):
        return False
    return bool(_exact(one) == _exact(other))


def _exact(text: bytes) -> Any:
    return _tagged(json.loads(text, parse_float=_number, parse_int=_number))


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return f"number {text}"  # an exponent beyond all bounds is compared as it is written


def _tagged(value: Any) -> Any:
    """Tell apart what Python holds to be equal: true and 1."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, dict):
        return {key: _tagged(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_tagged(member) for member in value]
    return value


def shown(text: bytes, *, at_most: int = 60) -> str:
    """Return a JSON text for people: one line, its middle left out where it is long."""
    line = text.decode()
    return line if len(line) <= at_most else f"{line[: at_most - 13]}… {line[-10:]}"
