"""What a process of ours costs from its start to its end, against one written by hand, whole processes in turn.

*count*: `metaquery count FILTER`, and the same by the Python API, at a million units: the workspace is opened, the
filter parsed, bound and compiled, the first query run. By hand: the same libraries are imported, the same file is
opened, and the same SQL runs, a text in the source. Target: at most 1.15 times by hand.

*status*, *schema check*, *schema infer*: no target; what they take, and what memory inferring does.

*help*, *version*: at most 1.3 times `import click`. *import*: `import metaquery` at most 3 times bare Python; what it
loads is checked.

Byte code is compiled, as pip leaves it. Processor time is the system's count of each process.
`python -m benchmarks.bench_start --units 1000000 --runs 15`
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.data import generated
from metaquery.language import DUCKDB, count_sql, tally_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery import Workspace

_FILTER = "dark = true and captured_at > 2023-01-01"
_HEAVY = ("click", "prompt_toolkit", "starlette", "httpx", "pyarrow", "duckdb", "lark")
_CLI = "from metaquery.cli import main; main({!r})"
_API = "import metaquery; print(metaquery.open({!r}).data.filter({!r}).count())"
_HAND = """
import {libraries}
connection = duckdb.connect({file!r}, read_only=True)
connection.execute("SET TimeZone = 'UTC'")
print(connection.execute({sql!r}, {parameters!r}).fetchall()[0][0])
"""
_PEAK = """
import metaquery
from benchmarks.apart import peak_mb
metaquery.open({!r}).schema.infer()
print(peak_mb())
"""
_LOADED = "import sys, metaquery; print(*(name for name in {!r} if name in sys.modules))"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Case(NamedTuple):
    """Two programs, and how much longer ours may take; None where there is no target."""

    name: str
    ours: str
    theirs: str
    limit: float | None


class Spent(NamedTuple):
    """Of one process, in milliseconds."""

    clock: float
    processor: float


def _run(program: str) -> Spent:
    """Run a program in a process of its own, its output thrown away."""
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    start = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", program], _ENVIRONMENT, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    clock = time.perf_counter() - start
    assert status == 0, program
    return Spent(clock * 1e3, (used.ru_utime + used.ru_stime) * 1e3)


def _said(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_ENVIRONMENT
    ).stdout


def _cases(workspace: Workspace) -> list[Case]:
    root, view = str(workspace.layout.root), workspace.data.filter(_FILTER)
    held, query = view.snapshot.path, view._query  # noqa: SLF001
    tally, counted = tally_sql(query, DUCKDB).sql, count_sql(query, DUCKDB)
    view.engine.close()

    def by_hand(libraries: str, sql: str, parameters: Sequence[object]) -> str:
        written = [value.isoformat() if isinstance(value, datetime) else value for value in parameters]
        return _HAND.format(libraries=libraries, file=str(held), sql=sql, parameters=written)

    return [
        Case("version", _CLI.format(["--version"]), "import click", 1.3),
        Case("help", _CLI.format(["--help"]), "import click", 1.3),
        Case("import", "import metaquery", "pass", 3.0),
        Case(
            "count, command line",
            _CLI.format(["count", _FILTER, "-w", root]),
            by_hand("click, lark, duckdb", tally.text, tally.params),
            1.15,
        ),
        Case(
            "count, Python",
            _API.format(root, _FILTER),
            by_hand("lark, duckdb", counted.text, counted.params),
            1.15,
        ),
        *(
            Case(" ".join(words), _CLI.format([*words, "-w", root]), "import click", None)
            for words in (["status"], ["schema", "check"], ["schema", "infer"])
        ),
    ]


def _measured(case: Case, runs: int) -> bool:
    """Print what both sides took, and return whether the target is met."""
    mine, hand = [], []
    for program in (case.theirs, case.ours):
        _run(program)
    for _ in range(runs):
        hand.append(_run(case.theirs))
        mine.append(_run(case.ours))
    ratios = []
    for side, spent in (("metaquery", mine), ("by hand", hand)):
        clocks, busy = zip(*spent, strict=True)
        ratios.append((statistics.median(clocks), min(clocks), statistics.median(busy)))
        print(
            f"{case.name:<20} {side:<10} median {ratios[-1][0]:6.1f} ms   least {ratios[-1][1]:6.1f} ms   "
            f"processor {ratios[-1][2]:6.1f} ms"
        )
    median, least, processor = (a / b for a, b in zip(*ratios, strict=True))
    met = case.limit is None or median <= case.limit
    limit = "no target" if case.limit is None else f"limit x{case.limit}   {'ok' if met else 'MISSED'}"
    print(f"{'':<20} x{median:.2f}   least x{least:.2f}   processor x{processor:.2f}   {limit}", flush=True)
    return met


def main() -> int:
    """Measure every case, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--only", help="a case's name")
    options = parser.parse_args()
    os.chdir(Path(__file__).parents[1])  # both sides import from the same places
    workspace = generated(options.units, labelled=False)
    cases = _cases(workspace)
    counted = [case for case in cases if case.limit == 1.15]
    for case in counted:
        ours = _said(case.ours).split()[0].replace(",", "")
        assert ours == _said(case.theirs).strip(), case.name
    loaded = _said(_LOADED.format(_HEAVY)).split()
    print(f"import metaquery loads {', '.join(loaded) or 'none'} of {', '.join(_HEAVY)}")
    print(f"what schema infer does peaks at {float(_said(_PEAK.format(str(workspace.layout.root)))):,.0f} MB")
    met = [_measured(case, options.runs) for case in cases if options.only in {None, case.name}]
    return 0 if all(met) and not loaded else 1


if __name__ == "__main__":
    sys.exit(main())
