"""The filter language: text → SQL, without a database and without a network.

`compile_filter()` and `compile_view()` are the whole path in one call: `parse` → `bind` → `Query`; `to_sql` and its kin
say a `Query` in the SQL of one engine. `from_cql2_json` and `to_cql2_json` read and write filters as CQL2-JSON. What
writes SQL or CQL2-JSON is imported on first use. The language is specified in `grammar/README.md`.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from metaquery.errors import FilterError
from metaquery.language.bind import bind, bind_view
from metaquery.language.canonical import canonical, describe_fields
from metaquery.language.names import blank_in_name, resolve_field
from metaquery.language.options import BindOptions
from metaquery.language.parameters import Untyped
from metaquery.language.parse import parse, parse_view
from metaquery.language.query import Predicate, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.language.cql2_json import from_cql2_json, to_cql2_json
    from metaquery.language.dialects import DUCKDB, Dialect
    from metaquery.language.portable import DIALECTS, require_sayable
    from metaquery.language.sql import (
        Sql,
        Tally,
        clauses_sql,
        conjuncts,
        count_sql,
        days_sql,
        key_sql,
        tally_sql,
        to_sql,
        values_sql,
    )
    from metaquery.schema import Relation, Schema

__all__ = [
    "DIALECTS",
    "DUCKDB",
    "BindOptions",
    "Dialect",
    "FilterError",
    "Predicate",
    "Query",
    "Sql",
    "Tally",
    "Untyped",
    "bind",
    "bind_view",
    "canonical",
    "clauses_sql",
    "compile_filter",
    "compile_view",
    "conjuncts",
    "count_sql",
    "days_sql",
    "describe_fields",
    "from_cql2_json",
    "key_sql",
    "parse",
    "parse_view",
    "require_sayable",
    "resolve_field",
    "tally_sql",
    "to_cql2_json",
    "to_sql",
    "values_sql",
]

_MODULES = {
    "cql2_json": ("from_cql2_json", "to_cql2_json"),
    "dialects": ("DUCKDB", "Dialect"),
    "portable": ("DIALECTS", "require_sayable"),
    "sql": (
        "Sql", "Tally", "clauses_sql", "conjuncts", "count_sql", "days_sql", "key_sql", "tally_sql", "to_sql",
        "values_sql",
    ),
}  # fmt: skip
_LATER = {name: module for module, names in _MODULES.items() for name in names}
"""Where the names are that who completes a filter, or only reads one, need not pay for."""


def __getattr__(name: str) -> Any:
    """Import a name on first use (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module 'metaquery.language' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"metaquery.language.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def compile_filter(text: str, schema: Schema, relation: Relation, *, options: BindOptions | None = None) -> Query:
    """Read a filter and bind it.

    Parameters
    ----------
    text
        The filter; no order, no limit.
    schema
        The client metadata of one snapshot.
    relation
        What it selects rows of.
    options
        Time zone, the time, known Collections.

    Raises
    ------
    FilterError
        The first thing that is wrong, with its place in `text`.
    """
    with _names_known(schema):
        where = bind(parse(text), schema, relation, options=options, source=text)
    return Query(relation, where, source=text)


def compile_view(text: str, schema: Schema, relation: Relation, *, options: BindOptions | None = None) -> Query:
    """Read a filter with `order by` and `limit`, each optional, and bind it; else as `compile_filter`."""
    with _names_known(schema):
        return bind_view(parse_view(text), schema, relation, options=options, source=text)


@contextmanager
def _names_known(schema: Schema) -> Iterator[None]:
    """Add to a syntax error what only the schema knows: `frame rate` is one name."""
    try:
        yield
    except FilterError as error:
        if error.code == "missing-and":
            blank_in_name(error, schema)
        raise
