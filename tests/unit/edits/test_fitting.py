"""Values are checked against every kind of schema option before anything is sent."""

from __future__ import annotations

import pytest

from metaquery.edits.fitting import Fitting, Written
from metaquery.errors import EditError, UsageError
from metaquery.schema import MetadataSchema

SCHEMA = {
    "speed": "number",
    "city": "string",
    "story": "long_string",
    "dark": "boolean",
    "at": "datetime",
    "rig": "uuid",
    "gps": "geospatial",
    "weather": {"ty": "enum", "values": ["rain", "fog"]},
    "clip": {"ty": "embedding", "size": 2},
    "strict number": {"ty": "number", "format": "F32"},
    "strict text": {"ty": "varchar", "max_length": 10},
    "strict time": {"ty": "datetime", "timezone": "UTC"},
    "gone": {"ty": "tombstone", "deleted_ty": None},
}
FITTING = Fitting(MetadataSchema.from_json(SCHEMA))

FITS = {
    "speed": ["1", "-1.5e3", "9007199254740993", "null"],
    "city": ['"Oslo"', '""', '"12"', "null"],
    "story": ['"long"'],
    "dark": ["true", "false"],
    "at": ['"2023-04-01"', '"20230401"', '"2023-04-01T10:00:00Z"'],
    "rig": ['"3fa85f64-5717-4562-b3fc-2c963f66afa6"'],
    "gps": ['{"latitude": 59.9, "longitude": 10.7}'],
    "weather": ['"rain"'],
    "clip": ["[0.1, 2]"],
    "strict number": ["4"],
    "strict text": ['"x"'],
    "strict time": ['"2023-04-01"'],
    "gone": ["1", '"x"'],
    "not in the schema": ["1", '"x"', "[{}]"],
}
DOES_NOT = {
    "speed": ['"1"', "true", "[1]", '"fast"', "1e999"],
    "city": ["1", "true", '["Oslo"]', "{}"],
    "story": ["1"],
    "dark": ['"true"', "0", "1"],
    "at": ['"2023-13-01"', "20230401", '"yesterday"', '"2023-4-1"'],
    "rig": ['"n/a"'],
    "gps": ['{"latitude": 95, "longitude": 10}', '"59.9,10.7"'],
    "weather": ['"hail"', '["rain"]'],
    "clip": ["[0.1]", '[0.1, "2"]', '"0.1 0.2"'],
    "strict number": ['"4"'],
    "strict text": ["4"],
    "strict time": ['"soon"'],
}


@pytest.mark.parametrize("key", FITS)
def test_what_fits_is_taken(key):
    assert FITTING.misfits([Written(1, key, text.encode()) for text in FITS[key]]) == ()


@pytest.mark.parametrize("key", DOES_NOT)
def test_what_does_not_fit_is_listed_with_its_line_and_key(key):
    written = [Written(line, key, text.encode()) for line, text in enumerate([*DOES_NOT[key], FITS[key][0]], 2)]
    found = FITTING.misfits(written)
    assert [(unfit.line, unfit.key, unfit.raw) for unfit in found] == [
        (line, key, text) for line, text in enumerate(DOES_NOT[key], 2)
    ]
    assert str(found[0]).startswith(f"line 2: {key}: ")


@pytest.mark.parametrize(
    ("key", "typed", "text"),
    [
        ("city", "12", b'"12"'),
        ("city", "true", b'"true"'),
        ("weather", "rain", b'"rain"'),
        ("at", "2023-04-01", b'"2023-04-01"'),
        ("speed", " 12.50 ", b"12.50"),
        ("speed", "fast", b'"fast"'),
        ("dark", "True", b"true"),
        ("dark", "yes", b'"yes"'),
        ("clip", "[1, 2]", b"[1, 2]"),
        ("new", "12", b"12"),
        ("new", '{"a": 1.10}', b'{"a": 1.10}'),
        ("new", "Oslo", b'"Oslo"'),
        ("new", "NaN", b'"NaN"'),
    ],
)
def test_a_text_is_read_by_the_type_of_its_key(key, typed, text):
    assert FITTING.cell(key, typed) == text


def test_keys_outside_the_schema_are_told_and_without_a_schema_none_is():
    assert FITTING.outside(["city", "gone", "new"]) == ("gone", "new")
    assert Fitting(None).outside(["city"]) == ()
    assert Fitting(None).misfits([Written(0, "city", b"1")]) == ()


def test_values_given_as_arguments_are_refused_together():
    with pytest.raises(EditError, match=r"speed: \"fast\" is not a number; dark: 1 is not true or false"):
        FITTING.refuse({"speed": b'"fast"', "dark": b"1", "city": b'"Oslo"'})
    with pytest.raises(UsageError, match="character '#'"):
        FITTING.refuse({"a#b": b"1"})
