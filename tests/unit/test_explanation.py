"""An explanation as the user reads it: labels, lines, and where the words break."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from metaquery.explanation import Explanation
from metaquery.language import DUCKDB, BindOptions, Query, compile_view, to_sql
from metaquery.schema import DATA
from tests.properties.schemas import SCHEMA


def explained(text: str | None) -> Explanation:
    options = BindOptions(now=datetime(2024, 6, 15, 12, tzinfo=UTC))
    query = Query(DATA) if text is None else compile_view(text, SCHEMA, DATA, options=options)
    return Explanation.of(query, to_sql(query, DUCKDB, columns=(DATA.fields[0],)), time_zone="UTC")


def test_it_is_printed_as_labelled_lines() -> None:
    assert str(explained("dark and captured_at > 2023-01-01")).splitlines() == [
        "Filter      dark and captured_at > 2023-01-01",
        "Meaning     dark is true, and captured_at is on or after 2 January 2023 (UTC)",
        'SQL         SELECT "data_hash" FROM "data" WHERE ("dark" AND "captured_at" >= ?)',
        "Parameters  1: 2023-01-02T00:00:00+00:00",
    ]


def test_parameters_stand_below_each_other() -> None:
    assert str(explained("city in ('Paris', 'Lyon')")).splitlines()[-2:] == [
        "Parameters  1: 'Paris'",
        "            2: 'Lyon'",
    ]


def test_what_has_no_filter_says_so() -> None:
    assert explained(None).canonical == ""
    assert str(explained(None)).startswith("Filter      none: every row\nMeaning     every data unit\n")
    assert str(explained("limit 3")).startswith("Filter      limit 3\nMeaning     every data unit; the first 3")


def test_only_the_words_are_wrapped_and_no_quoted_text_is_broken() -> None:
    title = "a title  with two blanks, and more of it"
    told = explained(f"dark and city = '{title}' and note contains 'rain' and speed > 50 and temperature < 0")
    lines = told.text(60).splitlines()
    meaning = lines[1 : next(i for i, line in enumerate(lines) if line.startswith("SQL"))]
    assert len(meaning) > 2
    assert all(line[:12] == ("Meaning     " if not i else " " * 12) for i, line in enumerate(meaning))
    assert all(len(line) <= 60 for line in meaning)
    assert any(f"'{title}'" in line for line in meaning)
    assert " ".join(line[12:] for line in meaning) == told.words
    assert lines[0] == f"Filter      {told.canonical}"
    assert f"SQL         {told.sql.text}" in lines


@pytest.mark.parametrize("width", [None, 20])
def test_words_stay_on_one_line_without_a_terminal_and_on_a_very_narrow_one(width: int | None) -> None:
    told = explained("dark and city = 'Paris' and note contains 'rain' and speed > 50 and temperature < 0")
    assert f"Meaning     {told.words}" in told.text(width).splitlines()
