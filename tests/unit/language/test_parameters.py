"""Which Python values a parameter takes, and what is said of those that it does not take."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from metaquery.errors import FilterError, FilterLimitError, FilterSyntaxError, FilterTypeError, UsageError
from metaquery.language import BindOptions, Untyped, canonical, compile_filter
from metaquery.schema import DATA
from tests.properties.schemas import SCHEMA


class Scalar:
    """A value as arrays have it: with a shape, none, and what it is in Python (NumPy's scalars)."""

    shape = ()

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value


class NoTime(date):
    """A date that is missing, and differs from all, itself as well (pandas's NaT)."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = date.__hash__


def bound(text: str, **parameters: Any) -> str:
    return canonical(compile_filter(text, SCHEMA, DATA, options=BindOptions(parameters=parameters)))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5, "speed = 5"),
        (-2.5, "speed = -2.5"),
        (Decimal("0.10"), "speed = 0.1"),
        (2**53, "speed = 9007199254740992"),
        (10**30, "speed = 1e+30"),
        (Scalar(7), "speed = 7"),
        (Untyped("1_000"), "speed = 1000"),
        (Untyped(" +5 "), "speed = 5"),
    ],
)
def test_numbers_of_every_kind_are_numbers(value: Any, written: str) -> None:
    assert bound("speed = :x", x=value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2023, 1, 31), "captured_at = 2023-01-31"),
        (datetime(2023, 1, 31, 10, tzinfo=UTC), "captured_at = 2023-01-31T10:00:00Z"),
        (datetime(2023, 1, 31, 10, tzinfo=timezone(timedelta(hours=2))), "captured_at = 2023-01-31T08:00:00Z"),
        (datetime.fromisoformat("2023-01-31T10:00:00.000005"), "captured_at = 2023-01-31T10:00:00.000005"),
        ("2023-01", "captured_at = 2023-01"),
        (np.datetime64("2023-01-31"), "captured_at = 2023-01-31"),
        (np.datetime64("2023-01-31T10:00:00.000005", "ns"), "captured_at = 2023-01-31T10:00:00.000005"),
        (np.datetime64(2023, "ns"), "captured_at = 1970-01-01T00:00:00.000002"),
        (Untyped("20230131"), "captured_at = 2023-01-31"),
    ],
)
def test_dates_are_days_and_times_are_instants(value: Any, written: str) -> None:
    assert bound("captured_at = :x", x=value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (timedelta(days=2), "2d"),
        (timedelta(hours=-1), "-3600s"),
        (timedelta(milliseconds=1500), "1.5s"),
        (np.timedelta64(1_500_000_000, "ns"), "1.5s"),
    ],
)
def test_time_spans_are_durations(value: timedelta, written: str) -> None:
    assert bound("captured_at > now() + :x", x=value) == f"captured_at > now() + {written}"


def test_a_text_is_a_text_whatever_stands_in_it() -> None:
    assert bound("city = :x", x="a' or true # \\ \n") == "city = E'a'' or true # \\\\ \\n'"
    assert bound("city = :x", x=":city") == "city = ':city'"
    assert bound("city = :x", x="Cafe\u0301") == "city = 'Café'"
    assert bound("dark = :x", x=Scalar(value=True)) == "dark = true"


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), Decimal("NaN"), Decimal("sNaN"), Scalar(float("inf"))])
def test_what_is_no_number_is_refused_with_a_way_out(value: Any) -> None:
    with pytest.raises(FilterTypeError, match="no number of a filter is") as caught:
        bound("speed = :x", x=value)
    assert caught.value.hint == "for rows without a value, write is null"


@pytest.mark.parametrize("value", [None, NoTime(2023, 1, 1)])
def test_no_value_is_asked_for_by_is_null(value: Any) -> None:
    with pytest.raises(FilterTypeError) as caught:
        bound("captured_at = :x", x=value)
    assert (caught.value.code, caught.value.hint) == ("null-comparison", "write captured_at is null")


@pytest.mark.parametrize("value", [b"Paris", {"a": 1}, {1, 2}, object, np.datetime64("20000-01-01")])
def test_other_values_are_refused_by_their_type(value: Any) -> None:
    with pytest.raises(FilterTypeError, match=f":x is a {type(value).__name__}, which no literal stands for"):
        bound("city = :x", x=value)


def test_an_instant_outside_of_the_calendar_is_refused() -> None:
    with pytest.raises(FilterTypeError, match="not in the years 1 to 9999"):
        bound("captured_at > :x", x=datetime.min.replace(tzinfo=timezone(timedelta(hours=2))))


def test_the_limits_of_a_filter_hold_for_what_is_given() -> None:
    with pytest.raises(FilterLimitError, match="10,001 items"):
        bound("speed in :x", x=list(range(10_001)))
    with pytest.raises(FilterLimitError, match="bytes, more than"):
        bound("city = :x", x="é" * 600_000)
    with pytest.raises(FilterLimitError, match="larger than a number can be"):
        bound("speed = :x", x=10**400)
    with pytest.raises(FilterLimitError, match="larger than a number can be"):
        bound("speed = :x", x=-(10**5_000))
    for length in (timedelta.max, timedelta(days=-(10**8), microseconds=1)):
        with pytest.raises(FilterLimitError, match="longer than the calendar"):
            bound("captured_at - captured_at > :x", x=length)
    with pytest.raises(FilterSyntaxError, match="cannot have the character U\\+D800"):
        bound("city = :x", x="\ud800")


def test_a_value_that_nothing_asks_for_is_an_error() -> None:
    with pytest.raises(UsageError) as caught:
        bound("city = :city", city="Paris", ctiy="Oslo")
    assert str(caught.value) == "the filter has no parameter :ctiy\ndid you mean :city?"
    with pytest.raises(UsageError, match="write :city where it belongs"):
        bound("dark", city="Paris")


def test_a_saved_filter_has_no_parameters() -> None:
    options = BindOptions(saved=lambda _: {"night": "city = :city"}, parameters={"city": "Paris"})
    with pytest.raises(FilterError, match=":city has no value here"):
        compile_filter("@night and city = :city", SCHEMA, DATA, options=options)
