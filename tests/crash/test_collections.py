"""A change of Collections that is killed leaves the old or the new; processes that change at once lose nothing."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import metaquery
from metaquery.collection.ids import read_ids
from metaquery.schema import DATA

from .driven import driven

_EVERY = "25"
"""Of the places where a change changes the disk, every twenty-fifth: the soak takes all of them."""


def test_a_change_killed_at_any_step_leaves_the_old_or_the_new_and_the_next_one_sweeps(tmp_path: Path) -> None:
    found = driven("collections_driver", tmp_path, _EVERY)
    assert found["wrong"] == []
    assert min(found["points"].values()) >= 1


def change(root: Path, number: int) -> None:
    """Make a Collection, and add to and remove from one that all change."""
    workspace = metaquery.open(root)
    collections, here = workspace.collections, workspace.collections.newest
    workspace.data.filter(f"n = {number}").collect(f"own {number}")
    collections.add("shared", here.of_ids(read_ids([f"u{number}", f"u{number + 8}"], DATA), DATA))
    collections.remove_ids("shared", read_ids([f"u{number + 8}"], DATA))
    collections.rename(f"own {number}", f"mine {number}")


def test_processes_that_change_at_once_lose_nothing(tmp_path: Path) -> None:
    rows = [{"data_hash": f"u{n}", "client_metadata": {"n": n}} for n in range(16)]
    (tmp_path / "units.ndjson").write_text("\n".join(map(json.dumps, rows)))
    workspace = metaquery.open(tmp_path)
    workspace.sync_files(units=tmp_path / "units.ndjson", schema={"n": "number"})
    workspace.data.filter("n > 100").collect("shared")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(change, [(tmp_path, number) for number in range(8)])
    made = workspace.collections.all()
    assert {c.title for c in made} == {"shared", *(f"mine {n}" for n in range(8))}
    shared = workspace.collections.get("shared")
    assert shared.data_hashes() == [f"u{n}" for n in range(8)]
    assert len(shared.changes) == 16
    assert workspace.data.filter("in collection 'shared'").count() == 8
