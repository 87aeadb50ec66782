"""`stopped_when_gone()`: what somebody waits for ends when they go away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive

__all__ = ["stopped_when_gone"]

_AGAIN_S = 0.05
"""Seconds between two attempts to stop a statement: one that was about to begin may have missed the first."""


async def stopped_when_gone(receive: Receive, stop: Callable[[], None]) -> None:
    """Wait until the client has closed the connection; then stop what runs, again and again until this is cancelled."""
    while (await receive())["type"] != "http.disconnect":
        pass
    while True:
        stop()
        await asyncio.sleep(_AGAIN_S)
