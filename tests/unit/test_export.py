"""Exports: what is written is what was asked for, whole, and in the form that other programs expect."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import metaquery
from metaquery import Workspace
from metaquery.errors import EngineError, NoSpace, UsageError
from metaquery.export import _apart
from metaquery.formats import EXPORTS

from .python_workspace import annotation

HOSTILE = "a\"b,\n'; DROP TABLE data; --\u202e.jpg"

VIDEO = {"data_type": "video", "width": 100, "height": 50, "fps": 10, "duration": 9}

UNITS: list[dict[str, Any]] = [
    {"data_hash": "u1", "title": "one.jpg", "data_type": "image", "width": 200, "height": 100},
    {"data_hash": "u2", "title": HOSTILE, "data_type": "image", "width": 640, "height": 480},
    {"data_hash": HOSTILE, "title": "three.jpg", "data_type": "image", "width": 10, "height": 10},
    {"data_hash": "u4", "title": "no size.jpg", "data_type": "image"},
    {"data_hash": "v1", "title": "drive.mp4", **VIDEO},
    {"data_hash": "v2", "title": "idle.mp4", **VIDEO},
]


def box(unit: str, name: str, kind: str, corner: float, **more: Any) -> dict[str, Any]:
    return annotation(unit, name, kind, shape="bounding_box", x=corner, y=corner, w=0.25, h=0.5, **more)


LABELS = [
    box("u1", "l1", "car", 0.1),
    box("u1", "l2", "traffic light", 0.2),
    box("u2", "l3", '"]}, {"id": 1', 0.0),
    annotation("u2", "l4", "lane", shape="polyline"),
    annotation("u1", "l5", "weather", shape="classification", answer="rain"),
    {**box("u1", "l6", "car", 0.1), "w": 0},
    box("u4", "l7", "car", 0.1),
    {**box("v1", "l8", "car", 0.1), "frame": 7, "last_frame": 9},
    annotation("v1", "l9", "weather", shape="classification", answer="sun", last_frame=89),
]
PREDICTIONS = [
    box("u1", "p1", "car", 0.1, confidence=0.9),
    box("u1", "p2", "traffic light", 0.2, confidence=0.75),
    box("u2", "p3", '"]}, {"id": 1', 0.0, confidence=0.5),
    {**box("v1", "p8", "car", 0.1, confidence=0.25), "frame": 7, "last_frame": 9},
    box("u1", "p9", "car", 0.5),
]


def filled(home: Path, units: list[dict[str, Any]] = UNITS) -> Workspace:
    """Return a workspace with boxes, and with what is no box."""
    described = [
        {**each, "dataset_title": "Small", "client_metadata": {"speed": 3 * n}} for n, each in enumerate(units)
    ]
    rows = {"units": described, "labels": LABELS, "predictions": PREDICTIONS}
    for name, records in rows.items():
        (home / f"{name}.ndjson").write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    ws = metaquery.open(home)
    ws.sync_files(**{name: home / f"{name}.ndjson" for name in rows}, schema={"speed": "number"})
    return ws


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("boxes"))


# Rows


READERS = {
    "parquet": lambda file: pq.read_table(file).to_pylist(),
    "arrow": lambda file: pa.ipc.open_file(file).read_all().to_pylist(),
    "arrows": lambda file: pa.ipc.open_stream(file.read_bytes()).read_all().to_pylist(),
    "json": lambda file: json.loads(file.read_text("utf-8")),
    "ndjson": lambda file: [json.loads(line) for line in file.read_text("utf-8").split("\n")[:-1]],
    "csv": lambda file: [
        {name: cell or None for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))
    ],
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("relation", ["data", "labels"])
def test_every_row_and_every_column_is_written_by_the_end_of_the_files_name(
    ws: Workspace, tmp_path: Path, name: str, relation: str
) -> None:
    view = ws.view(relation)
    file = tmp_path / f"all{EXPORTS[name].suffix}"
    done = view.export(file)
    assert (done.path, done.format, done.rows, done.bytes) == (file, name, view.count(), file.stat().st_size)
    expected = view.select_all().to_arrow().to_pylist()
    found = READERS[name](file)
    assert list(found[0]) == list(expected[0])
    for key in ("data_hash", "title", "class"):
        assert [row.get(key) for row in found] == [row.get(key) for row in expected]


def test_what_is_narrowed_ordered_and_selected_is_exported_so(ws: Workspace, tmp_path: Path) -> None:
    ws.data.filter("speed > 3").order_by("speed desc").limit(2).select("speed").export(tmp_path / "fast.ndjson")
    assert (tmp_path / "fast.ndjson").read_text() == '{"speed":15.0}\n{"speed":12.0}\n'


def test_ids_are_one_a_line_each_once_and_make_the_same_collection(ws: Workspace, tmp_path: Path) -> None:
    for view in (ws.data, ws.labels, ws.predictions.order_by("confidence")):
        view.export(tmp_path / "ids.txt")
        text = (tmp_path / "ids.txt").read_text("utf-8")
        assert [row[0] for row in csv.reader(io.StringIO(text, newline=""))] == view.ids()
    ws.data.filter("speed < 3").export(tmp_path / "ids.txt")
    assert (tmp_path / "ids.txt").read_text() == "u1\n"


# COCO


def dataset(ws: Workspace, path: Path, relation: str = "data", where: str = "true") -> dict[str, Any]:
    """Export a dataset, and hold it against COCO's definition (cocodataset.org/#format-data)."""
    done = ws.view(relation).filter(where).export(path, format_name="coco")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert set(found) == {"info", "licenses", "categories", "images", "annotations"}
    assert (done.images, done.rows) == (len(found["images"]), len(found["annotations"]))
    for part in ("categories", "images", "annotations"):
        ids = [each["id"] for each in found[part]]
        assert all(type(each) is int and 0 < each < 2**53 for each in ids)
        assert len(set(ids)) == len(ids)
    for image in found["images"]:
        assert type(image["width"]) is type(image["height"]) is int
        assert isinstance(image["file_name"], str)
    sizes = {image["id"]: (image["width"], image["height"]) for image in found["images"]}
    categories = {each["id"]: each["name"] for each in found["categories"]}
    for each in found["annotations"]:
        x, y, w, h = each["bbox"]
        assert 0 <= x < x + w <= sizes[each["image_id"]][0]
        assert 0 <= y < y + h <= sizes[each["image_id"]][1]
        assert math.isclose(each["area"], w * h)
        assert each["category_id"] in categories
        assert (each["iscrowd"], each["segmentation"]) == (0, [])
    return found


