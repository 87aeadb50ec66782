"""`Field` and `Schema`: what a filter may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from unicodedata import normalize

from metaquery.frozen import dataclass
from metaquery.schema.field_types import FIELD_TYPES, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Field", "Qualifier", "Schema"]

Qualifier = Literal["meta", "unit", "label", "prediction"]
"""Where a field comes from: client metadata, or the built-in columns of a relation."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a filter can ask about.

    Attributes
    ----------
    name
        As users write it: for client metadata the key, with its blanks, hyphens and periods.
    type
        Name of a row of `FIELD_TYPES`.
    qualifier
        `meta`, or the relation whose built-in field it is.
    column
        Name of the column in the store; the key itself unless another column has that name already (DuckDB's column
        names do not tell cases apart).
    values
        For ENUM: what the schema allows, sorted.
    size
        For VECTOR: the number of elements.
    inferred
        Whether the type was read off the data, as the schema does not have the key.
    """

    name: str
    type: str
    qualifier: Qualifier = "meta"
    column: str = ""
    values: tuple[str, ...] = ()
    size: int | None = None
    inferred: bool = False

    def __post_init__(self) -> None:
        if not self.column:
            object.__setattr__(self, "column", self.name)

    @property
    def field_type(self) -> FieldType:
        """The row of `FIELD_TYPES`."""
        return FIELD_TYPES[self.type]

    @property
    def column_type(self) -> str:
        """DuckDB's type of the column, complete."""
        return self.field_type.column.replace("{size}", str(self.size))

    def parse_sql(self, value: str, values: str) -> str:
        """Return SQL that turns JSON into the column's type, or into NULL where it does not fit.

        Eight digits are as likely a serial number as a day, and only a schema can say which: they fit no DATETIME that
        is inferred.

        Parameters
        ----------
        value
            SQL of the JSON value.
        values
            SQL of the list of values that an ENUM may have; a placeholder.
        """
        template = self.field_type.from_json
        if self.inferred and self.type == "DATETIME":
            template = f"CASE WHEN contains({{x}}::VARCHAR, '-') THEN {template} END"
        return template.replace("{x}", value).replace("{size}", str(self.size)).replace("{values}", values)


@dataclass(frozen=True, slots=True)
class Schema:
    """The client metadata of one snapshot, typed: what a filter is bound against.

    Attributes
    ----------
    fields
        Metadata fields in the order of the organisation's schema, then the inferred ones by name.
    deleted
        Keys that the organisation's schema has as tombstones.
    """

    fields: tuple[Field, ...] = ()
    deleted: tuple[str, ...] = ()

    def get(self, name: str) -> Field | None:
        """Return the metadata field of exactly this name, or None; filters write names in Unicode's form NFC."""
        exact = next((f for f in self.fields if f.name == name), None)
        if exact is not None or name.isascii():
            return exact
        return next((f for f in self.fields if normalize("NFC", f.name) == name), None)

    def names(self) -> tuple[str, ...]:
        """Return the keys, in order."""
        return tuple(f.name for f in self.fields)

    def to_json(self) -> dict[str, Any]:
        """Return a form that `from_json` reads back, for a snapshot's description."""
        return {
            "fields": [
                {
                    "name": f.name,
                    "type": f.type,
                    "column": f.column,
                    "values": list(f.values),
                    "size": f.size,
                    "inferred": f.inferred,
                }
                for f in self.fields
            ],
            "deleted": list(self.deleted),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Schema:
        """Read what `to_json` wrote."""
        return cls(
            fields=tuple(
                Field(
                    name=f["name"],
                    type=f["type"],
                    column=f["column"],
                    values=tuple(f["values"]),
                    size=f["size"],
                    inferred=f["inferred"],
                )
                for f in data["fields"]
            ),
            deleted=tuple(data["deleted"]),
        )

    @classmethod
    def of(cls, fields: Iterable[Field], *, reserved: Iterable[str] = (), deleted: Iterable[str] = ()) -> Schema:
        """Build a schema whose columns do not collide with each other or with `reserved`.

        Parameters
        ----------
        fields
            Metadata fields; their `column` is chosen here.
        reserved
            Column names that are taken, such as the built-in ones.
        deleted
            Keys that are tombstones.
        """
        taken = {name.casefold() for name in reserved}
        placed = []
        for field in fields:
            column = field.name if field.name.casefold() not in taken else f"meta.{field.name}"
            serial = 1
            while column.casefold() in taken or not column:
                serial += 1
                column = f"meta.{field.name}~{serial}"
            taken.add(column.casefold())
            placed.append(
                Field(
                    name=field.name,
                    type=field.type,
                    column=column,
                    values=field.values,
                    size=field.size,
                    inferred=field.inferred,
                )
            )
        return cls(fields=tuple(placed), deleted=tuple(deleted))
