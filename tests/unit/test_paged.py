"""Pages of a view are its rows, in its order, whichever is asked for first."""

from __future__ import annotations

import pytest

import metaquery
from metaquery.errors import UsageError

from .python_workspace import made


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> metaquery.Workspace:
    workspace = made(tmp_path_factory.mktemp("paged"))
    workspace.data.filter("dark").collect("Dark")
    return workspace


ORDERS = (None, "speed desc", "city", "dark, captured_at desc", "unit.title desc", "speed * 2 nulls first", "1")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [None, 0, 3])
@pytest.mark.parametrize(
    ("relation", "text"),
    [
        ("data", None),
        ("data", "speed > 30 or tags has 'Dark'"),
        ("data", "city = 'Atlantis'"),
        ("labels", None),
        ("labels", "speed > 0"),
        ("predictions", "confidence > 0"),
    ],
)
def test_a_page_is_the_same_before_and_after_the_order_of_all_is_found(
    ws: metaquery.Workspace, relation: str, text: str | None, limit: int | None, order: str | None
) -> None:
    view = ws.view(relation).filter(text)
    if order is not None:
        view = view.order_by(order)
    columns = (*view.key_columns, *view.columns, *view.key_columns[:1])
    pages = view.limit(limit).paged()
    first = pages.rows(columns, offset=1, limit=2)
    count = len(pages)
    pages.prepare()
    assert pages.prepared
    assert len(pages) == count == (view.count() if limit is None else min(limit, view.count()))
    assert pages.rows(columns, offset=1, limit=2).equals(first)
    names = [str(place) for place in range(len(columns))]
    whole = pages.rows(columns, limit=100).rename_columns(names)
    assert whole.num_rows == count
    if order is not None:
        sql = view.limit(limit).sql(columns)
        assert whole.equals(view.engine.stream(sql.text, sql.params).read_all().rename_columns(names))
    assert pages.rows(columns, offset=count).num_rows == 0


@pytest.mark.parametrize(("offset", "limit"), [(-1, 5), (0, 0), (0, 100_001), (2**63, 5)])
def test_a_page_that_cannot_be_is_refused(ws: metaquery.Workspace, offset: int, limit: int) -> None:
    with pytest.raises(UsageError, match="a page begins at row 0"):
        ws.data.paged().rows(ws.data.columns, offset=offset, limit=limit)
