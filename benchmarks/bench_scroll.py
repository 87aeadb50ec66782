"""The Explorer's page in Chromium over a million units: from a jump of the scroll bar to the rows that are drawn there.

The clock is the browser's: it starts where the bar is moved, and stops in the frame after the rows of the new place are
in the page, so that they are painted by then. Each jump goes to rows that were not asked for before. Target: 100 ms
(median), in the store's order and in two that are sorted. How loaded the machine is, is printed. Needs Chromium.

Run it with `make bench`, or `python -m benchmarks.bench_scroll --units 100000`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys

from benchmarks.data import generated
from tests.browser.page import Page, browser, explored, why_no_browser

LIMIT_MS = 100

_JUMP = """
const [share, done] = arguments;
const box = document.getElementById('results'), before = box.querySelector('.laid [role=row]').id;
const began = performance.now();
box.scrollTop = box.scrollHeight * share;
const look = () => {
  const first = box.querySelector('.laid [role=row]');
  if (first.id === before || box.querySelector('.laid .waiting')) return requestAnimationFrame(look);
  requestAnimationFrame(() => done([performance.now() - began, first.id]));
};
requestAnimationFrame(look);
"""


def main() -> int:
    """Measure, print a line an order, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--jumps", type=int, default=30)
    options = parser.parse_args()
    missing = why_no_browser()
    if missing is not None:
        print(f"not measured: {missing}")
        return 0
    print(f"making or finding {options.units:,} units …", flush=True)
    workspace = generated(options.units)
    met = []
    with explored(workspace.layout.root) as address, browser() as driver:
        page = Page(driver, address)
        for order in ("", "captured_at desc", "title"):
            page.open(f"/data?order={order.replace(' ', '%20')}")
            page.matched(options.units)
            page.one("#row-0")
            page.settled()
            took = [
                driver.execute_async_script(_JUMP, share)[0]
                for share in (0.5 + (n - options.jumps / 2) / (3 * options.jumps) for n in range(options.jumps))
            ]
            median, worst = statistics.median(took), sorted(took)[int(len(took) * 0.95)]
            met.append(median <= LIMIT_MS)
            verdict = "ok" if met[-1] else "MISSED"
            load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
            found = f"median {median:6.1f} ms   95 % {worst:6.1f} ms   limit {LIMIT_MS} ms   {verdict}   {load}"
            print(f"jump by {order or 'place':<18} {found}", flush=True)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
