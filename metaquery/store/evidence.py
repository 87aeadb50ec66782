"""What the values of a snapshot look like: JSON types and forms, counted over all rows.

Values that fit their type have the form of it, and those that do not are kept as JSON text in `rejects`: so a
snapshot's own tables answer, and no page is read again. Equal values are counted before they are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from metaquery.frozen import dataclass
from metaquery.schema import FIELD_TYPES
from metaquery.store.pages import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.schema import Field
    from metaquery.store.snapshot import KeyCount, Snapshot

__all__ = ["Evidence", "Look", "Rows", "evidence", "looks_of_misfits"]

Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs SQL over a snapshot: `Engine.rows`."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a JSON value.

    Attributes
    ----------
    name
        Of the form.
    plural
        Several of them, in words; `{size}` is the length of a list.
    type
        The field type that such a value fits, beside STRING for texts; None where it fits no other.
    sql
        Whether the JSON text `x` of JSON type `t` has it; of the first forms that it has, the first counts.
    text
        Whether it is a text.
    """

    name: str
    plural: str
    type: str | None
    sql: str
    text: bool = False


_NUMBER = "t IN ('DOUBLE', 'BIGINT', 'UBIGINT', 'HUGEINT')"


def _fits(type_: str, value: str = "x") -> str:
    return f"({FIELD_TYPES[type_].from_json.replace('{x}', value)}) IS NOT NULL"


_DIGITS = "CASE WHEN x[2] BETWEEN '0' AND '9' AND strlen(x) {} THEN {} ELSE false END"

_FORMS = {
    form.name: form
    for form in (
        _Form("number", "numbers", "NUMBER", f"{_NUMBER} AND isfinite(try_cast(x AS DOUBLE))"),
        _Form("endless", "numbers out of range", None, _NUMBER),
        _Form("boolean", "booleans", "BOOLEAN", "t = 'BOOLEAN'"),
        _Form(
            "datetime", "datetimes", "DATETIME",
            f"t = 'VARCHAR' AND {_DIGITS.format('> 10', _fits('DATETIME'))}", text=True,
        ),
        _Form(
            "day", "days without hyphens", "DATETIME",
            f"t = 'VARCHAR' AND {_DIGITS.format('= 10', _fits('DATETIME'))}", text=True,
        ),
        _Form("uuid", "UUIDs", "UUID", f"t = 'VARCHAR' AND strlen(x) = 38 AND {_fits('UUID')}", text=True),
        _Form(
            "quoted number", "numbers in quotes", None,
            r"""t = 'VARCHAR' AND regexp_full_match(x, '"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"')""", text=True,
        ),
        _Form(
            "quoted boolean", "booleans in quotes", None, """t = 'VARCHAR' AND lower(x) IN ('"true"', '"false"')""",
            text=True,
        ),
        _Form("empty", "empty strings", None, """x = '""'""", text=True),
        _Form("string", "strings", None, "t = 'VARCHAR'", text=True),
        _Form("point", "geospatial objects", "POINT", f"t = 'OBJECT' AND {_fits('POINT', 'x::JSON')}"),
        _Form("object", "objects", None, "t = 'OBJECT'"),
        _Form(
            "vector", "lists of {size} numbers", "VECTOR",
            "t = 'ARRAY' AND json_array_length(x) > 0 AND len(list_filter(json_extract(x, '$[*]'), "
            f"lambda e: NOT json_type(e) IN {_NUMBER.removeprefix('t IN ')})) = 0",
        ),
        _Form("list", "lists", None, "true"),
    )
}  # fmt: skip
"""Every form; what the numbers and texts of a schema's own types are is in `FIELD_TYPES`."""

_LOOKS = """
SELECT field, form, CASE WHEN form = 'vector' THEN json_array_length(x) END AS size,
    sum(n)::BIGINT, count(*), max(strlen(x)) - 2, arg_max(x, {'n': n, 'x': x})
FROM (SELECT *, CASE <forms> END AS form FROM (SELECT *, json_type(x::JSON) AS t FROM (<values>)))
GROUP BY field, form, size ORDER BY 4 DESC, form, size"""
"""From values `(field, x, n)`, JSON texts and how often each is there, the looks of each field."""

_TEXT_LOOKS = """
SELECT form, sum(n)::BIGINT, count(*), max(strlen(x)) - 2, arg_max(x, {'n': n, 'x': x})
FROM (SELECT *, CASE <forms> END AS form FROM (
    SELECT '"' || text || '"' AS x, 'VARCHAR' AS t, n
    FROM (SELECT <column> AS text, count(*) AS n FROM data WHERE <column> IS NOT NULL GROUP BY 1)))
GROUP BY form ORDER BY 2 DESC, form"""
"""The looks of a column of texts. In JSON a text may be written otherwise, but not one of the forms of interest."""


