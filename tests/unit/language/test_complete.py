"""What is offered where: a text with `|` for the cursor, and the first candidates."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

from metaquery.errors import Span
from metaquery.language import parse
from metaquery.language.complete import Candidate, complete
from metaquery.schema import DATA, LABELS, PREDICTIONS, Field, Relation, Schema

from .completing import SCHEMA, at, texts, values

ROWS: list[tuple[str, list[str]]] = [
    # names
    ("|", ["dark", "captured_at", "reviewed_at"]),
    ("da|", ["dark", "data_hash", "data_type"]),
    ("DA|", ["dark", "data_hash"]),
    ("rate|", ['"frame rate"']),
    ("cptat|", ["captured_at"]),
    ("captred|", ["captured_at"]),
    ("gr|", ["größe"]),
    ("größ|", ["größe"]),
    ("gro\u0308ß|", ["größe"]),
    ("撮|", ["撮影地"]),
    ("eo:c|", ["eo:cloud_cover"]),
    ("video.d|", ["video.description"]),
    ("fra|", ['"frame rate"', "frames"]),
    ('"fr|', ['"frame rate"', "frames"]),
    ("`fra|me`", ['"frame rate"', "frames"]),
    ("frame ra|", ['"frame rate"']),
    ("dark and frame ra|", ['"frame rate"']),
    ("site|", ['"site-id"']),
    ("site-|", ['"site-id"']),
    ("dark and site-i|", ['"site-id"']),
    ("he s|", ['"he said ""hi"""']),
    ("in|", ['"in"', "index", "in collection"]),
    ("tit|", ["meta.title", "unit.title"]),
    ("meta.ti|", ["meta.title"]),
    ('meta."fr|', ['meta."frame rate"']),
    ("meta . |", ['"dark"', '"captured_at"']),
    ("unit.ti|", ["unit.title"]),
    ("unit.wid|", ["meta.unit.width", 'unit."width"']),
    ("da|rk = true", ["dark", "data_hash"]),
    ("dark = mis|", ["missing"]),
    ("dark is not mis|", ["missing", '"missing"']),
    ("has an|", ['"any"']),
    # operators by type
    ("dark |", ["=", "!=", "is null", "is not null", "is not true", "is not false", "is true", "is false", "and"]),
    ("not dark |", ["=", "!="]),
    ("city |", ["=", "!=", "in (", "not in (", "contains"]),
    ("weather |", ["=", "!=", "in (", "not in (", "contains"]),
    ('"frame rate" |', ["=", "!=", "<", "<=", ">", ">=", "between"]),
    ("captured_at |", [">=", ">", "<", "<=", "=", "between"]),
    ("tags |", ["has", "has any (", "has all (", "has only (", "has none ("]),
    ("loc |", ["is null", "is not null", "is missing"]),
    ("rig |", ["=", "!=", "<"]),
    ("speed + 1 |", ["=", "!=", "<"]),
    ("reviewed_at - captured_at |", ["=", "!=", "<"]),
    ("length(city) |", ["=", "!=", "<", "<="]),
    ("city st|", ["starts with"]),
    ("city not |", ["in (", "between", "contains"]),
    ("city is |", ["null", "not null"]),
    ("city is not |", ["null", "missing", "invalid"]),
    ("city is not distinct |", ["from"]),
    ("city starts |", ["with"]),
    ("tags has a|", ["any (", "all ("]),
    ("speed <|", ["<="]),
    ("speed !|", ["!="]),
    # values
    ("city = |", ["'Paris'", "'Lyon'", "'O''Brien'", "'São Paulo'", "'paris'", "'New Paris'", "E'two\\nlines'"]),
    ("city =|", [" 'Paris'", " 'Lyon'"]),
    ("city = 'Par|", ["'Paris'", "'paris'", "'New Paris'"]),
    ("city = 'par|", ["'paris'", "'Paris'", "'New Paris'"]),
    ("city = 'Par|is'", ["'Paris'", "'paris'", "'New Paris'"]),
    ("city = 'Par| and dark", ["'Paris'"]),
    ("city = E'Par|", ["'Paris'"]),
    ("city = Par|", ["'Paris'", "'paris'"]),
    ('city = "Par|', ["'Paris'", "'paris'"]),
    ("city = 'O''B|", ["'O''Brien'"]),
    ("city = 'são|", ["'São Paulo'"]),
    ("city in (|", ["'Paris'", "'Lyon'"]),
    ("city in ('Paris', |", ["'Lyon'", "'O''Brien'"]),
    ("city not in |", ["("]),
    ("city contains |", ["'Paris'", "'Lyon'"]),
    ("city ~ |", ["''"]),
    ("note = |", ["'50%'", "city"]),
    ("weather = |", ["'rain'", "'fog'", "'sun'"]),
    ("weather in ('rain', '|", ["'fog'", "'sun'"]),
    ("rig = |", ["'3fa85f64-5717-4562-b3fc-2c963f66afa6'"]),
    ("speed > |", ["50", "-1", "12.5", "1e+300"]),
    ("speed > 1|", ["12.5", "1e+300"]),
    ("speed between |", ["50", "-1"]),
    ("speed between 5 |", ["and"]),
    ("speed between 5 and |", ["50", "-1"]),
    ("dark = |", ["false", "true"]),
    ("temperature > |", ["speed", '"frame rate"']),
    # time
    ("captured_at > |", ["today()", "now() - 24h", "now() - 7d", "now() - 1mo", "today() - 1d", "2024-01-31"]),
    ("captured_at > 2023-|", ["2023-05-01", "2023-05-02"]),
    ("captured_at = 2023-05-0|1", ["2023-05-01", "2023-05-02"]),
    ("captured_at > now() - |", ["1h", "24h", "7d"]),
    ("captured_at > now() - 3|", ["3d", "3h", "3min"]),
    ("captured_at > now() - 1.5|", ["1.5d", "1.5h"]),
    ("reviewed_at - captured_at > |", ["1h", "24h", "7d"]),
    ("hour(re|", ["reviewed_at"]),
    # lists, collections, saved filters
    ("tags has |", ["any (", "all (", "only (", "none (", "'night'", "'dusk'", "'Paris review'"]),
    ("tags has '|", ["'night'", "'dusk'", "'Paris review'", "'O''Brien'"]),
    ("tags has any (|", ["'night'", "'dusk'", "'Paris review'"]),
    ("in collection |", ["'night'", "'Paris review'", "'O''Brien'"]),
    ("not in collection 'Pa|", ["'Paris review'"]),
    ("in collection ('night', |", ["'Paris review'", "'O''Brien'"]),
    ("in |", ["collection"]),
    ("@|", ["@dusk", '@"my night"']),
    ("dark and @my|", ['@"my night"']),
    ('@"my n|', ['@"my night"']),
    # other relations
    ("any |", ["label(", "label", "prediction(", "prediction"]),
    ("any l|", ["label(", "label"]),
    ("any label(|", ["label_hash", "annotation_id", "class"]),
    ("any label(cl|", ["class"]),
    ("any label(class = |", ["'car'", "'person'"]),
    ("any label(class |", ["=", "!="]),
    ("any label(class = 'car' |", ["and", "or", ")"]),
    ("any label(class = 'car') and cl|", ["eo:cloud_cover"]),
    ("no prediction(conf|", ["confidence"]),
    ("any label(unit.ti|", ["unit.title", "unit.dataset_title"]),
    ("count(|", ["label", "label where"]),
    ("count(label |", ["where", ")"]),
    ("count(label where cl|", ["class"]),
    ("count(label where class = 'car') |", ["=", "!="]),
    # functions
    ("low|", ["lower("]),
    ("lower |", ["("]),
    ("lower(|", ["city", "note", "weather"]),
    ("city = low|", ["lower("]),
    ("raw(|", ["dark", "captured_at"]),
    ("now(|", [")"]),
    ("lower(city |", [")"]),
    ("substr(city |", [","]),
    ("substr(city, 1 |", [",", ")", "+"]),
    ("substr(city, 1, 2 |", [")", "+"]),
    ("raw(city |", [")"]),
    ("abs(speed |", [")", "+"]),
    ("city in ('Paris' |", [",", ")"]),
    ("city is null |", ["and", "or"]),
    ("coalesce(speed, te|", ["temperature"]),
    # after what means nothing
    ("nothing |", []),
    ("nothing = |", []),
    ("speed + city |", []),
    ("loc = |", []),
    ("city has |", []),
    ("speed like |", []),
    ("abs(city |", []),
    ("speed = city |", []),
    ("city in (speed |", []),
    ("coalesce(city, speed |", []),
    ("null |", []),
    # groups and lists
    ("(speed |", ["=", "!="]),
    ("tags = (|", ["'night'", "'dusk'"]),
    ("tags = ('night' |", [","]),
    ("tags = ['night' |", [",", "]"]),
    ("tags = ('night', 'dusk' |", [",", ")"]),
    ("(dark is null |", ["and", "or", ")"]),
    ("(any label |", ["and", "or", ")"]),
    ("captured_at > now() - 2 |", ["*"]),
    ("reviewed_at - now() |", ["=", "!="]),
    ("captured_at > -|", []),
    ("captured_at in (2023-01-01,|", [" today()"]),
    ("captured_at > 2023-01-0|", []),
    # what follows
    ("dark = true |", ["and", "or"]),
    ("speed > 5 |", ["and", "or", "+"]),
    ("city = 'Paris'|", [" and", " or"]),
    ("(dark or city = 'x') a|", ["and"]),
    ("dark and|", ["and"]),
    ("speed and |", ["dark"]),
    ("not |", ["dark"]),
    ("city = 'x' order |", []),
    # nothing
    ("# da|", []),
    ("dark # and |", []),
    ("dark /* and | */ = true", []),
    ("dark and /* x |", []),
    ("dark and /* x */ da|", ["dark"]),
    ("dark and # x\nda|", ["dark"]),
    ("dark = = |", []),
    ("speed city |", []),
    (") |", []),
    ("captured_at > 2023-02-30 |", []),
    ("dark\0 |", []),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "first"), ROWS, ids=[row[0] for row in ROWS])
