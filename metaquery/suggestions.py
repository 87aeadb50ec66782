"""`similar()`: which of the known names was probably meant.

The rule is `filter-language.md` §4, and it serves every name that a user types: keys, values, functions, projects,
Collections, commands' arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["similar"]


def similar(name: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Return the known names nearest to `name`, best first.

    Parameters
    ----------
    name
        What was typed.
    known
        What there is; order breaks ties.
    limit
        At most so many.

    Returns
    -------
    tuple of str
        The same name in another case first, then those within a Damerau-Levenshtein distance of 2 or of a third of
        the length (whichever is larger), nearest first.
    """
    from rapidfuzz.distance import DamerauLevenshtein  # 15 ms that only mistakes pay

    bound = max(2, len(name) // 3)
    ranked = []
    for place, candidate in enumerate(dict.fromkeys(known)):
        folded = candidate.casefold() == name.casefold()
        distance = 0 if folded else DamerauLevenshtein.distance(name, candidate, score_cutoff=bound)
        if folded or (distance <= bound and distance < max(len(name), len(candidate))):
            ranked.append((not folded, distance, place, candidate))
    return tuple(candidate for *_, candidate in sorted(ranked)[:limit])
