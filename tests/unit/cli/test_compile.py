"""`metaquery compile`: a filter as SQL of DuckDB or Spark, for a job of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import metaquery

from .conftest import Done

Cli = Callable[..., Done]


@pytest.fixture
def lake(workspace: object) -> str:
    metaquery.open(".").export_lake("lake", parts=2)
    return "lake"


def test_it_writes_the_statement_and_below_it_the_parameters(cli: Cli, here: object) -> None:
    done = cli("compile", "--dialect", "spark", "dark and speed > 50", "--select", "title")
    assert done == Done(0, "SELECT u.`title` FROM `data` AS u WHERE (u.`dark` AND u.`speed` > :p1)\n-- p1: 50\n", "")
    done = cli("compile", "dark and speed > 50", "--select", "title")
    assert done.out == 'SELECT "title" FROM "data" WHERE ("dark" AND "speed" > ?)\n-- 1: 50\n'


def test_a_script_gets_one_object(cli: Cli, here: object) -> None:
    done = cli("compile", "--json", "--dialect", "spark", "city = 'Oslo' limit 5", "--select", "data_hash, city")
    assert json.loads(done.out) == {
        "dialect": "spark",
        "sql": "SELECT u.`data_hash`, u.`city` FROM `data` AS u WHERE u.`city` = :p1 ORDER BY u.`data_hash` "
        "LIMIT CAST(least(:p2, 2147483647) AS INT)",
        "parameters": {"p1": "Oslo", "p2": 5},
        "columns": ["data_hash", "city"],
    }


def test_the_statement_of_duckdb_runs_over_an_exported_lake(cli: Cli, lake: str) -> None:
    text = "dark and speed > 30 and city in ('Oslo', 'Rome') or city is missing"
    asked = json.loads(cli("compile", "--json", text, "--select", "data_hash", "--lake", lake).out)
    with duckdb.connect() as connection:
        for table in ("data", "rejects"):
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM 'lake/{table}/*.parquet'")
        found = [row[0] for row in connection.execute(asked["sql"], asked["parameters"]).fetchall()]
    assert sorted(found) == sorted(metaquery.open(".").data.filter(text).ids()) != []


def test_a_key_that_spark_would_take_for_a_variable_is_refused(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "units.ndjson").write_text('{"data_hash": "a", "title": "a.jpg", "client_metadata": {"a${x}": 1}}\n')
    metaquery.open(tmp_path).sync_files(units=tmp_path / "units.ndjson")
    monkeypatch.chdir(tmp_path)
    done = cli("compile", "--dialect", "spark", '"a${x}" > 0')
    assert (done.code, done.out) == (2, "")
    assert "as a variable of its session" in done.err
    assert cli("compile", "--dialect", "spark", "title = '${x}'", "--select", "title").code == 0


def test_what_spark_has_no_form_for_is_refused_with_its_place(cli: Cli, here: object) -> None:
    done = cli("compile", "--dialect", "spark", "dark and accenti(city) = 'sao paulo'")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "error: accenti has no form on Spark that is sure to give the same",
        "  dark and accenti(city) = 'sao paulo'",
        "           ^^^^^^^^^^^^^",
        "DuckDB answers it over the same lake: metaquery query --lake DIR",
    ]
    assert cli("compile", "accenti(city) = 'sao paulo'").code == 0
