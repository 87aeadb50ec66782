"""Completing filters over a workspace that was synced from a sandbox."""

from __future__ import annotations

import pytest

import metaquery

from .conftest import Terminal


@pytest.fixture(scope="module")
def workspace(terminal: Terminal) -> metaquery.Workspace:
    """Some scenes, a Collection of units and one of labels, and a saved filter of each."""
    workspace = metaquery.open(terminal.home)
    workspace.data.filter("dark").collect("night in town")
    workspace.labels.filter("class = 'car'").collect("cars")
    workspace.save_filter("rainy", "weather = 'rain'")
    workspace.save_filter("tall", "frame > 1", on="labels")
    return workspace


def offered(view: metaquery.View, text: str) -> dict[str, str]:
    return {candidate.text: candidate.detail for candidate in view.complete(text).candidates}


def test_values_come_with_their_numbers_of_units(workspace: metaquery.Workspace) -> None:
    view = workspace.data
    facets = view.facets("city", top=100)["city"].rows
    assert offered(view, "city = '") == {f"'{city}'": f"{n:,} unit{'s' * (n != 1)}" for city, n in facets.items()}
    city, units = max(facets.items(), key=lambda pair: pair[1])
    text, cursor = view.complete("city = ").apply("city = ", view.complete("city = ").candidates[0])
    assert (text, cursor) == (f"city = '{city}'", len(text))
    assert view.filter(text).count() == units


def test_labels_have_values_of_their_own(workspace: metaquery.Workspace) -> None:
    cars = workspace.labels.filter("class = 'car'").count()
    assert offered(workspace.labels, "class = ")["'car'"] == f"{cars:,} labels"
    assert offered(workspace.data, "any label(class = ")["'car'"] == f"{cars:,} labels"


def test_collections_say_how_many_units_they_have(workspace: metaquery.Workspace) -> None:
    night = workspace.collections.get("night in town").members
    assert offered(workspace.data, "in collection ") == {
        "'night in town'": f"Collection, {night:,} units",
        "'cars'": "Collection",
        "(": "",
    }
    assert offered(workspace.data, "tags has '")["'night in town'"] == f"Collection, {night:,} units"


def test_saved_filters_are_those_of_the_relation(workspace: metaquery.Workspace) -> None:
    assert offered(workspace.data, "@") == {"@rainy": "weather = 'rain'"}
    assert offered(workspace.labels, "@") == {"@tall": "frame > 1"}
    assert offered(workspace.data, "any label(@") == {"@tall": "frame > 1"}


def test_the_text_is_one_for_query(workspace: metaquery.Workspace) -> None:
    assert "order by" in offered(workspace.data, "dark ")
    assert workspace.data.complete("da and x", 2).candidates[0].text == "dark"
    assert len(workspace.data.complete("", limit=3).candidates) == 3


def test_a_narrower_view_knows_the_values_of_the_whole_snapshot(workspace: metaquery.Workspace) -> None:
    view = workspace.data
    assert offered(view.filter("city = 'nowhere'"), "city = '") == offered(view, "city = '")


def test_days_are_those_of_the_time_zone(workspace: metaquery.Workspace) -> None:
    view = workspace.data
    for zone in ("UTC", "Pacific/Kiritimati"):
        here = view.at(time_zone=zone)
        (latest,) = (day for day, detail in offered(here, "captured_at = 2").items() if detail.startswith("latest"))
        assert here.filter(f"captured_at = {latest}").count() > 0
        assert here.filter(f"captured_at > {latest}").count() == 0
