"""From page to page, to the end and no further."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.errors import UnexpectedPayload
from metaquery.wire.paging import Cursor, batches, follow, next_cursor


def test_null_is_the_end_and_the_empty_string_is_not():
    assert next_cursor(None, Cursor("a")) is None
    assert next_cursor("", None) == Cursor("")
    assert next_cursor("b", Cursor("a")) == Cursor("b")


def test_a_token_that_leads_to_itself_is_an_error():
    for token in ("a", ""):
        with pytest.raises(UnexpectedPayload, match="the same page token twice"):
            next_cursor(token, Cursor(token))


@given(st.lists(st.integers(), min_size=1))
def test_following_yields_each_page_once_in_order(pages):
    def fetch(cursor):
        number = int(cursor.token) if cursor else 0
        return pages[number], str(number + 1) if number + 1 < len(pages) else None

    assert list(follow(fetch)) == pages


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=7))
def test_batches_are_the_whole_in_order(values, size):
    cut = list(batches(values, size))
    assert [value for batch in cut for value in batch] == values
    assert all(1 <= len(batch) <= size for batch in cut)
