"""How a number is written for people: short where that is only noise, and whole where it is whole."""

from __future__ import annotations

__all__ = ["number_shown"]

_EXACT = 2.0**53
"""Below it every whole number is a double."""

_WIDE = 1e6
"""From here on the part before the point takes so many of ten digits that too few are left for what is behind it."""


def number_shown(value: float) -> str:
    """Return a number for a table: what is whole in full, else of ten digits, of fifteen where it is large.

    A whole number is often an id or a time in milliseconds, which a filter has to find again: `1711850000123`, and
    not `1.71185e+12`. Beyond 2^53, where doubles leave whole numbers out, it has as many digits as tell it apart.
    """
    if value.is_integer():
        return str(int(value)) if abs(value) <= _EXACT else repr(value)
    return f"{value:.15g}" if abs(value) >= _WIDE else f"{value:.10g}"
