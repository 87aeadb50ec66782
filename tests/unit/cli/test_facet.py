"""Facets in the terminal: what was counted, then a line a bar, as wide as the screen."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import metaquery

Run = Callable[..., tuple[int, str, str]]


def told(text: str) -> str:
    """Return a text without what differs from run to run."""
    return re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", re.sub(r"in [\d,]+ ms", "in TIME ms", text))


GOLDEN = Path(__file__).with_name("facets.txt")


@pytest.mark.parametrize("width", [80, 200])
def test_bars_are_as_wide_as_the_screen(here: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, err = cli("facet", "city,speed", "dark", "tags", "--where", "dark or speed > 30", "--top", "2")
    assert (code, err) == (0, "")
    assert max(map(len, told(out).splitlines())) <= width
    expected = re.split(r"^== (?:80|200)\n", GOLDEN.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert told(out) == expected[1 if width == 80 else 2]


def test_quiet_bars_have_no_head(here: Path, cli: Run) -> None:
    code, out, err = cli("facet", "city", "-q")
    assert (code, err) == (0, "")
    assert out.startswith("city: STRING, 3 values\n")


def test_each_bar_is_a_row_with_the_filter_that_it_stands_for(here: Path, cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("facet", "city", "speed", "dark", "-o", str(tmp_path / "bars.csv"))
    assert (code, out) == (0, "")
    assert "Wrote 23 bars to" in err
    data = metaquery.open(here).data
    with (tmp_path / "bars.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [data.filter(row["filter"]).count() for row in rows] == [int(row["rows"]) for row in rows]


def test_a_search_narrows_what_is_counted(here: Path, cli: Run) -> None:
    found = json.loads(cli("facet", "city", "--search", "SCENE_0", "--where", "speed < 5", "--json")[1])
    assert (found["matched"], "icontains 'SCENE_0'" in found["filter"]) == (5, True)


def test_one_object_says_what_was_counted(here: Path, cli: Run) -> None:
    found = json.loads(cli("facet", "dark", "--where", "city = :city", "--param", "city=Oslo", "--json")[1])
    assert found["filter"] == "city = 'Oslo'"
    assert (found["matched"], found["total"], found["facets"][0]["missing"]) == (20, 60, 3)
    assert found["facets"][0]["bars"][0] == {
        "kind": "value", "label": "true", "value": True, "end": None, "rows": 9, "filter": "dark = true",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [((), "KEY"), (("drak",), "did you mean 'dark'?"), (("city", "--json", "-o", "x.csv"), "give one of them")],
    ids=["no key", "an unknown key", "two forms"],
)
def test_what_cannot_be_counted_is_a_mistake(here: Path, cli: Run, arguments: tuple[str, ...], hint: str) -> None:
    code, _, err = cli("facet", *arguments)
    assert code == 2
    assert hint in err


def test_nothing_that_matches_has_bars_of_no_rows(here: Path, cli: Run) -> None:
    facets = metaquery.open(here).data.filter("speed > 1000").facets("city", "speed", "tags")
    assert {bar.rows for facet in facets.values() for bar in facet.bars} == {0}
    assert cli("facet", "city", "speed", "--where", "speed > 1000")[0] == 0