def test_first_candidates(marked: str, first: list[str]) -> None:
    _, done = at(marked)
    assert texts(done)[: len(first) or None] == first


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("|", ["dark", "captured_at"]),
        ("dark = true |", ["and", "or", "order by", "limit 10"]),
        ("ord|", ["order by"]),
        ("order |", ["by"]),
        ("dark = true sort |", []),
        ("dark order by |", ["dark", "captured_at"]),
        ("dark order by tag|", []),
        ("dark order by speed |", [",", "asc", "desc", "nulls first", "nulls last", "limit 10"]),
        ("dark order by speed nulls |", ["first", "last"]),
        ("dark order by speed desc, cap|", ["captured_at"]),
        ("dark limit |", ["10", "20", "100"]),
        ("dark limit 1|", ["10", "100"]),
        ("city li|", ["like"]),
    ],
)
def test_views(marked: str, first: list[str]) -> None:
    _, done = at(marked, start="view")
    assert texts(done)[: len(first) or None] == first


@pytest.mark.parametrize(
    ("relation", "marked", "first"),
    [
        (LABELS, "|", ["label_hash", "annotation_id", "class"]),
        (LABELS, "cl|", ["class"]),
        (LABELS, "dar|", ["dark"]),
        (LABELS, "label.cl|", ["label.class"]),
        (LABELS, "wid|", ["meta.unit.width", 'unit."width"']),
        (LABELS, "tit|", ["title", "project_title", "unit.title"]),
        (LABELS, "class in (|", ["'car'", "'person'"]),
        (PREDICTIONS, "conf|", ["confidence"]),
        (PREDICTIONS, "confidence |", ["=", "!=", "<", "<="]),
        (PREDICTIONS, "prediction.m|", ["prediction.model"]),
        (PREDICTIONS, "conf| > 0.5", ["confidence"]),
        (PREDICTIONS, "anno|", ["annotation_id"]),
    ],
)
def test_other_relations(relation: Relation, marked: str, first: list[str]) -> None:
    _, done = at(marked, relation)
    assert texts(done)[: len(first)] == first