def test_labels_are_a_dataset_in_pixels(ws: Workspace, tmp_path: Path) -> None:
    found = dataset(ws, tmp_path / "cars", "labels", "class = 'car' and unit.data_hash = 'u1'")
    (image,) = found["images"]
    (label,) = found["annotations"]
    assert (image["file_name"], image["data_hash"], image["frame"]) == ("one.jpg", "u1", 0)
    assert (label["bbox"], label["image_id"], label["annotation_id"]) == ([20, 10, 50, 50], image["id"], "l1")
    assert {each["id"]: each["name"] for each in found["categories"]}[label["category_id"]] == "car"
    assert "class = 'car'" in found["info"]["description"]


def test_data_units_are_a_dataset_with_all_their_labels_and_those_without_any(ws: Workspace, tmp_path: Path) -> None:
    found = dataset(ws, tmp_path / "all")
    assert {image["file_name"] for image in found["images"]} == {
        "one.jpg", HOSTILE, "three.jpg", "drive.mp4/7.jpg", "drive.mp4/8.jpg", "drive.mp4/9.jpg",
    }  # fmt: skip
    assert sorted(each["annotation_id"] for each in found["annotations"]) == ["l1", "l2", "l3", "l8", "l8", "l8"]
    assert [each["name"] for each in found["categories"]] == ['"]}, {"id": 1', "car", "traffic light"]


def test_what_coco_has_no_place_for_is_counted_with_its_reason(ws: Workspace, tmp_path: Path) -> None:
    done = ws.data.export(tmp_path / "all.coco.json")
    assert done.left_out == {
        "no box: classification": 2, "a box without extent": 1, "no box: polyline": 1,
        "no width and height of the data unit": 1,
    }  # fmt: skip
    assert done.without_image == {"no width and height": 1, "several frames, and no box": 1}
    assert ws.predictions.export(tmp_path / "dt.coco.json").left_out == {"no confidence": 1}
    assert ws.labels.filter("class = 'weather'").export(tmp_path / "none.coco.json").rows == 0


def test_predictions_are_results_that_are_judged_against_the_dataset(ws: Workspace, tmp_path: Path) -> None:
    """They are the labels once more, so that their precision is 1; every frame that a box spans counts."""
    dataset(ws, tmp_path / "truth.json")
    ws.predictions.export(tmp_path / "found.coco.json")
    results = json.loads((tmp_path / "found.coco.json").read_text("utf-8"))
    assert all(set(each) == {"image_id", "category_id", "bbox", "score"} for each in results)
    truth = COCO(str(tmp_path / "truth.json"))
    judged = COCOeval(truth, truth.loadRes(str(tmp_path / "found.coco.json")), "bbox")
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    assert judged.stats[0] == pytest.approx(1.0)
    assert len(results) == len(truth.anns) == 6


def test_an_id_is_the_same_in_every_export_and_after_every_sync(ws: Workspace, tmp_path: Path) -> None:
    ids = {image["file_name"]: image["id"] for image in dataset(ws, tmp_path / "all")["images"]}
    one = dataset(ws, tmp_path / "one", "labels", "annotation_id = 'l8'")
    assert {image["file_name"]: image["id"] for image in one["images"]}.items() <= ids.items()
    first = (tmp_path / "all").read_bytes()
    ws.data.export(tmp_path / "again.coco.json")
    assert (tmp_path / "again.coco.json").read_bytes() == first
    later = filled(tmp_path, [{"data_hash": "new", "title": "new.jpg", "width": 1, "height": 1}, *UNITS])
    assert (
        ids.items() <= {image["file_name"]: image["id"] for image in dataset(later, tmp_path / "new")["images"]}.items()
    )


