"""The export of a lake that is killed leaves nothing that could be taken for a whole one; the next run goes on."""

from __future__ import annotations

from pathlib import Path

from .driven import driven

_EVERY = "60"
"""Of its durable steps, whole and torn, every so many: the soak takes all of them."""


def test_a_killed_export_is_gone_on_with_and_never_read_as_a_whole(tmp_path: Path) -> None:
    found = driven("lake_driver", tmp_path, _EVERY)
    assert found["wrong"] == []
    assert found["points"] > 3
