"""Each fault that is seeded in the compiler breaks the law that has to catch it, and no law is broken without."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from metaquery.errors import FilterError

from . import in_conditions, in_functions, in_queries, in_refusals, in_text, in_values
from .corpus import FILTERS, SECTIONS
from .laws import LAWS, Bench
from .seeding import Fault

MODULES = (in_conditions, in_values, in_functions, in_queries, in_text, in_refusals)
ROWS = [(section, fault) for module in MODULES for section, faults in module.FAULTS.items() for fault in faults]
BROKEN = (AssertionError, FilterError, duckdb.Error, pytest.fail.Exception)
"""How a law fails: its own words, a filter that is refused, a statement that DuckDB refuses, a refusal that is none."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with duckdb.connect() as connection:
        yield Bench(connection)


@pytest.mark.parametrize("law", LAWS)
def test_the_compiler_keeps_the_law(bench: Bench, law: str) -> None:
    LAWS[law](bench, FILTERS)


@pytest.mark.parametrize(("section", "fault"), ROWS, ids=[fault.name for _, fault in ROWS])
def test_the_law_catches_the_fault(bench: Bench, section: str, fault: Fault) -> None:
    with fault.seed.seeded(), pytest.raises(BROKEN):
        LAWS[fault.law](bench, SECTIONS.get(section, FILTERS))


def test_no_law_is_without_a_fault() -> None:
    assert {fault.law for _, fault in ROWS} == set(LAWS)
    assert len({fault.name for _, fault in ROWS}) == len(ROWS) > 100
