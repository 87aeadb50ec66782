"""`MetadataSchema`: the organisation's one metadata schema, in both of Encord's forms.

Forms and rules: `encord-wire-protocol.md` §3. The simple form maps a key to the name of a type
(`{"captured_at": "datetime"}`, what the seed teaches); the typed form maps it to an option
(`{"captured_at": {"ty": "variant", "hint": "datetime"}}`). Both may be mixed in one file, key by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from metaquery.errors import SchemaError
from metaquery.frozen import dataclass
from metaquery.schema.fields import Field, Schema
from metaquery.schema.relations import RELATIONS
from metaquery.suggestions import similar

__all__ = ["RESERVED_COLUMNS", "ROW_PLACES", "MetadataSchema", "check_key"]

_SIMPLE: dict[str, dict[str, Any]] = {
    "number": {"ty": "variant", "hint": "number"},
    "string": {"ty": "variant", "hint": "varchar"},
    "long_string": {"ty": "variant", "hint": "text"},
    "boolean": {"ty": "variant", "hint": "boolean"},
    "datetime": {"ty": "variant", "hint": "datetime"},
    "uuid": {"ty": "variant", "hint": "uuid"},
    "geospatial": {"ty": "geospatial"},
}
"""§3.3: what a name of the simple form is in the typed form; `uuid` is ours, for symmetry."""

_VARIANT_HINTS = {
    "number": "NUMBER",
    "varchar": "STRING",
    "string": "STRING",
    "text": "STRING",
    "long_string": "STRING",
    "boolean": "BOOLEAN",
    "datetime": "DATETIME",
    "uuid": "UUID",
}

_TYPED = {
    "variant": None,
    "enum": "ENUM",
    "embedding": "VECTOR",
    "geospatial": "POINT",
    "number": "NUMBER",
    "boolean": "BOOLEAN",
    "text": "STRING",
    "uuid": "UUID",
    "varchar": "STRING",
    "datetime": "DATETIME",
    "user": "STRING",
    "tombstone": None,
}

ROW_PLACES = ("rowid", "file_index", "file_row_number")
"""What tells the place of a row, in DuckDB's tables and in Parquet files: a column of such a name would hide it."""

RESERVED_COLUMNS: tuple[str, ...] = (
    *(field.name for field in RELATIONS["data"].fields),
    "item_uuid",
    "content_md5",
    "unit",
    *ROW_PLACES,
)
"""Columns of the store's `data` table that no metadata key may take."""


@dataclass(frozen=True, slots=True)
class MetadataSchema:
    """The keys of an organisation, each with its option in the typed form.

    Attributes
    ----------
    options
        Key to option, in the order of the source; options are kept whole, also what metaquery does not use.
    """

    options: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_json(cls, document: Any) -> MetadataSchema:
        """Read either form.

        Parameters
        ----------
        document
            Decoded JSON: an object of key to type name, or of key to option.

        Raises
        ------
        SchemaError
            It is not such an object, or a key or a type in it is not allowed; the key is named.
        """
        if not isinstance(document, Mapping):
            raise SchemaError(
                f"a metadata schema is a JSON object of key to type, not {_json_name(document)}",
                hint='for example {"captured_at": "datetime", "city": "string", "dark": "boolean"}',
            )
        options = {}
        for key, entry in document.items():
            check_key(key)
            options[key] = _option(key, entry)
        return cls(options)

    def to_json(self) -> dict[str, Any]:
        """Return the typed form, as Encord's `client-metadata-schema-v2` takes it."""
        return {key: dict(option) for key, option in self.options.items()}

    def schema(self, inferred: Iterable[Field] = ()) -> Schema:
        """Return what filters are bound against.

        Parameters
        ----------
        inferred
            Fields for keys that this schema does not have; they come after its own.
        """
        own = (_field(key, option) for key, option in self.options.items() if option["ty"] != "tombstone")
        deleted = (key for key, option in self.options.items() if option["ty"] == "tombstone")
        return Schema.of((*own, *inferred), reserved=RESERVED_COLUMNS, deleted=deleted)


