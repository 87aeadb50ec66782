"""The cases of `grammar/cases`, asked of the fixture's lake on Spark: the same rows, the same order, the same unknown.

What Spark is refused is written down here, and nothing else is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metaquery.engines.spark import SparkEngine
from metaquery.errors import FilterTypeError
from metaquery.language import require_sayable, tally_sql
from tests.budget import whole
from tests.golden.blocks import Block
from tests.golden.fixture import lake_engine_over
from tests.golden.language import compiled, ids_sql, metadata_schema
from tests.golden.test_language import ACCEPTED

from .asking import Answer, answers, kept
from .sessions import other

REFUSED = {
    "accept-217": "upper(city)",
    "examples-35": "accenti(casei(city))",
}
"""Cases without a form on Spark, and where the caret is."""

CASES: dict[str, Block] = {str(param.id): param.values[0] for param in ACCEPTED}
ASKED = {name: block for name, block in CASES.items() if name not in REFUSED}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the fixture's lake."""
    folder = tmp_path_factory.mktemp("golden")
    lake_engine_over(folder, metadata_schema()).close()
    return folder / "lake"


@pytest.fixture(scope="module", params=["true", "false"] if whole() else ["true"], ids=lambda ansi: f"ansi {ansi}")
def engine(request: pytest.FixtureRequest, spark: Any, lake: Path) -> Iterator[SparkEngine]:
    """Open the lake in a session that fails where a number overflows, and in one that says NULL."""
    with kept(other(spark, **{"ansi.enabled": request.param}), lake) as opened:
        yield opened


def test_filters_select_the_rows_that_they_select_on_duckdb(engine: SparkEngine) -> None:
    filters = {name: block for name, block in ASKED.items() if not block.is_view}
    found = answers(engine, [ids_sql(compiled(block), engine.dialect) for block in filters.values()])
    rows = {name: ids_of(each) for name, each in zip(filters, found, strict=True)}
    assert rows == {name: json.loads(block.outcome["ids"]) for name, block in filters.items()}


def ids_of(found: Answer) -> Answer | list[str]:
    return found if isinstance(found, str) else sorted(str(row[0]) for row in found)


def test_views_have_the_order_that_they_have_on_duckdb(engine: SparkEngine) -> None:
    for name, block in ASKED.items():
        if block.is_view:
            sql = ids_sql(compiled(block), engine.dialect)
            found = [str(row[0]) for row in engine.rows(sql.text, sql.params)]
            assert found == json.loads(block.outcome["ids"]), name


@pytest.mark.parametrize("engine", ["true"], indirect=True)
def test_as_many_rows_are_unknown_as_on_duckdb(engine: SparkEngine) -> None:
    statements = [tally_sql(compiled(block), engine.dialect).sql for block in ASKED.values()]
    found = answers(engine, statements)
    unknown = {name: each if isinstance(each, str) else each[0][1] for name, each in zip(ASKED, found, strict=True)}
    assert unknown == {name: int(block.outcome["unknown"]) for name, block in ASKED.items()}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_form_on_spark_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(FilterTypeError) as refused:
        require_sayable(compiled(CASES[name]), SparkEngine.dialect)
    error = refused.value
    assert (error.code, error.source[error.span.start : error.span.end]) == ("unsupported-in-dialect", REFUSED[name])


def test_nothing_else_is_refused() -> None:
    for block in ASKED.values():
        require_sayable(compiled(block), SparkEngine.dialect)
