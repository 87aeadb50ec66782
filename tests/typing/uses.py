"""What type checkers are told of the public names: checked by mypy and by pyright in `make check`, and never run.

A line that has to be refused carries a comment that ignores the refusal; where nothing is refused, the comment is
unused, and that is an error of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any, assert_type

import metaquery
from metaquery import Collection, Condition, F, Operand, Tally, View, Workspace
from metaquery.export import Export
from metaquery.unit import ValueChange


def views(ws: Workspace) -> None:
    """Every step of a chain is a view, and what ends it has a type of its own."""
    assert_type(metaquery.open("scenes"), Workspace)
    assert_type(ws.data.filter("city = :city", city="Paris"), View)
    assert_type(ws.labels.query("class = 'car' limit 3"), View)
    assert_type(ws.predictions.search("wet").order_by("frame").limit(3).select("frame").select_all(), View)
    assert_type(ws.data.as_of("2026-11-01").at(time_zone="Europe/Oslo"), View)
    assert_type(ws.data.count(), int)
    assert_type(ws.data.counts(), Tally)
    assert_type(ws.data.counts().unknown, int)
    assert_type(ws.data.ids(), list[str])
    assert_type(ws.data.canonical, str | None)
    assert_type(ws.data.sql().text, str)
    assert_type(ws.data.to_cql2_json(), dict[str, Any] | bool)
    assert_type(ws.data.collect("Night drives"), Collection)
    assert_type(ws.labels.export("cars.coco.json"), Export)
    assert_type(ws.labels.export(BytesIO(), format_name="coco").left_out, Mapping[str, int])
    assert_type(ws.unit("scene.jpg", dataset="North").history[0].fields, tuple[ValueChange, ...])
    ws.data.limit("3")  # type: ignore[arg-type]
    ws.data.collect()  # type: ignore[call-arg]
    ws.data.filter(3)  # type: ignore[arg-type]


def conditions(ws: Workspace) -> None:
    """Fields make conditions, and only a condition narrows a view."""
    assert_type(F.city, Operand)
    assert_type(F["frame rate"], Operand)
    assert_type(F.unit.title, Operand)
    assert_type(F.city == "Paris", Condition)
    assert_type(F.captured_at >= date(2023, 1, 1), Condition)
    assert_type(F.speed * 2 + 1, Operand)
    assert_type(F.dark & ~(F.city != "Paris") | F.city.is_null(), Condition)
    assert_type(F.city.is_in(["Paris", "Oslo"]), Condition)
    assert_type(ws.data.where(F.dark), View)
    ws.data.where("dark")  # type: ignore[arg-type]
    ws.data.where(True)  # type: ignore[arg-type]
    F.city.like(3)  # type: ignore[arg-type]
    F.speed > [1]  # type: ignore[operator]


def collections(ws: Workspace, night: Collection) -> None:
    """Collections have a title, members and set operators."""
    assert_type(night.title, str)
    assert_type(night.members, int)
    assert_type(night.data_hashes(), list[str])
    assert_type(ws.collections.get("Night drives"), Collection)
    night | "rain"  # type: ignore[operator]
