"""Run the blocks of `grammar/cases/*.cases` over the fixture, and rewrite their outcome.

`python -m tests.golden.language --update` rewrites what comes out of each block; read the difference before you commit.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.errors import FilterError
from metaquery.language import (
    DIALECTS,
    DUCKDB,
    BindOptions,
    Dialect,
    Query,
    Sql,
    Untyped,
    canonical,
    compile_filter,
    compile_view,
    key_sql,
    parse,
    parse_view,
    require_sayable,
    tally_sql,
    to_sql,
)
from metaquery.schema import RELATIONS, Field, MetadataSchema, Relation, Schema

from .blocks import DIRECTORY, Block, json_line, read, write
from .fixture import engine_over, fixture
from .trees import tree_of

_OPTIONS = {
    "NUMBER": "number",
    "STRING": "text",
    "BOOLEAN": "boolean",
    "DATETIME": "datetime",
    "UUID": "uuid",
    "POINT": "geospatial",
}
"""Encord's names of the types that need no more than a name."""


@cache
def described() -> dict[str, Any]:
    """Return `schema.json`."""
    found: dict[str, Any] = json.loads((DIRECTORY / "schema.json").read_text(encoding="utf-8"))
    return found


@cache
def metadata_schema() -> MetadataSchema:
    """Return the organisation's schema, with the keys that only some blocks have."""
    options = {name: _option(type_) for name, type_ in (described()["fields"] | described()["namesakes"]).items()}
    deleted = {name: {"ty": "tombstone", "deleted_ty": None} for name in described()["deleted"]}
    return MetadataSchema.from_json(options | deleted)


def _option(type_: str) -> dict[str, Any]:
    name, *details = type_.split()
    match name:
        case "ENUM":
            return {"ty": "enum", "values": details}
        case "VECTOR":
            return {"ty": "embedding", "size": int(details[0])}
        case _:
            return {"ty": _OPTIONS[name]}


def schema_of(block: Block) -> Schema:
    """Return what a block is bound against: no namesake but those that it has with it."""
    whole = metadata_schema().schema()
    left_out = set(described()["namesakes"]) - set(block.given.get("with", "").split())
    return Schema(tuple(f for f in whole.fields if f.name not in left_out), whole.deleted)


def environment(*namesakes: str) -> tuple[Schema, BindOptions]:
    """Return what a block is bound with that says nothing but `with`."""
    block = Block((), {"with": " ".join(namesakes)}, {})
    return schema_of(block), options_of(block)


def options_of(block: Block) -> BindOptions:
    return BindOptions(
        time_zone=block.given.get("zone", described()["time_zone"]),
        now=datetime.fromisoformat(described()["now"]),
        collections=tuple(fixture()["collections"]),
        saved=lambda relation: described()["saved"].get(relation, {}),
        example=lambda field: json.loads(block.given.get("examples", "{}")).get(field.name),
        parameters={name: _given(value) for name, value in json.loads(block.given.get("parameters", "{}")).items()},
    )


def _given(value: Any) -> Any:
    """Return what a value of a parameter is in Python: JSON, or an object of what JSON has not."""
    match value:
        case {"date": text}:
            return date.fromisoformat(text)
        case {"timestamp": text}:
            return datetime.fromisoformat(text)
        case {"untyped": text}:
            return Untyped(text)
        case [*items]:
            return [_given(item) for item in items]
    return value


def compiled(block: Block, text: str | None = None) -> Query:
    """Bind the text of a block, or another one in its place."""
    relation = RELATIONS[block.given.get("on", "data")]
    compiling = compile_view if block.is_view else compile_filter
    options = options_of(block) if text is None else replace(options_of(block), parameters={})
    query = compiling(block.text if text is None else text, schema_of(block), relation, options=options)
    require_sayable(query, dialect_of(block))
    return query


def dialect_of(block: Block) -> Dialect:
    """Return in whose SQL a block has its own."""
    return DIALECTS[block.given.get("dialect", "duckdb")]


def run(block: Block, engine: DuckDBEngine) -> dict[str, str]:
    """Return what comes out of a block."""
    try:
        query = compiled(block)
    except FilterError as error:
        return {"code": error.code, "span": f"{error.span.start}-{error.span.end}", "picture": str(error)}
    tree = (parse_view if block.is_view else parse)(block.text)
    said = {"canonical": canonical(query), "tree": json_line(tree_of(tree)), **sql_of(query, block)}
    return said | {"ids": json_line(ids(query, engine, ordered=block.is_view)), "unknown": str(unknown(query, engine))}


def sql_of(query: Query, block: Block) -> dict[str, str]:
    whole, dialect = block.is_view, dialect_of(block)
    sql = to_sql(query, dialect, columns=(id_field(query.relation),)) if whole else key_sql(query, dialect)
    text = {"sql": sql.text} if whole else {"where": sql.text.partition(" WHERE ")[2]}
    return text | {"params": json_line([shown(p) for p in sql.params])}


def shown(value: Any) -> Any:
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def id_field(relation: Relation) -> Field:
    """Return the field that tells the rows of the fixture apart."""
    field = relation.get("annotation_id") or relation.get("data_hash")
    assert field is not None
    return field


def ids(query: Query, engine: DuckDBEngine, *, ordered: bool) -> list[str]:
    """Return the rows that a query selects in the fixture; those of a filter sorted, as it has no order."""
    sql = ids_sql(query, DUCKDB)
    found = [str(row[0]) for row in engine.rows(sql.text, sql.params)]
    return found if ordered else sorted(found)


def ids_sql(query: Query, dialect: Dialect) -> Sql:
    return to_sql(query, dialect, columns=(id_field(query.relation),))


def unknown(query: Query, engine: DuckDBEngine) -> int:
    """Return the number of rows of the fixture for which the filter is neither true nor false."""
    sql = tally_sql(query, DUCKDB).sql
    return int(engine.rows(sql.text, sql.params)[0][1])


def main() -> None:
    if "--update" not in sys.argv:
        sys.exit("usage: python -m tests.golden.language --update")
    with TemporaryDirectory() as folder:
        engine = engine_over(Path(folder), metadata_schema())
        for path in sorted(DIRECTORY.glob("*.cases")):
            write(path, [Block(b.remarks, b.given, run(b, engine)) for b in read(path)])


if __name__ == "__main__":
    main()
