"""Spools made by hand, so that the store is tested on bytes and not on a client."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from metaquery.store.spool import Part, Spool

Make = Callable[..., tuple[Part, Spool]]


def data_row(number: int, client_metadata: Any, **other: Any) -> dict[str, Any]:
    """A data row as encord-wire-protocol.md §4.3 has it."""
    return {
        "data_hash": f"d{number}",
        "data_title": f"img_{number}.jpg",
        "data_type": "IMAGE",
        "created_at": "2024-05-01 12:00:06",
        "last_edited_at": "2024-05-01 12:00:03",
        "width": 1280,
        "height": 720,
        "file_size": 123456,
        "frames_per_second": None,
        "duration": None,
        "client_metadata": client_metadata,
        "backing_item_uuid": f"i{number}",
        **other,
    }


@pytest.fixture
def units(tmp_path: Path) -> Make:
    """Spool data units: `units([metadata, …])`, a page each ten."""

    def make(documents: Sequence[Any], *, name: str = "set", **other: Any) -> tuple[Part, Spool]:
        spool = Spool.resume_or_start(tmp_path / "spool" / name)
        rows = [data_row(n, document, **other) for n, document in enumerate(documents)]
        index = [{"data_hash": row["data_hash"], "index": n} for n, row in enumerate(rows)]
        spool.append("index", json.dumps(index).encode(), expected=len(rows))
        for at in range(0, len(rows), 10):
            spool.append("rows", json.dumps(rows[at : at + 10], ensure_ascii=False).encode())
        spool.advance(received=len(rows), position=len(rows), complete=True)
        return Part("units", name, f"Set {name}", (("p", "Project"),)), spool

    return make


@pytest.fixture
def annotations(tmp_path: Path) -> Make:
    """Spool label rows: `annotations([(data hash, branch, data units, answers), …])`."""

    def make(rows: Sequence[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]) -> tuple[Part, Spool]:
        spool = Spool.resume_or_start(tmp_path / "spool" / "labels")
        listed, full = [], []
        for n, (data_hash, branch, data_units, answers) in enumerate(rows):
            named = {"label_hash": f"l{n}", "data_hash": data_hash, "branch_name": branch}
            listed.append({**named, "workflow_graph_node": {"uuid": "w", "title": "Annotate 1"}})
            full.append({**named, "data_units": data_units, "classification_answers": answers})
        listed.append({"label_hash": None, "data_hash": "d9", "branch_name": "main", "workflow_graph_node": None})
        spool.append("label_rows", json.dumps(listed).encode(), expected=len(full))
        spool.append("labels", json.dumps(full).encode(), received=len(full))
        spool.advance(complete=True)
        return Part("labels", "p", "Project"), spool

    return make
