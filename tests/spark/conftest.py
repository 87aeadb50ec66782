"""One session of Spark for the folder, started when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .sessions import lacking, start


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Start a session, or say what is not there for one."""
    if (reason := lacking()) is not None:
        pytest.skip(f"NO SPARK, so nothing of it is proved: {reason}")
    session = start()
    yield session
    session.stop()