@pytest.mark.parametrize(
    ("marked", "span", "whole"),
    [
        ("da|", Span(0, 2), "dark"),
        ("da|rk and x", Span(0, 4), "dark and x"),
        ("|dark", Span(0, 0), "dark dark"),
        ("city = 'Par|", Span(7, 11), "city = 'Paris'"),
        ("city = 'Par|is' and dark", Span(7, 14), "city = 'Paris' and dark"),
        ("city = 'Par| and dark", Span(7, 11), "city = 'Paris' and dark"),
        ("city = 'Par| and note = 'x'", Span(7, 11), "city = 'Paris' and note = 'x'"),
        ('"frame |rate" > 5', Span(0, 12), '"frame rate" > 5'),
        ("dark and site-i|", Span(9, 15), 'dark and "site-id"'),
        ("dark and @my|", Span(9, 12), 'dark and @"my night"'),
        ("captured_at > 2023-|", Span(14, 19), "captured_at > 2023-05-01"),
        ("city =|'x'", Span(6, 6), "city = 'Paris' 'x'"),
        ("dark an|", Span(5, 7), "dark and"),
    ],
)
def test_what_is_replaced(marked: str, span: Span, whole: str) -> None:
    text, done = at(marked)
    assert done.span == span
    assert done.apply(text, done.candidates[0])[0] == whole


