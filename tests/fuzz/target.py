"""What is tried with a text: it binds and DuckDB runs it, or it is refused with its place, and soon."""

from __future__ import annotations

import time
from dataclasses import replace

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.errors import FilterError, UsageError
from metaquery.language import DUCKDB, Query, Sql, canonical, compile_filter, compile_view, key_sql, tally_sql, to_sql
from metaquery.schema import RELATIONS
from tests.golden.blocks import DIRECTORY, Block, read
from tests.golden.language import id_field, options_of, schema_of

SECONDS = 2.0
"""What a text may take to be refused (§10)."""

LONGEST = 20.0
"""What a filter may take to be bound, run, written and bound again, though it be as large as is allowed."""

_PICTURE = 1_500
"""Characters of an error, its picture and its hint, at most: no name is repeated at length."""

BLOCKS = [b for path in sorted(DIRECTORY.glob("*.cases")) for b in read(path) if "repeat" not in b.given]
"""The golden cases but those of the limits of size, whose time depends on how busy the machine is."""


class Fault(AssertionError):
    """Something that no text may do."""


def attempt(text: str, block: Block, engine: DuckDBEngine) -> bool:
    """Bind a text as that of a golden case, and run it over the fixture; return whether it is a filter.

    Raises
    ------
    Fault
        The text did anything but bind and run, or be refused.
    """
    start = time.process_time()
    try:
        query = _bound(text, block, engine)
        if query is not None:
            _run(query, engine)
            _read_back(query, block, engine)
    except Fault:
        raise
    except Exception as error:
        raise Fault(f"{type(error).__name__}: {error}") from error
    if (took := time.process_time() - start) > (SECONDS if query is None else LONGEST):
        raise Fault(f"took {took:.1f} s")
    return query is not None


def _bound(text: str, block: Block, engine: DuckDBEngine) -> Query | None:
    options = replace(options_of(block), regex_error=engine.regex_error)
    compiling = compile_view if block.is_view else compile_filter
    try:
        return compiling(text, schema_of(block), RELATIONS[block.given.get("on", "data")], options=options)
    except UsageError:
        return None  # a value whose parameter the text has lost: there is no place to show
    except FilterError as error:
        if not 0 <= error.span.start <= error.span.end <= len(text):
            raise Fault(f"its error is at {error.span}") from error
        picture = str(error)
        if error.message[:20] not in picture or len(picture) > _PICTURE:
            raise Fault(f"its picture is {picture!r}") from error
        return None


def _without_parameters(block: Block) -> dict[str, str]:
    """Return what a block gives but for its parameters, which stand in the canonical text as values."""
    return {name: text for name, text in block.given.items() if name != "parameters"}


def _run(query: Query, engine: DuckDBEngine) -> None:
    sql = to_sql(query, DUCKDB, columns=(id_field(query.relation),))
    _checked(sql)
    engine.rows(sql.text, sql.params)
    if query.where is not None:
        tally = tally_sql(query, DUCKDB).sql
        _checked(tally)
        matched, unknown, total = engine.rows(tally.text, tally.params)[0][:3]
        if not 0 <= matched + unknown <= total:
            raise Fault(f"{matched} rows match and {unknown} are unknown, of {total}")


def _checked(sql: Sql) -> None:
    if sql.text.count("?") != len(sql.params):
        raise Fault(f"{len(sql.params)} parameters for {sql.text}")


def _read_back(query: Query, block: Block, engine: DuckDBEngine) -> None:
    if query.where is None:
        return
    written = canonical(query.where)
    again = _bound(written, Block((), {**_without_parameters(block), "filter": written}, {}), engine)
    if again is None:
        raise Fault(f"its canonical text is no filter: {written}")
    if key_sql(again, DUCKDB).params != key_sql(replace(query, order=(), limit=None), DUCKDB).params:
        raise Fault(f"its canonical text is another filter: {written}")


def smallest(text: str, block: Block, engine: DuckDBEngine, *, seconds: float = 60.0) -> str:
    """Return a text of which nothing can be left out without the fault, or the smallest found in time."""
    end = time.monotonic() + seconds
    size = len(text) // 2
    while size and time.monotonic() < end:
        at = 0
        while at < len(text) and time.monotonic() < end:
            less = text[:at] + text[at + size :]
            if _is_faulty(less, block, engine):
                text = less
            else:
                at += size
        size //= 2
    return text


def _is_faulty(text: str, block: Block, engine: DuckDBEngine) -> bool:
    try:
        attempt(text, block, engine)
    except Fault:
        return True
    return False
