"""An edit that is killed at any durable step and repeated is done once, and its undo knows what was there before."""

from __future__ import annotations

from pathlib import Path

from .driven import driven

_EVERY = "20"
"""Of the places where an edit changes the disk, every twentieth: the soak takes all of them."""


def test_a_killed_edit_is_gone_on_with_and_can_be_undone(tmp_path: Path) -> None:
    found = driven("edit_driver", tmp_path, _EVERY)
    assert found["wrong"] == []
    assert found["points"] >= 1
