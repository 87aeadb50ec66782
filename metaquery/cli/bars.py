"""Facets as bars of text: a line a bar, cut to the width of the screen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from metaquery.errors import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.facets import Bar, Facet

__all__ = ["columns", "cut", "facet_lines", "seen"]

_LABEL = 40
"""Columns of a label at most; a third of a narrow screen."""

_BAR = 60
"""Columns of the longest bar at most: beyond, an eye loses the line."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def facet_lines(facets: Sequence[Facet], width: int) -> list[str]:
    """Return the lines of facets, each under its name, with all bars in one column.

    Parameters
    ----------
    facets
        To be shown.
    width
        Columns of the screen; no line is wider.
    """
    bars = [bar for facet in facets for bar in facet.bars]
    label = min(max((columns(_label(bar)) for bar in bars), default=0), _LABEL, width // 3)
    count = max((len(f"{bar.rows:,}") for bar in bars), default=0)
    room = min(_BAR, width - label - count - 13)  # two blanks before each column, and the seven of the share
    lines = []
    for facet in facets:
        lines += ["", cut(_title(facet), width)]
        most = max((bar.rows for bar in facet.bars), default=0)
        for bar in facet.bars:
            lines.append(f"{_padded(bar, label)}  {bar.rows:>{count},}  {_share(bar.rows, facet.matched)}  ".rstrip())
            if bar.rows and room > 0:
                lines[-1] += f"  {_drawn(bar.rows / most, room)}"
    return lines[1:]


def _title(facet: Facet) -> str:
    kind = f"{facet.type} (inferred)" if facet.inferred else facet.type
    noun = "element" if facet.type == "LIST" else "value"
    distinct = "" if facet.distinct is None else f", {facet.distinct:,} {noun}{'' if facet.distinct == 1 else 's'}"
    return f"{shown(facet.field)}: {kind}{distinct}"


def _share(rows: int, matched: int) -> str:
    return f"{100 * rows / matched if matched else 0:5.1f} %"


def _drawn(part: float, room: int) -> str:
    """Return a bar of so many eighths of a column, and of one at least."""
    whole, eighths = divmod(max(round(part * room * 8), 1), 8)
    return f"{'█' * whole}{_EIGHTHS[eighths]}".rstrip()


def _padded(bar: Bar, width: int) -> str:
    text = cut(_label(bar), width)
    return text + " " * (width - columns(text))


def _label(bar: Bar) -> str:
    return seen(bar.label) if bar.kind == "value" else shown(bar.label)


def seen(text: str) -> str:
    """Return a value for a terminal; in quotes, as a filter has it, where blanks at its ends would not be seen."""
    return shown(text) if text and text == text.strip() else f"'{shown(text)}'"


def cut(text: str, width: int) -> str:
    """Return a text that takes at most so many columns; what is too long ends with an ellipsis."""
    if columns(text) <= width:
        return text
    while text and columns(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def columns(text: str) -> int:
    """Return how many columns of a screen a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )
