"""`python -m tests.crash.reader WORKSPACE HOW`: ask one question after the other until standard input ends.

What was answered goes to standard output, as JSON: how often, and each answer that there was, with its snapshot's id.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import metaquery
from metaquery.moment import Moment
from metaquery.workspace import Workspace

__all__ = ["HOW", "answer"]


def answer(of: Workspace | Moment) -> list[Any]:
    """Ask for the same in several ways; return the snapshot's id and what it says."""
    data = of.data
    number = data.snapshot.id
    rows = data.select("data_hash", "balance", "added").to_arrow()
    counts = data.snapshot.counts
    bars = data.facets("added")["added"].bars
    balances, added = rows.column("balance").to_pylist(), rows.column("added").to_pylist()
    assert data.count() == rows.num_rows == counts.data == sum(bar.rows for bar in bars)
    for bar in bars:
        if bar.kind in {"value", "bin"}:
            assert bar.rows == sum(bar.value <= each and (bar.end is None or each < bar.end) for each in added)
    assert data.filter("any label (class = 'car')").count() == counts.labels
    assert data.filter("balance > 0").counts().total == counts.data
    return [number, counts.data, counts.labels, int(sum(balances)), int(max(added))]


def _newest(workspace: Workspace) -> list[Any]:
    return answer(workspace)


def _opened_anew(workspace: Workspace) -> list[Any]:
    return answer(metaquery.open(workspace.layout.root, threads=1))


def _first(workspace: Workspace) -> list[Any]:
    """Its file is swept after every sync, and made again for whoever asks."""
    return answer(workspace.as_of(workspace.history.log()[-1].snapshot.id))


def _third_newest(workspace: Workspace) -> list[Any]:
    """Its file is swept at about this time."""
    log = workspace.history.log(3)
    return answer(workspace.as_of(log[-1].snapshot.id))


HOW = {"newest": _newest, "opened anew": _opened_anew, "first": _first, "third newest": _third_newest}


def main() -> None:
    """Answer until told to stop."""
    root, how = sys.argv[1:]
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    workspace = metaquery.open(root, threads=1)
    asked, found = 0, {}
    while not stop.is_set():
        given = HOW[how](workspace)
        found[json.dumps(given)] = given
        asked += 1
        if asked == 1:
            print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    print(json.dumps({"asked": asked, "answers": list(found.values())}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
