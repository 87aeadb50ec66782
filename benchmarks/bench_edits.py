"""Client metadata of many units written to a loopback sandbox, against bare httpx with the very same requests.

Ours: `plan.apply()` until everything is written and read back: each batch read, compared, journalled, written, read
again, compared, spooled. Typing the values and publishing the snapshot come after; `bench_store` measures those.

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

import httpx

import metaquery
from metaquery.sandbox import start

_SHARE = 0.8


def by_hand(requests: list[httpx.Request], connections: int) -> float:
    """Send requests again; return the seconds that it took."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    with httpx.Client(limits=limits, trust_env=False, timeout=60) as client:

        def send(request: httpx.Request) -> None:
            headers = {name: value for name, value in request.headers.items() if name != "host"}
            client.request(request.method, request.url, content=request.content, headers=headers).raise_for_status()

        began = time.perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(send, requests))
        return time.perf_counter() - began


def main() -> int:
    """Measure, print the table, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ours, theirs, whole = [], [], []
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
                read: list[float] = []
                httpx.Client.send = recording  # type: ignore[method-assign]
                began = time.perf_counter()
                report = plan.apply(
                    stage=lambda words, at=read: at.append(time.perf_counter()) if "typing" in words else None
                )
                whole.append(time.perf_counter() - began)
                httpx.Client.send = send  # type: ignore[method-assign]
                ours.append(read[0] - began)
                assert (report.written, report.complete) == (options.units, True)
                theirs.append(by_hand(list(sent), workspace.settings.connections))
    mine, hand = statistics.median(ours), statistics.median(theirs)
    share = hand / mine
    print(
        f"{options.units:,} units, {len(sent):,} requests   "
        f"metaquery {mine:6.2f} s ({options.units / mine:,.0f} units/s, "
        f"with the snapshot {statistics.median(whole):.2f} s)   bare httpx {hand:6.2f} s   {share:.2f} of its speed   "
        f"{'ok' if share >= _SHARE else 'MISSED'}"
    )
    return 0 if share >= _SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
