"""Facets and descriptions of more fields than one statement can count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import metaquery

if TYPE_CHECKING:
    from pathlib import Path

KEYS = 130


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> metaquery.Workspace:
    home: Path = tmp_path_factory.mktemp("wide")
    rows = [
        {
            "data_hash": f"u{unit}",
            "client_metadata": {f"{kind}{n}": value for n in range(KEYS) for kind, value in values(unit, n).items()},
        }
        for unit in range(8)
    ]
    (home / "units.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    kinds = {"text": "string", "number": "number"}
    schema = {f"{kind}{n}": type_ for n in range(KEYS) for kind, type_ in kinds.items()}
    workspace = metaquery.open(home)
    workspace.sync_files(units=home / "units.ndjson", schema=schema)
    return workspace


def values(unit: int, n: int) -> dict[str, object]:
    """A text, and a number of which that of one unit does not fit."""
    return {"text": f"v{unit * n % 3}", "number": "none" if unit == n % 8 else unit * n}


@pytest.mark.parametrize("text", [None, "text1 = 'v1' or number2 > 3"])
def test_many_fields_are_counted_as_each_is_alone(ws: metaquery.Workspace, text: str | None) -> None:
    view = ws.data.filter(text)
    for each, name in ((view.facets(), "facets"), (view.describe(), "describe")):
        assert len(each) == 2 * KEYS
        for key in ("text0", "text49", "text50", "text129", "number0", "number50", "number129"):
            assert each[key] == getattr(view, name)(key)[key]
    crossed = ws.data.crossfilter(text or "").facets()
    assert crossed["text129"].facet == view.facets("text129")["text129"]
