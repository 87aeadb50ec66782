"""The small workspace of the tests and examples of the Python face: five data units, two labels, two predictions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import metaquery

if TYPE_CHECKING:
    from pathlib import Path

UNITS = [
    ("u1", "a.jpg", {"city": "Paris", "dark": True, "speed": 20, "frame rate": 25}),
    ("u2", "b.jpg", {"city": "Oslo", "dark": False, "speed": 50, "captured_at": "2023-02-01T10:00:00Z"}),
    ("u3", "c.jpg", {"city": "L'Aquila", "dark": True, "speed": 80, "captured_at": "2023-03-01T10:00:00Z"}),
    ("u4", "<b>d</b>.jpg", {"city": "Paris", "speed": 90}),
    ("u5", "e.jpg", {"dark": False, "photo": "https://example.com/e.jpg"}),
]
KEYS = {
    "city": "string",
    "dark": "boolean",
    "speed": "number",
    "frame rate": "number",
    "captured_at": "datetime",
    "photo": "string",
}


def made(home: Path) -> metaquery.Workspace:
    """Return a workspace that is filled from files: no server, and so cheap."""
    units = [
        {
            "data_hash": i,
            "title": t,
            "data_type": "image",
            "dataset_hash": "d1",
            "dataset_title": "Small",
            "client_metadata": m,
        }
        for i, t, m in UNITS
    ]
    labels = [annotation("u1", "l1", "car"), annotation("u2", "l2", "person")]
    predictions = [annotation("u1", "p1", "car", confidence=0.9), annotation("u3", "p2", "car", confidence=0.2)]
    given = {"units": units, "labels": labels, "predictions": predictions}
    for name, rows in given.items():
        (home / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ws = metaquery.open(home)
    ws.sync_files(**{name: home / f"{name}.ndjson" for name in given}, schema=KEYS)
    return ws


def annotation(unit: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"data_hash": unit, "label_hash": f"row-{unit}", "annotation_id": name, "class": kind, "frame": 0, **more}
