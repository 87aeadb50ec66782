"""What is written can be read, printing is canonical, and no text does anything but bind or raise a `FilterError`."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from metaquery.errors import FilterError
from metaquery.language import (
    DUCKDB,
    BindOptions,
    Query,
    canonical,
    compile_filter,
    compile_view,
    count_sql,
    parse,
    parse_view,
)
from metaquery.language import syntax as s
from metaquery.language.printing import to_text, view_text
from metaquery.schema import DATA
from tests.budget import cases

from .schemas import SCHEMA
from .strategies import TOKEN_SOUP, TREES, VIEWS

OPTIONS = BindOptions(now=datetime(2024, 6, 15, 12, tzinfo=UTC))


def attempt(text: str, *, ordered: bool) -> Query | FilterError:
    try:
        return (compile_view if ordered else compile_filter)(text, SCHEMA, DATA, options=OPTIONS)
    except FilterError as error:
        return error


@given(TREES)
@cases(400)
def test_what_is_printed_is_read_back(tree: s.Expr) -> None:
    text = to_text(tree)
    again = parse(text)
    assert again == tree, text
    assert to_text(again) == text


@given(VIEWS)
@cases(100)
def test_views_are_read_back(view: s.View) -> None:
    assert parse_view(view_text(view)) == view


@given(st.one_of(st.text(max_size=40), TOKEN_SOUP, TREES.map(to_text)), st.booleans())
@cases(600)
def test_every_text_binds_or_says_where_it_is_wrong(text: str, ordered: bool) -> None:
    query = attempt(text, ordered=ordered)
    if isinstance(query, FilterError):
        assert 0 <= query.span.start <= query.span.end <= len(text)
        assert query.source == text
        assert query.message in str(query)
        return
    sql = count_sql(query, DUCKDB)
    assert sql.text.count("?") == len(sql.params)
    assert hash(query) == hash(query)


@given(TOKEN_SOUP)
@cases(300)
def test_canonical_text_means_the_same(text: str) -> None:
    query = attempt(text, ordered=False)
    if isinstance(query, FilterError):
        return
    again = compile_filter(canonical(query), SCHEMA, DATA, options=OPTIONS)
    assert canonical(again) == canonical(query)
    assert count_sql(again, DUCKDB).params == count_sql(query, DUCKDB).params
