"""Client metadata of many units written to a loopback sandbox, against bare httpx with the very same requests.

Ours: `plan.apply()` until everything is written and read back: the whole plan journalled, then each batch read,
compared, journalled, written, read again, compared, spooled. Typing the values and publishing the snapshot come after:
`bench_store` measures those.

By hand: the requests that it sent, byte for byte, signatures and all, from as many threads, in the same order; nothing
is looked at or kept. In turn, in the same run. Target: at least 0.8 of its speed.
`python -m benchmarks.bench_edits --units 100000`
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx

import metaquery
from metaquery.sandbox import start

_SHARE = 0.8


class Took(NamedTuple):
    """Seconds by the clock, and of this process' processor, user and system; the server has its own."""

    clock: float
    processor: float

    @classmethod
    def since(cls, began: Took) -> Took:
        """Return what has passed."""
        return cls(time.perf_counter() - began.clock, time.process_time() - began.processor)

    @classmethod
    def now(cls) -> Took:
        """Return where both stand."""
        return cls(time.perf_counter(), time.process_time())

    @classmethod
    def median(cls, all_: list[Took]) -> Took:
        """Return the medians of both."""
        return cls(statistics.median(t.clock for t in all_), statistics.median(t.processor for t in all_))


def by_hand(requests: list[httpx.Request], connections: int) -> Took:
    """Send requests again; return what it took."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    with httpx.Client(limits=limits, trust_env=False, timeout=60) as client:

        def send(request: httpx.Request) -> None:
            headers = {name: value for name, value in request.headers.items() if name != "host"}
            client.request(request.method, request.url, content=request.content, headers=headers).raise_for_status()

        began = Took.now()
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(send, requests))
        return Took.since(began)


def main() -> int:
    """Measure, print the table, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ours: list[Took] = []
    theirs: list[Took] = []
    whole: list[Took] = []
    sent: list[httpx.Request] = []
    send = httpx.Client.send

    def recording(client: httpx.Client, request: httpx.Request, **how: object) -> httpx.Response:
        sent.append(request)
        return send(client, request, **how)

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with start(units=options.units, key_out=home / "key", with_schema=True) as server:
            workspace = metaquery.open(home)
            workspace.connect(server.url, key_file=server.key_file)
            with workspace.client() as client:
                workspace.sync(datasets=[dataset.dataset_hash for dataset in client.datasets()])
            for run in range(options.runs):
                plan = workspace.metadata.set({"round": run}, where="true")
                sent.clear()
                read: list[Took] = []
                httpx.Client.send = recording  # type: ignore[method-assign]
                began = Took.now()
                report = plan.apply(
                    stage=lambda words, at=read, of=began: at.append(Took.since(of)) if "typing" in words else None
                )
                whole.append(Took.since(began))
                httpx.Client.send = send  # type: ignore[method-assign]
                ours.append(read[0])
                assert (report.written, report.complete) == (options.units, True)
                theirs.append(by_hand(list(sent), workspace.settings.connections))
    mine, hand, with_snapshot = Took.median(ours), Took.median(theirs), Took.median(whole)
    share = hand.clock / mine.clock
    print(f"{options.units:,} units, {len(sent):,} requests")
    for name, took in (("metaquery", mine), ("bare httpx", hand), ("with the snapshot", with_snapshot)):
        print(f"{name:18} {took.clock:6.2f} s   {took.processor:6.2f} s of processor")
    print(
        f"{options.units / mine.clock:,.0f} units/s, {share:.2f} of the speed of bare httpx, limit {_SHARE}   "
        f"{'ok' if share >= _SHARE else 'MISSED'}"
    )
    return 0 if share >= _SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
