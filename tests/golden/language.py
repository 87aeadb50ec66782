"""Read, run and rewrite `grammar/cases/*.cases`; their form is in the README beside them.

`python -m tests.golden.language --update` rewrites the outcome of each block.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from metaquery.errors import FilterError
from metaquery.language import DUCKDB, BindOptions, Query, canonical, compile_filter, compile_view, key_sql, to_sql
from metaquery.schema import DATA, RELATIONS, Field, Schema

DIRECTORY = Path(__file__).resolve().parents[2] / "grammar" / "cases"
GIVEN = ("filter", "view", "on")


@dataclass(frozen=True)
class Block:
    """One case: remarks above it, what is given, and what comes out."""

    remarks: tuple[str, ...]
    given: dict[str, str]
    outcome: dict[str, str]

    @property
    def text(self) -> str:
        return self.given.get("filter", self.given.get("view", ""))


def read(path: Path) -> list[Block]:
    blocks = []
    for chunk in path.read_text(encoding="utf-8").rstrip("\n").split("\n\n"):
        remarks, pairs = [], {}
        for line in chunk.split("\n"):
            if line.startswith("#"):
                remarks.append(line)
            elif line:
                key, _, value = line.partition(": ") if ": " in line else (line.rstrip(":"), "", "")
                pairs[key.rstrip("*")] = json.loads(value) if key.endswith("*") else value
        given = {key: value for key, value in pairs.items() if key in GIVEN}
        blocks.append(Block(tuple(remarks), given, {k: v for k, v in pairs.items() if k not in GIVEN}))
    return blocks


def write(path: Path, blocks: list[Block]) -> None:
    chunks = []
    for block in blocks:
        lines = list(block.remarks)
        for key, value in {**block.given, **block.outcome}.items():
            plain = value.isprintable() and value == value.strip() and value
            lines.append(f"{key}: {value}" if plain else f"{key}*: {json.dumps(value)}")
        chunks.append("\n".join(lines))
    path.write_text("\n\n".join(chunks) + "\n", encoding="utf-8")


def environment() -> tuple[Schema, BindOptions]:
    described = json.loads((DIRECTORY / "schema.json").read_text(encoding="utf-8"))
    fields = []
    for name, type_ in described["fields"].items():
        kind, *values = type_.split()
        fields.append(Field(name, kind, values=tuple(values)))
    schema = Schema.of(fields, reserved=[f.name for f in DATA.fields], deleted=described["deleted"])
    now = datetime.fromisoformat(described["now"])
    titles = tuple(described["collections"])
    return schema, BindOptions(time_zone=described["time_zone"], now=now, collections=titles)


def run(block: Block) -> dict[str, str]:
    """Return what comes out of a block."""
    schema, options = environment()
    relation = RELATIONS[block.given.get("on", "data")]
    compiling = compile_view if "view" in block.given else compile_filter
    try:
        query = compiling(block.text, schema, relation, options=options)
    except FilterError as error:
        outcome = {"code": error.code, "span": f"{error.span.start}-{error.span.end}", "error": error.message}
        return outcome | ({"hint": error.hint} if error.hint else {})
    return {"canonical": canonical(query), **sql_of(query, whole="view" in block.given)}


def sql_of(query: Query, *, whole: bool) -> dict[str, str]:
    sql = to_sql(query, DUCKDB, columns=(query.relation.fields[0],)) if whole else key_sql(query, DUCKDB)
    where = sql.text.partition(" FROM ")[2] if whole else sql.text.partition(" WHERE ")[2]
    return {"where": where, "params": json.dumps([shown(p) for p in sql.params], ensure_ascii=False)}


def shown(value: Any) -> Any:
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def main() -> None:
    if "--update" not in sys.argv:
        sys.exit("usage: python -m tests.golden.language --update")
    for path in sorted(DIRECTORY.glob("*.cases")):
        write(path, [Block(b.remarks, b.given, run(b)) for b in read(path)])


if __name__ == "__main__":
    main()
