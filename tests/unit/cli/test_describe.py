"""What each key has, in the terminal and for scripts."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import metaquery

from .test_facet import told

Run = Callable[..., tuple[int, str, str]]

GOLDEN = Path(__file__).with_name("descriptions.txt")


@pytest.mark.parametrize("width", [80, 200])
def test_descriptions_are_as_wide_as_the_screen(
    here: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, err = cli("describe", "city != 'Rome'", "--built-in", "--top", "3")
    assert (code, err) == (0, "")
    assert max(map(len, told(out).splitlines())) <= width
    expected = re.split(r"^== (?:80|200)\n", GOLDEN.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert told(out) == expected[1 if width == 80 else 2]


def test_a_row_a_field_says_what_filters_count(here: Path, cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("describe", "dark is not true", "-o", str(tmp_path / "fields.csv"))
    assert (code, out) == (0, "")
    assert "Wrote 3 fields to" in err
    view = metaquery.open(here).data.filter("dark is not true")
    with (tmp_path / "fields.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["field"] for row in rows] == ["city", "dark", "speed"]
    for row in rows:
        name = row["field"]
        assert int(row["missing"]) == view.filter(f"{name} is missing").count()
        assert int(row["known"]) == view.filter(f"{name} is not null").count()
        assert int(row["distinct"]) == len(set(view.select(name).to_arrow()[name].drop_null().to_pylist()))


def test_one_object_has_range_and_top_values(here: Path, cli: Run) -> None:
    found = json.loads(cli("describe", "--select", "speed,city", "--top", "1", "--json")[1])
    assert (found["matched"], found["filter"]) == (60, None)
    speed, city = found["fields"]
    assert (speed["least"], speed["greatest"], speed["distinct"], speed["exact"]) == (0, 59, 60, True)
    assert (city["filled"], city["top"]) == (1, [{"value": "Oslo", "rows": 20}])


def test_of_no_rows_nothing_is_known(here: Path, cli: Run) -> None:
    code, out, _ = cli("describe", "speed > 1000", "-q")
    assert code == 0
    assert "0.0 %" in out
    assert {each.known for each in metaquery.open(here).data.filter("speed > 1000").describe().values()} == {0}
