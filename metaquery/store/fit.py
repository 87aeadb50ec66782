"""Whether values fit the types of their keys, by the very SQL that types them in a sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from metaquery.store.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.schema import Field

__all__ = ["misfits"]


def misfits(field: Field, values: Iterable[str]) -> set[str]:
    """Return those of some JSON texts that do not fit a field's type; null fits every type.

    Parameters
    ----------
    field
        A field of client metadata.
    values
        JSON texts.
    """
    given = list(dict.fromkeys(values))
    allowed = {"values": list(field.values)} if field.type == "ENUM" else {}
    with duckdb.connect() as connection:
        connection.execute(SESSION)
        rows = connection.execute(
            f"""SELECT place FROM (SELECT unnest($given)::JSON AS x, unnest(range(len($given))) AS place)
            WHERE x::VARCHAR <> 'null' AND ({field.parse_sql("x", "$values")}) IS NULL""",
            {"given": given, **allowed},
        ).fetchall()
    return {given[place] for (place,) in rows}
