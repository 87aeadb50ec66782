"""A row that is longer than what types it takes is refused by name when it comes, and not when it is typed."""

from __future__ import annotations

import json

import pytest

from metaquery.errors import SyncError
from metaquery.sources.encord import typable
from metaquery.wire import Page


def page(*sizes: int) -> Page:
    rows = [{"data_hash": f"d{n}", "client_metadata": {"note": "x" * size}} for n, size in enumerate(sizes)]
    return Page(json.dumps(rows).encode(), len(rows), None)


def test_a_data_unit_of_more_than_can_be_typed_is_named() -> None:
    long = page(10 << 20, 10 << 20)
    assert typable(long) is long
    with pytest.raises(SyncError, match=r"the data unit d1 has a row of 16.8 MB; at most 15.7 MB"):
        typable(page(5, 16 << 20, 7))
