"""`search_filter()`: the filter that a search for a text stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.language.names import Scope, field_text
from metaquery.language.printing import name_text
from metaquery.language.syntax import Field as Name

if TYPE_CHECKING:
    from metaquery.schema import Field, Relation, Schema

__all__ = ["search_filter", "searched_text"]


def search_filter(schema: Schema, relation: Relation) -> str:
    """Return the filter, with the parameter `:text`, that is true of rows that have the text in any of their texts.

    Texts are the values of client metadata of type STRING or ENUM, and those built-in fields that people look into
    (`Relation.searched`); an element of a list has to be the text as a whole. It is never unknown: in a field without a
    value the text is not found.
    """
    texts = [schema_field for schema_field in schema.fields if schema_field.type in {"STRING", "ENUM"}]
    built_in = [field for name in relation.searched if (field := relation.get(name)) is not None]
    scope = Scope(schema, relation, "")
    tests = [
        f"{_written(field, scope)} {'has' if field.type == 'LIST' else 'icontains'} :text" for field in built_in + texts
    ]
    return f"({' or '.join(tests)}) is true"


def searched_text(text: str) -> str:
    """Return a text as it is searched for: the phrase as typed, without blanks around it.

    Raises
    ------
    UsageError
        There is nothing to search for.
    """
    phrase = text.strip()
    if not phrase:
        raise UsageError("there is no text to search for", hint="every row has an empty one")
    return phrase


def _written(field: Field, scope: Scope) -> str:
    """Return the field's name as a filter has it, with its qualifier where another field has the name, too."""
    return name_text(field.name) if len(scope.find(Name(None, field.name))) == 1 else field_text(field)
