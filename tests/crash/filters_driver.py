"""`python -m tests.crash.filters_driver`: kill changes of several saved filters at each of their durable steps.

A process of its own, for the reason that `driver` gives. What it has found goes to standard output, as JSON: for each
job how many places there are, and what was wrong; and what is there after processes that change at once.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metaquery.language import parse
from metaquery.saved_filters import SavedFilters, importing, renaming  # what every fork needs is imported once
from metaquery.store.layout import Layout

from .steps import KILLED, Steps, forked

__all__ = ["JOBS", "importing", "renaming"]

JOBS: dict[str, Callable[[SavedFilters, Path], object]] = {
    "rename": lambda filters, _: filters.rename("night", "dusk", "data"),
    "import": lambda filters, team: filters.import_from(team, replace=True),
}


def state(root: Path) -> list[Any]:
    """Return what users see."""
    return [[f.relation, f.name, f.text] for f in SavedFilters(Layout(root)).all()]


def trial(job: str, before: Path, team: Path, scratch: Path) -> tuple[int, list[str]]:
    """Kill a job at each place, and return how many there are, and what was wrong."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(before, scratch / name))

    def count() -> list[bool]:
        root, steps = copy("counted"), Steps()
        JOBS[job](SavedFilters(Layout(root)), team)
        return steps.tearable

    tearable = forked(count)
    allowed = [state(before), state(scratch / "counted")]
    wrong = []
    for at, torn in ((at, torn) for at, may in enumerate(tearable) for torn in sorted({False, may})):
        root = copy(f"{at}-{torn}")

        def killed(root: Path = root, at: int = at, torn: bool = torn) -> None:
            Steps(at, torn=torn)
            JOBS[job](SavedFilters(Layout(root)), team)

        assert forked(killed) is KILLED
        found = state(root)
        if found not in allowed:
            wrong.append(f"{job}, step {at}, torn {torn}: neither the old nor the new")
        SavedFilters(Layout(root)).save("next", "data", "true")
        if [entry for entry in state(root) if entry[1] != "next"] != found:
            wrong.append(f"{job}, step {at}, torn {torn}: the next change changes more")
        left = [file.name for file in Layout(root).filters.rglob("*") if file.is_file() and file.suffix != ".filter"]
        if left != [".lock"]:
            wrong.append(f"{job}, step {at}, torn {torn}: the next change leaves {left}")
        shutil.rmtree(root)
    shutil.rmtree(scratch / "counted")
    return len(tearable), wrong


def change(root: Path, number: int) -> None:
    """Save a filter, one that names it, and give the first another name."""
    filters = SavedFilters(Layout(root))
    filters.save(f"own {number}", "data", "dark")
    filters.save(f"user {number}", "data", f'@"own {number}"')
    filters.rename(f"own {number}", f"mine {number}", "data")


def main() -> None:
    """Read where to work from the command line."""
    scratch = Path(sys.argv[1])
    parse("true")
    before, team = scratch / "before", scratch / "team"
    for name, text in {"night": "dark", "a": "@night", "b": "not @night"}.items():
        SavedFilters(Layout(before)).save(name, "data", text)
    for name, text in {"night": "not dark", "c": "@night", "b": "@c"}.items():
        SavedFilters(Layout(team)).save(name, "data", text)
    found = {job: trial(job, before, Layout(team).filters, scratch) for job in JOBS}
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.starmap(change, [(scratch / "shared", number) for number in range(8)])
    wrong = [what for _, told in found.values() for what in told]
    points = {job: count for job, (count, _) in found.items()}
    print(json.dumps({"points": points, "wrong": wrong, "shared": state(scratch / "shared")}))  # noqa: T201


if __name__ == "__main__":
    main()
