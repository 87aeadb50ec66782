"""`pick()`: the candidates that fit what is typed, best first, out of several sources."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

from metaquery.frozen import dataclass
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from metaquery.language.complete.candidate import Candidate

__all__ = ["Source", "fixed", "pick"]

_LEAST = 5
"""Candidates that each source may show, however many the ones before it have."""

_GRADES = 5
"""As typed; in another case; somewhere inside; letters in this order; nearly."""


@dataclass(frozen=True, slots=True)
class Source:
    """Candidates of one sort, in their own order, made only when they are shown.

    Attributes
    ----------
    texts
        What the typed word is compared with.
    make
        Returns the candidate of a text by its index; None where it cannot be written.
    grades
        How loosely it is compared: 2 for the beginning only, 3 for any part, 5 for names, letters left out.
    """

    texts: Sequence[str]
    make: Callable[[int], Candidate | None]
    grades: int = 2


def fixed(candidates: Sequence[Candidate], *, grades: int = 2) -> Source:
    """Return a source of candidates that are made already; texts are compared without their quotes."""
    return Source([candidate.text.strip("'") for candidate in candidates], candidates.__getitem__, grades)


def pick(sources: Sequence[Source], typed: str, limit: int) -> tuple[Candidate, ...]:
    """Return the candidates that fit, the better match first, then in the sources' order.

    Parameters
    ----------
    sources
        Where they come from, the likelier first.
    typed
        What they have to fit; everything fits an empty word.
    limit
        At most so many.
    """
    typed = typed if typed.isascii() else normalize("NFC", typed)
    graded = [_graded(source, typed) for source in sources]
    if not any(any(grades) for grades in graded):
        graded = [_nearly(source, typed) for source in sources]
    found: dict[str, Candidate] = {}
    for grade in range(_GRADES):
        columns = [grades[grade] for grades in graded]
        for place, (source, column) in enumerate(zip(sources, columns, strict=True)):
            later = sum(min(_LEAST, len(other)) for other in columns[place + 1 :])
            room = max(limit - len(found) - later, min(_LEAST, limit - len(found)))
            _take(source, column, found, room)
    return tuple(found.values())


def _take(source: Source, column: Iterable[int], found: dict[str, Candidate], room: int) -> None:
    full = len(found) + room
    for index in column:
        if len(found) >= full:
            return
        candidate = source.make(index)
        if candidate is not None:
            found.setdefault(candidate.text, candidate)


def _graded(source: Source, typed: str) -> list[Sequence[int]]:
    if not typed:
        return [range(len(source.texts)), (), (), (), ()]
    columns: list[list[int]] = [[] for _ in range(_GRADES)]
    folded = typed.casefold()
    for index, text in enumerate(source.texts):
        if text.startswith(typed):
            columns[0].append(index)
            continue
        small = text.casefold()
        if small.startswith(folded):
            columns[1].append(index)
        elif source.grades > 2 and folded in small:
            columns[2].append(index)
        elif source.grades > 3 and len(folded) > 1 and _in_order(folded, small):
            columns[3].append(index)
    return list(columns)


def _in_order(letters: str, text: str) -> bool:
    """Whether the letters occur in this order, the first one at the beginning."""
    if text[:1] != letters[0]:
        return False
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _nearly(source: Source, typed: str) -> list[Sequence[int]]:
    columns: list[Sequence[int]] = [()] * _GRADES
    if source.grades == _GRADES and len(typed) > 3:
        names = list(source.texts)
        columns[-1] = [names.index(name) for name in similar(typed, names)]
    return columns
