"""The workspace that tests in a browser look at: made of files, with some of what people have in their data."""

from __future__ import annotations

import json
from pathlib import Path

import metaquery
from tests.unit.python_workspace import KEYS, annotation

UNITS = 3000
HOSTILE = "<img src=x onerror=\"window.hit = 'title'\">"
SCRIPT = "</script><script>window.hit = 'script'</script>"
CITIES = ("Oslo", "Paris", "Rome", SCRIPT, "L'Aquila")


def unit(n: int) -> dict[str, object]:
    """Return the n-th: a seventh without a speed, one with a hostile title, one with a text for a number."""
    known = {"city": CITIES[n % 5], "dark": n % 2 == 0, "captured_at": f"20{20 + n % 5}-0{1 + n % 9}-01"}
    metadata = known | ({} if n % 7 == 0 else {"speed": "fast" if n == 8 else n % 100})
    return {
        "data_hash": f"u{n}",
        "title": HOSTILE if n == 1 else f"scene {n:05}.jpg",
        "data_type": "image",
        "dataset_hash": "d1",
        "dataset_title": "Made",
        "client_metadata": metadata,
    }


def publish(home: Path, units: int) -> None:
    """Publish a snapshot of so many units."""
    rows = {
        "units": [unit(n) for n in range(units)],
        "labels": [annotation(f"u{n}", f"l{n}", SCRIPT if n == 1 else "car") for n in range(40)],
        "predictions": [annotation(f"u{n}", f"p{n}", "car", confidence=n / 40) for n in range(40)],
    }
    for name, each in rows.items():
        (home / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in each), encoding="utf-8")
    metaquery.open(home).sync_files(**{name: home / f"{name}.ndjson" for name in rows}, schema=KEYS)
