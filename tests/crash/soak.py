"""`python -m tests.crash.soak [ROUNDS]`: kill syncs at random moments, and each job at every place (minutes)."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic

import metaquery
from metaquery.sandbox import start

from .driven import driven
from .driver import JOBS, Trial, after_kill
from .push_driver import trials
from .state import digest
from .steps import forked, kill_after
from .world import Server, filed


def moments(server: Server, home: Path, rounds: int) -> list[str]:
    """Kill a sync at a random moment after each edit; return what was wrong."""
    dice = Random(rounds)  # noqa: S311 - repeatable on purpose
    root, wrong = home / "moments", []
    root.mkdir()
    job = JOBS["second sync"]
    forked(lambda: job(server, root))
    for number in range(rounds):
        before = forked(lambda: digest(root))
        server.edit(dice)
        fresh = home / f"fresh-{number}"
        fresh.mkdir()
        after = forked(lambda fresh=fresh: (job(server, fresh), digest(fresh))[1])
        forked(lambda: (kill_after(dice.uniform(0, 1)), job(server, root))[1])
        wrong += [f"round {number}: {what}" for what in after_kill(server, root, {before, after}, job)]
    return wrong


def pruned(server: Server, home: Path) -> list[str]:
    """Kill a prune at each step, in a process of its own; return what was wrong."""
    scratch = home / "pruned"
    scratch.mkdir()
    found = driven("prune_driver", server.url, server.key_file, scratch, "1")
    return [f"prune, {what}" for what in found["wrong"]]


def apart(driver: str, home: Path) -> list[str]:
    """Have a driver kill at every place, in a process of its own and a folder of its own; return what was wrong."""
    scratch = home / driver
    scratch.mkdir()
    found: list[str] = driven(driver, scratch, "1")["wrong"]
    return found


def jobs(server: Server, home: Path, synced: Path) -> Iterator[tuple[str, list[str]]]:
    """Kill each job at every place, whole and torn; give its name and what was wrong."""
    server.edit(Random(0))  # noqa: S311 - repeatable on purpose
    forked(lambda: filed(home / "filed"))
    for job in JOBS:
        before = home / "filed" if job == "file sync" else synced
        trial = Trial(server, job, before, home / job.replace(" ", "-"))
        yield job, [f"{job}, {what}" for at, torn in trial.points() for what in trial.kill(at, torn=torn)]
        yield f"{job}, typing", [f"{job}, {what}" for found in trial.kill_typings(1) for what in found]


def parts(home: Path, rounds: int) -> Iterator[tuple[str, list[str]]]:
    """Do everything, one part after the other; give its name and what was wrong."""
    with start(units=24, key_out=home / "key", with_schema=True) as process:
        server = Server(process.url, process.key_file)
        synced = home / "moments"
        yield f"{rounds} random moments", moments(server, home, rounds)
        yield from jobs(server, home, synced)
        forked(lambda: metaquery.open(synced).connect(process.url, key_file=process.key_file).domain)
        yield "push", trials(server, synced, home)[1]
        yield "prune", pruned(server, home)
    for driver in ("edit_driver", "server_driver", "collections_driver", "lake_driver"):
        yield driver, apart(driver, home)


def main() -> None:
    """Run, say after each part what it took, and exit with 1 where anything was wrong."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        began = monotonic()
        for part, found in parts(Path(folder), rounds):
            told = f"{part}: {len(found) or 'nothing'} wrong after {monotonic() - began:,.0f} s"
            print("\n".join([told, *found]), flush=True)  # noqa: T201 - its answer
            wrong += found
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
