"""Random organisations: a metadata schema, data units with raw client metadata, annotations and Collections.

A `RawWorld` is all text and numbers: `stored` puts it into tables by way of the product's own store, and `reading`
makes of it what the oracle knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from . import raw_values as raw

NAMES = [
    "city", "speed", "dark", "Dark", "DARK", "frame rate", "site-id", "video.description", "größe", "in", "order",
    "null", "title", "tags", "width", "class", "frame", "unit", "item_uuid", "created_at", "any", "label", "count",
    "date", "E", "meta.title", "unit.width", "meta.x y", "label.class", "select", "Été", "数", "9", "a.", "x  y", "is",
    "user",
]  # fmt: skip
"""Keys that Encord allows: also reserved words, SQL's words, names of built-in fields and of columns."""

UNDECLARED = ["eo:cloud", "it's", 'said "x"', "/a~b", "😀", "back\\slash", "a`b", "100%", "speed", "x,y", "$.x", "a[0]"]
"""Keys that no schema has, any text."""

TYPES = ["NUMBER", "STRING", "BOOLEAN", "DATETIME", "ENUM", "UUID", "POINT", "VECTOR"]

OPTIONS: dict[str, list[Any]] = {
    "NUMBER": ["number", {"ty": "number"}, {"ty": "variant", "hint": "number"}],
    "STRING": ["string", "long_string", {"ty": "user"}, {"ty": "text"}],
    "BOOLEAN": ["boolean", {"ty": "boolean"}],
    "DATETIME": ["datetime", {"ty": "variant", "hint": "datetime"}],
    "ENUM": [{"ty": "enum", "values": list(raw.ENUM_VALUES)}],
    "UUID": ["uuid", {"ty": "uuid"}],
    "POINT": ["geospatial", {"ty": "geospatial"}],
    "VECTOR": [{"ty": "embedding", "size": 3}],
}

TITLES = ["night", "Paris review", "O'Brien's", "Éa 😀"]
"""Of Collections; the last one is named by no schema, and one has no members."""

CLASSES = ["car", "person", "Bus", "", None]
BRANCHES = ["main", "main", "model-v1"]


@dataclass(frozen=True)
class Key:
    """One key of client metadata: its type in the schema, and the JSON texts that units may have there."""

    name: str
    type: str
    option: int
    pool: tuple[str, ...]
    declared: bool = True


@dataclass(frozen=True)
class RawUnit:
    """One data unit: its dataset, what Encord says of it, and its client metadata as members or as any JSON text."""

    dataset: int
    title: str
    data_type: str
    created_at: str | None
    sizes: tuple[int | None, int | None, float | None, float | None]
    members: tuple[tuple[str, str], ...]
    whole: str | None = None
    as_text: bool = False


@dataclass(frozen=True)
class RawAnnotation:
    """One object or classification on a unit."""

    unit: int
    branch: str
    classified: bool
    manual: bool | None
    value: str | None
    answer: str | None
    annotator: str | None
    confidence: float | None
    created: int | None
    frames: tuple[tuple[int, int], ...]

    @property
    def predicted(self) -> bool:
        return self.branch != "main" or self.manual is False


@dataclass(frozen=True)
class RawWorld:
    """Everything; `chosen` are the units of each Collection."""

    keys: tuple[Key, ...]
    units: tuple[RawUnit, ...]
    annotations: tuple[RawAnnotation, ...]
    chosen: tuple[frozenset[int], ...]


@st.composite
def keys(draw: st.DrawFn) -> tuple[Key, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=9, unique=True))
    drawn = []
    for place, name in enumerate(names):
        type_ = TYPES[place] if place < len(TYPES) and draw(st.booleans()) else draw(st.sampled_from(TYPES))
        pool = tuple(draw(st.lists(raw.values(type_), min_size=1, max_size=8)))
        drawn.append(Key(name, type_, draw(st.integers(0, len(OPTIONS[type_]) - 1)), pool))
    for name in draw(st.lists(st.sampled_from(UNDECLARED), max_size=2, unique=True)):
        if name not in names:
            type_ = draw(st.sampled_from(["NUMBER", "STRING", "BOOLEAN", "DATETIME"]))
            drawn.append(
                Key(name, type_, 0, tuple(draw(st.lists(raw.values(type_), min_size=1, max_size=4))), declared=False)
            )
    return tuple(drawn)


WHOLE = ["null", '""', '"Oslo"', "[1]", "5", '"[1]"', "true", "{}"]
"""Client metadata that is no object with members."""

CREATED = ["2024-05-01 12:00:06", "2023-01-01 00:00:00", "2022-12-31 23:59:59", None]
TITLE_POOL = ["img_0.jpg", "IMG_1.JPG", "O'Brien.mp4", "50%.png", "Sa\u0303o/x.mp4"]


def unit(dice: Random, named: tuple[Key, ...]) -> RawUnit:
    """Make one unit of the pools; dice, as hundreds of draws a world would leave no room for filters."""
    members = tuple((key.name, dice.choice(key.pool)) for key in named if dice.random() < 0.85)
    return RawUnit(
        dataset=dice.randrange(2),
        title=dice.choice(TITLE_POOL),
        data_type=dice.choice(["IMAGE", "VIDEO", "DICOM"]),
        created_at=dice.choice(CREATED),
        sizes=(
            dice.choice([None, 0, 50, 1920]),
            dice.choice([0, 1080]),
            dice.choice([None, 0, 2.5]),
            dice.choice([None, 30]),
        ),
        members=(*members, *((name, members[-1][1]) for name, _ in members[:-1:3])),  # a name twice: the first counts
        whole=dice.choice(WHOLE) if dice.random() < 0.08 else None,
        as_text=dice.random() < 0.3,
    )


def annotation(dice: Random, units: int) -> RawAnnotation:
    classified = dice.random() < 0.3
    start = dice.choice([0, 1, 7])
    return RawAnnotation(
        unit=dice.randrange(units),
        branch=dice.choice(BRANCHES),
        classified=classified,
        manual=dice.choice([None, True, True, False]),
        value=dice.choice(CLASSES),
        answer=dice.choice(["wet", None]) if classified else None,
        annotator=dice.choice(["a@b.c", None]),
        confidence=dice.choice([0, 0.5, 0.9, None]),
        created=dice.choice([1_714_564_820_000_000, 1_672_531_200_000_000, None]),
        frames=((start, start + 2), (9, 9))[: dice.choice([1, 2])] if classified else ((start, start),),
    )


@st.composite
def worlds(draw: st.DrawFn) -> RawWorld:
    named = draw(keys())
    dice = Random(draw(st.integers(0, 2**16)))  # noqa: S311  # which unit has which value of the pools
    count = draw(st.sampled_from([1, 5, 24, 30, 30]))
    return RawWorld(
        keys=named,
        units=tuple(unit(dice, named) for _ in range(count)),
        annotations=tuple(annotation(dice, count) for _ in range(count + count // 3)),
        chosen=(*(frozenset(n for n in range(count) if dice.random() < 0.4) for _ in TITLES[:-1]), frozenset()),
    )
