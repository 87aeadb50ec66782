"""`shorten()`: a long text without what is over, which says nothing of what may stand at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metaquery.language.literals import unquoted

__all__ = ["shorten"]

_JOINT = re.compile(
    r"""\#[^\r\n]*|/\*(?:[^*]|\*(?!/))*+|[Ee]'(?:[^'\\]|''|\\[\s\S])*+'|'[^']*+'|"[^"]*+"|`[^`]*+`"""
    r"""|(?P<open>[(\[])|(?P<shut>[)\]])|(?P<comma>,)"""
    r"""|(?<![\w.:])(?P<word>(?i:and|or|between|where))(?![\w.:\u0300-\u036f])"""
)
"""What joins conditions, and what it does not join them in."""


_KEPT = 50
"""Items of a list that are kept, and the last one."""

_PAST = " true and "
"""Stands for the conditions that are left out."""

_TEXT = re.compile(r"'[^']*+(?:''[^']*+)*+'")


@dataclass(slots=True)
class _Level:
    """What is open: the whole text, or a bracket.

    Attributes
    ----------
    begin
        Where the expression begins that is being written: behind the bracket, a comma, `where`.
    last
        Where its last condition begins.
    items
        How many commas there were.
    kept
        Where the items end that are kept; the others go up to `begin`.
    between
        Whether the next `and` is that of `between`.
    """

    begin: int
    last: int
    items: int = 0
    kept: int = 0
    between: bool = False

    def renew(self, at: int) -> None:
        """Begin another expression."""
        self.begin = self.last = at
        self.between = False

    def join(self, word: str, at: int) -> None:
        """Take note of a word that joins, or is about to."""
        if word == "or" or (word == "and" and not self.between):
            self.last = at
        self.between = word == "between"


def shorten(text: str) -> tuple[str, frozenset[str]]:
    """Shorten a text.

    Returns
    -------
    tuple
        A text that ends like this one: in each open bracket the last condition is kept, of a list the first items and
        the last. And the texts that are left out of the list that is open.
    """
    kept, at = [], 0
    levels = _levels(text)
    for level in levels:
        kept.append(text[at : level.kept if level.items > _KEPT else level.begin])
        if level.last > level.begin:
            kept.append(_PAST)  # the blank before it may have gone with them
        at = level.last
    inner = levels[-1]
    left_out = text[inner.kept : inner.begin] if inner.items > _KEPT else ""
    return "".join(kept) + text[at:], frozenset(map(unquoted, _TEXT.findall(left_out)))


def _levels(text: str) -> list[_Level]:
    """Return what is open at the end of a text, outermost first."""
    levels = [_Level(0, 0)]
    for piece in _JOINT.finditer(text):
        end = piece.end()
        match piece.lastgroup:
            case "open":
                levels.append(_Level(end, end))
            case "shut" if len(levels) > 1:
                levels.pop()
            case "comma":
                level = levels[-1]
                level.items += 1
                level.renew(end)
                if level.items <= _KEPT:
                    level.kept = end
            case "word" if piece["word"].lower() == "where":
                levels[-1].renew(end)
            case "word":
                levels[-1].join(piece["word"].lower(), end)
    return levels
