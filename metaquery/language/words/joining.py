"""Clauses, and how they are joined by "and" and "or" so that it stays clear what belongs together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ANYTHING", "NOTHING", "Clause", "joined", "listed", "remarks"]

_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_BRACKETED = re.compile(r"\([^()]*\)")
_JOINT = re.compile(r",| and | or ")

_SHOWN = 10
"""Items of a list that are said; of more, so many and how many there are."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition in words.

    Attributes
    ----------
    text
        As it stands alone.
    single
        Whether it is one condition; several have to be held together inside of others.
    held
        How several read inside of another list; empty if only brackets hold them. "either a or b" is held at the end
        only: "either a or b, and c" could be read otherwise.
    """

    text: str
    single: bool = True
    held: str = ""

    @property
    def plain(self) -> bool:
        """Whether nothing in it could be mistaken for a joint."""
        text, found = _QUOTED.sub("", self.text), int(self.single)
        while found:
            text, found = _BRACKETED.subn("", text)
        return self.single and _JOINT.search(text) is None

    @property
    def whole(self) -> str:
        """The text, in brackets if it is several conditions."""
        return self.text if self.single else f"({self.text})"


ANYTHING = Clause("anything qualifies")
NOTHING = Clause("nothing qualifies")


def joined(word: str, clauses: Sequence[Clause]) -> Clause:
    """Join conditions by `and` or `or`."""
    if len(clauses) == 1:
        return clauses[0]
    texts = [clause.whole if word == "and" or not clause.held else clause.held for clause in clauses]
    if word == "and":
        texts[-1] = clauses[-1].held or clauses[-1].whole
    either = "either " if word == "or" else ""
    if len(texts) == 2 and all(clause.plain for clause in clauses):
        pair = f"{texts[0]} {word} {texts[1]}"
        held = f"either {pair}" if either else f"both {pair}"
        return Clause(held if either else f"{texts[0]}, and {texts[1]}", single=False, held=held)
    return Clause(f"{either}{', '.join(texts[:-1])}, {word} {texts[-1]}", single=False)


def listed(items: Sequence[str]) -> str:
    """Write values as a list: `'a', 'b' and 'c'`; a long one cut."""
    if len(items) > _SHOWN:
        return f"{', '.join(items[:_SHOWN])}, … ({len(items):,} in all)"
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def remarks(*found: str) -> str:
    """Write remarks in brackets behind a condition."""
    said = "; ".join(filter(None, found))
    return f" ({said})" if said else ""
