"""Keys of client metadata that nobody declared may be any text; each becomes a field that can be asked for."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.language import (
    DUCKDB,
    BindOptions,
    canonical,
    compile_view,
    count_sql,
    key_sql,
    tally_sql,
    to_sql,
)
from metaquery.language.facet_sql import groups_sql, top_sql
from metaquery.schema import DATA, MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.materialise import materialise
from metaquery.store.spool import Part, Spool

Make = Callable[..., tuple[Part, Spool]]

KEYS = [
    'x"; DROP TABLE data; --',
    "'; DROP TABLE data; --",
    "`; DROP TABLE data; --",
    "{0}{evil!r}%s ? $1 :p1",
    "new\nline\ttab",
    "\u202ebidi\u2066",
    "zero\u200bwidth\ufeff",
    "",
    "  ",
    "\\",
    "select",
    "*",
    "/*",
    "-- x",
    "a/b~c~1",
    "$.x",
    "u",
    "u.unit",
    "meta.x",
    'meta."x"',
    "unit",
    "data_hash",
    "TITLE",
    "tags",
    "e\u0301",
    "\u00e9",
    "\U0001f3ac" * 100,
    "x" * 5_000,
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key[:20]))
def test_a_key_of_any_text_is_a_field(tmp_path: Path, units: Make, key: str) -> None:
    """Two units have a number under it, one has a text, one nothing."""
    part, spool = units([{key: 5}, {key: 5}, {key: 7}, {}])
    path = tmp_path / "snapshot.duckdb"
    made = materialise([Chain(part, (spool,))], MetadataSchema.from_json({}), path)
    (field,) = made.schema.fields
    assert field.name == key
    engine = DuckDBEngine(path)
    written = 'meta."' + key.replace('"', '""') + '"'
    asked = {
        f"{written} = 5": 2,
        f"{written} is not 5": 2,
        f"{written} is missing": 1,
        f"{written} is invalid or raw({written}) is not null": 0,
        f"{written} = 5 or {written} in (7, 8) order by {written} desc": 3,
    }
    for text, rows in asked.items():
        query = compile_view(text, made.schema, DATA, options=BindOptions())
        for sql in (
            key_sql(query, DUCKDB),
            tally_sql(query, DUCKDB).sql,
            groups_sql(query, DUCKDB, (field,), most=20),
            top_sql(query, DUCKDB, field, most=20),
            to_sql(replace(query, limit=3), DUCKDB, columns=(*DATA.fields, field)),
        ):
            engine.stream(sql.text, sql.params).read_all()
        count = count_sql(query, DUCKDB)
        assert engine.rows(count.text, count.params) == [(rows,)], text
        assert count_sql(compile_view(canonical(query), made.schema, DATA), DUCKDB) == count
    engine.close()


def test_keys_that_differ_in_form_alone_are_two_fields(tmp_path: Path, units: Make) -> None:
    documents: list[dict[str, Any]] = [{"Dark": 1}, {"dark": 2}, {"e\u0301": 3}, {"\u00e9": 4}]
    part, spool = units(documents)
    path = tmp_path / "snapshot.duckdb"
    made = materialise([Chain(part, (spool,))], MetadataSchema.from_json({}), path)
    assert sorted(made.schema.names()) == sorted(next(iter(document)) for document in documents)
    engine = DuckDBEngine(path)
    for text in ("Dark = 1", "dark = 2", "\u00e9 = 4"):
        sql = count_sql(compile_view(text, made.schema, DATA), DUCKDB)
        assert engine.rows(sql.text, sql.params) == [(1,)], json.dumps(text)
    engine.close()
