"""What may be written under a key: values are checked against the metadata schema before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from metaquery.errors import EditError, SchemaError, UsageError
from metaquery.schema.metadata_schema import check_key
from metaquery.store.fit import misfits
from metaquery.store.materialise import expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from metaquery.schema import Field, MetadataSchema

__all__ = ["Fitting", "Unfit", "Written"]

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_TEXTS = frozenset({"STRING", "DATETIME", "ENUM", "UUID"})


class Written(NamedTuple):
    """A value that is to be written: where it stands, under which key, its JSON text."""

    line: int
    key: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that its key's type does not take.

    Attributes
    ----------
    line
        Of the file; 0 where it was given as an argument.
    key
        The key.
    raw
        The value's JSON text.
    expected
        What the key takes, in words.
    """

    line: int
    key: str
    raw: str
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.key}: {self.raw[:80]} is not {self.expected}"


class Fitting:
    """The organisation's schema, as what is written has to fit it.

    Parameters
    ----------
    metadata_schema
        As last set or seen; None where there is none, and then every value fits.
    """

    def __init__(self, metadata_schema: MetadataSchema | None) -> None:
        schema = metadata_schema.schema() if metadata_schema else None
        self.known = metadata_schema is not None
        self.fields: dict[str, Field] = {field.name: field for field in schema.fields} if schema else {}
        self.deleted = frozenset(schema.deleted if schema else ())

    def cell(self, key: str, text: str) -> bytes:
        """Return a text of the command line or of a CSV file as JSON, by its key's type.

        Under a key that the schema does not have, what is JSON is taken as such, and all else as a text. What does
        not look like its type stays a text, for `misfits` to find.
        """
        field = self.fields.get(key)
        if field is not None and field.type in _TEXTS:
            return msgspec.json.encode(text)
        word = text.strip()
        if field is not None and field.type == "NUMBER":
            return word.encode() if _NUMBER.fullmatch(word) else msgspec.json.encode(text)
        if field is not None and field.type == "BOOLEAN":
            return word.lower().encode() if word.lower() in {"true", "false"} else msgspec.json.encode(text)
        try:
            msgspec.json.decode(word)
        except (msgspec.DecodeError, UnicodeError):
            return msgspec.json.encode(text)
        return word.encode()

    def misfits(self, values: Sequence[Written]) -> tuple[Unfit, ...]:
        """Return those of some values that do not fit, in their order."""
        found: list[tuple[int, Unfit]] = []
        for key, field in self.fields.items():
            own = [(place, value) for place, value in enumerate(values) if value.key == key]
            if not own:
                continue
            wrong = misfits(field, (value.text.decode() for _, value in own))
            found += [
                (place, Unfit(value.line, key, value.text.decode(), expected(field)))
                for place, value in own
                if value.text.decode() in wrong
            ]
        return tuple(misfit for _, misfit in sorted(found, key=lambda entry: entry[0]))

    def refuse(self, texts: Mapping[str, bytes]) -> None:
        """Refuse values that were given as arguments.

        Raises
        ------
        EditError
            Some do not fit; all are listed.
        UsageError
            A key is not one that Encord takes.
        """
        wrong = self.misfits([Written(0, key, text) for key, text in texts.items()])
        if wrong:
            raise EditError(
                "values do not fit the metadata schema: " + "; ".join(str(unfit) for unfit in wrong),
                hint="nothing was sent; metaquery schema show tells the types",
            )
        self.check_keys(self.outside(texts))

    def outside(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return the keys that the schema does not have, sorted; none where there is no schema."""
        return tuple(sorted({key for key in keys if key not in self.fields})) if self.known else ()

    @staticmethod
    def check_keys(keys: Iterable[str]) -> None:
        """Refuse keys that Encord does not take.

        Raises
        ------
        UsageError
            One is empty, or has a character that is not allowed.
        """
        for key in keys:
            try:
                check_key(key)
            except SchemaError as error:
                raise UsageError(error.message, hint=error.hint) from None
