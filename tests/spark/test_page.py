"""docs/spark.md is real: its Python runs; its commands are run by `tests/end_to_end/test_exploring_page.py`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import metaquery
from metaquery.sandbox import start

PAGE = Path(__file__).parents[2] / "docs" / "spark.md"


def test_the_pages_python_runs(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with start(units=400, key_out=tmp_path / "key", with_schema=True) as server:
        here = tmp_path / "workspace"
        here.mkdir()
        monkeypatch.chdir(here)
        ws = metaquery.open()
        ws.connect(server.url, key_file=server.key_file)
        ws.sync()
        ws.export_lake("scenes", parts=4)
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        names: dict[str, Any] = {}
        for text in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            exec(text, names)  # noqa: S102  # the page's own
        fast = ws.data.filter("dark and speed > 78")
        assert names["fast"].counts() == fast.counts()
        assert names["found"].members == fast.count() == sum(row["count"] for row in names["busy"])
        assert names["dark_cars"] == ws.data.filter("dark and any label(class = 'car')").count()
        for table in ("data", "labels", "predictions", "rejects", "members", "tags"):
            spark.catalog.dropTempView(table)
