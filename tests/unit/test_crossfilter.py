"""Facets without their own clauses, and the filter that a click makes: each bar keeps what it promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

import metaquery
from metaquery.errors import FilterError, UsageError

from .python_workspace import made

FILTERS = (
    "",
    "dark",
    "city = 'Paris'",
    "dark and city in ('Paris', 'Oslo')",
    "speed >= 20 and speed < 80 and not dark",
    "captured_at between 2023-01 and 2023-02 or city is missing",
    "meta.city = 'Paris' or city like 'O%'",
    "not (city = 'Paris' and dark)",
    "any label(class = 'car') and city = 'Paris'",
    "tags has 'Dark'",
    "in collection 'Dark' and speed > 3",
)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> metaquery.Workspace:
    workspace = made(tmp_path_factory.mktemp("crossfilter"))
    workspace.data.filter("dark").collect("Dark")
    return workspace


KEYS = ("city", "dark", "speed", "captured_at", '"frame rate"', "tags")


@pytest.mark.parametrize("text", FILTERS)
def test_each_bar_keeps_its_promise(ws: metaquery.Workspace, text: str) -> None:
    chosen, known = ws.data.crossfilter(text), dict[str, set[str]]()

    def ids(filter_: str | None) -> set[str]:
        told = filter_ or ""
        known[told] = known[told] if told in known else set(ws.data.filter(filter_ or None).ids())
        return known[told]

    for key, facet in zip(KEYS, chosen.facets(*KEYS, top=2).values(), strict=True):
        for bar in facet.bars:
            assert bar.bar.filter is not None
            only = chosen.only(key, bar.bar.filter)
            assert len(ids(only)) == bar.bar.rows, (key, bar)
            assert bar.toggled == chosen.toggle(key, bar.bar.filter), (key, bar)
            if not facet.own:
                assert ids(bar.toggled) == ids(text) & ids(only)
            elif not bar.selected:
                assert ids(bar.toggled) == ids(text) | ids(only)
        assert len(ids(chosen.clear(key))) == facet.facet.matched


@pytest.mark.parametrize("text", FILTERS)
def test_facets_are_the_same_however_many_rows_match(ws: metaquery.Workspace, text: str) -> None:
    few = ws.data.crossfilter(text)
    many = replace(few, matching=replace(few.matching, few_rows=0, keep=lambda _name, _sql: False))
    for _ in range(2):  # the second time, the misfits are kept
        assert few.facets(*KEYS, top=2, bins=4) == many.facets(*KEYS, top=2, bins=4)


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("keys", [("city", "dark"), ("city", "tags"), ("speed", "dark"), ("city",), ("captured_at",)])
def test_facets_are_the_same_whatever_else_is_counted(
    ws: metaquery.Workspace, text: str, keys: tuple[str, ...]
) -> None:
    every, some = (ws.data.crossfilter(text).facets(*asked, top=2) for asked in (KEYS, keys))
    assert some == {key: every[key] for key in keys}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("city", "city in ('Oslo', 'Atlantis')"),
        ("tags", "tags has any ('Light', 'Atlantis')"),
    ],
)
def test_a_value_that_the_filter_names_has_a_bar_whatever_its_rows(
    ws: metaquery.Workspace, key: str, text: str
) -> None:
    ws.data.filter("not dark").collect("Light", replacing=True)
    (facet,) = ws.data.crossfilter(text).facets(key, top=1).values()
    rows = {bar.bar.label: bar.bar.rows for bar in facet.bars}
    selected = {bar.bar.label for bar in facet.bars if bar.selected}
    assert selected == {"Atlantis", "Oslo" if key == "city" else "Light"}
    assert rows["Atlantis"] == 0
    if key == "city":
        assert rows == {"Paris": 2, "Oslo": 1, "Atlantis": 0, "1 other": 1, "missing": 1, "invalid": 0}
    for bar in facet.bars:
        if bar.bar.kind == "others":
            assert bar.bar.filter is not None
            assert ws.data.filter(bar.bar.filter).count() == bar.bar.rows


def test_a_second_click_takes_the_first_one_back(ws: metaquery.Workspace) -> None:
    text = "dark  and  speed > 3"
    once = ws.data.crossfilter(text).toggle("city", "city = 'Oslo'")
    assert once == "dark  and  speed > 3 and city = 'Oslo'"
    twice = ws.data.crossfilter(once).toggle("city", "city = 'Paris'")
    assert twice == "dark  and  speed > 3 and city in ('Oslo', 'Paris')"
    assert ws.data.crossfilter(twice).toggle("city", "city = 'Paris'") == once
    assert ws.data.crossfilter(once).toggle("city", "city = 'Oslo'") == text


def test_a_condition_is_recognised_however_it_is_written(ws: metaquery.Workspace) -> None:
    for text in ("meta.city='Paris'", "city in ('Paris')", "city = 'Oslo' or city == 'Paris'", "(city = 'Paris')"):
        (facet,) = ws.data.crossfilter(text).facets("city").values()
        assert "Paris" in {bar.bar.label for bar in facet.bars if bar.selected}


def test_what_is_excluded_is_left_out_and_what_is_unknown_stays(ws: metaquery.Workspace) -> None:
    text = ws.data.crossfilter("").exclude("city", "city = 'Paris'")
    assert ws.data.filter(text).ids() == ["u2", "u3", "u5"]


@pytest.mark.parametrize(
    ("key", "start", "end", "text"),
    [
        ("speed", 20, 80.5, "dark and speed >= 20 and speed < 80.5"),
        ("speed", -1.5, None, "dark and speed >= -1.5"),
        ("speed", None, None, "dark"),
        (
            "captured_at",
            datetime(2023, 1, 31, 23, tzinfo=UTC),
            datetime(2023, 3, 1, tzinfo=UTC),
            "dark and captured_at >= 2023-02-01 and captured_at < 2023-03-01T00:00:00Z",
        ),
    ],
)
def test_a_range_is_brushed(ws: metaquery.Workspace, key: str, start: object, end: object, text: str) -> None:
    here = ws.data.at(time_zone="Europe/Oslo")
    brushed = here.crossfilter("dark and speed > 3").brush(key, start, end)  # type: ignore[arg-type]
    assert brushed == (text if key == "speed" else text.replace("dark and", "dark and speed > 3 and"))
    (facet,) = here.crossfilter(brushed).facets(key).values()
    assert (None if facet.chosen is None else (facet.chosen.start, facet.chosen.end)) == (
        None if start is None and end is None else (start, end)
    )


@pytest.mark.parametrize(
    ("zone", "start", "text"),
    [
        ("UTC", datetime(2500, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "captured_at >= 2500-01-01T00:00:00.000001Z"),
        ("America/Havana", datetime(2023, 11, 5, 4, tzinfo=UTC), "captured_at >= 2023-11-05"),
        ("America/Havana", datetime(2023, 11, 5, 5, tzinfo=UTC), "captured_at >= 2023-11-05T05:00:00Z"),
        ("Asia/Tokyo", datetime(9999, 12, 31, 15, tzinfo=UTC), "captured_at >= 9999-12-31T15:00:00Z"),
    ],
)
def test_a_range_begins_to_the_microsecond_and_at_the_first_of_two_midnights(
    ws: metaquery.Workspace, zone: str, start: datetime, text: str
) -> None:
    assert ws.data.at(time_zone=zone).crossfilter("").brush("captured_at", start, None) == text


def test_values_are_searched_within_a_facet(ws: metaquery.Workspace) -> None:
    labels = {
        key: [bar.bar.label for bar in ws.data.crossfilter("dark").facets(key, find=find)[key].bars]
        for key, find in (("city", "AR"), ("tags", "AR"))
    }
    assert labels == {"city": ["Paris"], "tags": ["Dark"]}, "of what has no value nothing is known by such a search"


def test_a_mistake_is_told_where_it_is_in_the_whole_text(ws: metaquery.Workspace) -> None:
    with pytest.raises(FilterError) as caught:
        ws.data.crossfilter("dark and drak")
    assert caught.value.span == (9, 13)
    with pytest.raises(UsageError, match="not about city alone"):
        ws.data.crossfilter("").toggle("city", "city = 'Paris' and dark")
    with pytest.raises(UsageError, match="the range is empty"):
        ws.data.crossfilter("").brush("speed", 3, 3)


def test_facets_of_labels_are_edited_alike(ws: metaquery.Workspace) -> None:
    chosen = ws.labels.crossfilter("class = 'car' and city = 'Paris'")
    (facet,) = chosen.facets("class").values()
    assert [(bar.bar.label, bar.bar.rows, bar.selected) for bar in facet.bars if bar.bar.rows] == [("car", 1, True)]
    assert chosen.toggle("class", "class = 'person'") == "class in ('car', 'person') and city = 'Paris'"
