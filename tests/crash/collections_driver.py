"""`python -m tests.crash.collections_driver`: kill each change of Collections at each of its durable steps.

A process of its own, for the reason that `driver` gives. What it has found goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import metaquery
import metaquery.collection.evaluation
import metaquery.collection.sets
import metaquery.engines.duckdb  # what every fork needs is imported once, and the grammar is read
from metaquery.collection.ids import read_ids
from metaquery.language import parse
from metaquery.schema import DATA
from metaquery.store.layout import Layout

from .steps import KILLED, Steps, forked

__all__ = ["JOBS", "trial"]


def _new(workspace: metaquery.Workspace, **more: Any) -> object:
    return workspace.data.filter("n < 4").collect(more.pop("title", "new"), **more)


JOBS: dict[str, Callable[[metaquery.Workspace], object]] = {
    "new": _new,
    "new live": lambda w: _new(w, live=True),
    "new of ids": lambda w: w.collections.make("new", w.collections.newest.of_ids(read_ids(["u1"], DATA), DATA)),
    "replace": lambda w: _new(w, title="static", replacing=True),
    "replace by live": lambda w: _new(w, title="static", live=True, replacing=True),
    "add": lambda w: w.collections.add("static", w.data.filter("n > 7").selection()),
    "remove": lambda w: w.collections.remove("static", w.data.filter("n = 1").selection()),
    "rename": lambda w: w.collections.rename("static", "renamed"),
    "describe": lambda w: w.collections.describe("static", "what for"),
    "freeze": lambda w: w.collections.freeze("live"),
    "delete": lambda w: w.collections.delete("alone"),
    "restore": lambda w: w.collections.restore("gone"),
}


def state(root: Path) -> list[Any]:
    """Return all that users see of the Collections, and of what can be restored."""
    collections = metaquery.open(root).collections
    there = [[c.title, c.kind, c.description, c.evaluated().data_hashes()] for c in collections.records()]
    gone = [[c.title, pq.read_table(c.path).num_rows] for c in collections.deleted()]
    return [sorted(there), sorted(gone)]


def strays(root: Path) -> list[str]:
    """Return the files that no Collection needs."""
    folder = Layout(root).collections
    collections = metaquery.open(root).collections
    kept = [*collections.records(), *collections.deleted()]
    needed = {folder / ".lock", *(c.path for c in kept), *(folder / f"{c.id}.json" for c in collections.records())}
    needed |= {folder / "deleted" / f"{c.id}.json" for c in collections.deleted()}
    live = {c.id for c in collections.records() if c.live}
    files = {file for file in folder.rglob("*") if file.is_file()}
    return sorted(
        str(file.relative_to(folder))
        for file in files - needed
        if not (file.parent == folder / "live" and file.name[:36] in live)
    )


def prepared(root: Path) -> None:
    """Make a workspace with one Collection of each kind, and one that was deleted."""
    rows = [{"data_hash": f"u{n}", "client_metadata": {"n": n}} for n in range(10)]
    (root / "units.ndjson").write_text("\n".join(map(json.dumps, rows)))
    workspace = metaquery.open(root)
    workspace.sync_files(units=root / "units.ndjson", schema={"n": "number"})
    data = workspace.data
    data.filter("n < 5").collect("static")
    data.filter("n > 2 and in collection 'static'").collect("live", live=True)
    for title in ("alone", "gone", "other"):
        data.filter("n = 3").collect(title)
    workspace.collections.delete("gone")
    workspace.collections.make("tag", data.filter("n = 0").selection(), kind="tag")


def trial(job: str, before: Path, scratch: Path, *, every: int = 1) -> tuple[int, list[str]]:
    """Kill a job at each place, or every so many, and return how many there are, and what was wrong."""
    work = JOBS[job]

    def copy(name: str) -> Path:
        return Path(shutil.copytree(before, scratch / name))

    def count() -> list[tuple[int, bool]]:
        root = copy("counted")
        steps = Steps()
        work(metaquery.open(root))
        return steps.last()

    points = forked(count)
    allowed = [forked(lambda: state(before)), forked(lambda: state(scratch / "counted"))]
    wrong = []
    for at, torn in [(at, torn) for at, tearable in points for torn in sorted({False, tearable})][::every]:
        root = copy(f"{at}-{torn}")

        def killed(root: Path = root, at: int = at, torn: bool = torn) -> None:
            Steps(at, torn=torn)
            work(metaquery.open(root))

        def looked(root: Path = root) -> tuple[list[Any], list[str]]:
            found = state(root)
            metaquery.open(root).collections.describe("other", "next")
            return found, strays(root)

        assert forked(killed) is KILLED
        found, left = forked(looked)
        if found not in allowed:
            wrong.append(f"{job}, step {at}, torn {torn}: neither the old nor the new")
        wrong += [f"{job}, step {at}: the next change leaves {name}" for name in left]
        shutil.rmtree(root)
    shutil.rmtree(scratch / "counted")
    return len(points), wrong


def main() -> None:
    """Read where to work, and which of the places to take, from the command line."""
    scratch, every = Path(sys.argv[1]), int(sys.argv[2])
    parse("true")
    before = scratch / "before"
    before.mkdir()
    forked(lambda: prepared(before))
    found = {job: trial(job, before, scratch, every=every) for job in JOBS}
    wrong = [what for _, told in found.values() for what in told]
    print(json.dumps({"points": {job: points for job, (points, _) in found.items()}, "wrong": wrong}))  # noqa: T201


if __name__ == "__main__":
    main()
