"""What the page asks while somebody looks: state, filter box, counts, facets, rows, downloads."""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path

import pytest

import metaquery
from metaquery.explorer import desk

from .conftest import Served, serving


def test_the_state_names_fields_as_filters_take_them(served: Served) -> None:
    state = served.get("/api/state")
    data, labels, _ = state["relations"]
    refs = {field["name"]: field["ref"] for field in data["fields"]}
    assert refs["frame rate"] == '"frame rate"'
    for relation in state["relations"]:
        for ref in (field["ref"] for field in relation["fields"]):
            assert served.get("/api/rows", relation=relation["name"], columns=ref, snapshot=state["snapshot"]["id"])
    assert labels["key"][0] == "data_hash"
    assert state["snapshot"]["id"] == state["newest"]["id"]


def test_an_empty_workspace_says_which_command_is_next(tmp_path: Path) -> None:
    with serving(metaquery.open(tmp_path)) as empty:
        state = empty.get("/api/state")
        assert (state["snapshot"], state["next"]) == (None, "metaquery connect")
        assert empty.get("/api/counts", status=404)["error"]["kind"] == "no_snapshot"


def test_places_are_counted_as_javascript_does(served: Served) -> None:
    text = "city = '😀' and drak"
    found = served.get("/api/check", filter=text)
    start, end = found["error"]["start"], found["error"]["end"]
    assert text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == "drak"
    assert found["tokens"][-1]["start"] == start
    done = served.get("/api/complete", filter="city = '😀' and spe", cursor=19)
    assert (done["start"], done["candidates"][0]["text"]) == (16, "speed")


def test_what_is_no_part_of_a_filter_is_not_offered_in_the_filter_box(served: Served) -> None:
    offered = [each["label"] for each in served.get("/api/complete", filter="dark ", cursor=5)["candidates"]]
    assert "and" in offered
    assert not {"order by", "limit"} & set(offered)


def test_a_search_leaves_the_columns_that_filter_and_order_show(served: Served) -> None:
    asked = {"filter": "dark", "order": "speed"}
    searched = served.get("/api/rows", **asked, search="a")
    assert searched["columns"] == served.get("/api/rows", **asked)["columns"]


def test_a_good_filter_is_told_in_canonical_form_and_in_words(served: Served) -> None:
    found = served.get("/api/check", filter="dark&&speed>5", search="paris")
    assert found["canonical"] == "dark and speed > 5"
    assert found["words"] == "dark is true, and speed is greater than 5"
    assert "icontains 'paris'" in found["search"]
    assert found["error"] is None


def test_a_draft_is_counted_before_anybody_knows_whether_it_is_a_filter(served: Served) -> None:
    told = served.get("/api/counts", filter="drak", draft="yes")
    assert told == {"error": served.get("/api/check", filter="drak")["error"]}
    assert served.get("/api/counts", status=400, filter="drak")["error"] == told["error"]
    assert served.get("/api/counts", filter="dark", draft="yes") == served.get("/api/counts", filter="dark")


def test_counts_say_why_nothing_matches(served: Served) -> None:
    found = served.get("/api/counts", filter="city = 'paris'")
    assert (found["matched"], found["unknown"], found["total"]) == (0, 1, 5)
    assert found["why_nothing"] == ["city = 'paris': no data unit has it; did you mean 'Paris' (2)?"]


def test_a_search_is_no_reason_for_what_is_unknown(served: Served) -> None:
    """It looks into every text, also of units that are without one, and is true or false of each."""
    found = served.get("/api/counts", filter="speed > 30", search="jpg")
    assert (found["unknown"], found["unknown_fields"]) == (1, {"speed": 1})
    sure = served.get("/api/counts", filter="dark and (city is missing or not (city = 'Rome') is true)")
    assert (sure["unknown"], sure["unknown_fields"]) == (1, {"dark": 1})


def test_a_bars_filter_after_a_click_has_the_rows_that_the_bar_promised(served: Served) -> None:
    text = "dark and city = 'Paris'"
    (facet,) = served.get("/api/facets", filter=text, keys="city")["facets"]
    assert facet["own"] == ["city = 'Paris'"]
    for bar in facet["bars"]:
        alone = served.get("/api/edit", filter=text, do="only", key="city", **{"with": bar["filter"]})["filter"]
        assert served.get("/api/counts", filter=alone)["matched"] == bar["rows"]
        toggled = served.get("/api/edit", filter=text, do="toggle", key="city", **{"with": bar["filter"]})["filter"]
        assert toggled == bar["toggled"]


def test_a_search_is_not_what_clicks_change(served: Served) -> None:
    (facet,) = served.get("/api/facets", search="paris", keys="city")["facets"]
    assert {bar["label"]: bar["rows"] for bar in facet["bars"]} == {"Paris": 2, "missing": 0, "invalid": 0}


def test_a_range_is_brushed_and_told_back(served: Served) -> None:
    brushed = served.get("/api/edit", do="brush", key="speed", **{"from": "20", "to": "80"})["filter"]
    assert brushed == "speed >= 20 and speed < 80"
    (facet,) = served.get("/api/facets", filter=brushed, keys="speed", bins=4)["facets"]
    assert facet["chosen"] == {"start": 20, "end": 80}
    assert [bar["selected"] for bar in facet["bars"] if bar["kind"] == "bin"] == [True, True, True, False]


