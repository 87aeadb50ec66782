"""A preset is a filter of metaquery as a whole, or what of it is not understood is named."""

from typing import Any

import pytest

from metaquery.errors import PresetError
from metaquery.saved_filters import SavedFilter
from metaquery.saved_filters.definitions import kept_in, to_definition

OURS = {"metaquery": {"language": 1, "on": "labels", "filter": "class = 'car'"}}


@pytest.mark.parametrize("in_project", [False, True])
def test_what_was_written_is_read(in_project: bool) -> None:
    saved = SavedFilter("cars", "labels", "class = 'car'")
    assert kept_in(to_definition(saved, in_project=in_project), "cars") == ("labels", "class = 'car'")


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({}, "has no filter at all"),
        ({"local_filters": {"x": {"filters": []}}, "global_filters": {"filters": []}}, "has no filter at all"),
        ({"global_filters": {"filters": [{"a": 1}]}}, 'is not understood\n/global_filters/filters/0: {"a": 1}'),
        ({"globalFilters": {"filters": [OURS, {"a": 1}]}}, "1 of its 2 parts are not understood\n/globalFilters/"),
        ({"local_filters": {"a/b": {"filters": [OURS]}}}, "/local_filters/a~1b/filters/0: "),
        ({"global_filters": {"filters": [OURS], "join": "or"}}, '/global_filters/join: "or"'),
        ({"global_filters": {"filters": [OURS]}, "sort": ["x"]}, '/sort: ["x"]'),
        ({"global_filters": {"filters": [OURS | {"negated": True}]}}, "/global_filters/filters/0: "),
        ({"global_filters": {"filters": [{"metaquery": OURS["metaquery"] | {"language": 2}}]}}, '"language": 2'),
        ({"global_filters": {"filters": [{"metaquery": OURS["metaquery"] | {"on": "frames"}}]}}, '"on": "frames"'),
        ({"global_filters": [OURS]}, "/global_filters: "),
        ({"global_filters": {"filters": [OURS, OURS]}}, "2 filters of metaquery, at /global_filters/filters/0, "),
        ({"global_filters": {"filters": [{"n": n} for n in range(30)]}}, "and 20 more"),
    ],
)  # fmt: skip
def test_anything_else_is_named_and_nothing_is_translated(definition: dict[str, Any], told: str) -> None:
    with pytest.raises(PresetError) as caught:
        kept_in(definition, "strange")
    assert str(caught.value).startswith("the preset 'strange' ")
    assert told in str(caught.value)
