"""`python -m tests.crash.lake_driver FOLDER EVERY`: kill the export of a lake at its durable steps, and do it again.

A process of its own, for the reason that `driver` gives. The tables come in pieces of nine rows. What it has found goes
to standard output, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa  # noqa: F401 - what every fork needs is imported once

import metaquery
from metaquery.engines import lake
from metaquery.lake import open_lake
from metaquery.lake_manifest import TABLES
from metaquery.language import parse

from .steps import KILLED, Steps, forked
from .world import filed

lake._ROWS, lake._SAMPLED = 1, 9

PARTS = 2


def prepared(root: Path) -> None:
    """Make a workspace of forty units, with a Collection and a tag."""
    filed(root)
    workspace = metaquery.open(root, threads=1)
    workspace.data.filter("n < 30").collect("Low")
    workspace.collections.make("seen", workspace.data.filter("seen or n = 3").selection(), kind="tag")


def export(root: Path, to: Path) -> int:
    """Do what is killed; return how many files there were."""
    return metaquery.open(root, threads=1).export_lake(to, parts=PARTS).found


def digest(to: Path) -> str:
    """Return a number for all rows of a lake."""
    opened = open_lake(to, threads=1)
    told = hashlib.blake2b(digest_size=16)
    for name in TABLES:
        columns = ", ".join('"' + column["column"] + '"' for column in opened.manifest.tables[name].columns)
        told.update(repr(sorted(map(repr, opened.data.engine.rows(f"SELECT {columns} FROM {name}", ())))).encode())
    return told.hexdigest()


def inodes(folder: Path) -> dict[str, int]:
    """Return the files of tables that are there, each by the number that it has as long as nobody writes it again."""
    return {str(file.relative_to(folder)): file.stat().st_ino for file in folder.glob("*/part-*.parquet")}


class Trial:
    """An export of one workspace, to directories of their own."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.root = scratch / "workspace"
        forked(lambda: prepared(self.root))
        self.truth: str = forked(lambda: (export(self.root, scratch / "truth"), digest(scratch / "truth"))[1])

    def points(self) -> list[bool]:
        """Return of each durable step whether it can be torn."""

        def count() -> list[bool]:
            steps = Steps()
            export(self.root, self.scratch / "counted")
            return steps.tearable

        found: list[bool] = forked(count)
        return found

    def kill(self, at: int, *, torn: bool) -> list[str]:
        """Kill the export at a step; return what is wrong afterwards, and after it is run again."""
        home = self.scratch / f"{at}-{torn}"
        home.mkdir()
        to, beside = home / "lake", home / ".lake.metaquery-lake"

        def work() -> None:
            Steps(at, torn=torn)
            export(self.root, to)

        assert forked(work) is KILLED
        wrong = []
        if to.exists() and forked(lambda: digest(to)) != self.truth:
            wrong.append("what is there is not all of it")
        done = beside / ".state" / "done.jsonl"
        noted = _noted(done.read_text()) if done.exists() else set()
        before = {name: inode for name, inode in inodes(beside).items() if name in noted}
        found, now = forked(lambda: [export(self.root, to), digest(to)])
        if now != self.truth:
            wrong.append("the next run does not come to what there is")
        if before and (found < len(before) or not before.items() <= inodes(to).items()):
            wrong.append("the next run writes again what was finished")
        wrong += [f"the next run leaves {file.name}" for file in home.iterdir() if file != to]
        wrong += [f"the next run leaves {file.name} in it" for file in to.iterdir() if file.name.startswith(".")]
        shutil.rmtree(home)
        return [f"step {at}{', torn' if torn else ''}: {what}" for what in wrong]


def _noted(text: str) -> set[str]:
    """Return the files of the pieces that the journal has."""
    noted: set[str] = set()
    for line in text.splitlines():
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:  # the kill tore it
            continue
        if entry["step"] == "piece":
            noted.update(f"{entry['piece'].split()[0]}/{name}" for name, *_ in entry["files"])
    return noted


def main() -> None:
    """Read what to do from the command line."""
    scratch, every = sys.argv[1:]
    parse("true")  # the grammar is read once, too
    trial = Trial(Path(scratch))
    points = [(at, torn) for at, tearable in enumerate(trial.points()) for torn in sorted({False, tearable})]
    chosen = points[:: int(every)]
    wrong = [what for at, torn in chosen for what in trial.kill(at, torn=torn)]
    print(json.dumps({"points": len(chosen), "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
