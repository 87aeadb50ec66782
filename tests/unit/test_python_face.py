"""Python: conditions that are built, and rows that are handed over."""

from __future__ import annotations

import copy
import pickle
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from metaquery import F
from metaquery.errors import FilterError, FilterLimitError, UsageError
from metaquery.language import parse

from .python_workspace import made

if TYPE_CHECKING:
    from metaquery import Condition, Workspace


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made(tmp_path_factory.mktemp("python"))


BUILT = [
    (F.city == "O'Brien", "city = 'O''Brien'"),
    (F.speed != 3, "speed != 3"),
    (F.speed * 2 - 1 > F.width / -F.height, "speed * 2 - 1 > width / -height"),
    (100 - 2 * F.speed < 1 + 1 / F.width, "100 - 2 * speed < 1 + 1 / width"),
    (datetime(2023, 2, 1, tzinfo=UTC) - F.t > timedelta(days=1), "2023-02-01T00:00:00Z - t > 1d"),
    ((F.a == 1) & (F.b == 2) & ((F.c == 3) | ~F.d), "a = 1 and b = 2 and (c = 3 or not d)"),
    (~F.city.is_in(["a", "b"]), "city not in ('a', 'b')"),
    (F.t.between(date(2023, 1, 1), datetime(2023, 2, 1, 10, tzinfo=UTC)), "t between 2023-01-01 and 2023-02-01T10:00Z"),
    (F.t > F.created_at - timedelta(days=7), "t > created_at - 7d"),
    (F.note.contains("wet", ignore_case=True), "note icontains 'wet'"),
    (F["frame rate"].is_missing() | F["and"].is_invalid(), '"frame rate" is missing or "and" is invalid'),
    (F["meta.title"] == "x", "\"meta.title\" = 'x'"),
    (F.meta["frame rate"].is_null(), 'meta."frame rate" is null'),
    (F.unit.title.like("a%"), "unit.title like 'a%'"),
    (F.label["class"] == "car", "label.\"class\" = 'car'"),
    ((F.speed > 1).is_unknown() & ~F.dark.is_unknown(), "(speed > 1) is unknown and dark is not null"),
    (F.tags.has("x") & F.tags.has_each("any", ["y"]), "tags has 'x' and tags has any ('y')"),
]


@pytest.mark.parametrize(("condition", "text"), BUILT)
def test_a_built_condition_is_the_tree_of_its_text(condition: Condition, text: str) -> None:
    assert condition.tree == parse(text)
    assert parse(condition.canonical) == condition.tree
    assert repr(condition) == f"<metaquery.F {condition.canonical}>"


@pytest.mark.parametrize("made", [copy.copy, copy.deepcopy, lambda built: pickle.loads(pickle.dumps(built))])
def test_a_condition_can_be_copied_and_sent_to_another_process(made: Any) -> None:
    condition = F.city.is_in(["Paris"]) & (F.meta.speed > 50)
    assert made(condition).canonical == condition.canonical
    assert made(F.city).canonical == "city"


def test_a_condition_selects_what_its_text_does(ws: Workspace) -> None:
    assert ws.data.where(F.city == "L'Aquila").ids() == ["u3"]
    assert ws.data.where(F.dark & (F.speed > 50)).canonical == ws.data.filter("dark and speed > 50").canonical
    assert ws.data.where(F.city == "Paris").where(F.speed > 50).ids() == ["u4"]
    hostile = "' or true or city = '"
    assert ws.data.where(F.city == hostile).ids() == ws.data.filter("city = :c", c=hostile).ids() == []


def test_a_mistake_in_a_condition_is_shown_in_its_canonical_text(ws: Workspace) -> None:
    with pytest.raises(FilterError) as caught:
        ws.data.where((F.speed > 50) & (F.ctiy == "Paris"))
    assert str(caught.value).splitlines()[1:3] == ["  speed > 50 and ctiy = 'Paris'", "                 ^^^^"]
    assert "'city'" in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: F.city == {"Paris"}, "which no literal stands for"),
        (lambda: bool(F.speed > 1), "neither true nor false in Python"),
        (lambda: (F.city == "Paris") & "dark", "is no condition"),
        (lambda: F.city.is_in("Paris"), "a list is wanted"),
        (lambda: F[""], "no name of a field"),
        (lambda: "Paris" in F.city, "has nothing in it in Python"),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_is_built(wrong: Any, words: str) -> None:
    with pytest.raises((UsageError, FilterError), match=words):
        wrong()


def test_what_is_built_has_the_limits_of_a_text(ws: Workspace) -> None:
    deep, sum_ = F.dark, F.speed
    for n in range(500):
        deep, sum_ = (deep | (F.speed > n)) & F.dark, sum_ + n
    with pytest.raises(FilterLimitError, match="150 deep in each other"):
        ws.data.where(deep)
    with pytest.raises(FilterLimitError):
        ws.data.where(1 / (sum_ + 1) > 3)


