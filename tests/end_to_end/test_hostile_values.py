r"""A value that no reader takes costs nothing but itself: its unit is there, and it is a misfit with its raw text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import metaquery
from metaquery.sandbox import SandboxProcess
from metaquery.schema import MetadataSchema
from metaquery.settings import Settings
from metaquery.workspace import Workspace
from tests.crash.world import Server

DEEP = "[" * 10_000 + "]" * 10_000
LONG = "x" * (10 << 20)

MISFITS = {
    "half": r'"ab\ud83d"',
    "halves": r'"\udc00 \ud800"',
    "nan": "NaN",
    "infinity": "-Infinity",
    "too large": "1e999",
    "deep": DEEP,
    "deep for some": "[" * 200 + "]" * 200,
}
"""Values of the key `value`, which fit no type."""

TEXTS = {"nul": (r'"a\u0000b"', "a\0b"), "pair": (r'"\ud83d\ude00"', "\U0001f600"), "long": (f'"{LONG}"', LONG)}
"""Values that are texts."""

SCHEMA = {"value": "string", "speed": "number"}


def check(workspace: Workspace, units: int) -> None:
    """Each unit is there, each misfit is counted, and each text is what it was."""
    snapshot = workspace.snapshot()
    assert snapshot.counts.data == units
    (key,) = (key for key in snapshot.keys if key.name == "value")
    assert key.valid + key.missing + key.invalid == units
    assert key.invalid == len(MISFITS)
    rows = workspace.data.filter("value is invalid").select("title").to_arrow()
    assert sorted(rows.column(0).to_pylist()) == sorted(MISFITS)
    raw = dict(workspace.data.engine.rows(
        "SELECT d.title, r.raw FROM rejects r JOIN data d ON d.data_hash = r.data_hash WHERE field = 'value'", []
    ))  # fmt: skip
    for name, text in MISFITS.items():
        assert told(raw[name]) == text, name
    for name, (_, text) in TEXTS.items():
        found = workspace.data.filter(f"title = '{name}'").select("value").to_arrow()
        assert found.column(0).to_pylist() == [text], name
    assert workspace.data.filter("speed = 1").count() >= len(MISFITS) + len(TEXTS)


def told(raw: str) -> str:
    """Return the JSON text that a misfit came as."""
    opened = raw.partition('{"not readable":')[0]
    mark = raw[len(opened) :].removesuffix("]" * len(opened))
    return opened + json.loads(mark)["not readable"] + "]" * len(opened) if mark else raw


@pytest.mark.parametrize("flat", [False, True], ids=["client_metadata", "members of the row"])
def test_rows_of_files(flat: bool, tmp_path: Path) -> None:
    lines = []
    for name, text in {**MISFITS, **{name: text for name, (text, _) in TEXTS.items()}}.items():
        keys = f'"value": {text}, "speed": 1'
        keys = keys if flat else f'"client_metadata": {{{keys}}}'
        lines.append(f'{{"data_hash": "{name}", "title": "{name}", {keys}}}\n')
    (tmp_path / "units.ndjson").write_text("".join(lines))
    workspace = metaquery.open(tmp_path)
    _, (report,) = workspace.sync_files(units=tmp_path / "units.ndjson", schema=SCHEMA)
    assert (report.taken, report.rejected) == (len(lines), 0)
    check(workspace, len(lines))
    again, _ = workspace.sync_files(units=tmp_path / "units.ndjson")
    assert not again.published


def test_rows_of_a_server(tmp_path: Path, server: SandboxProcess) -> None:

    known = Server(server.url, server.key_file)
    values = {**MISFITS, **{name: text for name, (text, _) in TEXTS.items()}}
    units = known.units()
    chosen = dict(zip(values, units, strict=False))
    known.write({unit["backing_item_uuid"]: {"value": f"put {name} here", "speed": 1} for name, unit in chosen.items()})
    texts = {f'"put {name} here"': values[name] for name in values}
    texts |= {json.dumps(unit["data_title"]): json.dumps(name) for name, unit in chosen.items()}
    rule = {"match": "datarows$", "kind": "rewrite", "texts": texts}
    httpx.post(f"{server.url}/sandbox/faults", json={"rules": [rule]}).raise_for_status()
    options: dict[str, Any] = {"page_rows": 1_000, "settings": Settings(threads=1)}
    known.sync(tmp_path, metadata_schema=MetadataSchema.from_json(SCHEMA), **options)
    workspace = metaquery.open(tmp_path)
    check(workspace, len(units))
    known.sync(tmp_path, metadata_schema=None, **options)
    inferred = {field.name: field.type for field in workspace.snapshot().schema.fields}
    assert inferred["value"] == "STRING"
