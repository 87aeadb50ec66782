"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from metaquery.sandbox import SandboxProcess, start

from .budget import register_profiles

register_profiles()

_LONG = ("crash", "browser", "end_to_end", "differential", "packaging")
"""Rooms whose files take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: a long file at the end has one process at work, and all others waiting for it."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        room = item.path.relative_to(here).parts[0]
        return _LONG.index(room) if room in _LONG else len(_LONG)

    items.sort(key=place)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox of 500 street scenes, without a schema, shared by the whole session.

    Tests that change what others may look at should start one of their own.
    """
    with start(units=500, key_out=tmp_path_factory.mktemp("sandbox") / "key") as process:
        yield process
