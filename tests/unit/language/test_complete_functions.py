"""What is offered as the arguments of a function: what it takes there, written as it has to be."""

from __future__ import annotations

import pytest

from metaquery.language.complete import complete
from metaquery.schema import DATA, LABELS, Field, Relation, Schema

from .completing import SCHEMA, at, texts, values

ROWS: list[tuple[str, list[str]]] = [
    # time
    ("date_trunc(|", ["'year'", "'quarter'", "'month'", "'week'", "'day'", "'hour'", "'minute'", "'second'"]),
    ("date_trunc('m|", ["'month'", "'minute'"]),
    ("date_trunc(mo|", ["'month'"]),
    ("date_trunc('month' |", [","]),
    ("date_trunc('month', capt|", ["captured_at"]),
    ("date_trunc('month', captured_at |", [")", "+", "-"]),
    ("date(capt|", ["captured_at"]),
    ("date(captured_at) = |", ["today()"]),
    ("timestamp(|", ["'2024-01-31T10:00:00Z'"]),
    ("duration(|", ["'P7D'", "'PT1H'", "'P1M'", "'P1Y'"]),
    ("reviewed_at - captured_at > dur|", ["duration("]),
    ("interval(capt|", ["captured_at"]),
    ("interval(captured_at, '|", []),
    ("interval(captured_at |", [","]),
    ("t_during(|", ["today()", "today() - 1d", "date(", "interval("]),
    ("t_during(today() - |", ["1d", "7d", "1mo", "1y"]),
    ("t_during(interval(captured_at, reviewed_at) |", [","]),
    ("t_during(interval(captured_at, reviewed_at), interval('..', today()) |", [")"]),
    ("t_after(capt|", ["captured_at"]),
    ("t_aft|", ["t_after("]),
    ("interv|", []),
    # lists
    ("a_contains(|", ["projects", "tags"]),
    ("a_contains(tags, |", ["'night'", "'dusk'", "'Paris review'"]),
    ("a_contains(tags, 'night' |", [")"]),
    ("a_contains(tags, ('night' |", [",", ")"]),
    ("a_overlaps(tags, (city |", [","]),
    # points
    ("latitude(|", ["loc"]),
    ("s_intersects(|", ["loc", "BBOX(", "POINT("]),
    ("s_intersects(loc, |", ["loc", "BBOX(", "POINT("]),
    ("s_intersects(loc, b|", ["BBOX("]),
    ("s_intersects(BBOX(1, 2, 3, 4), |", ["loc", "("]),
    ("s_within(|", ["loc", "POINT("]),
    ("s_within(loc, |", ["loc", "BBOX(", "POINT("]),
    ("distance(loc, |", ["loc", "POINT("]),
    ("distance(loc, POINT(|", ["0 0"]),
    ("distance(loc, POINT(2.35 |", ["0"]),
    ("distance(loc, POINT(2.35 -48.85 |", [")"]),
    ("distance(loc, POINT(2.35 48.85) |", [")"]),
    ("s_intersects(loc, BBOX(|", ["-180, -90, 180, 90"]),
    ("s_intersects(loc, BBOX(1, -2 |", [","]),
    ("s_intersects(loc, BBOX(1, -2, |", ["180, 90"]),
    ("s_intersects(loc, BBOX(1, -2, 3, 4 |", [")"]),
    ("s_intersects(loc, BBOX(1, -2 3 |", []),
    ("s_intersects(loc, POLYGON(|", []),
    # vectors
    ("l2_distance(|", ["vector", "["]),
    ("l2_distance(vector, |", ["vector", "["]),
    ("l2_distance(vector, [|", ["0.5"]),
    ("l2_distance(vector, [1, -2 |", [","]),
    ("l2_distance(vector, [1, -2, 3 |", ["]"]),
    ("l2_distance(vector, [1, -2, 3] |", [")"]),
    ("l2_distance([1, 2, 3], |", ["vector", "["]),
    # numbers and texts
    ("round(speed |", [",", ")"]),
    ("round(speed, |", ["0", "1", "2"]),
    ("substr(city, |", ["speed", "temperature"]),
    ("length(|", ["city", "note"]),
]


@pytest.mark.parametrize(("marked", "first"), ROWS, ids=[row[0] for row in ROWS])
def test_first_candidates(marked: str, first: list[str]) -> None:
    _, done = at(marked)
    assert texts(done)[: len(first) or None] == first


def test_signatures_are_what_a_menu_shows() -> None:
    found = {c.text: c for c in at("date|")[1].candidates}
    assert found["date_trunc("].label == "date_trunc('month', time)"
    assert found["date_trunc("].detail == "DATETIME"
    shapes = {c.text: (c.label, c.detail) for c in at("s_intersects(loc, |")[1].candidates}
    assert shapes["BBOX("] == ("BBOX(…)", "west, south, east, north")


def test_vectors_of_another_size_are_not_offered() -> None:
    schema = Schema(
        (Field("small", "VECTOR", size=2), Field("large", "VECTOR", size=512), Field("also", "VECTOR", size=2))
    )
    text = "l2_distance(small, "
    assert texts(complete(text, len(text), schema, DATA, values)) == ["small", "also", "["]


def test_what_needs_a_field_that_is_not_there_is_not_offered() -> None:
    names = {c.label.partition("(")[0] for c in complete("", 0, Schema(), DATA, values, limit=500).candidates}
    assert names.isdisjoint({"latitude", "distance", "s_within", "l2_distance", "raw", "interval"})
    assert names >= {"lower", "date_trunc", "t_after", "a_contains", "round"}


@pytest.mark.parametrize(
    ("text", "relation", "expected"),
    [
        ("@", DATA, ["@night"]),
        ("any label(@", DATA, ["@cars"]),
        ("any prediction(@", DATA, []),
        ("@", LABELS, ["@cars"]),
    ],
)
def test_saved_filters_are_those_of_the_rows_that_they_select(
    text: str, relation: Relation, expected: list[str]
) -> None:
    saved = {"data": ["night"], "labels": ["cars"]}
    by_name = complete(text, len(text), SCHEMA, relation, values, saved=lambda name: saved.get(name, []))
    assert texts(by_name) == expected
    own = complete(text, len(text), SCHEMA, relation, values, saved=saved[relation.name])
    assert texts(own) == ([] if "(" in text else expected)
