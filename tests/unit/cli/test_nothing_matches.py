"""A filter that matches nothing: which condition is to blame, and what was meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import metaquery
from metaquery import View
from metaquery.clauses import Clause

from .conftest import Done

MEANT = "did you mean 'Paris' (20)"


@pytest.fixture
def data(here: Path) -> View:
    return metaquery.open(here).data


def test_each_condition_is_counted_alone_and_with_those_before_it(data: View) -> None:
    view = data.filter("city = 'Oslo' and dark and (speed > 30 or speed < 3)").filter("not dark or speed > 1")
    parts = ["city = 'Oslo'", "dark", "speed > 30 or speed < 3", "not dark or speed > 1"]
    found = view.clauses()
    assert [clause.filter for clause in found] == parts
    for n, clause in enumerate(found):
        alone = data.filter(clause.filter).counts()
        before = data.filter(" and ".join(f"({part})" for part in parts[: n + 1]))
        assert clause == Clause(clause.filter, alone.matched, alone.unknown, before.count())
    assert view.why_nothing() == data.clauses() == data.why_nothing() == ()


def test_all_conditions_are_counted_in_one_scan(data: View, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    rows = data.engine.rows

    def counted(text: str, params: tuple[Any, ...]) -> list[Any]:
        asked.append(text)
        return rows(text, params)

    monkeypatch.setattr(data.engine, "rows", counted)
    many = data.filter(" and ".join(f"speed != {n}" for n in range(100, 160)))
    assert len(many.clauses()) == 30
    assert many.clauses()[-1].remaining == many.count() == 60
    assert len(asked) == 3
    assert asked[0].count('FROM "data"') == 1


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("city = 'Pars'", ["city = 'Pars': no data unit has it; did you mean 'Paris' (20)?"]),
        ("dark and city = 'oslo'", ["city = 'oslo': no data unit has it; did you mean 'Oslo' (20)?"]),
        ("'Xyzzy' = city", ["'Xyzzy' = city: no data unit has it."]),
        ("city in ('Pars', 'Rom')",
         [f"city in ('Pars', 'Rom'): no data unit has any of them; {MEANT} or 'Rome' (20)?"]),
        ("tags has 'Night drive'", ["tags has 'Night drive': no data unit has it; did you mean 'Night drives' (25)?"]),
        ("city = 'Pars' or city = 'Rom'", ["city = 'Pars': no data unit has it; did you mean 'Paris' (20)?",
                                           "city = 'Rom': no data unit has it; did you mean 'Rome' (20)?"]),
        ("speed > 100", []),
        ("speed > 100 and dark", ["speed > 100: no data unit matches it."]),
        ("city = 'Oslo' and city = 'Rome'",
         ["city = 'Oslo' matches 20, city = 'Rome' matches 20, and no data unit matches both."]),
        ("speed > 10 and city = 'Oslo' and city = 'Rome'",
         ["city = 'Rome' matches 20, but none of the 16 that match the 2 conditions before it."]),
        ("dark and speed = 30 and speed = 32",
         ["speed = 32 matches 1, but none of the one that matches the 2 conditions before it."]),
        ("speed > 100 and speed > 101 and speed > 102 and speed > 103 and speed > 104",
         ["speed > 100: no data unit matches it.", "speed > 101: no data unit matches it.",
          "… and 3 more conditions match nothing."]),
        ("any label(class = 'car')", ["class = 'car': no label has it."]),
        ("no label and any label(class = 'car' and stage = 'done')",
         ["class = 'car': no label has it.", "stage = 'done': no label has it."]),
    ],
)  # fmt: skip
def test_what_is_to_blame_is_said_in_at_most_three_lines(data: View, text: str, lines: list[str]) -> None:
    assert list(data.filter(text).why_nothing()) == lines


def test_a_relation_without_rows_blames_no_condition(here: Path) -> None:
    assert metaquery.open(here).labels.filter("class = 'car' and city = 'Pars'").why_nothing() == ()


def test_what_is_unknown_is_told_with_the_values_that_do_not_fit(tmp_path: Path) -> None:
    documents = [{"speed": "fast", "n": 1}, {"speed": "slow", "n": 2}, {"n": 3}, {"speed": 5, "n": 4}]
    rows = [{"data_hash": f"u{n}", "client_metadata": document} for n, document in enumerate(documents)]
    (tmp_path / "units.ndjson").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    workspace = metaquery.open(tmp_path)
    workspace.sync_files(units=tmp_path / "units.ndjson", schema={"speed": "number", "n": "number"})
    (line,) = workspace.data.filter("speed > 50").why_nothing()
    told = "no data unit matches it, and for 3 it is unknown"
    assert line == f"speed > 50: {told}: 2 of their values do not fit the type."
    (line,) = workspace.data.filter("n > 0 and speed + n > 50").why_nothing()
    assert line == f"speed + n > 50: {told}."


def test_a_condition_is_shown_on_one_line_without_what_steers_a_terminal(data: View) -> None:
    (line,) = data.filter("city = :city", city="\u202e" + "x" * 300).why_nothing()
    assert line.startswith("city = '\\u{202E}xxx")
    assert len(line) < 140


def test_query_says_it_beside_the_rows_and_count_as_its_answer(here: Path, cli: Callable[..., Done]) -> None:
    meant = "city = 'Pars': no data unit has it; did you mean 'Paris' (20)?"
    asked = cli("query", "city = 'Pars'", "-f", "csv")
    assert asked.err.splitlines() == ["Nothing matches, of 60 data units.", meant]
    assert cli("count", "city = 'Pars'").out.splitlines() == ["0 of 60 data units match.", meant]
    assert cli("query", "city = 'Pars'", "-q", "-f", "csv").err == ""
    told = json.loads(cli("count", "--json", "city = 'Pars' and dark").out)
    assert told["clauses"] == [
        {"filter": "city = 'Pars'", "matched": 0, "unknown": 0, "remaining": 0},
        {"filter": "dark", "matched": 25, "unknown": 10, "remaining": 0},
    ]
    assert "clauses" not in json.loads(cli("count", "--json", "dark").out)
