"""What a dialect has no form for is refused before anything runs, and the error points at it."""

from __future__ import annotations

import pytest

from metaquery.errors import FilterTypeError
from metaquery.language import DIALECTS, BindOptions, Query, compile_view, require_sayable
from metaquery.schema import DATA
from tests.properties.schemas import SCHEMA

SAVED = {"odd": "upper(city) = 'X'", "words": r"city ~ '\pL+'"}
GIVEN = {"pattern": r"\pL", "city": "PARIS"}


def asked(text: str) -> Query:
    given = {name: value for name, value in GIVEN.items() if f":{name}" in text}
    return compile_view(text, SCHEMA, DATA, options=BindOptions(saved=lambda _: SAVED, parameters=given))


def refused(text: str) -> FilterTypeError:
    with pytest.raises(FilterTypeError) as raised:
        require_sayable(asked(text), DIALECTS["spark"])
    assert raised.value.code == "unsupported-in-dialect"
    return raised.value


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("dark and upper(city) = 'PARIS'", "upper(city)"),
        ("upper(city) = :city or dark", "upper(city)"),
        ("lower(city) = 'x' and concat(city, UPPER( city )) = 'xX'", "UPPER( city )"),
        ("accenti(casei(city)) = 'sao paulo'", "accenti(casei(city))"),
        ("any label(accenti(class) = 'car')", "accenti(class)"),
        (r"dark and city matches 'a\pL+b'", r"\pL"),
        (r"city imatches 'x|\pL'", r"\pL"),
        ("city ~ :pattern", ":pattern"),
        ("dark and @odd", "@odd"),
        ("dark and @words and speed > 5", "@words"),
        ("dark order by upper(city) desc limit 3", "upper(city)"),
    ],
)
def test_the_part_is_pointed_at(text: str, part: str) -> None:
    error = refused(text)
    assert text[error.span.start : error.span.end] == part


def test_it_says_what_and_where_else() -> None:
    told, text, carets, hint = str(refused(r"city ~ '\pL'")).splitlines()
    assert told.startswith("this regular expression has no form on Spark that is sure to fit the same texts: ")
    assert (text, carets) == (r"  city ~ '\pL'", "          ^^^")
    assert hint == "DuckDB answers it over the same lake: metaquery query --lake DIR"


@pytest.mark.parametrize("text", ["upper(city) = 'PARIS'", r"city ~ '\pL'", "accenti(city) = 'x'"])
def test_duckdb_says_it_all(text: str) -> None:
    require_sayable(asked(text), DIALECTS["duckdb"])
