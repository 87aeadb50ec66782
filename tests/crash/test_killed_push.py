"""A push that is killed at any durable step or request is in effect exactly once after it is repeated."""

from __future__ import annotations

from pathlib import Path

import metaquery
from metaquery.sandbox import start

from .driven import driven

_EVERY = "20"
"""Of the places where a push writes or asks, every twentieth: the soak takes all of them."""


def test_a_killed_push_is_there_once_after_the_next(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    with start(units=12, key_out=tmp_path / "key", with_schema=True) as process:
        workspace = metaquery.open(tmp_path / "before")
        workspace.connect(process.url, key_file=process.key_file)
        workspace.sync()
        found = driven("push_driver", process.url, process.key_file, tmp_path / "before", tmp_path, _EVERY)
    assert found["wrong"] == []
    assert found["points"] > 1
