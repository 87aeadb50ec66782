"""A bit that turns in a file of the store is found, or changes nothing: every one of a sample, in every file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from metaquery.errors import CorruptSpool, StoreError
from metaquery.store.blocks import damage_of
from metaquery.store.snapshot import Changes, Snapshot
from metaquery.store.spool import Spool

from .world import World, rows_of

SEED = 20261124


@contextmanager
def flipped(path: Path, bit: int) -> Iterator[None]:
    """Turn one bit of a file, and turn it back."""
    sound = path.read_bytes()
    turned = bytearray(sound)
    turned[bit // 8] ^= 1 << bit % 8
    path.write_bytes(turned)
    try:
        yield
    finally:
        path.write_bytes(sound)


def bits(path: Path, most: int) -> list[int]:
    """Return the bits of a file that are turned: all of a small one."""
    size = path.stat().st_size * 8
    return random.Random(SEED).sample(range(size), min(most, size))  # noqa: S311 - a sample, no secret


def wrong(world: World) -> list[str]:
    checks = world.workspace.history.verify(everything=True)
    return [check.kind for _, check in checks if check.wrong is not None]


def test_every_bit_of_every_raw_page_counts(four: World) -> None:
    pages = sorted(four.workspace.layout.spool.glob("*/*/*.json.zst"))
    assert len(pages) > 10
    for page in pages:
        spool = Spool(page.parent)
        for bit in bits(page, 20):
            with flipped(page, bit):
                assert spool.damage() is not None, (page, bit)
    assert all(Spool(page.parent).damage() is None for page in pages)


def test_every_bit_of_what_describes_them_counts(four: World) -> None:
    layout = four.workspace.layout
    checkpoints, descriptions = (
        sorted(layout.spool.glob("*/*/checkpoint.json")),
        sorted(layout.snapshots.glob("*.json")),
    )
    assert min(len(checkpoints), len(descriptions)) > 3
    for file in checkpoints:
        for bit in bits(file, 40):
            with flipped(file, bit):
                assert Spool.readable(file.parent) is None, (file, bit)
    for file in descriptions:
        for bit in bits(file, 40):
            with flipped(file, bit), pytest.raises(StoreError):
                Snapshot.load(layout, file.stem)
    with flipped(checkpoints[0], 99), flipped(descriptions[-1], 99):
        assert wrong(four) == ["description", "raw", "raw", "raw"]
    assert wrong(four) == []


def test_a_bit_of_a_snapshot_s_file_is_found_or_changes_no_answer(four: World) -> None:
    snapshot = four.workspace.snapshot()
    rows = rows_of(four.workspace, snapshot.id)
    found = 0
    for bit in bits(snapshot.path, 40):
        with flipped(snapshot.path, bit):
            if damage_of(snapshot.path) is None:
                assert rows_of(four.workspace, snapshot.id) == rows, bit
            else:
                found += 1
    assert found > 30
    assert damage_of(snapshot.path) is None


def test_a_page_that_lost_a_bit_is_never_typed_again(four: World) -> None:
    """zstd decompresses most of them to something else, without a word."""
    layout, first = four.workspace.layout, four.workspace.history.log()[-1].snapshot
    first.path.unlink(missing_ok=True)
    page = layout.spool / "units-set" / first.parts[0].generations[0] / "rows-000000.json.zst"
    with flipped(page, page.stat().st_size * 8 - 9), pytest.raises(Exception, match="not what was written") as told:
        rows_of(four.workspace, first.id)
    assert "metaquery sync --full --dataset Set" in str(told.value)
    assert rows_of(four.workspace, first.id)["data"]


@pytest.mark.parametrize("stream", ["rows", "index", "labels"])
def test_a_page_that_lost_a_bit_is_neither_typed_anew_nor_compared_with(four: World, stream: str) -> None:
    snapshot = four.workspace.snapshot()
    part = snapshot.parts[stream == "labels"]
    page = four.workspace.layout.spool / part.part.folder / part.generations[0] / f"{stream}-000000.json.zst"
    four.schema["dark"] = "string"
    for again in (four.rematerialise, four.sync):
        with flipped(page, page.stat().st_size * 8 - 9), pytest.raises(CorruptSpool, match="not what was written"):
            again()
        assert four.workspace.snapshot() == snapshot
    if stream == "rows":
        with flipped(page, 99), pytest.raises(CorruptSpool, match="not what was written"):
            four.workspace.schema.plan(four.schema, local=True)
    assert four.rematerialise().changes == Changes(0, 0, 0)


def test_a_workspace_of_before_the_checksums_is_read_and_said_to_have_none(four: World) -> None:
    home = four.workspace.layout.home
    for file in [*home.glob("spool/*/*/checkpoint.json"), *home.glob("snapshots/*.json")]:
        held = json.loads(file.read_bytes())
        file.write_text(json.dumps({name: held[name] for name in held if name not in {"seal", "digests"}}))
    notes = {check.kind: check.note for _, check in four.workspace.history.verify()}
    assert wrong(four) == []
    assert notes["raw"] == notes["description"] == "no checksum was kept"
    four.units["d7"] = {"city": "Kyiv"}
    assert four.sync().changes.added == 1
    assert wrong(four) == []
