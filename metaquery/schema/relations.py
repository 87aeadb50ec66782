"""`Relation`: Data, Labels, Predictions; their keys, built-in fields and the way to the data unit."""

from __future__ import annotations

from metaquery.errors import UsageError
from metaquery.frozen import dataclass
from metaquery.schema.fields import Field, Qualifier

__all__ = ["DATA", "LABELS", "PREDICTIONS", "RELATIONS", "Relation", "relation_named"]


@dataclass(frozen=True, slots=True)
class Relation:
    """One of the three things a filter selects rows of.

    Attributes
    ----------
    name
        As `--on` and Python spell it; also the table's name in a snapshot.
    qualifier
        What stands before a built-in field's name: `unit.title`, `label.class`.
    singular
        One row, in words.
    key
        Columns that tell rows apart; ties in an order are broken by them, `data_hash` first.
    fields
        Built-in fields, in the order in which they are shown.
    shown
        Columns of a table of results where the user does not say.
    searched
        Built-in fields that a search for a text looks into: what people wrote, no hashes.
    """

    name: str
    qualifier: Qualifier
    singular: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    shown: tuple[str, ...]
    searched: tuple[str, ...]

    def get(self, name: str) -> Field | None:
        """Return the built-in field of exactly this name, or None."""
        return next((f for f in self.fields if f.name == name), None)


def _fields(qualifier: Qualifier, spec: str) -> tuple[Field, ...]:
    pairs = (entry.split(":") for entry in spec.split())
    return tuple(Field(name=name, type=type_, qualifier=qualifier) for name, type_ in pairs)


DATA = Relation(
    name="data",
    qualifier="unit",
    singular="data unit",
    key=("data_hash",),
    fields=_fields(
        "unit",
        "data_hash:STRING title:STRING data_type:STRING dataset_hash:STRING dataset_title:STRING projects:LIST "
        "created_at:DATETIME last_edited_at:DATETIME width:NUMBER height:NUMBER duration:NUMBER fps:NUMBER "
        "frames:NUMBER file_size:NUMBER index:NUMBER tags:LIST",
    ),
    shown=("title", "dataset_title"),
    searched=("title", "dataset_title", "projects", "tags"),
)

LABELS = Relation(
    name="labels",
    qualifier="label",
    singular="label",
    key=("data_hash", "project_hash", "label_hash", "annotation_id", "frame"),
    fields=_fields(
        "label",
        "label_hash:STRING annotation_id:STRING class:STRING shape:STRING answer:STRING annotator:STRING "
        "stage:STRING frame:NUMBER last_frame:NUMBER created_at:DATETIME project_hash:STRING project_title:STRING",
    ),
    shown=("class", "frame", "annotator", "stage"),
    searched=("class", "answer", "annotator", "stage", "project_title"),
)

PREDICTIONS = Relation(
    name="predictions",
    qualifier="prediction",
    singular="prediction",
    key=("data_hash", "project_hash", "label_hash", "annotation_id", "frame"),
    fields=_fields(
        "prediction",
        "label_hash:STRING annotation_id:STRING class:STRING shape:STRING answer:STRING confidence:NUMBER "
        "model:STRING frame:NUMBER last_frame:NUMBER created_at:DATETIME project_hash:STRING project_title:STRING",
    ),
    shown=("class", "confidence", "model", "frame"),
    searched=("class", "answer", "model", "project_title"),
)

RELATIONS: dict[str, Relation] = {r.name: r for r in (DATA, LABELS, PREDICTIONS)}
"""The three relations by name."""


def relation_named(name: str) -> Relation:
    """Return a relation by its name.

    Raises
    ------
    UsageError
        There is none of this name.
    """
    if name not in RELATIONS:
        raise UsageError(f"there is no relation {name!r}", hint=f"there are {', '.join(RELATIONS)}")
    return RELATIONS[name]
