"""`Identities`: what tells the annotations of one file apart; two that it does not are one member of a Collection."""

from __future__ import annotations

from metaquery.sources.comparison import digest

__all__ = ["Identities"]


class Identities:
    """The annotations of one file by unit, label row, `annotation_id` and frame, as Collections name them."""

    def __init__(self) -> None:
        self._given: set[int] = set()
        self._numbered: dict[str, int] = {}

    def take(self, data_hash: str, label_hash: str | None, annotation_id: str, frame: int) -> bool:
        """Take the id that a row has; return whether no other row of the unit has it in the same frame."""
        key = _key(data_hash, label_hash, annotation_id, frame)
        number = int(annotation_id) if annotation_id.isdecimal() and len(annotation_id) < _DIGITS else 0
        known = key in self._given or 0 < number <= self._numbered.get(data_hash, 0)
        self._given.add(key)
        return not known

    def number(self, data_hash: str, label_hash: str | None, frame: int) -> str:
        """Return the id of a row that has none: its number among those of its unit that have none."""
        number = self._numbered.get(data_hash, 0) + 1
        while self._given and _key(data_hash, label_hash, str(number), frame) in self._given:
            number += 1
        self._numbered[data_hash] = number
        return str(number)


_DIGITS = 10
"""Of ids that are longer no unit has as many annotations."""


def _key(*names: object) -> int:
    return digest("\0".join(map(str, names)).encode())
