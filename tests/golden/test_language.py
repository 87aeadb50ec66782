"""The cases of `grammar/cases`, one test each."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from metaquery.errors import FilterError
from metaquery.language import DUCKDB, canonical, compile_filter, compile_view, count_sql, key_sql, tally_sql, to_sql
from metaquery.schema import DATA, LABELS, PREDICTIONS, RELATIONS, Field

from .language import DIRECTORY, Block, environment, read, run

CASES = [
    pytest.param(block, id=f"{path.stem}-{serial}")
    for path in sorted(DIRECTORY.glob("*.cases"))
    for serial, block in enumerate(read(path), start=1)
]


@pytest.mark.parametrize("block", CASES)
def test_case(block: Block) -> None:
    assert run(block) == block.outcome, block.text


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a snapshot, empty."""
    schema, _ = environment()
    with duckdb.connect() as empty:
        empty.execute("SET TimeZone = 'UTC'")
        for relation in (DATA, LABELS, PREDICTIONS):
            fields = [f for f in relation.fields if f.name != "tags"]
            if relation is DATA:
                fields += schema.fields
            else:
                fields.insert(0, Field("data_hash", "STRING"))
            columns = ", ".join(f"{DUCKDB.quote(f.column)} {f.column_type}" for f in fields)
            empty.execute(f"CREATE TABLE {relation.name} (unit INTEGER, {columns})")
        empty.execute("CREATE TABLE rejects (data_hash VARCHAR, field VARCHAR, raw VARCHAR, expected VARCHAR)")
        empty.execute("CREATE TABLE tags (data_hash VARCHAR, tag VARCHAR)")
        empty.execute("CREATE TABLE members (collection VARCHAR, data_hash VARCHAR)")
        yield empty


@pytest.mark.parametrize("block", CASES)
def test_duckdb_takes_the_sql(block: Block, connection: duckdb.DuckDBPyConnection) -> None:
    schema, options = environment()
    relation = RELATIONS[block.given.get("on", "data")]
    compiling = compile_view if "view" in block.given else compile_filter
    try:
        query = compiling(block.text, schema, relation, options=options)
    except FilterError:
        return
    columns = (*relation.fields, *schema.fields)
    for sql in (
        count_sql(query, DUCKDB),
        key_sql(query, DUCKDB),
        to_sql(query, DUCKDB, columns=columns),
        tally_sql(query, DUCKDB).sql,
    ):
        connection.execute(sql.text, sql.params).fetchall()
    assert canonical(compiling(canonical(query), schema, relation, options=options)) == canonical(query)


def test_there_are_cases() -> None:
    assert len(CASES) > 200