def check_key(key: str) -> None:
    """Refuse a key that Encord does not allow in a schema.

    Raises
    ------
    SchemaError
        It is empty, reserved, or has a character that is not allowed.
    """
    bare = key.translate({ord(c): None for c in "-_ ."})
    if not key.strip():
        raise SchemaError("a key of a metadata schema cannot be empty")
    if key == "keyframes":
        raise SchemaError("the key 'keyframes' is reserved by Encord", hint="choose another name for it")
    if bare and not bare.isalnum():
        wrong = next(c for c in bare if not c.isalnum())
        raise SchemaError(
            f"the key {key!r} has the character {wrong!r}, which Encord does not allow",
            hint="keys are letters, digits, blanks, hyphens, underscores and periods",
        )


def _option(key: str, entry: Any) -> dict[str, Any]:
    if isinstance(entry, str):
        return _from_name(key, entry)
    if isinstance(entry, Mapping) and isinstance(entry.get("ty"), str):
        return _checked(key, dict(entry))
    raise SchemaError(
        f"the type of {key!r} is neither a name nor an object with 'ty', but {_json_name(entry)}",
        hint=f"types are {', '.join(_SIMPLE)}",
    )


def _from_name(key: str, name: str) -> dict[str, Any]:
    if name in _SIMPLE:
        return dict(_SIMPLE[name])
    if name in {"enum", "embedding"}:
        needs = '"values": ["rain", "fog"]' if name == "enum" else '"size": 512'
        raise SchemaError(
            f"{key!r} is an {name}, and its name alone does not say enough",
            hint=f'write {{"ty": "{name}", {needs}}}',
        )
    meant = similar(name, _SIMPLE) or {"integer": ("number",), "int": ("number",), "float": ("number",)}.get(name, ())
    hint = f"did you mean {meant[0]!r}?" if meant else f"types are {', '.join(_SIMPLE)}, enum, embedding"
    raise SchemaError(f"{key!r} has the unknown type {name!r}", hint=hint)


def _checked(key: str, option: dict[str, Any]) -> dict[str, Any]:
    ty = option["ty"]
    if ty not in _TYPED:
        meant = similar(ty, _TYPED)
        hint = f"did you mean {meant[0]!r}?" if meant else f"types are {', '.join(_TYPED)}"
        raise SchemaError(f"{key!r} has the unknown type {ty!r}", hint=hint)
    if ty == "variant":
        hint_name = option.setdefault("hint", "text")
        if hint_name not in _VARIANT_HINTS:
            meant = similar(str(hint_name), _VARIANT_HINTS)
            raise SchemaError(
                f"{key!r} has the unknown hint {hint_name!r}",
                hint=f"did you mean {meant[0]!r}?" if meant else f"hints are {', '.join(_VARIANT_HINTS)}",
            )
    if ty == "enum":
        _check_values(key, option.get("values"))
        option["values"] = sorted(set(option["values"]))
    if ty == "embedding":
        _check_size(key, option)
    if ty == "tombstone" and option.get("deleted_ty") is not None:
        _option(key, option["deleted_ty"])
    return option


def _check_values(key: str, values: Any) -> None:
    good = isinstance(values, list) and all(isinstance(v, str) for v in values)
    if not good or not 1 <= len(values) <= 256:  # §3.2
        raise SchemaError(f"the enum {key!r} needs 'values', a list of 1 to 256 texts")


def _check_size(key: str, option: dict[str, Any]) -> None:
    size = option.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 4096:  # §3.2
        raise SchemaError(f"the embedding {key!r} needs 'size', a whole number from 1 to 4096")
    option.setdefault("api", None)


def _field(key: str, option: Mapping[str, Any]) -> Field:
    ty = option["ty"]
    name = _VARIANT_HINTS[option["hint"]] if ty == "variant" else _TYPED[ty]
    if name is None:
        raise SchemaError(f"{key!r} has no type of its own: {ty}")
    values = tuple(sorted(option["values"])) if ty == "enum" else ()
    return Field(name=key, type=name, values=values, size=option.get("size") if ty == "embedding" else None)


def _json_name(value: Any) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")