def test_labels_that_the_source_had_twice_are_two_annotations(tmp_path: Path) -> None:
    ws = filled(tmp_path)
    twice = [*LABELS, LABELS[0]]
    (tmp_path / "twice.ndjson").write_text("".join(json.dumps(each) + "\n" for each in twice), encoding="utf-8")
    ws.sync_files(labels=tmp_path / "twice.ndjson")
    once = ws.labels.filter("annotation_id = 'l1'").count()
    assert len(dataset(ws, tmp_path / "all", "labels", "annotation_id = 'l1'")["annotations"]) == once == 3


def test_two_of_one_id_are_refused_and_not_taken_for_one() -> None:
    def reader(*ids: list[int]) -> pa.RecordBatchReader:
        return pa.Table.from_batches([pa.record_batch({"id": pa.array(each, pa.int64())}) for each in ids]).to_reader()

    assert _apart(reader([1, 2], [], [3])).read_all().num_rows == 3
    for same in ([[1, 1]], [[1, 2], [2]]):
        with pytest.raises(EngineError, match="come to one id"):
            _apart(reader(*same)).read_all()


# Files


def test_what_cannot_be_meant_is_refused_before_a_file_is_touched(ws: Workspace, tmp_path: Path) -> None:
    for name, words in {"x.coco.jsn": r"\.coco\.json", "x": "give --format"}.items():
        with pytest.raises(UsageError, match=words):
            ws.data.export(tmp_path / name)
    with pytest.raises(UsageError, match="did you mean coco"):
        ws.data.export(tmp_path / "x", format_name="cocoa")
    with pytest.raises(UsageError, match="ids has columns of its own"):
        ws.data.select("title").export(tmp_path / "x.txt")
    with pytest.raises(UsageError, match="an open file has no name"):
        ws.data.export(io.BytesIO())
    with pytest.raises(UsageError, match="there is no directory"):
        ws.data.export(tmp_path / "absent" / "x.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        ws.data.export(tmp_path / "folder.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["folder.csv"]


def test_a_file_is_there_whole_or_as_it_was(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "all.csv"
    file.write_text("as it was")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr("metaquery.formats.delimited.pc.write_csv", full)
        with pytest.raises(NoSpace, match="the disk is full"):
            ws.data.export(file)
    assert file.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_export_left_goes_with_the_next_and_nothing_else_does(ws: Workspace, tmp_path: Path) -> None:
    file, other = tmp_path / "all[1].csv", tmp_path / ".all1.csv.999999999.tmp"
    other.touch()
    code = (
        "import os, signal\n"
        "from metaquery.whole_file import whole_file\n"
        "from pathlib import Path\n"
        f"with whole_file(Path({str(file)!r})) as out:\n"
        "    out.write(b'half')\n"
        "    out.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    left = [each for each in tmp_path.iterdir() if each != other]
    assert [each.read_bytes() for each in left] == [b"half"]
    assert not file.exists()
    ws.data.export(file)
    assert sorted(tmp_path.iterdir()) == sorted([file, other])


def test_a_file_that_is_replaced_keeps_its_permissions_and_a_link_stays_a_link(ws: Workspace, tmp_path: Path) -> None:
    file, link = tmp_path / f"{'é' * 120}.csv", tmp_path / "link.csv"
    file.touch(mode=0o600)
    link.symlink_to(file)
    ws.data.export(link)
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text("utf-8").splitlines()) > 6


def test_a_query_that_needs_more_memory_than_it_may_have_says_so(ws: Workspace) -> None:
    engine = metaquery.open(ws.layout.root, memory_mb=5).data.engine
    wanted = "SELECT len(list(i)) FROM range(10_000_000) AS numbers(i)"
    for asked in (engine.rows, lambda text, given: engine.stream(text, given).read_all()):
        with pytest.raises(EngineError, match="not enough memory") as caught:
            asked(wanted, ())
        assert "METAQUERY_MEMORY_MB" in str(caught.value.hint)
    engine._connection.execute("RESET memory_limit")  # it is of the file, in whichever workspace it is open


def test_an_export_that_fails_leaves_the_memory_of_other_queries_as_it_was(ws: Workspace) -> None:
    engine = ws.data.engine
    before = engine.rows("SELECT current_setting('memory_limit')", ())
    with pytest.raises(EngineError), engine.gathered("SELECT nothing_of_this_name", ()):
        pass
    assert engine.rows("SELECT current_setting('memory_limit')", ()) == before


def test_a_pipe_is_written_to_as_it_is(ws: Workspace, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.parquet"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    ws.data.export(pipe)
    reader.join()
    assert pq.read_table(io.BytesIO(read[0])).num_rows == len(UNITS)
    assert pipe.is_fifo()
