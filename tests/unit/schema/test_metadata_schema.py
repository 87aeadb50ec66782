"""The organisation's metadata schema: both forms of encord-wire-protocol.md §3, and what is refused."""

import pytest

from metaquery.errors import SchemaError
from metaquery.schema import MetadataSchema

TYPED = {
    "captured_at": {"ty": "variant", "hint": "datetime"},
    "city": {"ty": "variant", "hint": "varchar"},
    "story": {"ty": "variant", "hint": "text"},
    "rig": {"ty": "variant", "hint": "uuid"},
    "weather": {"ty": "enum", "values": ["fog", "rain", "sun"]},
    "clip": {"ty": "embedding", "size": 4, "api": None},
    "gps": {"ty": "geospatial"},
    "speed": {"ty": "number", "format": "F32"},
    "plate": {"ty": "varchar", "max_length": 12},
    "seen": {"ty": "datetime", "timezone": "UTC"},
    "owner": {"ty": "user"},
    "gone": {"ty": "tombstone", "deleted_ty": {"ty": "variant", "hint": "number"}},
    "gone_hard": {"ty": "tombstone", "deleted_ty": None},
}


def test_the_seeds_form_is_read() -> None:
    schema = MetadataSchema.from_json({"captured_at": "datetime", "city": "string", "dark": "boolean", "n": "number"})
    types = {f.name: f.type for f in schema.schema().fields}
    assert types == {"captured_at": "DATETIME", "city": "STRING", "dark": "BOOLEAN", "n": "NUMBER"}


def test_every_option_of_the_typed_form_is_read_and_kept() -> None:
    schema = MetadataSchema.from_json(TYPED)
    assert schema.to_json() == TYPED
    fields = {f.name: f for f in schema.schema().fields}
    assert {name: f.type for name, f in fields.items()} == {
        "captured_at": "DATETIME",
        "city": "STRING",
        "story": "STRING",
        "rig": "UUID",
        "weather": "ENUM",
        "clip": "VECTOR",
        "gps": "POINT",
        "speed": "NUMBER",
        "plate": "STRING",
        "seen": "DATETIME",
        "owner": "STRING",
    }
    assert fields["weather"].values == ("fog", "rain", "sun")
    assert fields["clip"].column_type == "FLOAT[4]"
    assert schema.schema().deleted == ("gone", "gone_hard")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"city": "strnig"}, "did you mean 'string'"),
        ({"city": "STRING"}, "did you mean 'string'"),
        ({"city": "integer"}, "did you mean 'number'"),
        ({"city": "data type"}, "types are"),
        ({"weather": "enum"}, '"values"'),
        ({"clip": "embedding"}, '"size"'),
        ({"city": 5}, "a number"),
        ({"city": {"ty": "variant", "hint": "txt"}}, "did you mean 'text'"),
        ({"city": {"ty": "enumm"}}, "did you mean 'enum'"),
        ({"city": {"ty": "enum", "values": []}}, "1 to 256"),
        ({"clip": {"ty": "embedding", "size": 5000}}, "1 to 4096"),
        ({"": "string"}, "empty"),
        ({"$city": "string"}, "'$'"),
        ({"a/b": "string"}, "'/'"),
        ({"keyframes": "string"}, "reserved"),
        (["city"], "JSON object"),
        ("city", "JSON object"),
    ],
)
def test_a_schema_that_cannot_be_meant_is_refused_by_name(document: object, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        MetadataSchema.from_json(document)
    assert words in str(caught.value)


def test_keys_that_differ_in_case_or_are_built_in_get_columns_of_their_own() -> None:
    schema = MetadataSchema.from_json({"Dark": "boolean", "dark": "boolean", "title": "string", "meta.dark": "string"})
    columns = [f.column.casefold() for f in schema.schema().fields]
    assert len(set(columns)) == 4
    assert "title" not in columns
    assert [f.name for f in schema.schema().fields] == ["Dark", "dark", "title", "meta.dark"]
