"""`python -m tests.crash.soak [ROUNDS]`: kill syncs at random moments, and each job at every place (minutes)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

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


def edited(home: Path) -> list[str]:
    """Kill an edit of client metadata at each place, in a process of its own; return what was wrong."""
    scratch = home / "edited"
    scratch.mkdir()
    return [f"edit, {what}" for what in driven("edit_driver", scratch, "1")["wrong"]]


def main() -> None:
    """Run, and exit with 1 where anything was wrong."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with start(units=24, key_out=home / "key", with_schema=True) as process:
            server = Server(process.url, process.key_file)
            wrong = moments(server, home, rounds)
            synced = home / "moments"
            server.edit(Random(0))  # noqa: S311 - repeatable on purpose
            forked(lambda: filed(home / "filed"))
            for job in JOBS:
                before = home / "filed" if job == "file sync" else synced
                trial = Trial(server, job, before, home / job.replace(" ", "-"))
                wrong += [f"{job}, {what}" for at, torn in trial.points() for what in trial.kill(at, torn=torn)]
            forked(lambda: metaquery.open(synced).connect(process.url, key_file=process.key_file).domain)
            wrong += trials(server, synced, home)[1]
            wrong += pruned(server, home)
        wrong += edited(home)
        (home / "collections").mkdir()
        wrong += driven("collections_driver", home / "collections", "1")["wrong"]
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
