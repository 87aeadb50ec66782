"""A schema, values, Collections and saved filters to complete with, and a text with `|` for the cursor."""

from __future__ import annotations

from datetime import UTC, date, datetime

from metaquery.language.complete import Completion, complete
from metaquery.schema import DATA, Field, Relation, Schema
from tests.properties.schemas import FIELDS

SCHEMA = Schema.of(
    [
        *FIELDS,
        Field("größe", "NUMBER"),
        Field("title", "STRING"),
        Field("any", "STRING"),
        Field("missing", "BOOLEAN"),
        Field('he said "hi"', "STRING"),
        Field("unit.width", "NUMBER"),
        Field("eo:cloud_cover", "NUMBER"),
        Field("撮影地", "STRING"),
    ],
    reserved=[field.name for field in DATA.fields],
)

VALUES: dict[str, list[tuple[object, int]]] = {
    "city": [
        ("Paris", 1200),
        ("Lyon", 30),
        ("O'Brien", 3),
        ("São Paulo", 2),
        ("paris", 1),
        ("New Paris", 1),
        ("two\nlines", 1),
    ],
    "note": [(None, 4), ("\0", 3), ("x" * 2000, 2), ("50%", 1)],
    "tags": [("night", 5), ("dusk", 2)],
    "class": [("car", 9), ("person", 4)],
    "speed": [(50.0, 3), (-1, 2), (12.5, 1), (float("nan"), 1), ("fast", 1), (1e300, 1)],
    "captured_at": [(datetime(2023, 5, 1, 23, tzinfo=UTC), 2), (date(2023, 5, 2), 1), ("2024-01-31T10:00:00Z", 7)],
    "weather": [("rain", 5), ("hail", 1)],
    "dark": [(False, 99), (True, 1)],
    "rig": [("3fa85f64-5717-4562-b3fc-2c963f66afa6", 2)],
}


def values(field: Field) -> list[tuple[object, int]]:
    return VALUES.get(field.name, [])


def at(marked: str, relation: Relation = DATA, start: str = "filter", limit: int = 50) -> tuple[str, Completion]:
    cursor = marked.index("|")
    text = marked[:cursor] + marked[cursor + 1 :]
    done = complete(
        text,
        cursor,
        SCHEMA,
        relation,
        values,
        collections={"night": 4, "Paris review": 9, "O'Brien": 1},
        saved={"dusk": "dark and speed > 5", "my night": "dark"},
        start=start,  # type: ignore[arg-type]
        limit=limit,
    )
    return text, done


def texts(done: Completion) -> list[str]:
    return [candidate.text for candidate in done.candidates]
