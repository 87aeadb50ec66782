"""Places in a text as JavaScript counts them, in units of UTF-16, and as we do, in code points."""

from __future__ import annotations

__all__ = ["code_points", "utf16"]


def utf16(text: str, at: int) -> int:
    """Return a place in code points as units of UTF-16."""
    before = text[:at]
    return len(before) if before.isascii() else len(before) + sum(char > "\uffff" for char in before)


def code_points(text: str, at: int) -> int:
    """Return a place in units of UTF-16 as code points; within a character it is the place behind it."""
    if text.isascii():
        return min(max(at, 0), len(text))
    units = 0
    for place, char in enumerate(text):
        if units >= at:
            return place
        units += 2 if char > "\uffff" else 1
    return len(text)
