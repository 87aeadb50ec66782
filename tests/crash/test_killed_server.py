"""A push and an edit whose server is killed at any request are in effect exactly once after they are repeated."""

from __future__ import annotations

from pathlib import Path

from .driven import driven

_EVERY = "17"
"""Of the requests of a push and of an edit, every seventeenth: the soak takes all of them."""


def test_a_push_and_an_edit_outlive_their_server(tmp_path: Path) -> None:
    found = driven("server_driver", tmp_path, _EVERY)
    assert found["wrong"] == []
    assert found["points"] > 4
