"""CQL2-JSON in and out: filter-language.md §11 and §12. The cases are data: `grammar/cases/cql2_json.json`.

`both`: the document and the filter are each other's. `import`: the document is read as the filter. `export`: the filter
is written as the document. `refused`: the document is an error with this code, message, part and hint.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaquery.errors import FilterError, UsageError
from metaquery.language import BindOptions, Predicate, bind, canonical, compile_filter, compile_view, parse
from metaquery.language import syntax as s
from metaquery.language.cql2_json import from_cql2_json, to_cql2_json
from metaquery.language.cql2_json.operations import OPERATIONS, Row
from metaquery.language.printing import to_text
from metaquery.schema import DATA, LABELS
from tests.differential.oracle import Oracle
from tests.differential.test_language import NOW, ZONES, make_world
from tests.golden.blocks import DIRECTORY
from tests.golden.language import environment
from tests.properties import filters
from tests.properties.schemas import SCHEMA

CASES: dict[str, list[dict[str, Any]]] = json.loads((DIRECTORY / "cql2_json.json").read_text(encoding="utf-8"))
CASE_SCHEMA, OPTIONS = environment("duration")
DARK = {"property": "dark"}


def named(*kinds: str) -> pytest.MarkDecorator:
    rows = [case for kind in kinds for case in CASES[kind]]
    return pytest.mark.parametrize("case", rows, ids=[row.get("filter") or row["message"] for row in rows])


@named("both", "import")
def test_a_document_is_read_as_the_filter(case: dict[str, Any]) -> None:
    tree = from_cql2_json(case["document"])
    assert tree == parse(case["filter"])
    assert to_text(tree) == to_text(parse(case["filter"]))


@named("both", "export")
def test_a_filter_is_written_as_the_document(case: dict[str, Any]) -> None:
    assert to_cql2_json(compile_filter(case["filter"], CASE_SCHEMA, DATA, options=OPTIONS)) == case["document"]


@named("both")
def test_what_was_written_is_bound_to_the_same(case: dict[str, Any]) -> None:
    predicate = bind(parse(case["filter"]), CASE_SCHEMA, DATA, options=OPTIONS)
    assert bind(from_cql2_json(to_cql2_json(predicate)), CASE_SCHEMA, DATA, options=OPTIONS) == predicate


@named("both", "export")
def test_a_document_that_was_read_is_written_again(case: dict[str, Any]) -> None:
    predicate = bind(from_cql2_json(case["document"]), CASE_SCHEMA, DATA, options=OPTIONS)
    assert to_cql2_json(predicate) == case["document"]


@named("refused")
def test_a_refusal_says_what_is_wrong_and_where(case: dict[str, Any]) -> None:
    with pytest.raises(FilterError) as raised:
        from_cql2_json(case["document"])
    error = raised.value
    assert (error.code, error.message) == (case["code"], case["message"])
    assert error.source == json.dumps(case["document"], ensure_ascii=False, separators=(",", ":"))
    assert error.source[error.span.start : error.span.end] == case["part"]
    assert case["hint"] in (error.hint or "")


WORLD, UNITS = make_world(Random(7))  # noqa: S311  # rows of a test


@given(tree=filters.FILTERS, zone=st.sampled_from(ZONES))
@settings(max_examples=200, deadline=None)
def test_a_filter_that_was_written_and_read_means_the_same(tree: s.Expr, zone: str) -> None:
    WORLD.zone = zone
    options = BindOptions(time_zone=zone, now=NOW, collections=tuple(filters.COLLECTIONS))
    written = parse(to_text(tree))
    document = to_cql2_json(compile_filter(to_text(tree), SCHEMA, DATA, options=options))
    again = from_cql2_json(json.loads(json.dumps(document)))
    assert parse(to_text(again)) == again
    assert to_cql2_json(bind(again, SCHEMA, DATA, options=options)) == document
    for unit in UNITS:
        assert Oracle(WORLD, unit).value(again) is Oracle(WORLD, unit).value(written), (to_text(again), unit)


@given(tree=filters.rows())
@settings(max_examples=50, deadline=None)
def test_a_filter_on_labels_is_read_back(tree: s.Expr) -> None:
    predicate = bind(tree, SCHEMA, LABELS)
    again = bind(from_cql2_json(to_cql2_json(predicate)), SCHEMA, LABELS)
    assert to_cql2_json(again) == to_cql2_json(predicate)


def operation(row: Row, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    most = row.fewest + 2 if row.most is None else row.most
    args = st.lists(inner, min_size=row.fewest, max_size=most)
    return st.fixed_dictionaries({"op": st.just(row.name), "args": args})


def documents(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["op", "args", "property", "date", "timestamp", "interval", "type", "coordinates", "bbox"])
    shapes = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "Circle"])
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(keys, st.text(max_size=2)), inner, max_size=3),
        st.sampled_from(list(OPERATIONS.values())).flatmap(lambda row: operation(row, inner)),
        st.fixed_dictionaries({"op": st.sampled_from(sorted(OPERATIONS)), "args": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"type": shapes, "coordinates": inner}),
        st.fixed_dictionaries({"interval": st.lists(inner, min_size=2, max_size=2)}),
    )


NAMES = [
    "dark",
    "speed",
    "captured_at",
    "tags",
    'meta."city"',
    "meta.city",
    "meta.x y",
    "unit.in",
    "in",
    "",
    "a..b",
    '"',
]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=4),
    st.sampled_from(["label", "+", "div", "2023-01-01", "2023-01-01T00:00:00Z", "..", "7d", "2023", "a\ud800"]),
    st.sampled_from([*NAMES, "missing"]).map(lambda name: {"property": name}),
    st.sampled_from([{"date": "2023-01-01"}, {"timestamp": "2023-01-01T10:00Z"}, {"timestamp": "0001-01-01T00:00"}]),
)


def refusal(document: Any) -> FilterError | None:
    try:
        from_cql2_json(document)
    except FilterError as error:
        return error
    return None


def bound(tree: s.Expr) -> Predicate | None:
    try:
        return bind(tree, SCHEMA, DATA, options=BindOptions(now=NOW))
    except FilterError:
        return None


@given(st.recursive(LEAVES, documents, max_leaves=15))
@settings(max_examples=500, deadline=None)
def test_every_document_is_read_or_refused_with_its_place(document: Any) -> None:
    error = refusal(document)
    if error is not None:
        assert 0 <= error.span.start <= error.span.end <= len(error.source)
        assert ", at $" in error.message
        assert error.message in str(error)
        return
    tree = from_cql2_json(document)
    assert parse(to_text(tree)) == tree
    predicate = bound(tree)
    if predicate is not None:
        written = to_cql2_json(predicate)
        assert to_cql2_json(bind(from_cql2_json(written), SCHEMA, DATA, options=BindOptions(now=NOW))) == written


def nested(times: int, wrap: Callable[[Any], Any], inner: Any = DARK) -> Any:
    for _ in range(times):
        inner = wrap(inner)
    return inner


def circle() -> dict[str, Any]:
    whole: dict[str, Any] = {"op": "not", "args": []}
    whole["args"].append(whole)
    return whole


REFUSED = {
    "not": (nested(100_000, lambda x: {"op": "not", "args": [x]}), "too-deep"),
    "itself": (circle(), "too-deep"),
    "arrays": ({"op": "in", "args": [DARK, nested(100_000, lambda x: [x])]}, "too-deep"),
    "and in and": (nested(100_000, lambda x: {"op": "and", "args": [x, DARK]}), "too-complex"),
    "plus": ({"op": "=", "args": [nested(501, lambda x: {"op": "+", "args": [x, 1]}, 1), 1]}, "too-complex"),
    "chain": ({"op": "=", "args": [{"op": "mq_chain", "args": [1, *["+", 1] * 501]}, 1]}, "too-complex"),
    "many": ({"op": "or", "args": [DARK] * 60_000}, "too-complex"),
    "an array": ({"op": "in", "args": [DARK, [1] * 10_001]}, "too-many-items"),
    "a text": ({"op": "=", "args": [DARK, "x" * 2_000_000]}, "too-long"),
    "an operator": ({"op": "x" * 2_000_000, "args": []}, "unknown-function"),
    "digits": ({"op": "=", "args": [DARK, 10**5000]}, "number-range"),
    "no number": ({"op": "=", "args": [DARK, float("nan")]}, "number-range"),
    "a place": ({"op": "s_within", "args": [DARK, {"bbox": [0, 0, 0, 10**400]}]}, "number-range"),
    "no JSON": ({"op": "=", "args": [DARK, object()]}, "unexpected-token"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_hostile_documents_are_refused_soon(name: str) -> None:
    document, code = REFUSED[name]
    start = time.process_time()
    with pytest.raises(FilterError) as raised:
        from_cql2_json(document)
    assert raised.value.code == code
    assert len(str(raised.value)) < 1_000
    assert time.process_time() - start < 2


def test_what_only_looks_deep_is_read() -> None:
    tree = from_cql2_json(nested(20_000, lambda x: {"op": "and", "args": [x, DARK]}))
    assert tree == s.And((s.Field(None, "dark"),) * 20_001)
    assert from_cql2_json({"op": "=", "args": [nested(500, lambda x: {"op": "+", "args": [x, 1]}, 1), 1]})


def test_no_function_has_two_operators() -> None:
    called = [row.name.removeprefix("mq_").lower() for row in OPERATIONS.values()]
    assert sorted(called) == sorted(set(called))


def test_long_arithmetic_is_written_flat() -> None:
    text = "speed" + " + temperature" * 499 + " > 1 and (speed" + " * 2 / temperature" * 30 + ") ^ 2 + 1 - speed > 1"
    predicate = bind(parse(text), CASE_SCHEMA, DATA)
    document = to_cql2_json(predicate)
    assert bind(from_cql2_json(json.loads(json.dumps(document))), CASE_SCHEMA, DATA) == predicate


def test_saved_filters_are_expanded() -> None:
    options = BindOptions(saved=lambda _: {"night": "dark or speed > 5"})
    query = compile_filter("@night and city = 'x'", CASE_SCHEMA, DATA, options=options)
    night = {"op": "or", "args": [{"op": "=", "args": [DARK, True]}, {"op": ">", "args": [{"property": "speed"}, 5]}]}
    city = {"op": "=", "args": [{"property": "city"}, "x"]}
    assert to_cql2_json(query) == {"op": "and", "args": [night, city]}


def test_a_name_that_looks_qualified_keeps_its_meaning() -> None:
    for written in ('"meta.title"', 'meta."a ""b"""', '"unit.x y"', '"meta.""x"""'):
        field = parse(written)
        assert isinstance(field, s.Field)
        plain = {"property": f'{field.qualifier or "meta"}."{field.name.replace(chr(34), chr(34) * 2)}"'}
        read_back = from_cql2_json({"op": "isNull", "args": [plain]})
        assert read_back == s.IsNull(s.Field(field.qualifier or "meta", field.name))


