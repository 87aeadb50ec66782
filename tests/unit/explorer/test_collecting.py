"""Collections by the page: made of what is seen, of what is chosen, of each other."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Served


def new(served: Served, title: str, rows: dict[str, Any], status: int = 200, **more: Any) -> Any:
    return served.post("/api/collections", {"title": title, "rows": rows, **more}, status)


def test_all_that_match_are_collected_and_not_only_the_rows_that_are_shown(mine: Served) -> None:
    shown = mine.get("/api/rows", filter="speed > 10", limit=1)
    made = new(mine, "Fast", {"view": {"filter": "speed > 10", "search": "jpg", "order": "speed"}}, description="why")
    assert (made["members"], made["description"]) == (shown["total"], "why")
    assert made["provenance"]["snapshot"] == shown["snapshot"]
    assert "speed > 10" in made["provenance"]["filter"]
    assert mine.get("/api/rows", filter="tags has 'Fast'")["total"] == 4
    assert [each["title"] for each in mine.get("/api/collections")["collections"]] == ["Fast"]


def test_chosen_rows_are_collected_added_and_removed(mine: Served) -> None:
    keys = mine.get("/api/ids", order="speed desc", offset=1, limit=2)["keys"]
    made = new(mine, "Chosen", {"relation": "data", "keys": keys})
    where = f"/api/collections/{made['id']}"
    added = mine.post(f"{where}/add", {"rows": {"relation": "data", "keys": [["u1"], ["u2"]]}})
    assert (added["members"], added["changes"][-1]["members"]) == (3, 1)
    left = mine.post(f"{where}/remove", {"rows": {"keys": [["u3"]], "relation": "data"}})
    assert left["members"] == 2
    assert mine.post(f"{where}/remove", {"rows": {"view": {"filter": "speed > 30"}}})["members"] == 1
    error = mine.post(f"{where}/add", {"rows": {"relation": "data", "keys": [["nobody"]]}}, 409)["error"]
    assert "nobody" in error["message"]


def test_labels_are_chosen_by_all_of_their_key(mine: Served) -> None:
    keys = mine.get("/api/ids", relation="labels", filter="class = 'car'")["keys"]
    assert new(mine, "Cars", {"relation": "labels", "keys": keys})["members"] == 1


def test_sets_drift_and_comparison(mine: Served) -> None:
    new(mine, "Fast", {"view": {"filter": "speed >= 50"}})
    new(mine, "Dark", {"view": {"filter": "dark"}})
    both = new(mine, "Both", {"algebra": "'Fast' and 'Dark'"}, live=True)
    assert (both["members"], both["kind"]) == (1, "live")
    compared = mine.get("/api/collections/compare", a="Fast", b="Dark")
    assert {name: compared[name]["count"] for name in ("only_a", "only_b", "both")} == {
        "only_a": 2,
        "only_b": 1,
        "both": 1,
    }
    fast = mine.get("/api/collections")["collections"][0]
    assert mine.get(f"/api/collections/{fast['id']}/drift")["still"] == 3


def test_a_collection_is_renamed_described_frozen_deleted_and_brought_back(mine: Served) -> None:
    made = new(mine, "Night", {"view": {"filter": "dark"}}, live=True)
    where = f"/api/collections/{made['id']}"
    assert mine.post(f"{where}/rename", {"title": "Evening"})["title"] == "Evening"
    assert mine.post(f"{where}/describe", {"description": "late"})["description"] == "late"
    assert mine.post(f"{where}/freeze")["kind"] == "static"
    mine.post(f"{where}/delete")
    assert mine.get("/api/collections")["collections"] == []
    assert [each["title"] for each in mine.get("/api/collections/deleted")["collections"]] == ["Evening"]
    assert mine.post(f"{where}/restore", {"title": "Night"})["members"] == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "no 'title'"),
        ({"title": "x"}, "no 'rows'"),
        ({"title": 3, "rows": {}}, "no text"),
        ({"title": "x", "rows": {}}, "tells no rows"),
        ({"title": "x", "rows": {"sql": "SELECT 1"}}, "tells no rows"),
        ({"title": "x", "rows": {"view": {"filter": 3}}}, "no text"),
        ({"title": "x", "rows": {"view": {"where": "dark"}}}, "no member 'where'"),
        ({"title": "x", "rows": {"view": {"filter": "drk"}}}, "unknown field"),
        ({"title": "x", "rows": {"relation": "data", "keys": ["u1"]}}, "list of lists"),
        ({"title": "x", "rows": {"relation": "data", "keys": [[{}]]}}, "texts, numbers"),
        ({"title": "", "rows": {"view": {}}}, "title"),
        ({"title": "x", "titel": "y", "rows": {"view": {}}}, "no member 'titel'"),
    ],
)
def test_a_body_that_cannot_be_meant_is_told(served: Served, body: dict[str, Any], message: str) -> None:
    assert message in served.post("/api/collections", body, 400)["error"]["message"]


def test_a_title_that_is_taken_is_no_reason_to_lose_what_has_it(mine: Served) -> None:
    new(mine, "Night", {"view": {"filter": "dark"}})
    assert new(mine, "Night", {"view": {}}, 409)["error"]["kind"] == "collection"
    assert mine.get("/api/collections")["collections"][0]["members"] == 2


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"nonsense", b'"\\ud800"', b'{"title": "\\ud800", "rows": {}}', b"[" * 10**5]
)
def test_a_body_that_is_no_object_of_json_is_refused(served: Served, content: bytes) -> None:
    answer = served.client.post("/api/collections", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (400, "usage")
    answer = served.client.post("/api/collections", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 400


def test_one_unit_is_told_whole_with_its_boxes(served: Served) -> None:
    unit = served.get("/api/units/u1")
    assert unit["data_hash"] == "u1"
    assert {value["key"]: value["value"] for value in unit["metadata"]}["city"] == "Paris"
    assert [label["class"] for label in unit["labels"]] == ["car"]
    assert unit["boxes"] == []
    assert served.get("/api/units/nobody", 404)["error"]["kind"] == "not_found"


def test_the_schema_is_checked_and_a_better_one_is_proposed(mine: Served) -> None:
    found = mine.get("/api/schema")
    speed = next(key for key in found["keys"] if key["name"] == "speed")
    assert (speed["valid"], speed["missing"], speed["invalid"]) == (4, 1, 0)
    assert found["applied"] is True
    wrong = {**found["known"], "speed": {"ty": "variant", "hint": "boolean"}}
    mine.post("/api/schema/keep", {"schema": wrong})
    assert mine.get("/api/schema")["applied"] is False
    job = mine.post("/api/rematerialise")
    while job["state"] == "running":
        job = mine.get(f"/api/jobs/{job['id']}")
    assert job["state"] == "done", job
    assert mine.get("/api/schema")["keys"][2]["remark"].startswith("4 of 4 values are not")
    (better,) = [each for each in mine.get("/api/schema/proposal")["corrections"] if each["changes"]]
    assert (better["key"], better["proposed"]["hint"]) == ("speed", "number")
    old, new_ = mine.get("/api/snapshots")["snapshots"][::-1]
    assert (old["current"], new_["current"]) == (False, True)
    assert mine.get("/api/diff", before=old["id"], after=new_["id"])["changed"] >= 0
    error = mine.get("/api/counts", 400, filter="speed > 3")["error"]
    assert error["kind"] == "filter"
    assert mine.get("/api/counts", filter="speed > 3", snapshot=old["id"])["matched"] == 4
