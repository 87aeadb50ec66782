"""`DIALECTS`, and `require_sayable()`: the error, with its caret, for what one of them has no form for.

A dialect is a whitelist: what means the same on its engine has a template, and anything else is refused here, before a
statement runs, as a guess would be a wrong answer that nobody sees.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metaquery.errors import FilterTypeError, Span
from metaquery.language import query
from metaquery.language.dialects import DUCKDB, Unsaid
from metaquery.language.spark import SPARK
from metaquery.language.sql import order_text, where_text, writer_for

if TYPE_CHECKING:
    from metaquery.language.dialects import Dialect
    from metaquery.language.query import Query

__all__ = ["DIALECTS", "require_sayable"]

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (DUCKDB, SPARK)}
"""Every dialect, by name."""

_ENGINES = {"duckdb": "DuckDB", "spark": "Spark"}

_ELSEWHERE = "DuckDB answers it over the same lake: metaquery query --lake DIR"


def require_sayable(asked: Query, dialect: Dialect) -> None:
    """See that a dialect has a form for all of a query.

    Raises
    ------
    FilterTypeError
        `unsupported-in-dialect`, at the innermost part that it has none for.
    """
    writer, _ = writer_for(asked, dialect, ())
    try:
        where_text(asked, writer)
        order_text(asked, writer)
    except Unsaid as unsaid:
        raise _unsupported(unsaid, asked.source, _ENGINES[dialect.name]) from None


def _unsupported(unsaid: Unsaid, source: str, engine: str) -> FilterTypeError:
    node = unsaid.node
    if isinstance(node, query.Matches):
        message = f"this regular expression has no form on {engine} that is sure to fit the same texts: {unsaid.what}"
    elif isinstance(node, query.Function):
        message = f"{node.name} has no form on {engine} that is sure to give the same"
    else:
        message = f"this has no form on {engine} that is sure to mean the same"
    return FilterTypeError("unsupported-in-dialect", message, source, _place(unsaid, source), _ELSEWHERE)


def _place(unsaid: Unsaid, source: str) -> Span:
    """Return where a node stands; the saved filter that it is from, or the whole text, where it stands in another."""
    node = unsaid.node
    found: Span | None = None
    if isinstance(node, query.Matches) and isinstance(node.pattern, query.Constant):
        found = _pattern(node.pattern, unsaid.within, source)
    elif isinstance(node, query.Function):
        written = [part.written.span for part in query.walk(node) if isinstance(part, query.Column | query.Constant)]
        found = _call(node.name, written, source)
    if found is not None:
        return found
    saved = re.search(r"@[\w-]+|@\"[^\"]*\"", source)
    return Span(*saved.span()) if saved else Span(0, len(source))


def _pattern(pattern: query.Constant, within: tuple[int, int] | None, source: str) -> Span | None:
    """Return the span of a pattern; of the part that is meant, where the pattern is written out as it is."""
    span = pattern.written.span
    text = source[span.start : span.end]
    if text == f"'{pattern.value}'" and within is not None:
        return Span(span.start + 1 + within[0], span.start + 1 + max(within[1], within[0] + 1))
    return span if text.startswith(("'", ":")) else None


def _call(name: str, inside: list[Span], source: str) -> Span | None:
    """Return the span of the call that has some spans inside."""
    if not inside:
        return None
    start, end = min(span.start for span in inside), max(span.end for span in inside)
    opened = list(re.finditer(rf"(?i)\b{re.escape(name)}\s*\(", source[:start]))
    if not opened:
        return None
    first, depth = opened[-1].start(), 0
    for bracket in re.finditer(r"[()]", _bare(source[first:])):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return Span(first, max(first + bracket.end(), end))
    return None


def _bare(text: str) -> str:
    """Return a text with what is quoted blotted out."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: "x" * len(quoted[0]), text)
