"""`diff_rows()`: the values that two snapshots differ by, a row a unit and field, for files and further queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.diff import both_fields, set_apart
from metaquery.store.pages import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from metaquery.diff import Where
    from metaquery.engines.duckdb import DuckDBPair
    from metaquery.schema import Field
    from metaquery.view import View

__all__ = ["diff_rows"]

_INSTANT = (
    "CASE WHEN microsecond({x}) % 1000000 = 0 THEN strftime({x}, '%Y-%m-%dT%H:%M:%SZ') "
    "ELSE rtrim(strftime({x}, '%Y-%m-%dT%H:%M:%S.%f'), '0') || 'Z' END"
)


def diff_rows(before: View, after: View, pair: DuckDBPair, *, where: Where | None = None) -> pa.RecordBatchReader:
    """Return what differs, value by value.

    Parameters
    ----------
    before, after, pair, where
        As in `metaquery.diff.diff`.

    Returns
    -------
    pyarrow.RecordBatchReader
        Texts `data_hash`, `title`, `change` (as `UnitChange`), `field`, `before`, `after`; sorted. A unit that is in
        one of the two only has one row, without a field. Of a misfit the value is its JSON; null is none.

    Raises
    ------
    FilterError
        The filter fits neither snapshot.
    """
    set_apart(pair, before, after, where)
    pair.rows("""CREATE TEMP TABLE differing AS
        SELECT data_hash, title, change, NULL::VARCHAR AS field, NULL::VARCHAR AS before, NULL::VARCHAR AS after
        FROM apart WHERE change IN ('added', 'removed')""")
    for fields in both_fields(before.snapshot, after.snapshot):
        _insert(pair, fields)
    return pair.stream("FROM differing ORDER BY title, data_hash, field")


def _insert(pair: DuckDBPair, fields: Sequence[tuple[Field | None, Field | None]]) -> None:
    """Add the fields' values that differ in units that both snapshots have."""
    values: list[str] = []
    names: list[str] = []
    for old, new in fields:
        field = new or old
        if field is None:
            continue
        a, b = _text("a", old, "x"), _text("b", new, "y")
        values.append(f"{{'field': ?, 'before': {a}, 'after': {b}}}")
        names += [field.name, *([field.name] if old else []), *([field.name] if new else [])]
    pair.rows(
        f"""INSERT INTO temp.differing
            SELECT data_hash, title, change, v.field, v.before, v.after FROM (
                SELECT t.*, unnest(list_filter([{", ".join(values)}],
                    lambda v: v.before IS DISTINCT FROM v.after)) AS v
                FROM temp.apart t JOIN a.data a ON a.data_hash = t.data_hash JOIN b.data b ON b.data_hash = t.data_hash
                LEFT JOIN temp.raws_a x ON x.data_hash = t.data_hash
                LEFT JOIN temp.raws_b y ON y.data_hash = t.data_hash)""",
        names,
    )


def _text(database: str, field: Field | None, misfits: str) -> str:
    """Return SQL of a field's value as text, or of the JSON that did not fit; one parameter, unless there is none."""
    if field is None:
        return "NULL::VARCHAR"
    column = f"{database}.{quoted(field.column)}"
    text = _INSTANT.format(x=column) if field.type == "DATETIME" else f"{column}::VARCHAR"
    return f"coalesce({text}, {misfits}.raws[?])"
