"""`members_of()`: the members of a JSON object as texts; of a name that stands there twice, the first.

RFC 8259 leaves open what a name that comes twice means, and readers differ: DuckDB, which types the values, takes the
first, Python's and msgspec's take the last. Here it is the first everywhere, or a value would be another one by the
way it came in.
"""

from __future__ import annotations

import json
import re
from typing import Final

import msgspec

__all__ = ["members_of"]

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_values = json.JSONDecoder(strict=False)

_NAMED: Final = b'":'
"""How a name ends, unless there are blanks."""

_SPACED: Final = re.compile(rb"[ \t\n\r]:")
_BLANKS: Final = re.compile(r"[ \t\n\r]*")


def members_of(document: bytes) -> dict[str, msgspec.Raw]:
    """Return the JSON text of each member of an object, by name.

    Raises
    ------
    msgspec.DecodeError
        It is no JSON; `msgspec.ValidationError` where it is no object.
    """
    found = _members.decode(document)
    names = document.count(_NAMED) - b"\0".join(found.values()).count(_NAMED)
    if names == len(found) and _SPACED.search(document) is None:
        return found
    return _firsts(document.decode())


def _firsts(text: str) -> dict[str, msgspec.Raw]:
    """Go through an object that may have a name twice; slowly, as few have."""
    found: dict[str, msgspec.Raw] = {}
    at = _after(text, text.index("{") + 1)
    while text[at] != "}":
        name, at = _values.raw_decode(text, at)
        start = _after(text, _after(text, at) + 1)
        _, end = _values.raw_decode(text, start)
        found.setdefault(name, msgspec.Raw(text[start:end].encode()))
        at = _after(text, end)
        at = _after(text, at + 1) if text[at] == "," else at
    return found


def _after(text: str, at: int) -> int:
    """Return where the blanks end that begin at a place."""
    blanks = _BLANKS.match(text, at)
    return at if blanks is None else blanks.end()