def _cases(*, texts: bool) -> str:
    forms = (form for form in _FORMS.values() if form.text or not texts)
    return " ".join(f"WHEN {form.sql} THEN '{form.name}'" for form in forms)


@dataclass(frozen=True, slots=True)
class Look:
    """Values of one form.

    Attributes
    ----------
    form
        Name of the form.
    size
        Of a list of numbers, its length.
    rows
        How many values.
    different
        How many of them are different; None where that was not asked.
    longest
        Bytes of the longest.
    example
        The JSON text of the most frequent one.
    """

    form: str
    size: int | None
    rows: int
    different: int | None = None
    longest: int = 0
    example: str | None = None

    @property
    def plural(self) -> str:
        """What they are, in words: `strings`, `lists of 4 numbers`."""
        words = _FORMS[self.form].plural.replace("{size}", str(self.size))
        return words.removesuffix("s") if self.size == 1 else words

    @property
    def type(self) -> str | None:
        """The field type that they fit; None where they are texts of no other type, or fit none."""
        return _FORMS[self.form].type

    @property
    def is_text(self) -> bool:
        """Whether they are texts."""
        return _FORMS[self.form].text


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values of one key look like; every unit that has one is counted.

    Attributes
    ----------
    key
        How the key fared under its present type.
    looks
        Of all its values, most rows first.
    misfits
        Of those that do not fit.
    """

    key: KeyCount
    looks: tuple[Look, ...]
    misfits: tuple[Look, ...]


def looks_of_misfits(
    rows: Rows, fields: Sequence[str] | None = None, *, at_most: int | None = None
) -> dict[str, tuple[Look, ...]]:
    """Return what the values that do not fit look like, by key, most rows first.

    Parameters
    ----------
    rows
        Runs SQL over the snapshot.
    fields
        Keys; None is all.
    at_most
        Looks at so many of them alone, for a remark that must cost nothing; None looks at all.
    """
    named = "" if fields is None else "AND field IN (SELECT unnest(?::VARCHAR[]))"
    few = "" if at_most is None else f"LIMIT {int(at_most)}"
    values = (
        "SELECT field, raw AS x, count(*) AS n "
        f"FROM (SELECT field, raw FROM rejects WHERE field IS NOT NULL {named} {few}) GROUP BY ALL"
    )
    found: dict[str, tuple[Look, ...]] = {}
    text = _LOOKS.replace("<forms>", _cases(texts=False)).replace("<values>", values)
    for field, form, size, *counts in rows(text, [] if fields is None else [list(fields)]):
        found[field] = (*found.get(field, ()), Look(form, size, *counts))
    return found


def evidence(rows: Rows, snapshot: Snapshot) -> tuple[Evidence, ...]:
    """Return what the values of each key look like, in the schema's order; every row is counted.

    Parameters
    ----------
    rows
        Runs SQL over the snapshot.
    snapshot
        Whose values.
    """
    misfits = looks_of_misfits(rows)
    found = []
    for key, field in zip(snapshot.keys, snapshot.schema.fields, strict=True):
        wrong = misfits.get(key.name, ())
        found.append(Evidence(key, _together((*_valid(rows, key, field), *wrong)), wrong))
    return tuple(found)


def _valid(rows: Rows, key: KeyCount, field: Field) -> tuple[Look, ...]:
    """Return the looks of the values that fit; texts are looked at, all others are of the form of their type."""
    if not key.valid:
        return ()
    if not field.field_type.text:
        form = next(form for form in _FORMS.values() if form.type == field.type)
        return (Look(form.name, field.size, key.valid),)
    text = _TEXT_LOOKS.replace("<forms>", _cases(texts=True)).replace("<column>", quoted(field.column))
    return tuple(
        Look(form, None, count, different, longest, json.dumps(example[1:-1], ensure_ascii=False))
        for form, count, different, longest, example in rows(text, [])
    )


def _together(looks: Iterable[Look]) -> tuple[Look, ...]:
    """Add up looks of one form: texts that fit an ENUM, and those that do not."""
    found: dict[tuple[str, int | None], Look] = {}
    for look in looks:
        place = look.form, look.size
        had = found.get(place)
        if had is None:
            found[place] = look
            continue
        both = None if had.different is None or look.different is None else had.different + look.different
        example = max(had, look, key=lambda one: (one.example is not None, one.rows)).example
        longest = max(had.longest, look.longest)
        found[place] = Look(*place, had.rows + look.rows, both, longest, example)
    return tuple(sorted(found.values(), key=lambda look: -look.rows))
