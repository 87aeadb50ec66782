"""`view_html()`: what a notebook shows of a view; every text in it is escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metaquery.rows import Rows
    from metaquery.tally import Tally

__all__ = ["SHOWN", "view_html"]

SHOWN = 10
"""Rows at most."""

_LONGEST = 200
"""Characters of a cell."""

_PICTURE = re.compile(r"(?i)https://[^\s\"'<>]+\.(?:jpe?g|png|gif|webp|svg)")
"""A value that is the address of a picture."""


def view_html(view: Rows, tally: Tally, where: str | None) -> str:
    """Return how many rows match, what is unknown, the filter, and the first rows.

    Parameters
    ----------
    view
        Whose rows are shown, as many as it is limited to.
    tally
        What became of every row.
    where
        The filter's canonical text.
    """
    table = view.to_arrow()
    rows = f"{view.relation.singular}{'' if tally.total == 1 else 's'}"
    told = f"{tally.matched:,} of {tally.total:,} {rows} match."
    lines = [told, *filter(None, [tally.describe_unknown()])]
    head = "".join(f"<th>{escape(name)}</th>" for name in table.column_names)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row.values())}</tr>" for row in table.to_pylist()
    )
    return (
        f"<div><p>{'<br>'.join(map(escape, lines))}</p>"
        + ("" if where is None else f"<pre><code>{escape(where)}</code></pre>")
        + f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + f"<p><small>snapshot {escape(view.snapshot.id)}</small></p></div>"
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = str(value)
    if _PICTURE.fullmatch(text):
        return f'<img src="{escape(text)}" alt="" height="64" loading="lazy" referrerpolicy="no-referrer">'
    return escape(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
