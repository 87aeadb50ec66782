"""Sets of code points, as ranges: what every character, escape and class of a pattern comes down to.

A set is a tuple of `(first, last)`, sorted, without overlaps and without neighbours that could be one range. No text
has surrogates, so no set has them: Java would find one in the middle of a character beyond U+FFFF.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ALL", "END", "LAST", "SURROGATES", "Points", "complement", "meet", "span", "union", "within"]

Points: TypeAlias = tuple[tuple[int, int], ...]

LAST = 0x10FFFF

SURROGATES = (0xD800, 0xDFFF)

ALL: Points = ((0, SURROGATES[0] - 1), (SURROGATES[1] + 1, LAST))
"""Every character."""

END: Points = ((LAST + 1, LAST + 1),)
"""What follows the last character, where a set says what may come next."""


def span(first: int, last: int) -> Points:
    """Return the characters from one code point to another."""
    low, high = SURROGATES
    if last < low or first > high:
        return ((first, last),)
    return tuple(part for part in ((first, low - 1), (high + 1, last)) if part[0] <= part[1])


def union(sets: Iterable[Points]) -> Points:
    """Return what is in any of some sets."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(part for points in sets for part in points):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return tuple(merged)


def complement(points: Points) -> Points:
    """Return every character that is not in a set."""
    gaps: list[Points] = []
    free = 0
    for first, last in points:
        if free < first:
            gaps.append(span(free, first - 1))
        free = last + 1
    if free <= LAST:
        gaps.append(span(free, LAST))
    return union(gaps)


def meet(one: Points, other: Points) -> bool:
    """Tell whether two sets have anything in common."""
    i = j = 0
    while i < len(one) and j < len(other):
        if one[i][1] < other[j][0]:
            i += 1
        elif other[j][1] < one[i][0]:
            j += 1
        else:
            return True
    return False


def within(one: Points, other: Points) -> bool:
    """Tell whether all of one set is in another."""
    j = 0
    for first, last in one:
        while j < len(other) and other[j][1] < first:
            j += 1
        if j == len(other) or first < other[j][0] or last > other[j][1]:
            return False
    return True
