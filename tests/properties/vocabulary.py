"""What random filters may be made of: the names in reach, by type, and values that rows may have too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from metaquery.language import syntax as s
from metaquery.language.functions import FUNCTIONS
from metaquery.schema import RELATIONS, Field, Relation, Schema

Names = tuple[s.Field, ...]

_QUALIFIED = re.compile(r"(?:meta|unit|label|prediction)\.")


@dataclass(frozen=True)
class Values:
    """Values of each type.

    `dates` are in any form that a filter may write; `edges` are instants so near to an end of the calendar that they
    can be compared, and no more: a zone or a duration may take them out of the years 1 to 9999.
    """

    numbers: tuple[float, ...]
    texts: tuple[str, ...]
    dates: tuple[s.Expr, ...]
    uuids: tuple[str, ...]
    items: tuple[str, ...]
    collections: tuple[str, ...]
    edges: tuple[s.Expr, ...] = ()
    points: tuple[tuple[float, float], ...] = ((2.35, 48.85),)


@dataclass(frozen=True)
class Vocabulary:
    """Names and values for filters on one relation.

    `names` are by type, an ENUM's not among the texts; `choices` are the values of each ENUM; `metadata` the client
    metadata; `inside` the vocabularies of labels and predictions, for filters on data; `functions` those that there
    are.
    """

    relation: str
    names: Mapping[str, Names]
    metadata: Names
    choices: Mapping[s.Field, tuple[str, ...]]
    values: Values
    inside: Mapping[str, Vocabulary] = field(default_factory=dict)
    saved: tuple[str, ...] = ()
    functions: frozenset[str] = frozenset(FUNCTIONS)

    def of(self, type_: str) -> Names:
        return self.names.get(type_, ())


def vocabulary(schema: Schema, relation: Relation, values: Values, *, typical: bool = False) -> Vocabulary:
    """Return what filters on a relation may say; each name in the shortest form that is not ambiguous (§4).

    Typical filters on labels and predictions name nothing of the unit but its metadata.
    """
    own = list(relation.fields)
    unit = [] if typical or relation.name == "data" else list(RELATIONS["data"].fields)
    names: dict[str, list[s.Field]] = {}
    choices = {}
    for one in (*schema.fields, *own, *unit):
        node = name_of(one, schema, relation)
        names.setdefault(one.type, []).append(node)
        if one.type == "ENUM":
            choices[node] = one.values
    inside = {}
    if relation.name == "data":
        inside = {
            r.qualifier: vocabulary(schema, r, values, typical=typical) for r in RELATIONS.values() if r.name != "data"
        }
    metadata = tuple(name_of(one, schema, relation) for one in schema.fields)
    every = {type_: tuple(nodes) for type_, nodes in names.items()}
    return Vocabulary(relation.name, every, metadata, choices, values, inside)  # type: ignore[arg-type]


def with_saved(words: Vocabulary, names: tuple[str, ...]) -> Vocabulary:
    """Return the vocabulary with saved filters of these names, on every relation."""
    inside = {relation: with_saved(inner, names) for relation, inner in words.inside.items()}
    return replace(words, saved=names, inside=inside)


def name_of(one: Field, schema: Schema, relation: Relation) -> s.Field:
    bare = one.qualifier in {"meta", relation.qualifier}
    if bare and not (schema.get(one.name) and relation.get(one.name)):
        return s.Field(None, one.name, quoted=_QUALIFIED.match(one.name) is not None)
    return s.Field(one.qualifier, one.name)
