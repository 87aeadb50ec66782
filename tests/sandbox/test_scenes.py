"""The data sets: what they promise about their values."""

from __future__ import annotations

import json
import math
import re
import uuid
from collections import Counter
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from metaquery.sandbox.birdstrikes import BirdStrikes
from metaquery.sandbox.scenes import SCHEMA, Scenes
from metaquery.sandbox.schema_forms import key_is_valid, read_typed

COUNT = 12_000

ISO_FORMS = {
    "20230401": r"\d{8}",
    "2023-04-01": r"\d{4}-\d\d-\d\d",
    "2023-04-01T10:20:30": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "2023-04-01 10:20:30": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "…30.123": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}",
    "…30.123456": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}",
    "…30Z": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "…30.123Z": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "…30+02:00": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+02:00",
}


def is_time(value):
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_uuid(value):
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


def is_place(value):
    return isinstance(value, dict) and value.keys() == {"latitude", "longitude"} and all(map(is_number, value.values()))


FITS = {
    "datetime": is_time,
    "varchar": lambda v: isinstance(v, str),
    "text": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "number": is_number,
    "uuid": is_uuid,
    "geospatial": is_place,
    "embedding": lambda v: isinstance(v, list) and len(v) == 4 and all(map(is_number, v)),
    "enum": lambda v: v in {"clear", "rain", "fog", "snow", "overcast"} if isinstance(v, str) else False,
}


@pytest.fixture(scope="module")
def scenes():
    return Scenes(COUNT)


@pytest.fixture(scope="module")
def rows(scenes):
    return [json.loads(scenes.metadata(n)) for n in range(COUNT)]


def test_the_same_seed_gives_the_same_units_however_many_there_are(scenes):
    other, seeded = Scenes(50), Scenes(50, seed=8)
    for n in range(50):
        assert other.metadata(n) == scenes.metadata(n)
        assert (other.name(n), other.media(n)) == (scenes.name(n), scenes.media(n))
        assert other.opened(n, 0, "main") == scenes.opened(n, 0, "main")
    assert [seeded.metadata(n) for n in range(50)] != [scenes.metadata(n) for n in range(50)]


@pytest.mark.parametrize("key", SCHEMA)
def test_one_value_in_ten_is_missing_and_one_in_a_hundred_does_not_fit(rows, key):
    option = SCHEMA[key]
    fits = FITS[option.get("hint", option["ty"])]
    present = [row[key] for row in rows if row.get(key) is not None]
    missing = 1 - len(present) / COUNT
    assert (0.30 if key == "temperature" else 0.08) < missing < (0.40 if key == "temperature" else 0.12)
    assert any(key in row and row[key] is None for row in rows)
    assert 0.006 < sum(not fits(v) for v in present) / COUNT < 0.015


def test_every_way_of_writing_a_time_occurs(rows):
    written = [row["captured_at"] for row in rows if isinstance(row.get("captured_at"), str)]
    for example, pattern in ISO_FORMS.items():
        assert sum(re.fullmatch(pattern, text) is not None for text in written) > 100, example
    years = {text[:4] for text in written if is_time(text)}
    assert years == {"2021", "2022", "2023", "2024"}


def test_some_units_have_no_metadata_and_some_a_key_of_their_own(rows):
    assert 5 < sum(row == {} for row in rows) < 60
    assert {key for row in rows for key in row} - SCHEMA.keys() == {"operator"}


def test_the_demo_filter_finds_a_sensible_share(rows):
    found = sum(row.get("dark") is True and str(row.get("captured_at")) > "2023-01-01" for row in rows)
    assert 0.1 < found / COUNT < 0.4


def test_values_go_together(rows):
    snow = [row["captured_at"][:10] for row in rows if row.get("weather") == "snow" and is_time(row.get("captured_at"))]
    assert {datetime.fromisoformat(text).month for text in snow} == {12, 1, 2}
    for row in rows:
        if row.get("city") == "Oslo" and is_place(row.get("gps")):
            assert math.dist((59.9139, 10.7522), row["gps"].values()) < 0.2
    nights = [
        row["dark"]
        for row in rows
        if re.search(r"[T ]0[0-2]:", str(row.get("captured_at"))) and isinstance(row.get("dark"), bool)
    ]
    assert all(nights)
    assert len(nights) > 300


def test_keys_are_ones_encord_allows_and_the_schema_reads(rows):
    assert all(key_is_valid(key) for row in rows for key in row)
    assert read_typed(SCHEMA) == SCHEMA
    for source in (Scenes(1), BirdStrikes(1)):
        assert read_typed(source.schema) == source.schema
    for bad in ("", "$x", "keyframes", "a#b", "a/b", "---"):
        assert not key_is_valid(bad)


def test_most_units_are_images_and_some_are_videos(scenes):
    kinds = Counter(scenes.media(n).kind for n in range(COUNT))
    assert 0.02 < kinds["VIDEO"] / COUNT < 0.04
    video = next(scenes.media(n) for n in range(COUNT) if scenes.media(n).kind == "VIDEO")
    assert video.frames == int(video.fps * video.duration)


def test_labels_and_predictions_of_a_unit_go_together(scenes):
    labelled = [n for n in range(COUNT) if scenes.opened(n, 0, "main")]
    assert 0.55 < len(labelled) / COUNT < 0.65
    both = [n for n in labelled[:400] if scenes.opened(n, 0, "model-v1")]
    drawn = [scenes.labels(n, 0, "main") for n in both]
    seen = [scenes.labels(n, 0, "model-v1") for n in both]
    assert {len(labels.boxes) for labels in drawn} == set(range(7))
    for labels in (*drawn, *seen):
        assert all(min(b.x, b.y) >= 0 and max(b.x + b.w, b.y + b.h) <= 1 for b in labels.boxes)
        assert len({b.object_hash for b in labels.boxes}) == len(labels.boxes)
    assert not any(b.manual for labels in seen for b in labels.boxes)
    by_people = [b.manual for labels in drawn for b in labels.boxes]
    assert 0.05 < by_people.count(False) / len(by_people) < 0.15
    near = sum(
        any(math.dist((b.x, b.y), (s.x, s.y)) < 0.03 for s in guess.boxes)
        for labels, guess in zip(drawn, seen, strict=True)
        for b in labels.boxes
    )
    assert 0.75 < near / len(by_people) < 0.98


def test_pictures_are_svg(scenes):
    for n in range(20):
        root = ET.fromstring(scenes.picture(n))  # noqa: S314 - our own drawing
        assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_bird_strikes_are_the_records_of_the_file():
    strikes = BirdStrikes()
    assert strikes.units == 10_000
    first = json.loads(strikes.metadata(0))
    assert first["Flight Date"] == "1990-01-08"
    assert first["Cost Total"] == 0
    assert first["Wildlife Species"] == "Turkey vulture"
    rows = [json.loads(strikes.metadata(n)) for n in range(strikes.units)]
    assert {key for row in rows for key in row} == strikes.schema.keys()
    assert sum("Speed IAS in knots" not in row for row in rows) == 2836
    assert max(row["Flight Date"] for row in rows) == "2002-07-25"
