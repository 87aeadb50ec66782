"""A first sync of an organisation's data units from the sandbox, against the two things that it cannot do without.

*download*: the very requests of that sync, written down while it ran, sent again by httpx from four threads, and their
answers thrown away. *typed load*: `materialise` over the pages that the sync left, which `bench_store.py` holds against
hand-written SQL. Target: a sync takes at most 1.3 times the longer of the two, plus 1 s.

Each is measured in a process of its own, in turn. The sandbox is a process as well, on the same cores; how much of a
processor it took while it answered is shown, as it is what limits a download where that is near 100 %.
`python -m benchmarks.bench_sync --units 200000`
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from benchmarks.apart import apart, spending
from metaquery.sandbox import start
from metaquery.schema import MetadataSchema
from metaquery.settings import Settings
from metaquery.sources import Scope
from metaquery.sources.encord import EncordSource
from metaquery.store.history import chain_of
from metaquery.store.layout import Layout
from metaquery.store.materialise import materialise
from metaquery.store.snapshot import Snapshot
from metaquery.sync import sync
from metaquery.wire import EncordClient, PrivateKey

_CONNECTIONS = 4
_RATIO, _BEYOND_S = 1.3, 1.0
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class _Recorded(httpx.HTTPTransport):
    """The network, with each request written down."""

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS))
        self.requests: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = base64.b64encode(request.read()).decode()
        self.requests.append(
            {
                "method": request.method,
                "url": str(request.url),
                "headers": dict(request.headers),
                "content": content,
            }
        )
        return super().handle_request(request)


def _sync(url: str, home: Path) -> None:
    network = _Recorded()
    with EncordClient(PrivateKey.from_file(home / "key"), domain=url, transport=network) as client:
        held = client.metadata_schema()
        report = sync(
            EncordSource(client, page_rows=1_000, connections=_CONNECTIONS),
            Scope((), tuple(dataset.dataset_hash for dataset in client.datasets())),
            Layout(home / "workspace"),
            metadata_schema=MetadataSchema.from_json(held) if held is not None else None,
            settings=Settings.read(),
        )
    (home / "requests.json").write_text(json.dumps(network.requests))
    print(f"{report.snapshot.counts.data:,} data units", file=sys.stderr)


def _download(_: str, home: Path) -> None:
    requests = json.loads((home / "requests.json").read_text())
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    with httpx.Client(limits=limits, timeout=120, trust_env=False) as client:

        def fetched(request: dict[str, Any]) -> int:
            content = base64.b64decode(request["content"])
            answer = client.request(request["method"], request["url"], headers=request["headers"], content=content)
            return len(answer.raise_for_status().content)

        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            print(f"{sum(pool.map(fetched, requests)) / 1e6:,.0f} MB", file=sys.stderr)


def _load(_: str, home: Path) -> None:
    layout = Layout(home / "workspace")
    snapshot = Snapshot.current(layout)
    schema = MetadataSchema.from_json(snapshot.metadata_schema)
    materialise([chain_of(layout, entry) for entry in snapshot.parts], schema, home / "typed.duckdb")
    (home / "typed.duckdb").unlink()


_WAYS = {"sync": _sync, "download": _download, "typed load": _load}


def _one(way: str, url: str, home: Path) -> dict[str, float]:
    if way == "sync":
        shutil.rmtree(home / "workspace", ignore_errors=True)
        (home / "workspace").mkdir()
    with spending() as spent:
        _WAYS[way](url, home)
    return spent


def _used(process: int) -> float:
    """Return the processor seconds of another process so far."""
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) * _TICK_S


def main() -> int:
    """Measure the three in turn, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", nargs=3, metavar=("WAY", "URL", "HOME"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, url, home = options.one
        print(json.dumps(_one(way, url, Path(home))))
        return 0
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in _WAYS}
    with (
        tempfile.TemporaryDirectory() as folder,
        start(units=options.units, key_out=Path(folder) / "key", with_schema=True) as server,
    ):
        for _ in range(options.runs):
            for way, done in runs.items():
                before = _used(server.process.pid)
                spent = apart("bench_sync", "--one", way, server.url, folder)
                done.append({**spent, "sandbox": _used(server.process.pid) - before})
    median = {way: {n: statistics.median(run[n] for run in done) for n in done[0]} for way, done in runs.items()}
    print(f"{options.units:,} units, {options.runs} runs each, medians")
    for way, spent in median.items():
        share = spent["sandbox"] / spent["seconds"]
        print(
            f"{way:<11} {spent['seconds']:7.2f} s   {spent['processor']:6.2f} s of processor   "
            f"peak {spent['peak']:4.0f} MB   the sandbox {spent['sandbox']:6.2f} s of processor, {share:4.0%}"
        )
    bar = max(median["download"]["seconds"], median["typed load"]["seconds"])
    ratio, met = median["sync"]["seconds"] / bar, median["sync"]["seconds"] <= _RATIO * bar + _BEYOND_S
    print(f"sync x{ratio:.2f} the longer, limit x{_RATIO} + {_BEYOND_S:.0f} s   {'ok' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
