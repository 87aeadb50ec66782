"""Two ways to read an organisation's data units (encord-wire-protocol.md §10.7), against the sandbox, in turn.

*batches*: the index of each dataset's rows without metadata (§4.2), then the rows with it by data hash (§4.3), four
requests in flight: what `EncordSource` does, by the same calls.

*pages*: the items of the folder by page, metadata included (§5.2), joined to the rows of each dataset's index by their
item. A page is asked for by the token in the one before, so one request is in flight; the indexes come beside them.

Both read 1,000 rows a request, and that they found the same metadata for the same units is checked. Each is measured in
a process of its own, once with the server's answers at once and once with each of them later by a fifth of a second, as
over a long line. There is no target: this is what the choice in `docs/architecture.md` rests on.
`python -m benchmarks.bench_reading --units 20000`
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from benchmarks.apart import apart, spending
from metaquery.sandbox import start
from metaquery.wire import EncordClient, PrivateKey, RetryPolicy
from metaquery.wire.addresses import path
from metaquery.wire.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONNECTIONS, _ROWS = 4, 1_000
_LATE_S = 0.2


class _Counted(httpx.BaseTransport):
    """The network, with requests and the bytes of bodies as they came counted."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        self._network = httpx.HTTPTransport(limits=limits)
        self.requests = 0
        self.bytes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._network.handle_request(request)
        self.requests += 1
        response.stream = _CountedBody(response.stream, self)
        return response

    def close(self) -> None:
        self._network.close()


class _CountedBody(httpx.SyncByteStream):
    def __init__(self, body: Any, counted: _Counted) -> None:
        self._body = body
        self._counted = counted

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._counted.bytes += len(piece)
            yield piece

    def close(self) -> None:
        self._body.close()


class _Row(msgspec.Struct):
    data_hash: str
    client_metadata: msgspec.Raw


class _Item(msgspec.Struct, gc=False):
    uuid: str
    metadata: str = msgspec.field(name="clientMetadata")


def by_batches(client: EncordClient, _: Transport, __: str) -> Callable[[], dict[str, Any]]:
    """Read indexes, then rows; return what gives metadata by data hash, for the check."""
    wanted = [
        (dataset.dataset_hash, index[at : at + _ROWS])
        for dataset in client.datasets()
        if (index := client.row_index(dataset.dataset_hash))
        for at in range(0, len(index), _ROWS)
    ]
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        pages = list(pool.map(lambda batch: client.data_rows(*batch).body, wanted))
    return lambda: {
        row.data_hash: json.loads(bytes(row.client_metadata))
        for body in pages
        for row in msgspec.json.decode(body, type=list[_Row])
    }


def by_pages(client: EncordClient, transport: Transport, folder: str) -> Callable[[], dict[str, Any]]:
    """Read the folder's items and, beside them, indexes; return what gives metadata by data hash, for the check."""
    query = {"isRecursive": True, "order": "createdAt", "pageSize": _ROWS, "includeClientMetadata": True}
    with ThreadPoolExecutor(1) as pool:
        indexes = pool.submit(
            lambda: [row for dataset in client.datasets() for row in client.backed_rows(dataset.dataset_hash)]
        )
        where, read = path("storage", "folders", folder, "items"), msgspec.json.Decoder(list[_Item]).decode
        pages = transport.pages("reading items", where, read, query)
        texts = {item.uuid: item.metadata for page in pages for item in page}
        found = {row.data_hash: texts[row.item_uuid or ""] for row in indexes.result()}
    return lambda: {name: json.loads(text) for name, text in found.items()}


_WAYS = {"batches": by_batches, "pages": by_pages}


def measured(way: str, url: str, key: Path, folder: str) -> dict[str, Any]:
    """Read once, in this process."""
    network = _Counted()
    known = PrivateKey.from_file(key)
    transport = Transport(
        known, domain=url, retry=RetryPolicy(), timeout_s=60, connections=_CONNECTIONS, transport=network
    )
    with EncordClient(known, domain=url, transport=network) as client:
        client.check()  # connected, and everything imported
        network.requests = network.bytes = 0
        with spending() as spent:
            answer = _WAYS[way](client, transport, folder)
    text = json.dumps(answer(), sort_keys=True).encode()
    digest = hashlib.blake2b(text).hexdigest()
    return {**spent, "requests": network.requests, "bytes": network.bytes, "digest": digest}


def _runs(url: str, key: Path, runs: int) -> bool:
    with EncordClient(PrivateKey.from_file(key), domain=url) as client:
        dataset = client.datasets()[0].dataset_hash
        item = client.backed_rows(dataset)[0].item_uuid or ""
        folder = client.item_folders([item])[item] or ""
    same = True
    for late in (0.0, _LATE_S):
        rules = [{"match": "/public", "kind": "delay", "delay_s": late}] if late else []
        httpx.post(f"{url}/sandbox/faults", json={"rules": rules}, trust_env=False).raise_for_status()
        results: dict[str, list[dict[str, Any]]] = {way: [] for way in _WAYS}
        for _ in range(runs):
            for way, done in results.items():
                done.append(apart("bench_reading", "--one", way, url, str(key), folder))
        for way, done in results.items():
            median = {name: statistics.median(run[name] for run in done) for name in done[0] if name != "digest"}
            print(
                f"{way:<8} answers {late * 1000:3.0f} ms late   {median['requests']:4.0f} requests   "
                f"{median['bytes'] / 1e6:6.2f} MB   {median['seconds']:6.2f} s   "
                f"{median['processor']:5.2f} s of processor   peak {median['peak']:4.0f} MB",
                flush=True,
            )
        same &= len({run["digest"] for done in results.values() for run in done}) == 1
    return same


def main() -> int:
    """Run both ways, and return 1 where they did not find the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", nargs=4, metavar=("WAY", "URL", "KEY", "FOLDER"), help="one way, in this process")
    options = parser.parse_args()
    if options.one:
        way, url, key, folder = options.one
        print(json.dumps(measured(way, url, Path(key), folder)))
        return 0
    with tempfile.TemporaryDirectory() as home, start(units=options.units, key_out=Path(home) / "key") as server:
        same = _runs(server.url, server.key_file, options.runs)
    print(f"{options.units:,} units; {'both found the same' if same else 'they did NOT find the same'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
