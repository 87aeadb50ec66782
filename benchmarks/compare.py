"""Two ways to the same answer, run in turn; the medians are compared, as the machine's noise falls on both alike."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compare"]

RATIO, MARGIN_MS = 1.10, 2.0


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> bool:
    """Print one line, and return whether ours took at most 1.10 times theirs, plus 2 ms."""
    for warm in (ours, theirs):
        warm()
    mine, hand = [], []
    for _ in range(runs):
        hand.append(_ms(theirs))
        mine.append(_ms(ours))
    median, by_hand = statistics.median(mine), statistics.median(hand)
    limit = by_hand * RATIO + MARGIN_MS
    verdict = "ok" if median <= limit else "MISSED"
    print(
        f"{name:<30} metaquery {median:7.1f} ms   by hand {by_hand:7.1f} ms   "
        f"x{median / by_hand:.2f}   limit {limit:7.1f} ms   {verdict}",
        flush=True,
    )
    return median <= limit


def _ms(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1_000
