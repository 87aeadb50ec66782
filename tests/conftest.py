"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metaquery.sandbox import SandboxProcess, start

from .budget import register_profiles

register_profiles()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox of 500 street scenes, without a schema, shared by the whole session.

    Tests that change what others may look at should start one of their own.
    """
    with start(units=500, key_out=tmp_path_factory.mktemp("sandbox") / "key") as process:
        yield process
