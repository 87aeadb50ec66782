"""What two Collections differ by, and how far one has drifted from its filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.collection.algebra import key_condition
from metaquery.collection.files import temporary
from metaquery.errors import CollectionError
from metaquery.schema import RELATIONS
from metaquery.store.pages import PARQUET, quoted

if TYPE_CHECKING:
    from metaquery.collection.evaluation import Evaluation
    from metaquery.collection.record import Collection

__all__ = ["Comparison", "Drift", "compared", "drifted"]

Keys = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two Collections of one relation, member by member.

    Attributes
    ----------
    a, b
        Their titles.
    relation
        What the members are rows of.
    only_a, only_b, both
        Keys of the members, sorted.
    """

    a: str
    b: str
    relation: str
    only_a: Keys
    only_b: Keys
    both: Keys


@dataclass(frozen=True, slots=True)
class Drift:
    """A frozen Collection, against what its filter or algebra tells now.

    Attributes
    ----------
    title, relation
        Of the Collection.
    text
        The filter or the algebra; None where there is none, and only `vanished` can be told.
    snapshot
        Id of the snapshot that was asked.
    added
        Keys of the rows that would be members now and are not.
    gone
        Keys of the members that would be none any more, though the snapshot has them.
    vanished
        Keys of the members that the snapshot does not have.
    still
        How many members would be members now.
    """

    title: str
    relation: str
    text: str | None
    snapshot: str
    added: Keys
    gone: Keys
    vanished: Keys
    still: int


def compared(a: Collection, b: Collection, here: Evaluation) -> Comparison:
    """Compare two Collections, live ones as the snapshot has them.

    Raises
    ------
    CollectionError
        They hold rows of two relations.
    """
    if a.relation != b.relation:
        raise CollectionError(
            f"{a.title!r} holds {a.relation}, and {b.title!r} holds {b.relation}: they have no member in common",
            hint=f"by their units: metaquery count \"in collection '{a.title}' and in collection '{b.title}'\"",
        )
    left, right = str(here.evaluated(a).path), str(here.evaluated(b).path)

    def keys(operation: str, first: str, second: str) -> Keys:
        named = ", ".join(map(quoted, RELATIONS[a.relation].key))
        one = f"SELECT {named} FROM {PARQUET}"
        return here.engine.rows(f"SELECT * FROM ({one} {operation} {one}) ORDER BY ALL", [first, second])

    return Comparison(
        a.title,
        b.title,
        a.relation,
        keys("EXCEPT", left, right),
        keys("EXCEPT", right, left),
        keys("INTERSECT", left, right),
    )


def drifted(collection: Collection, here: Evaluation) -> Drift:
    """Compare the members of a Collection with what its filter or algebra tells in the snapshot.

    Raises
    ------
    CollectionError
        It is live, and so has no drift; or its text does not fit the snapshot any more.
    """
    if collection.live:
        raise CollectionError(
            f"{collection.title!r} is live: its members are what its filter tells, and cannot drift from it",
            hint="freeze it, and drift tells what changes from then on: metaquery collection freeze TITLE",
        )
    relation = RELATIONS[collection.relation]
    keys, table, held = ", ".join(map(quoted, relation.key)), quoted(relation.name), str(collection.path)
    member = key_condition(relation)

    def of(source: str, where: str, *parameters: str) -> Keys:
        return here.engine.rows(f"SELECT {keys} FROM {source} WHERE {where} ORDER BY ALL", list(parameters))

    current = key_condition(relation).replace(PARQUET, table)
    vanished = of(PARQUET, f"NOT {current}", held)
    if collection.definition is None:
        still = collection.members - len(vanished)
        return Drift(collection.title, relation.name, None, here.snapshot.id, [], [], vanished, still)
    with temporary(collection.path.parent) as now:
        here.write_definition(collection, now)
        added = of(PARQUET, f"NOT {member}", str(now), held)
        gone = of(PARQUET, f"NOT {member} AND {current}", held, str(now))
    still = collection.members - len(gone) - len(vanished)
    text = here.text_of(collection)
    return Drift(collection.title, relation.name, text, here.snapshot.id, added, gone, vanished, still)
