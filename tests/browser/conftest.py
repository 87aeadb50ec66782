"""One browser for all stories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .page import browser, explored, why_no_browser

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    """Chromium; where it is missing, what to install is the reason of the skip."""
    missing = why_no_browser()
    if missing is not None:
        pytest.skip(missing)
    with browser() as driver:
        yield driver


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """Where the Explorer of a module's workspace is."""
    with explored(home) as told:
        yield told
