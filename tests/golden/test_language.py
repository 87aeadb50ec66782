"""The cases of `grammar/cases`, one test each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metaquery.errors import FilterError
from metaquery.language import DUCKDB, canonical, count_sql, key_sql, tally_sql, to_sql
from metaquery.schema import DATA, LABELS, PREDICTIONS, Field

from .blocks import DIRECTORY, Block, read, write
from .language import compiled, metadata_schema, run, schema_of

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
    with duckdb.connect() as empty:
        empty.execute("SET TimeZone = 'UTC'")
        for relation in (DATA, LABELS, PREDICTIONS):
            fields = [f for f in relation.fields if f.name != "tags"]
            if relation is DATA:
                fields += metadata_schema().schema().fields
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
    try:
        query = compiled(block)
    except FilterError:
        return
    columns = (*query.relation.fields, *schema_of(block).fields)
    for sql in (
        count_sql(query, DUCKDB),
        key_sql(query, DUCKDB),
        to_sql(query, DUCKDB, columns=columns),
        tally_sql(query, DUCKDB).sql,
    ):
        connection.execute(sql.text, sql.params).fetchall()
    assert canonical(compiled(block, canonical(query))) == canonical(query)


@pytest.mark.parametrize("name", [path.name for path in sorted(DIRECTORY.glob("*.cases"))])
def test_a_file_is_written_as_it_was_read(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, read(DIRECTORY / name))
    assert (tmp_path / name).read_bytes() == (DIRECTORY / name).read_bytes()


def test_there_are_cases() -> None:
    assert len(CASES) > 200
