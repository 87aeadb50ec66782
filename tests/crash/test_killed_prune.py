"""A prune that is killed at any durable step loses no snapshot that is kept, and the next run leaves no trace."""

from __future__ import annotations

from pathlib import Path

from metaquery.sandbox import start

from .driven import driven

_EVERY = "45"
"""Of the steps by which a prune changes the disk, whole and torn, every forty-fifth: the soak takes all of them."""


def test_a_killed_prune_loses_nothing_that_is_kept_and_leaves_nothing(tmp_path: Path) -> None:
    with start(units=12, key_out=tmp_path / "key", with_schema=True) as process:
        found = driven("prune_driver", process.url, process.key_file, tmp_path, _EVERY)
    assert found["wrong"] == []
    assert found["points"] > 1
