"""A sync of a server at its worst comes to what a sync of it at its best comes to."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

import metaquery.sync
from metaquery.sandbox import start
from metaquery.store import ahead
from metaquery.store.layout import Layout
from metaquery.store.snapshot import Changes
from metaquery.sync import current, rematerialise

from .state import contents, digest
from .world import SETTINGS, Server

_ORDERED = "^(?!.* dataset$)"
"""All but the list of a dataset's rows: there the order is what is said."""

FAULTS = [
    {"match": "", "kind": "delay", "delay_s": 0.002},
    {"match": "", "kind": "status", "status": 429, "retry_after": "1"},
    {"match": "", "kind": "status", "status": 500},
    {"match": "", "kind": "status", "status": 503},
    {"match": "", "kind": "reset"},
    {"match": "", "kind": "truncate"},
    {"match": "", "kind": "malformed"},
    {"match": _ORDERED, "kind": "duplicate"},
    {"match": _ORDERED, "kind": "reorder"},
]
EDITS = {"match": "datarows", "kind": "edit"}


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path):
    units = getattr(request, "param", 400)
    with start(units=units, key_out=tmp_path / "key", with_schema=True) as process:
        yield Server(process.url, process.key_file, attempts=20)


@pytest.fixture(autouse=True)
def every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Type what is read first while it is read, though it comes in few pages."""
    monkeypatch.setattr(ahead, "_PAGES", 1)


def put(server: Server, *rules: dict[str, object]) -> None:
    chance = [{**rule, "probability": 0.1, "seed": seed} for seed, rule in enumerate(rules)]
    httpx.post(f"{server.url}/sandbox/faults", json={"rules": chance}).raise_for_status()


def folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_a_tenth_of_each_fault_changes_nothing(server: Server, tmp_path: Path) -> None:
    calm, stormy = folder(tmp_path, "calm"), folder(tmp_path, "stormy")
    server.sync(calm)
    put(server, *FAULTS)
    server.sync(stormy, connections=4)
    assert contents(current(Layout(stormy)).path) == contents(current(Layout(calm)).path)
    assert digest(stormy) == digest(calm)


def test_what_is_typed_while_it_is_read_is_row_for_row_what_rematerialise_makes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def noting(*arguments: Any, **options: Any) -> Any:
        begun.append(options.get("begun"))
        return materialise(*arguments, **options)

    materialise = metaquery.sync.materialise
    monkeypatch.setattr(metaquery.sync, "materialise", noting)
    # Pages may all have come before a key that nobody declared is known: nothing is left to type ahead then. Of small
    # ones there are many.
    for attempt in range(20):
        root = folder(tmp_path, f"read-{attempt}")
        read = server.sync(root, connections=4, page_rows=3).snapshot
        if begun.pop():
            break
    anew = rematerialise(Layout(root), server.schema, settings=SETTINGS).snapshot
    assert (attempt < 19, begun) == (True, [False])
    assert anew.changes == Changes(0, 0, 0)
    assert (read.schema, read.counts, read.keys) == (anew.schema, anew.counts, anew.keys)
    assert any(field.inferred for field in read.schema.fields)
    assert contents(read.path) == contents(anew.path)


@pytest.mark.parametrize("match", ["labelrow$", "labelrowmetadata", "datarows", "^GET"])
def test_rows_that_come_twice_in_every_answer_count_once(match: str, server: Server, tmp_path: Path) -> None:
    calm, doubled = folder(tmp_path, "calm"), folder(tmp_path, "doubled")
    server.sync(calm, page_rows=200)
    rule = {"match": match, "kind": "duplicate"}
    httpx.post(f"{server.url}/sandbox/faults", json={"rules": [rule]}).raise_for_status()
    server.sync(doubled, page_rows=200)
    assert digest(doubled) == digest(calm)


def test_edits_while_a_sync_reads_are_in_the_next_one(server: Server, tmp_path: Path) -> None:
    edited, calm = folder(tmp_path, "edited"), folder(tmp_path, "calm")
    put(server, EDITS, *FAULTS)
    counts = server.sync(edited, connections=4).snapshot.counts
    assert counts.data == 400
    httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()
    server.sync(edited)
    server.sync(calm)
    assert digest(edited) == digest(calm)


@pytest.mark.parametrize("server", [120], indirect=True)
def test_a_tenth_of_each_fault_changes_nothing_of_what_an_incremental_sync_finds(
    server: Server, tmp_path: Path
) -> None:
    calm, stormy, scratch = tmp_path / "calm", tmp_path / "stormy", folder(tmp_path, "scratch")
    was = contents(server.sync(folder(tmp_path, "calm")).snapshot.path)
    shutil.copytree(calm, stormy)
    dice = Random(5)  # noqa: S311 - repeatable on purpose
    for _ in range(3):
        server.edit(dice)
        server.relabel(dice)
        put(server, *FAULTS)
        report = server.sync(stormy, connections=4)
        httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()
        server.sync(calm)
        assert sum(part.unchanged for part in report.parts if part.part.kind == "units") > 80
        assert report.changes.added == report.changes.removed == 1
        assert digest(stormy) == digest(calm)
    server.sync(scratch)
    assert digest(stormy) == digest(scratch)
    now = contents(current(Layout(stormy)).path)
    assert all(was[table] != now[table] for table in ("data", "labels", "predictions"))
