"""Two ways to the same answer, run in turn; the medians are compared, as the machine's noise falls on both alike."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compare", "milliseconds"]

RATIO, MARGIN_MS = 1.10, 2.0


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    runs: int,
    *,
    ratio: float = RATIO,
    margin_ms: float = MARGIN_MS,
    clock: Callable[[], float] = time.perf_counter,
) -> bool:
    """Print one line, and return whether ours took at most so many times theirs, plus some milliseconds.

    By `time.process_time` it is the processor's, which tells on a machine that is busy with other work.
    """
    for warm in (ours, theirs):
        warm()
    mine, hand = [], []
    for _ in range(runs):
        hand.append(milliseconds(theirs, clock))
        mine.append(milliseconds(ours, clock))
    median, by_hand = statistics.median(mine), statistics.median(hand)
    limit = by_hand * ratio + margin_ms
    verdict = "ok" if median <= limit else "MISSED"
    print(
        f"{name:<30} metaquery {median:7.1f} ms   by hand {by_hand:7.1f} ms   "
        f"x{median / by_hand:.2f}   limit {limit:7.1f} ms   {verdict}",
        flush=True,
    )
    return median <= limit


def milliseconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how long it takes."""
    start = clock()
    run()
    return (clock() - start) * 1_000
