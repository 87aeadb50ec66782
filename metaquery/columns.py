"""Columns of a view: those that a text names, every one, and those that a table shows unasked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.language import Query, describe_fields, resolve_field
from metaquery.language.query import Column
from metaquery.schema import DATA, Field, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.schema import Schema

__all__ = ["described_columns", "every_column", "joined", "named_columns", "shown_columns"]

_SHOWN = 8
"""Columns of a table where the user names none."""

_NAME = r"""(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^,"`])+"""
"""One name of a list of columns: commas within quotes belong to the name."""


def named_columns(text: str, schema: Schema, relation: Relation) -> tuple[Field, ...]:
    """Return the fields that a text names, separated by commas, each once.

    Raises
    ------
    UnknownField
        There is none of a name.
    UsageError
        The text names none.
    """
    found = [
        resolve_field(
            name.group().strip(),
            schema,
            relation,
            source=text,
            start=name.start() + len(name.group()) - len(name.group().lstrip()),
        )
        for name in re.finditer(_NAME, text)
    ]
    if not found:
        raise UsageError("no columns are named", hint="name some, separated by commas")
    return tuple(dict.fromkeys(found))


def joined(names: Iterable[str]) -> str:
    """Return names of fields as one text.

    Raises
    ------
    UsageError
        One is no text.
    """
    given = tuple(names)
    wrong = next((name for name in given if not isinstance(name, str)), None)
    if wrong is not None:
        raise UsageError(f"a field is named by a text here, and {wrong!r} is none", hint="write its name in quotes")
    return ", ".join(given)


def every_column(schema: Schema, relation: Relation) -> tuple[Field, ...]:
    """Return the relation's key and built-in fields, and all client metadata."""
    unit = () if relation.name == "data" else (DATA.fields[0],)
    return (*unit, *relation.fields, *schema.fields)


def described_columns(names: tuple[str, ...], schema: Schema, relation: Relation) -> tuple[Field, ...]:
    """Return the fields of some names; without a name all client metadata, of labels and predictions their own fields.

    Raises
    ------
    UnknownField, UsageError
        There is none of a name, or it is no text.
    """
    if names:
        return named_columns(joined(names), schema, relation)
    return schema.fields if relation is DATA else relation.fields


def shown_columns(query: Query, schema: Schema) -> tuple[Field, ...]:
    """Choose what a table shows: the row's own names, what the query is about, then other client metadata."""
    relation = query.relation
    unit = DATA if relation.name != "data" else relation
    named = [unit.get("title"), *(relation.get(name) for name in relation.shown)]
    asked = () if query.where is None else describe_fields(query.where, deep=False)
    sorted_by = (key.key.field for key in query.order if isinstance(key.key, Column))
    others = schema.fields if relation.name == "data" else ()
    first = dict.fromkeys([f for f in (*named, *asked, *sorted_by) if f is not None and f.type != "LIST"])
    rest = [f for f in others if f not in first and f.type not in {"POINT", "VECTOR"}]
    return (*first, *rest[: max(0, _SHOWN - len(first))])
