"""`propose()`: a corrected metadata schema, and what speaks for each key of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.errors import SchemaError
from metaquery.frozen import dataclass
from metaquery.schema import MetadataSchema
from metaquery.schema.metadata_schema import check_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from metaquery.schema import Field
    from metaquery.store.evidence import Evidence, Look
    from metaquery.store.snapshot import KeyCount

__all__ = ["LARGEST_INVALID_SHARE", "Correction", "Proposal", "in_doubt", "propose"]

LARGEST_INVALID_SHARE = 0.1
"""Share of the values of a key that may be invalid before its type is in doubt."""

_ENUM = 20
"""Different texts up to which a key is remarked to be an enum, if each occurs ten times on the average."""

_VARCHAR = 8192
"""Bytes of a `varchar`; a longer one is a `text` (`encord-wire-protocol.md` §3.2)."""

_VARIANTS = {"NUMBER": "number", "BOOLEAN": "boolean", "DATETIME": "datetime", "UUID": "uuid"}


@dataclass(frozen=True, slots=True)
class Correction:
    """What is proposed for one key.

    Attributes
    ----------
    key
        The key.
    now
        Its option in the schema as it is; None where the schema does not have the key.
    proposed
        Its option in the corrected schema; None where nothing can be proposed.
    looks
        What all of its values look like, most first.
    remark
        What else is worth knowing; empty where there is nothing.
    """

    key: str
    now: Mapping[str, Any] | None
    proposed: Mapping[str, Any] | None
    looks: tuple[Look, ...]
    remark: str

    @property
    def changes(self) -> bool:
        """Whether the schema would differ."""
        return self.now != self.proposed


@dataclass(frozen=True, slots=True)
class Proposal:
    """A corrected schema.

    Attributes
    ----------
    schema
        The whole of it.
    corrections
        Every key that has values, in the order of the schema.
    """

    schema: MetadataSchema
    corrections: tuple[Correction, ...]


def in_doubt(key: KeyCount, *, invalid_share: float = LARGEST_INVALID_SHARE) -> bool:
    """Whether a key has values and none that is valid, or more invalid ones than may be."""
    return key.invalid > 0 and (not key.valid or key.invalid > invalid_share * (key.valid + key.invalid))


def propose(
    schema: MetadataSchema, evidence: Iterable[Evidence], *, invalid_share: float = LARGEST_INVALID_SHARE
) -> Proposal:
    """Correct the keys that misfit, and add the keys that are not there; all else stays as it is.

    A key keeps its type where at most `invalid_share` of its values are invalid. Else it gets the narrowest type that
    so many fit: boolean, number, datetime, UUID, geospatial, vectors of one size; or, of these and text, the type that
    most fit. Nothing is converted, so numbers in quotes are texts.

    Parameters
    ----------
    schema
        As it is.
    evidence
        Of every key that has values, counted over all rows.
    invalid_share
        Share of a key's values that may be invalid.
    """
    options = dict(schema.options)
    typed = schema.schema()
    corrections = []
    for found in evidence:
        name = found.key.name
        now = options.get(name)
        proposed, remark = _proposed(found, now, typed.get(name), invalid_share)
        corrections.append(Correction(name, now, proposed, found.looks, remark))
        if proposed is not None:
            options[name] = proposed
    return Proposal(MetadataSchema(options), tuple(corrections))


def _proposed(
    found: Evidence, now: Mapping[str, Any] | None, field: Field | None, invalid_share: float
) -> tuple[Mapping[str, Any] | None, str]:
    """Return the option of a key, and a remark."""
    values = sum(look.rows for look in found.looks)
    if now is None:
        if not values:
            return None, "every value is null: no type can be told"
        try:
            check_key(found.key.name)
        except SchemaError as error:
            return None, error.message
    valid = _valid_under(field, found)
    if now is not None and (field is None or values - valid <= invalid_share * values):
        return now, _remark(found.looks, now)
    fitting = _fitting(found.looks, dates=False)
    best = _best(fitting, at_least=(1 - invalid_share) * values)
    if best is None or (now is not None and fitting[best] <= valid):
        return now, "no type fits" if best is None else "no other type fits more values"
    option = _option(*best, found.looks)
    if field is not None and field.type == "ENUM":
        return option, "or add its other texts to the enum"
    return option, _remark(found.looks, option)


def _valid_under(field: Field | None, found: Evidence) -> int:
    """Return how many values fit a field of the schema, which need not be the one that they were typed by."""
    if field is None:
        return 0
    if field.type == "ENUM":
        texts = sum(look.rows for look in found.looks if look.is_text)
        return found.key.valid if found.key.type == "ENUM" else texts
    return _fitting(found.looks, dates=field.type == "DATETIME").get((field.type, field.size), 0)


def _best(fitting: dict[tuple[str, int | None], int], *, at_least: float) -> tuple[str, int | None] | None:
    """Return the type that most values fit, text only where no other fits `at_least` so many."""
    narrow = {type_: rows for type_, rows in fitting.items() if type_[0] != "STRING" and rows >= at_least}
    fitting = narrow or fitting
    return max(fitting, key=lambda type_: fitting[type_], default=None)


def _fitting(looks: Sequence[Look], *, dates: bool) -> dict[tuple[str, int | None], int]:
    """Return how many values fit each type; a vector's with its size.

    Eight digits in quotes are as likely a serial number as a day: they are days beside other dates, or where `dates`
    says that dates are meant.
    """
    dates = dates or any(look.form == "datetime" for look in looks)
    found: dict[tuple[str, int | None], int] = {}
    for look in looks:
        if look.type is not None and (look.form != "day" or dates):
            type_ = look.type, look.size
            found[type_] = found.get(type_, 0) + look.rows
        if look.is_text:
            found["STRING", None] = found.get(("STRING", None), 0) + look.rows
    return found


def _option(type_: str, size: int | None, looks: Sequence[Look]) -> dict[str, Any]:
    """Return a type in the typed form of a schema."""
    if type_ == "STRING":
        longest = max(look.longest for look in looks if look.is_text)
        return {"ty": "variant", "hint": "varchar" if longest <= _VARCHAR else "text"}
    if type_ == "VECTOR":
        return {"ty": "embedding", "size": size, "api": None}
    return {"ty": "geospatial"} if type_ == "POINT" else {"ty": "variant", "hint": _VARIANTS[type_]}


def _remark(looks: Sequence[Look], option: Mapping[str, Any]) -> str:
    """Say what a key of texts might be instead."""
    texts = [look for look in looks if look.is_text]
    if option.get("hint") not in {"varchar", "text", "string", "long_string"} or not texts:
        return ""
    values = sum(look.rows for look in texts)
    if len(texts) == 1 and texts[0].form != "string" and texts[0].form != "empty":
        return f"all of its texts are {texts[0].plural}"
    if any(look.different is None for look in texts):
        return ""
    different = sum(look.different or 0 for look in texts)
    return f"only {different} different texts: an enum?" if different <= min(_ENUM, values / 10) else ""
