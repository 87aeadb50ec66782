"""Bins are contiguous, hold what they were made for, and have edges that a person would choose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.bins import Bin, calendar_bins, number_bins
from metaquery.language.moments import FIRST, LAST
from metaquery.language.periods import Clock
from tests.budget import cases

ZONES = ["UTC", "Europe/Paris", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]


def micros(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


def labels(least: str, greatest: str, zone: str = "UTC") -> list[str]:
    return [each.label for each in calendar_bins(micros(least), micros(greatest), Clock.named(zone), 20)]


def assert_whole(bins: list[Bin], least: float, greatest: float) -> None:
    assert bins[0].start is None or bins[0].start <= least
    assert bins[-1].last >= greatest
    for before, after in pairwise(bins):
        assert before.end == after.start
        assert before.last < after.last


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(ends=st.tuples(NUMBERS, NUMBERS), most=st.integers(2, 40))
@cases(200)
def test_bins_of_numbers_hold_them_all(ends: tuple[float, float], most: int) -> None:
    least, greatest = sorted(ends)
    bins = number_bins(least, greatest, most)
    assert len(bins) <= most
    assert_whole(bins, least, greatest)


@given(ends=st.tuples(st.integers(FIRST, LAST - 1), st.integers(0, 2**50)), zone=st.sampled_from(ZONES))
@cases(200)
def test_bins_of_the_calendar_hold_all_instants(ends: tuple[int, int], zone: str) -> None:
    least, greatest = ends[0], min(sum(ends), LAST - 1)
    assert_whole(calendar_bins(least, greatest, Clock.named(zone), 20), least, greatest)


@pytest.mark.parametrize(
    ("least", "greatest", "first", "last", "count"),
    [
        (0.3, 129.8, "0 – 10", "120 – 130", 13),
        (-7.9, 31, "-8 – -6", "30 – 32", 20),
        (0.11, 0.32, "0.1 – 0.12", "0.32 – 0.34", 12),
        (1e9, 3e9, "1000000000 – 1100000000", "3000000000 – 3100000000", 21),
        (24, 24, "24", "24", 1),
    ],
)
def test_edges_of_numbers_are_round(least: float, greatest: float, first: str, last: str, count: int) -> None:
    found = [each.label for each in number_bins(least, greatest, 21)]
    assert (found[0], found[-1], len(found)) == (first, last, count)


def test_an_edge_is_the_double_that_its_text_says() -> None:
    assert [each.end for each in number_bins(0, 0.9, 10)][2] == 0.3


@pytest.mark.parametrize(
    ("least", "greatest", "first", "last"),
    [
        ("1999-05-01", "2023-02-01", "1998 – 1999", "2022 – 2023"),
        ("2019-05-01", "2023-02-01", "2019-04 – 2019-06", "2023-01 – 2023-03"),
        ("2022-05-01", "2023-02-01", "2022-05", "2023-02"),
        ("2023-01-01", "2023-02-01", "2022-12-26 – 2023-01-01", "2023-01-30 – 2023-02-05"),
        ("2023-01-30", "2023-02-01", "2023-01-30 00:00", "2023-02-01 00:00"),
        ("2023-01-15", "2023-02-01", "2023-01-15", "2023-02-01"),
        ("2023-01-30T10:20", "2023-01-30T10:21", "2023-01-30 10:20:00", "2023-01-30 10:21:00"),
    ],
)
def test_instants_are_in_bins_of_the_calendar(least: str, greatest: str, first: str, last: str) -> None:
    found = labels(least, greatest)
    assert (found[0], found[-1]) == (first, last)


def test_days_are_those_of_the_time_zone() -> None:
    assert labels("2023-01-15T23:30", "2023-02-01", "Europe/Paris")[0] == "2023-01-16"


def test_a_day_that_a_zone_left_out_has_no_bin() -> None:
    assert labels("2011-12-29", "2012-01-02", "Pacific/Apia")[-1] == "2012-01-02 12:00"
    assert "2011-12-30" not in labels("2011-12-20", "2012-01-05", "Pacific/Apia")


def test_an_hour_that_a_clock_left_out_has_no_bin() -> None:
    found = labels("2023-03-25T22:30", "2023-03-26T04:00", "Europe/Paris")
    assert "2023-03-26 01:30" in found or "2023-03-26 01:00" in found
    assert not any(label.startswith("2023-03-26 02:") for label in found)
