"""From spooled pages to typed tables: nothing guessed, nothing lost, every value accounted for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import metaquery
from metaquery.errors import CorruptSpool
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.counting import Materialised
from metaquery.store.materialise import materialise
from metaquery.store.spool import Part, Spool

Make = Callable[..., tuple[Part, Spool]]


def build(into: Path, schema: dict[str, Any], *spools: tuple[Part, Spool], before: Path | None = None) -> Materialised:
    chains = [Chain(part, (spool,)) for part, spool in spools]
    return materialise(chains, MetadataSchema.from_json(schema), into, before=before)


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def test_every_unit_is_valid_missing_or_invalid_for_each_key(tmp_path: Path, units: Make) -> None:
    documents = [{"dark": True}, {"dark": "true"}, {"dark": None}, {}, {"dark": False}]
    made = build(tmp_path / "s.duckdb", {"dark": "boolean"}, units(documents))
    (key,) = made.keys
    assert (key.valid, key.missing, key.invalid, key.example) == (2, 2, 1, '"true"')
    assert made.counts.data == 5
    assert rows(tmp_path / "s.duckdb", "SELECT * FROM rejects") == [("d1", "dark", '"true"', "true or false")]


@pytest.mark.parametrize(
    ("given", "city", "rejected"),
    [
        ({"city": "Oslo"}, "Oslo", None),
        ('{"city": "Oslo"}', "Oslo", None),
        (None, None, None),
        ("", None, None),
        ({}, None, None),
        ("Oslo", None, '"Oslo"'),
        ("[1]", None, '"[1]"'),
        (["Oslo"], None, '["Oslo"]'),
        (5, None, "5"),
    ],
)
def test_client_metadata_of_any_form_loses_no_unit(
    tmp_path: Path, units: Make, given: Any, city: str | None, rejected: str | None
) -> None:
    made = build(tmp_path / "s.duckdb", {"city": "string"}, units([given]))
    assert rows(tmp_path / "s.duckdb", "SELECT data_hash, city FROM data") == [("d0", city)]
    expected = [] if rejected is None else [("d0", None, rejected, "an object")]
    assert rows(tmp_path / "s.duckdb", "SELECT * FROM rejects") == expected
    assert made.counts.not_objects == len(expected)


def test_keys_of_any_spelling_keep_apart(tmp_path: Path, units: Make) -> None:
    keys = [
        "frame rate",
        "site-id",
        "video.description",
        "Dark",
        "dark",
        "title",
        "select",
        "größe",
        "data_hash",
    ]
    schema = dict.fromkeys(keys, "string")
    made = build(tmp_path / "s.duckdb", schema, units([{key: key for key in keys}]))
    assert [(k.name, k.valid) for k in made.keys] == [(key, 1) for key in keys]
    for field in made.schema.fields:
        quoted = '"' + field.column + '"'
        assert rows(tmp_path / "s.duckdb", f"SELECT {quoted} FROM data") == [(field.name,)]
    assert rows(tmp_path / "s.duckdb", "SELECT data_hash, title FROM data") == [("d0", "img_0.jpg")]


def test_keys_outside_the_schema_are_inferred_over_all_rows(tmp_path: Path, units: Make) -> None:
    first = {
        "n": 1,
        "when": "2023-01-01",
        "flag": True,
        "mixed": 1,
        "serial": "20230101",
        "it's": "x",
        "/a~b": 1,
    }
    later = {"n": 2.5, "when": "2023-01-01T10:00:00Z", "mixed": "two", "nested": {"a": 1}}
    made = build(tmp_path / "s.duckdb", {}, units([first] * 15 + [later]))
    types = {k.name: (k.type, k.inferred) for k in made.keys}
    assert types == {
        "n": ("NUMBER", True),
        "when": ("DATETIME", True),
        "flag": ("BOOLEAN", True),
        "mixed": ("STRING", True),
        "serial": ("STRING", True),
        "nested": ("STRING", True),
        "it's": ("STRING", True),
        "/a~b": ("NUMBER", True),
    }
    counts = {k.name: (k.valid, k.missing, k.invalid) for k in made.keys}
    assert counts["mixed"] == (1, 0, 15)
    assert counts["nested"] == (0, 15, 1)


def test_tombstones_are_neither_typed_nor_inferred(tmp_path: Path, units: Make) -> None:
    made = build(tmp_path / "s.duckdb", {"gone": {"ty": "tombstone", "deleted_ty": None}}, units([{"gone": 1}]))
    assert made.keys == ()
    assert made.schema.deleted == ("gone",)


def test_an_enum_takes_its_values_alone(tmp_path: Path, units: Make) -> None:
    schema = {"weather": {"ty": "enum", "values": ["rain", "it's"]}, "n": "number"}
    documents = [{"weather": "rain", "n": 1}, {"weather": "it's"}, {"weather": "snow"}]
    made = build(tmp_path / "s.duckdb", schema, units(documents))
    assert made.keys[0].valid == 2
    assert rows(tmp_path / "s.duckdb", "SELECT expected FROM rejects") == [("one of it's, rain",)]


def test_the_unit_keeps_its_place_in_the_dataset(tmp_path: Path, units: Make) -> None:
    build(tmp_path / "s.duckdb", {}, units([{}] * 25))
    listed = rows(tmp_path / "s.duckdb", 'SELECT data_hash, "index" FROM data ORDER BY "index"')
    assert listed == [(f"d{n}", n) for n in range(25)]


def test_every_unit_has_a_number_and_its_annotations_have_the_same(
    tmp_path: Path, units: Make, annotations: Make
) -> None:
    part, spool = units([{}] * 12)
    other = Part("units", "other", "Other"), spool_of(tmp_path, ["x0", "x1"])
    image = {"x": {"labels": {"objects": [BOX]}}}
    labels = annotations([("d3", "main", image, {}), ("x1", "main", image, {})])
    build(tmp_path / "s.duckdb", {}, (part, spool), other, labels)
    numbers = rows(tmp_path / "s.duckdb", "SELECT count(*), count(DISTINCT unit) FROM data")
    assert numbers == [(14, 14)]
    joined = "SELECT l.data_hash, d.data_hash FROM labels l JOIN data d ON d.unit = l.unit ORDER BY 1"
    assert rows(tmp_path / "s.duckdb", joined) == [("d3", "d3"), ("x1", "x1")]


def spool_of(tmp_path: Path, hashes: list[str]) -> Spool:
    spool = Spool.resume_or_start(tmp_path / "spool" / "other")
    index = [{"data_hash": h, "index": n} for n, h in enumerate(hashes)]
    spool.append("index", json.dumps(index).encode(), expected=len(hashes))
    page = json.dumps([{"data_hash": h, "client_metadata": {}} for h in hashes]).encode()
    spool.append("rows", page, received=len(hashes), position=len(hashes), complete=True)
    return spool


def test_a_row_that_came_twice_is_one_unit(tmp_path: Path, units: Make) -> None:
    part, spool = units([{"n": 1}, {"n": 2}])
    spool.append("rows", next(spool.bodies("rows")), duplicates=True)
    assert build(tmp_path / "s.duckdb", {"n": "number"}, (part, spool)).units == {"set": 2}


def test_a_page_that_is_not_json_is_an_error_and_no_empty_table(tmp_path: Path, units: Make) -> None:
    part, spool = units([{"n": 1}])
    spool.append("rows", b'[{"data_hash": "d1", ')
    with pytest.raises(CorruptSpool):
        build(tmp_path / "s.duckdb", {}, (part, spool))


def test_changes_are_counted_by_title_item_dataset_and_metadata(tmp_path: Path, units: Make) -> None:
    build(tmp_path / "a.duckdb", {}, units([{"n": 1}, {"n": 2}, {"n": 3}], name="a"))
    part, spool = units([{"n": 1}, {"n": 5}], name="b")  # and so of another dataset
    made = build(tmp_path / "b.duckdb", {}, (part, spool), before=tmp_path / "a.duckdb")
    assert made.changes is not None
    assert (made.changes.added, made.changes.changed, made.changes.removed) == (0, 2, 1)


BOX = {"name": "Traffic light", "value": "traffic_light", "shape": "bounding_box", "objectHash": "o1"}


def test_labels_and_predictions_are_told_apart(tmp_path: Path, units: Make, annotations: Make) -> None:
    def image(**changes: Any) -> dict[str, Any]:
        box = {
            **BOX,
            "boundingBox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4},
            "createdBy": "a@b.c",
            **changes,
        }
        return {"x": {"data_sequence": 0, "labels": {"objects": [box], "classifications": []}}}

    made = build(
        tmp_path / "s.duckdb",
        {},
        units([{}, {}, {}]),
        annotations(
            [
                ("d0", "main", image(manualAnnotation=True), {}),
                ("d1", "main", image(manualAnnotation=False, confidence=0.5), {}),
                ("d2", "model-v1", image(manualAnnotation=True, confidence=0.9), {}),
            ]
        ),
    )
    assert (made.counts.labels, made.counts.predictions) == (1, 2)
    (label,) = rows(tmp_path / "s.duckdb", "SELECT class, annotator, stage, frame, x, h FROM labels")
    assert label == ("traffic_light", "a@b.c", "Annotate 1", 0, 0.1, 0.4)
    predicted = rows(tmp_path / "s.duckdb", "SELECT data_hash, confidence, model FROM predictions ORDER BY 1")
    assert predicted == [("d1", 0.5, None), ("d2", 0.9, "model-v1")]


def test_a_video_has_a_label_a_frame_and_a_classification_a_range(
    tmp_path: Path, units: Make, annotations: Make
) -> None:
    video = {"x": {"labels": {"0": {"objects": [BOX]}, "7": {"objects": [BOX, {**BOX, "objectHash": "o2"}]}}}}
    answers = {
        "c1": {
            "classificationHash": "c1",
            "range": [[0, 3], [5, 9]],
            "createdAt": "Wed, 01 May 2024 12:00:20 UTC",
            "classifications": [{"name": "Weather", "value": "weather", "answers": [{"value": "sunny"}]}],
        },
        "c2": {
            "classificationHash": "c2",
            "range": [],
            "classifications": [{"value": "note", "answers": "wet"}],
        },
    }
    build(tmp_path / "s.duckdb", {}, units([{}]), annotations([("d0", "main", video, answers)]))
    objects = "SELECT annotation_id, frame, last_frame FROM labels WHERE shape = 'bounding_box' ORDER BY ALL"
    assert rows(tmp_path / "s.duckdb", objects) == [("o1", 0, 0), ("o1", 7, 7), ("o2", 7, 7)]
    ranges = (
        "SELECT class, answer, frame, last_frame, strftime(created_at, '%Y-%m-%d %H:%M:%S') FROM labels "
        "WHERE shape = 'classification' ORDER BY ALL"
    )
    assert rows(tmp_path / "s.duckdb", ranges) == [
        ("note", "wet", 0, 0, None),
        ("weather", "sunny", 0, 3, "2024-05-01 12:00:20"),
        ("weather", "sunny", 5, 9, "2024-05-01 12:00:20"),
    ]


def test_annotations_of_units_that_are_gone_are_counted(tmp_path: Path, units: Make, annotations: Make) -> None:
    image = {"x": {"labels": {"objects": [BOX]}}}
    made = build(tmp_path / "s.duckdb", {}, units([{}]), annotations([("d7", "main", image, {})]))
    assert (made.counts.labels, made.counts.orphans) == (0, 1)


def test_no_units_at_all_is_a_snapshot_too(tmp_path: Path, units: Make) -> None:
    made = build(tmp_path / "s.duckdb", {"city": "string"}, units([]))
    assert made.counts.data == 0
    assert made.keys[0].valid == 0


def test_a_label_row_of_any_length_is_read_in_little_memory(tmp_path: Path, units: Make, annotations: Make) -> None:
    boxes = [{"objectHash": f"o{n}", "value": "car", "createdBy": "x" * 200} for n in range(70_000)]
    video = {"d0": {"labels": {"objects": boxes, "classifications": []}, "data_sequence": 0}}
    spooled = annotations([("d0", "main", video, {})])
    assert spooled[1].checkpoint.largest > 17_000_000
    made = build(tmp_path / "s.duckdb", {}, units([{}]), spooled)
    assert made.counts.labels == 70_000
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("last", "found"),
    [
        ({"größe": 1, "other": None}, ["other"]),
        ({"größe": None, "gone": 2, "": 1}, [""]),
        ('{"größe": 1E5, "": 1}', [""]),
        ('{"größe": 1, "gone": [1, {"größe": "\\u00e9"}]}', []),
        ({}, []),
        (None, []),
        ("no object", []),
    ],
)
def test_a_key_that_one_unit_has_is_found_behind_pages_that_do_not_have_it(
    tmp_path: Path, units: Make, last: Any, found: list[str]
) -> None:
    schema = {"größe": "number", "gone": {"ty": "tombstone", "deleted_ty": {"ty": "variant", "hint": "number"}}}
    made = build(tmp_path / "s.duckdb", schema, units([{"größe": 1}] * 60 + [last]))
    assert [key.name for key in made.keys] == ["größe", *found]
    assert made.counts.data == 61
    assert all(key.valid + key.missing + key.invalid == 61 for key in made.keys)


def test_a_key_that_is_there_twice_does_not_count_as_another(tmp_path: Path, units: Make) -> None:
    part, spool = units([{"dark": True}, '{"dark": true, "dark": "no"}'])
    made = build(tmp_path / "s.duckdb", {"dark": "boolean"}, (part, spool))
    assert [(key.name, key.valid) for key in made.keys] == [("dark", 2)]


def test_units_with_values_of_a_megabyte_need_no_more_memory_than_others(tmp_path: Path) -> None:
    """DuckDB collects rows until there are 2,048 of them: a hundred such documents filled what it may use."""
    (tmp_path / "ws").mkdir()
    with (tmp_path / "units.ndjson").open("w") as file:
        for n in range(90):
            file.write(f'{{"data_hash": "u{n}", "client_metadata": {{"n": {n}, "text": "{"y" * 1_000_000}"}}}}\n')
    workspace = metaquery.open(tmp_path / "ws", memory_mb=500)
    report, _ = workspace.sync_files(units=tmp_path / "units.ndjson", schema={"n": "number", "text": "string"})
    assert report.snapshot.counts.data == workspace.data.filter("n >= 0 and length(text) = 1000000").count() == 90
