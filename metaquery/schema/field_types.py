"""The types a field may have, one row each: everything a type is stands in its row.

The rules are `filter-language.md` §5.1; the SQL forms and what they cost are in `measurements.md` §3. Nothing is
converted: `"true"` is not a boolean, `"12.5"` is not a number.
"""

from __future__ import annotations

from metaquery.frozen import dataclass

__all__ = ["FIELD_TYPES", "FieldType"]


@dataclass(frozen=True, slots=True)
class FieldType:
    """One type of the filter language.

    Attributes
    ----------
    name
        As errors and `explain` write it, upper case.
    column
        DuckDB's type of the column; `{size}` stands for the number of elements of a vector.
    from_json
        SQL from the JSON value `{x}` (DuckDB type JSON, never SQL NULL or JSON null) to the column's type, NULL where
        the value does not fit. `{values}` becomes a parameter: the enum's values, as one list.
    expected
        What a value has to be, in words, as reports of misfits say it.
    plural
        Several values, in words: what misfits are not.
    literal
        How a value of this type is written in a filter, for hints.
    text
        Whether text operators and functions take it.
    ordered
        Whether `<` and its kin take it.
    """

    name: str
    column: str
    from_json: str
    expected: str
    plural: str
    literal: str
    text: bool = False
    ordered: bool = True


_INSTANT = (
    r'"(?:\d{8}|\d{4}-\d\d-\d\d(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,12})?)?'
    r'(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?)"'
)
"""The seed's forms of a date and time, as JSON text. DuckDB's own cast takes more: `infinity`, `epoch`, `2023-4-1`,
`2023-04-01 (BC)`, zone names, offsets of 99 hours."""

_UUID = r"""CASE WHEN regexp_full_match({x}::VARCHAR, '"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"')
  THEN try_cast(substring({x}::VARCHAR, 2, 36) AS UUID) END"""

_STRING = r"""CASE WHEN starts_with({x}::VARCHAR, '"') THEN
    CASE WHEN strlen({x}::VARCHAR) <> length({x}::VARCHAR)
        AND regexp_full_match({x}::VARCHAR, '[\x00-\x{02FF}]*') AND NOT contains({x}::VARCHAR, '\u')
    THEN {x}->>'$' ELSE nfc_normalize({x}->>'$') END END"""
"""Below U+0300 every character is NFC by itself, and to find that out costs a fourth of normalising a text with `ü`.
DuckDB finds out by itself where all is ASCII, in less time than the regular expression."""

_PARSED = """CASE WHEN strlen({x}::VARCHAR) = 10 THEN try_strptime({x}::VARCHAR, '"%Y%m%d"')::TIMESTAMPTZ
    ELSE try_cast(substring({x}::VARCHAR, 2, strlen({x}::VARCHAR) - 2) AS TIMESTAMPTZ) END"""

_DATETIME = f"""CASE WHEN NOT regexp_full_match({{x}}::VARCHAR, '{_INSTANT}') THEN NULL
    WHEN starts_with({{x}}::VARCHAR, '"0') OR starts_with({{x}}::VARCHAR, '"9999') THEN
        CASE WHEN {_PARSED} >= TIMESTAMPTZ '0001-01-01 00:00:00+00'
            AND {_PARSED} < TIMESTAMPTZ '10000-01-01 00:00:00+00' THEN {_PARSED} END
    ELSE {_PARSED} END"""
"""An offset can carry a date of the year 1 or 9999 out of the calendar, and DuckDB's calendar has a year 0; all others
are parsed once."""

_NUMBERS = "('DOUBLE', 'BIGINT', 'UBIGINT', 'HUGEINT')"

_POINT = """CASE WHEN json_type({x}->'$.latitude') IN <numbers> AND json_type({x}->'$.longitude') IN <numbers>
  AND abs(({x}->>'$.latitude')::DOUBLE) <= 90 AND abs(({x}->>'$.longitude')::DOUBLE) <= 180
  THEN {'latitude': ({x}->>'$.latitude')::DOUBLE, 'longitude': ({x}->>'$.longitude')::DOUBLE}
  END""".replace("<numbers>", _NUMBERS)

_VECTOR = """CASE WHEN json_type({x}) = 'ARRAY' AND json_array_length({x}) = {size}
  AND len(list_filter(json_extract({x}, '$[*]'), lambda e: json_type(e) NOT IN <numbers>
    OR NOT isfinite(try_cast(e::VARCHAR AS FLOAT)))) = 0
  THEN try_cast({x}::VARCHAR AS FLOAT[{size}]) END""".replace("<numbers>", _NUMBERS)

FIELD_TYPES: dict[str, FieldType] = {
    row.name: row
    for row in (
        FieldType(
            name="NUMBER",
            column="DOUBLE",
            from_json="CASE WHEN isfinite(try_cast({x}::VARCHAR AS DOUBLE)) THEN try_cast({x}::VARCHAR AS DOUBLE) END",
            expected="a number",
            plural="numbers",
            literal="12.5",
        ),
        FieldType(
            name="STRING",
            column="VARCHAR",
            from_json=_STRING,
            expected="text",
            plural="strings",
            literal="'Paris'",
            text=True,
        ),
        FieldType(
            name="BOOLEAN",
            column="BOOLEAN",
            from_json="CASE {x}::VARCHAR WHEN 'true' THEN true WHEN 'false' THEN false END",
            expected="true or false",
            plural="booleans",
            literal="true",
        ),
        FieldType(
            name="DATETIME",
            column="TIMESTAMPTZ",
            from_json=_DATETIME,
            expected="an ISO 8601 date or date and time",
            plural="datetimes",
            literal="2023-01-01",
        ),
        FieldType(
            name="ENUM",
            column="VARCHAR",
            from_json="CASE WHEN starts_with({x}::VARCHAR, '\"') AND list_contains({values}, nfc_normalize({x}->>'$')) "
            "THEN nfc_normalize({x}->>'$') END",
            expected="one of the schema's values",
            plural="values of its enum",
            literal="'rain'",
            text=True,
        ),
        FieldType(
            name="UUID",
            column="UUID",
            from_json=_UUID,
            expected="a UUID",
            plural="UUIDs",
            literal="'3fa85f64-5717-4562-b3fc-2c963f66afa6'",
        ),
        FieldType(
            name="POINT",
            column="STRUCT(latitude DOUBLE, longitude DOUBLE)",
            from_json=_POINT,
            expected="an object with latitude and longitude in range",
            plural="geospatial objects",
            literal="POINT(2.35 48.85)",
            ordered=False,
        ),
        FieldType(
            name="VECTOR",
            column="FLOAT[{size}]",
            from_json=_VECTOR,
            expected="a list of as many numbers as the schema says",
            plural="vectors of its size",
            literal="[0.1, 0.2]",
            ordered=False,
        ),
        FieldType(
            name="LIST",
            column="VARCHAR[]",
            from_json="NULL",
            expected="a list",
            plural="lists",
            literal="['night']",
            ordered=False,
        ),
    )
}
"""Every type of a field, by name. LIST occurs in built-in fields only."""