def test_order_and_limit_are_not_dropped_in_silence() -> None:
    with pytest.raises(UsageError, match="no order and no limit"):
        to_cql2_json(compile_view("dark limit 5", CASE_SCHEMA, DATA))
    assert to_cql2_json(compile_filter("true", CASE_SCHEMA, DATA)) is True


def test_errors_of_binding_have_a_place_in_the_text() -> None:
    text = to_text(from_cql2_json({"op": "=", "args": [{"property": "ctiy"}, "Paris"]}))
    with pytest.raises(FilterError) as raised:
        compile_filter(text, CASE_SCHEMA, DATA)
    assert text[raised.value.span.start : raised.value.span.end] == "ctiy"


def test_a_day_at_the_edge_of_the_calendar_is_written_as_it_was() -> None:
    options = BindOptions(time_zone="Asia/Tokyo", now=NOW)
    for text in ("year(0001-01-01) > 5", "captured_at > 0001-01-01T00:00", "captured_at >= 0001"):
        predicate = bind(parse(text), CASE_SCHEMA, DATA, options=options)
        again = bind(from_cql2_json(to_cql2_json(predicate)), CASE_SCHEMA, DATA, options=options)
        assert to_cql2_json(again) == to_cql2_json(predicate)
        assert canonical(again)
