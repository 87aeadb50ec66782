"""`Explanation`: how a query is understood: its canonical text, what it selects in words, its SQL."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.language import canonical
from metaquery.language.words import in_words

if TYPE_CHECKING:
    from metaquery.language import Query, Sql
    from metaquery.language.dialects import Param

__all__ = ["Explanation"]

_MARGIN = 12
"""Columns of the labels; what they are of stands behind them."""

_NARROWEST = 40
"""Columns of a terminal below which nothing is wrapped."""

_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query is understood. `str()` of it is what `metaquery explain` prints.

    Attributes
    ----------
    canonical
        The canonical text, with order and limit; empty where there is no filter and neither of these.
    words
        What it selects, in English, one line.
    sql
        What runs: text with placeholders, and the parameters.
    """

    canonical: str
    words: str
    sql: Sql

    @classmethod
    def of(cls, query: Query, sql: Sql, *, time_zone: str) -> Explanation:
        """Explain a query; dates are said in `time_zone`."""
        return cls(canonical(query), in_words(query, time_zone=time_zone), sql)

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """Return it as lines, each part behind its label.

        Parameters
        ----------
        width
            Columns of the terminal, for which the words are wrapped; None leaves them on one line. What may be copied
            from the lines, the canonical text and the SQL, is never wrapped.
        """
        lines = [
            ("Filter", self.canonical or "none: every row"),
            ("Meaning", _wrapped(self.words, width)),
            ("SQL", self.sql.text),
        ]
        for number, value in enumerate(self.sql.params, 1):
            lines.append(("Parameters" if number == 1 else "", f"{number}: {parameter_text(value)}"))
        return "\n".join([f"{label:<{_MARGIN}}{said}" for label, said in lines])


def parameter_text(value: Param) -> str:
    """Return a parameter of a statement as it is shown, on one line."""
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def _wrapped(words: str, width: int | None) -> str:
    """Break a line between words, but not within what is quoted."""
    if width is None or width < _NARROWEST:
        return words
    glued = _QUOTED.sub(lambda quoted: quoted.group().replace(" ", "\0"), words)
    lines = textwrap.wrap(glued, width - _MARGIN, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * _MARGIN}".join(lines).replace("\0", " ")
