"""Which failures are tried again, how often, and after how long. Pure: no clock, no sleep, no dice.

Source: encord-wire-protocol.md §2.5 (what the SDK does), §10.2 (what we do instead).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from metaquery.wire.failures import Failure, Kind

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["RetryPolicy", "parse_retry_after"]

_RETRIED_STATUSES: Final = frozenset({429, 500, 502, 503, 504})
"""Not 413, which the SDK retries: the same request stays too large."""

_RETRIED_KINDS: Final = frozenset({Kind.CONNECT, Kind.TIMEOUT, Kind.BROKEN, Kind.MALFORMED})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How stubborn one call is.

    Parameters
    ----------
    attempts
        Requests at most, the first included; 1 never retries.
    budget_s
        Seconds that one call may wait between its attempts, in all. A server that asks for more is not
        waited for: its wish is in the error. The time that the server takes to answer is not counted.
    wait_initial_s, wait_max_s
        Seconds before the first retry, doubled before each later one up to the maximum.
    jitter
        Share of the wait that is added at random, so that four connections do not return as one.
    """

    attempts: int = 5
    budget_s: float = 60.0
    wait_initial_s: float = 0.5
    wait_max_s: float = 10.0
    jitter: float = 0.5

    def wait_s(
        self,
        failure: Failure,
        attempt: int,
        *,
        waited_s: float = 0.0,
        repeatable: bool = True,
        spread: float = 0.0,
    ) -> float | None:
        """Decide about one failed attempt.

        Parameters
        ----------
        failure
            What went wrong.
        attempt
            Which attempt it was, counted from 1.
        waited_s
            Seconds waited before, in this call.
        repeatable
            True for reads and for writes that are idempotent by content. False for creations: they are
            tried again only when the server cannot have acted (never connected, 429, or a signature grown old).
        spread
            Where in the jitter this wait falls, 0 to 1: the caller's dice.

        Returns
        -------
        float or None
            Seconds to wait before the next attempt; None to give up.
        """
        if attempt >= self.attempts or not self._is_worth_it(failure, repeatable=repeatable):
            return None
        # 2 ** 30 already exceeds any maximum; larger powers would only risk an overflow.
        backoff = min(self.wait_max_s, self.wait_initial_s * 2.0 ** min(attempt - 1, 30))
        least = backoff if failure.retry_after_s is None else failure.retry_after_s
        room = self.budget_s - waited_s
        # Jitter is ours to shorten; what the server asked for is not.
        return None if least > room else min(least + backoff * self.jitter * spread, room)

    @staticmethod
    def _is_worth_it(failure: Failure, *, repeatable: bool) -> bool:
        if failure.final:
            return False
        if failure.stale:
            return True
        if not repeatable:
            return failure.kind is Kind.CONNECT or failure.status == 429
        if failure.kind is Kind.STATUS:
            return failure.status in _RETRIED_STATUSES
        return failure.kind in _RETRIED_KINDS


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Read a ``Retry-After`` header in either of its forms.

    Parameters
    ----------
    value
        Seconds, or an HTTP date (RFC 9110 §10.2.3).
    now
        The time that a date is compared with, with a zone: best the answer's own ``Date``, so that a wrong
        clock here does not count.

    Returns
    -------
    float or None
        Seconds, at least 0; None for a header that is neither.
    """
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None
