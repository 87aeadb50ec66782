"""The Explorer over a million units, through its socket: what a key press, a click and a scroll cost.

- counts while typing: the filter of each key press, asked one after the other, as the page does. Target: 150 ms for 95
  of 100, and at most 1.25 times the same tally without a server.
- facets of twelve keys, each without its own clauses, against one `GROUPING SETS` pass by hand over the rows that
  match, with every row, with a filter on one of the keys, and with one on two of them that leaves one row in thirty.
  Target: 1.25 times, plus 10 ms for the socket. The one pass does not find what a key in the filter has without its
  clauses; so the ratio to all passes by hand that it takes, one more for each such key, is shown beside, without a
  target.
- a page in the middle of all that match. Target: 100 ms.

Run it with `make bench`, or `python -m benchmarks.bench_explorer --units 100000`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import duckdb
import httpx

from benchmarks.bench_facets import BY_HAND
from benchmarks.compare import compare, milliseconds
from benchmarks.data import generated
from metaquery.explorer import Options
from metaquery.explorer.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    import metaquery

TYPED = "dark = true and captured_at > 2023-01-01 and speed < 50 and city = 'Paris'"
RATIO = 1.25
KEY_PRESS_MS, SCROLL_MS = 150, 100


class Page:
    """A browser's side: asks over one connection that is kept."""

    def __init__(self, workspace: metaquery.Workspace) -> None:
        addresses: SimpleQueue[str] = SimpleQueue()
        self._server = Server.of(workspace, Options(), ready=lambda address, _once: addresses.put(address))
        self._thread = Thread(target=lambda: asyncio.run(self._server.serve(sockets=[self._server.listener])))
        self._thread.start()
        address = httpx.URL(addresses.get())
        headers = {"authorization": f"Bearer {address.params['token']}"}
        self._client = httpx.Client(base_url=address.copy_with(query=None), headers=headers, timeout=120)
        self._snapshot = self.get("state")["snapshot"]["id"]

    def get(self, name: str, **parameters: Any) -> Any:
        """Ask."""
        more = {"snapshot": self._snapshot} if name != "state" else {}
        answer = self._client.get(f"/api/{name}", params={**parameters, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def close(self) -> None:
        """End."""
        self._client.close()
        self._server.stop()
        self._thread.join()


def main() -> int:
    """Measure, print the table, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"making or finding {options.units:,} units …", flush=True)
    workspace = generated(options.units)
    page = Page(workspace)
    try:
        met = [_typed(page), _compared(page, workspace, options.runs), *_scrolled(page, options.units)]
    finally:
        page.close()
    return 0 if all(met) else 1


def _verdict(name: str, found: float, limit: float) -> bool:
    print(f"{name:<44} {found:7.1f} ms   limit {limit:7.1f} ms   {'ok' if found <= limit else 'MISSED'}", flush=True)
    return found <= limit


def _typed(page: Page) -> bool:
    """Ask for the counts of each beginning of a filter that is one."""
    good = [TYPED[:end] for end in range(1, len(TYPED) + 1) if page.get("check", filter=TYPED[:end])["error"] is None]
    took = sorted(milliseconds(lambda text=text: page.get("counts", filter=text)) for text in good * 3)
    return _verdict(f"key press to counts, 95 % of {len(took)}", took[int(len(took) * 0.95) - 1], KEY_PRESS_MS)


def _compared(page: Page, workspace: metaquery.Workspace, runs: int) -> bool:
    """Compare counts with the same tally without a server, and facets with passes by hand."""
    data = workspace.data
    by_hand = duckdb.connect(data.snapshot.path, read_only=True).cursor()
    by_hand.execute("SET TimeZone = 'UTC'")

    def passes(*statements: str) -> Callable[[], None]:
        def run() -> None:
            for each in statements:
                by_hand.execute(f"SELECT count(*) FROM ({each})").fetchall()

        return run

    counted = data.filter("dark and speed < 50")
    met = [
        compare(
            "counts",
            lambda: page.get("counts", filter=counted.canonical),
            counted.counts,
            runs,
            ratio=RATIO,
            margin_ms=20.0,
        ),
    ]
    of_dark, of_city = (f"SELECT {key}, count(*) FROM data {{}} GROUP BY 1" for key in ("dark", "city"))
    cases: dict[str, tuple[str, str, tuple[str, ...]]] = {
        "facets of 12 keys": ("", "", ()),
        "facets, one key in the filter": ("dark", "WHERE dark", (of_dark.format(""),)),
        "facets, two keys in the filter": (
            "dark and city = 'Paris'",
            "WHERE dark AND city = 'Paris'",
            (of_city.format("WHERE dark"), of_dark.format("WHERE city = 'Paris'")),
        ),
    }
    for name, (text, where, more) in cases.items():
        one = BY_HAND.format(where)

        def ours(text: str = text) -> None:
            page.get("facets", filter=text)

        ours()  # what is kept for the next time is kept from here on
        met.append(compare(name, ours, passes(one), runs, ratio=RATIO, margin_ms=10.0))
        if more:
            _beside(f"… to {len(more) + 1} passes by hand", ours, passes(one, *more), runs)
    return all(met)


def _beside(name: str, ours: Callable[[], None], theirs: Callable[[], None], runs: int) -> None:
    """Show a ratio that has no target."""
    took = [(milliseconds(ours), milliseconds(theirs)) for _ in range(runs)]
    mine, hand = (statistics.median(each) for each in zip(*took, strict=True))
    print(f"{name:<30} metaquery {mine:7.1f} ms   by hand {hand:7.1f} ms   x{mine / hand:.2f}", flush=True)


def _scrolled(page: Page, units: int) -> list[bool]:
    met = []
    for order in ("", "captured_at desc", "title"):
        first = milliseconds(lambda order=order: page.get("rows", order=order))
        page.get("rows", order=order, offset=units // 2)  # waits for the order, which is found while the first is read
        middle = [
            milliseconds(lambda place=place, order=order: page.get("rows", order=order, offset=units // 2 + 50 * place))
            for place in range(20)
        ]
        print(f"first page by {order or 'place':<30} {first:7.1f} ms", flush=True)
        met.append(_verdict(f"page in the middle, by {order or 'place'}", statistics.median(middle), SCROLL_MS))
    return met


if __name__ == "__main__":
    sys.exit(main())
