"""Names that can be computed both ways: number to uuid, uuid to number.

A stand-in that holds a million units must not keep a million uuids in a dict. Each kind of thing (data unit,
storage item, label row, …) has a family; member `n` of a family is named by an affine permutation of 120 bits,
so its uuid looks drawn at random, is the same for every run with the same seed, and can be turned back into
`n` with one multiplication.
"""

from __future__ import annotations

import re
from hashlib import blake2b

__all__ = ["UuidFamily", "short_hash", "uuid_of"]

_BITS = 120
_MASK = (1 << _BITS) - 1
_FORM = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")


class UuidFamily:
    """The uuids of one kind of thing.

    Parameters
    ----------
    seed
        Two organisations with the same seed name their things alike.
    kind
        Which kind of thing; families of different kinds do not meet.
    limit
        Numbers at or above it are not members, so that a uuid made up by a client is recognised as foreign.
    """

    __slots__ = ("_factor", "_inverse", "_limit", "_offset")

    def __init__(self, seed: int, kind: str, limit: int = 1 << 44) -> None:
        material = blake2b(f"{seed}:{kind}".encode(), digest_size=30).digest()
        self._factor = int.from_bytes(material[:15], "big") | 1
        self._offset = int.from_bytes(material[15:], "big")
        self._inverse = pow(self._factor, -1, 1 << _BITS)
        self._limit = limit

    def uuid(self, number: int) -> str:
        """Name member `number`: lower case with dashes (encord-wire-protocol.md §9)."""
        h = f"{(number * self._factor + self._offset) & _MASK:030x}"
        return f"{h[:8]}-{h[8:12]}-5{h[12:15]}-a{h[15:18]}-{h[18:]}"

    def number(self, text: object) -> int | None:
        """Which member `text` names, or None where it names none of this family."""
        if not isinstance(text, str) or _FORM.fullmatch(text) is None:
            return None
        code = int(text[:8] + text[9:13] + text[15:18] + text[20:23] + text[24:], 16)
        number = ((code - self._offset) * self._inverse) & _MASK
        return number if number < self._limit else None


def uuid_of(seed: int, name: str) -> str:
    """Name one thing there are few of (a folder, a project), from what it is called."""
    h = blake2b(f"{seed}:{name}".encode(), digest_size=15).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[12:15]}-a{h[15:18]}-{h[18:]}"


def short_hash(material: bytes) -> str:
    """Eight characters, the form of `objectHash` and `featureNodeHash` (encord-wire-protocol.md §9)."""
    return blake2b(material, digest_size=4).hexdigest()