def test_pages_of_any_size_are_the_rows_in_order(served: Served) -> None:
    whole = served.workspace.data.order_by("speed desc").ids()
    for limit in (1, 2, 3, 5, 50):
        pages = [
            served.get("/api/rows", order="speed desc", offset=offset, limit=limit)["keys"]
            for offset in range(0, 5, limit)
        ]
        assert [key for page in pages for (key,) in page] == whole
    assert served.get("/api/rows", offset=10**9)["rows"] == []
    assert served.get("/api/ids", order="speed desc", offset=1, limit=2)["keys"] == [[key] for key in whole[1:3]]


def test_a_changed_collection_shows_in_the_next_page(mine: Served) -> None:
    made = mine.workspace.data.filter("dark").collect("Night")
    assert mine.get("/api/rows", filter="in collection 'Night'")["total"] == made.members
    mine.workspace.collections.remove("Night", mine.workspace.data.filter("speed > 50").selection())
    assert mine.get("/api/rows", filter="in collection 'Night'")["total"] == made.members - 1


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
def test_every_page_has_its_files(served: Served, form: str) -> None:
    answer = served.client.get(f"/data.{form}", params={"filter": "dark", "columns": "title, speed", "order": "speed"})
    assert answer.headers["content-disposition"] == f'attachment; filename="data.{form}"'
    read = {
        "csv": lambda text: list(csv.DictReader(io.StringIO(text))),
        "json": json.loads,
        "ndjson": lambda text: [json.loads(line) for line in text.splitlines()],
    }[form](answer.text)
    assert [(row["title"], float(row["speed"])) for row in read] == [("a.jpg", 20.0), ("c.jpg", 80.0)]


def test_what_is_wrong_with_a_download_is_told_before_it_begins(served: Served) -> None:
    assert served.get("/data.csv", status=400, filter="drk")["error"]["code"] == "unknown-field"
    assert served.get("/data.xlsx", status=404)["error"]["hint"].startswith("there are json")


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("/api/rows", {"fliter": "x"}, "no parameter 'fliter'"),
        ("/api/rows", {"limit": "0"}, "limit is '0'"),
        ("/api/rows", {"limit": "1e3"}, "limit is '1e3'"),
        ("/api/rows", {"relation": "units"}, "no relation 'units'"),
        ("/api/rows", {"time_zone": "Mars/Base"}, "Mars/Base"),
        ("/api/edit", {"do": "explode", "key": "city"}, "no 'explode'"),
        ("/api/edit", {"do": "toggle"}, "key is missing"),
        ("/api/edit", {"do": "toggle", "key": "city", "with": "speed > 3"}, "not about city alone"),
        ("/api/edit", {"do": "brush", "key": "city", "from": "1"}, "city is STRING"),
        ("/api/edit", {"do": "brush", "key": "speed", "from": "2023-01-01"}, "no end of a range of NUMBERs"),
        ("/api/facets", {"keys": "speed", "find": "x"}, "no texts to search in"),
    ],
)
def test_what_cannot_be_meant_is_told(served: Served, path: str, parameters: dict[str, str], message: str) -> None:
    error = served.get(path, status=400, **parameters)["error"]
    assert message in error["message"]


def test_a_parameter_that_is_there_twice_is_refused(served: Served) -> None:
    assert "given twice" in served.get("/api/rows?filter=dark&filter=speed", 400)["error"]["message"]


def test_the_other_pages_have_their_json(mine: Served) -> None:
    made = mine.workspace.data.filter("dark").collect("Night")
    assert mine.get("/collections.json") == mine.get("/api/collections")
    assert mine.get(f"/collections/{made.id}.json")["title"] == "Night"
    assert mine.get("/units/u1.json")["data_hash"] == "u1"
    assert mine.get("/snapshots.json")["snapshots"][0]["current"] is True
    assert mine.get("/schema.json")["applied"] is True


def test_a_filter_is_saved_used_and_forgotten(mine: Served) -> None:
    saved = mine.post("/api/filters", {"name": "night", "filter": "dark and speed > 30"})
    assert mine.get("/api/state")["filters"] == [saved]
    assert mine.get("/api/counts", filter=saved["reference"])["matched"] == 1
    assert mine.post("/api/filters", {"name": "night", "filter": "dark"}, 400)["error"]["kind"] == "usage"
    mine.post("/api/filters/delete", {"name": "night"})
    assert mine.get("/api/state")["filters"] == []


def test_an_order_that_asks_for_the_time_is_not_kept_for_ever(mine: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []
    made = metaquery.View.paged
    monkeypatch.setattr(metaquery.View, "paged", lambda view: orders.append(view.canonical) or made(view))
    clock = itertools.count(60, 60)
    monkeypatch.setattr(desk.time, "time", lambda: next(clock))
    for text in ("captured_at < now()", "dark"):
        for _ in range(2):
            mine.get("/api/rows", filter=text)
    assert orders == ["captured_at < now()", "captured_at < now()", "dark"]


def test_a_fault_of_ours_is_told_without_a_traceback(
    mine: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(metaquery.View, "counts", lambda _view: 1 / 0)
    error = mine.get("/api/counts", 500)["error"]
    assert (error["kind"], error["message"]) == ("bug", "metaquery failed: ZeroDivisionError")
    (kept,) = tmp_path.rglob("metaquery-crash-*.txt")
    assert error["crash"] == kept.stem
    assert "ZeroDivisionError" in kept.read_text()