def test_candidates_say_what_they_are() -> None:
    found = {c.text: c for marked in ("|", "city = |", "dark |", "in collection |") for c in at(marked)[1].candidates}
    assert found["dark"] == Candidate("dark", "field", "dark", "BOOLEAN")
    assert found["width"].detail == "NUMBER, built in"
    assert found["'Paris'"] == Candidate("'Paris'", "value", "Paris", "1,200 units", 1200)
    assert found["'paris'"].detail == "1 unit"
    assert found["="] == Candidate("=", "operator", "=", "equals")
    assert found["and"].kind == "keyword"
    assert found["lower("] == Candidate("lower(", "function", "lower(text)", "STRING")
    assert found["@dusk"] == Candidate("@dusk", "saved", "@dusk", "dark and speed > 5")
    assert found["'Paris review'"] == Candidate(
        "'Paris review'", "collection", "Paris review", "Collection, 9 units", 9
    )


def test_the_caret_goes_between_the_quotes() -> None:
    text, done = at("city ~ |")
    assert done.apply(text, done.candidates[0]) == ("city ~ ''", 8)


def test_days_say_how_many_units_they_have() -> None:
    found = {c.text: c.detail for c in at("captured_at > |")[1].candidates}
    assert found["2024-01-31"] == "latest, 7 units"
    assert found["2023-05-01"] == "earliest, 2 units"
    assert found["2023-05-02"] == "1 unit"


def test_of_many_fields_the_rest_is_seen_too() -> None:
    schema = Schema(tuple(Field(f"key_{i}", "NUMBER") for i in range(1000)))
    done = complete("", 0, schema, DATA, values, limit=30)
    assert len(done.candidates) == 30
    assert {c.kind for c in done.candidates} >= {"field", "function", "keyword"}
    assert len(complete("key", 3, schema, DATA, values, limit=7).candidates) == 7
    assert complete("key", 3, schema, DATA, values, limit=0).candidates == ()


def test_values_are_asked_only_where_they_may_stand() -> None:
    asked: list[str] = []

    def ask(field: Field) -> list[tuple[object, int]]:
        asked.append(field.name)
        return []

    for text in ("", "dark ", "city", "city = 'x' ", "lower("):
        complete(text, len(text), SCHEMA, DATA, ask)
    assert asked == []
    complete("city = ", 7, SCHEMA, DATA, ask)
    assert asked == ["city"]


def test_a_key_that_cannot_be_written_is_not_offered() -> None:
    schema = Schema(
        (Field("nul\0", "STRING"), Field("half\ud800", "STRING"), Field("", "STRING"), Field("good", "STRING"))
    )
    done = complete("", 0, schema, DATA, values)
    assert texts(done)[:2] == ['""', "good"]


def test_cursors_outside_of_the_text_are_at_its_ends() -> None:
    assert complete("da", 99, SCHEMA, DATA, values).span == Span(0, 2)
    assert complete("da", -1, SCHEMA, DATA, values).span == Span(0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "not " * 5000,
        "x" * 200_000,
        "a = 1 and " * 20_000,
        "'" * 9999,
        "-" * 5000,
        '"',
        "lower(POINT(0, -1 -2 0)",
    ],
)
def test_hostile_text_has_an_answer(text: str) -> None:
    done = complete(text, len(text), SCHEMA, DATA, values)
    assert done.span.end == len(text)


def test_every_whole_value_can_be_read_back() -> None:
    for candidate in at("city = |")[1].candidates:
        if candidate.kind == "value":
            parse(f"city = {candidate.text}")


def test_the_example_of_the_docstring_is_true() -> None:
    done = doctest.testmod(import_module("metaquery.language.complete"))
    assert (done.attempted, done.failed) == (6, 0)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("city = :", [":town", ":towns"]),
        ("dark and city in (:t", [":town", ":towns"]),
        ("in collection :", [":town", ":towns"]),
        ("city :", []),
        ("city = :x", []),
    ],
)
def test_parameters_that_have_values_are_offered_where_a_value_may_stand(typed: str, offered: list[str]) -> None:
    done = complete(typed, len(typed), SCHEMA, DATA, lambda _: [], parameters=("town", "towns"))
    assert [each.text for each in done.candidates] == offered
    after = complete("city = ", 7, SCHEMA, DATA, lambda _: [], parameters=("town",))
    assert ":town" in [each.text for each in after.candidates]
    assert not any(each.text.startswith(":") for each in complete("city = ", 7, SCHEMA, DATA, lambda _: []).candidates)
