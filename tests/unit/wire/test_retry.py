"""RetryPolicy as a table of failures and waits; Retry-After in both forms."""

from datetime import UTC, datetime

import pytest

from metaquery.wire.failures import Failure, Kind
from metaquery.wire.retry import RetryPolicy, parse_retry_after

POLICY = RetryPolicy(attempts=5, budget_s=60, wait_initial_s=0.5, wait_max_s=3, jitter=0.5)


def status(number: int, retry_after_s: float | None = None) -> Failure:
    return Failure(Kind.STATUS, status=number, retry_after_s=retry_after_s)


@pytest.mark.parametrize(
    ("failure", "read", "create"),
    [
        (status(400), None, None),
        (status(401), None, None),
        (Failure(Kind.STATUS, status=401, stale=True), 0.5, 0.5),
        (status(403), None, None),
        (status(404), None, None),
        (status(408), None, None),
        (status(409), None, None),
        (status(413), None, None),
        (status(429), 0.5, 0.5),
        (status(429, 7), 7, 7),
        (status(500), 0.5, None),
        (status(501), None, None),
        (status(502), 0.5, None),
        (status(503), 0.5, None),
        (status(503, 0), 0, None),
        (status(504), 0.5, None),
        (Failure(Kind.CONNECT), 0.5, 0.5),
        (Failure(Kind.UNTRUSTED), None, None),
        (Failure(Kind.TIMEOUT), 0.5, None),
        (Failure(Kind.BROKEN), 0.5, None),
        (Failure(Kind.MALFORMED), 0.5, None),
        (Failure(Kind.MALFORMED, final=True), None, None),
        (Failure(Kind.SHAPE, final=True), None, None),
    ],
    ids=repr,
)
def test_what_is_worth_another_attempt(failure, read, create):
    assert POLICY.wait_s(failure, 1) == read
    assert POLICY.wait_s(failure, 1, repeatable=False) == create


def test_waits_double_up_to_the_maximum_and_end_with_the_attempts():
    waits = [POLICY.wait_s(status(503), attempt) for attempt in range(1, 7)]
    assert waits == [0.5, 1.0, 2.0, 3.0, None, None]
    assert RetryPolicy(attempts=10**6).wait_s(status(503), 10**5) == 10.0


def test_jitter_adds_its_share_of_the_wait():
    assert POLICY.wait_s(status(503), 2, spread=0.5) == 1.25
    assert POLICY.wait_s(status(503, 20), 2, spread=1) == 20.5


def test_what_does_not_fit_the_budget_is_not_waited_for():
    assert POLICY.wait_s(status(429, 60), 1) == 60
    assert POLICY.wait_s(status(429, 60), 1, spread=1) == 60
    assert POLICY.wait_s(status(429, 61), 1) is None
    assert POLICY.wait_s(status(429, 30), 2, waited_s=31) is None
    assert RetryPolicy(attempts=1).wait_s(status(503), 1) is None


NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 1.5 ", 1.5),
        ("-3", 0),
        ("inf", None),
        ("nan", None),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 13:00:30 +0100", 30),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("Tue, 24 Nov 2026 12:00:30 -0000", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(text, seconds):
    assert parse_retry_after(text, NOW) == seconds