def test_where_takes_conditions_alone(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="is no condition"):
        ws.data.where("city = 'Paris'")  # type: ignore[arg-type]


def test_a_text_is_asked_for_where_something_else_is_given(ws: Workspace) -> None:
    told: list[tuple[Any, str]] = [
        (lambda: ws.data.filter(F.dark), "a filter is a text"),
        (lambda: ws.data.query(5), "a filter is a text"),  # type: ignore[arg-type]
        (lambda: ws.data.order_by(F.speed), "a field is named by a text"),
        (lambda: ws.data.select("title", F.speed), "a field is named by a text"),
        (lambda: ws.data.facets(F.speed), "a field is named by a text"),
    ]
    for wrong, words in told:
        with pytest.raises(UsageError, match=words):
            wrong()


def test_a_limit_is_a_whole_number_of_rows_also_numpys(ws: Workspace) -> None:
    assert ws.data.limit(np.int64(2)).ids() == ["u1", "u2"]  # type: ignore[arg-type]
    assert ws.data.limit(0).ids() == []
    for wrong in (2.5, "2", -1, 2**63):
        with pytest.raises(UsageError, match="a limit is"):
            ws.data.limit(wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="a limit is"):
        ws.diff(ws.snapshot().id, ws.snapshot().id, limit=-1)


def test_other_libraries_take_a_view_as_an_arrow_stream(ws: Workspace) -> None:
    view = ws.data.filter("speed >= 50").select("title, speed").order_by("speed")
    stream = view
    assert duckdb.sql("SELECT count(*), max(speed) FROM stream").fetchall() == [(3, 90)]
    assert pl.DataFrame(view)["speed"].to_list() == [50, 80, 90]
    assert pd.DataFrame.from_arrow(view)["speed"].tolist() == [50, 80, 90]
    assert view.to_pandas().equals(view.to_arrow().to_pandas())
    assert view.to_polars().equals(pl.DataFrame(view))
    assert stream is view


def test_what_is_not_installed_says_how_to_get_it(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pandas is not installed") as caught:
        ws.data.to_pandas()
    assert caught.value.hint == "pip install 'metaquery[pandas]'"


def test_ids_are_in_the_order_of_the_view_and_each_once(ws: Workspace) -> None:
    assert ws.data.order_by("speed desc").limit(2).ids() == ["u4", "u3"]
    assert ws.predictions.filter("confidence < 0.5").ids() == ["p2"]


def test_a_view_is_lazy_and_has_no_length(ws: Workspace) -> None:
    view = ws.data.filter("city = :c", c="L'Aquila").select("title").limit(3)
    assert repr(view) == f"<metaquery.View of data where city = 'L''Aquila' limit 3, snapshot {view.snapshot.id}>"
    assert "engine" not in vars(view._pinned)
    assert not hasattr(view, "__len__")


def test_a_view_that_is_copied_shares_its_snapshot_and_none_is_sent_to_another_process(ws: Workspace) -> None:
    view = ws.data.filter("dark")
    for copied in (copy.copy(view), copy.deepcopy({"view": view})["view"]):
        assert copied.ids() == view.ids()
        assert copied.engine is view.engine
    with pytest.raises(UsageError, match="another process"):
        pickle.dumps(view)


def test_a_filter_keeps_the_time_zone_that_it_was_read_in(ws: Workspace) -> None:
    """`2023-02-02` of Kiritimati, 14 hours ahead, begins at 10:00 on the first in UTC."""
    there = ws.data.at(time_zone="Pacific/Kiritimati").filter("captured_at = 2023-02-02 or dark")
    ids = ["u1", "u2", "u3"]
    for view in (there, there.at(time_zone="UTC"), there.at(time_zone="UTC").filter("data_type = 'image'")):
        assert view.ids() == ids
        assert view.as_of(ws.snapshot().id).ids() == ids
        assert view.as_of(ws.snapshot().id).time_zone == view.time_zone
        assert view.collect("Then", live=True, replacing=True).provenance.time_zone == "Pacific/Kiritimati"
        assert ws.data.filter("in collection 'Then'").ids() == ids
    dark = ws.data.filter("dark").at(time_zone="Asia/Tokyo").order_by("captured_at")
    assert dark.filter("captured_at = 2023-03-01").collect("Tokyo").provenance.time_zone == "Asia/Tokyo"
    assert ws.data.order_by("date(captured_at)").at(time_zone="Asia/Tokyo").as_of(ws.snapshot().id).ids()[0] == "u2"


def test_filters_of_two_time_zones_have_no_text_in_common(ws: Workspace) -> None:
    there = ws.data.at(time_zone="Asia/Tokyo").filter("captured_at > 2023-01-01")
    both = there.at(time_zone="UTC").filter("captured_at < 2024-01-01")
    assert both.ids() == ["u2", "u3"]
    for told in (both.selection, lambda: both.as_of(ws.snapshot().id)):
        with pytest.raises(UsageError, match="Asia/Tokyo and UTC"):
            told()
