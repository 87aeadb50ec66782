"""What an edit reads back goes into the local snapshot, as far as that still has the units."""

from __future__ import annotations

from pathlib import Path

import msgspec

from metaquery.edits.reading import ReadingBack
from metaquery.edits.rounds import Rounds
from metaquery.sources.comparison import IndexEntry
from metaquery.store.chain import Chain
from metaquery.store.layout import Layout
from metaquery.store.spool import Part, Spool

from .test_writing import Server, record

PART = Part("units", "set", "Set")


def read_back(root: Path, known: list[str], server: Server, old: dict[str, bytes]) -> Spool:
    """Edit units, and return the generation that comes of it, where the snapshot has those known."""
    first = Spool.resume_or_start(root / "units-set")
    index = msgspec.json.encode([IndexEntry(name, place, 7) for place, name in enumerate(known)])
    first.append("index", index, total=len(known), listed_at=5.0, complete=True)
    spool = Spool.resume_or_start(root / "units-set", spare=[first.folder.name])
    with Rounds(server, record(Layout(root), old), force=False, page_rows=10, connections=2) as rounds:
        ReadingBack(rounds, Layout(root)).fill(PART, spool, Chain(PART, (first,)), lambda *_: None)
    return spool


def test_a_unit_that_the_snapshot_lost_meanwhile_is_written_and_not_put_into_it(tmp_path: Path) -> None:
    server = Server({"a": b"{}", "b": b'{"n":1.10}'})
    spool = read_back(tmp_path, ["b"], server, dict(server.documents))
    assert server.documents == {"a": b'{"round":1}', "b": b'{"n":1.10,"round":1}'}
    assert list(spool.bodies("rows")) == [b'[{"data_hash":"b","client_metadata":{"n":1.10,"round":1}}]']
    point = spool.checkpoint
    assert (point.total, point.expected, point.received, point.listed_at, point.complete) == (1, 1, 1, 5.0, True)


def test_an_edit_that_conflicts_everywhere_leaves_no_page(tmp_path: Path) -> None:
    spool = read_back(tmp_path, ["a"], Server({"a": b'{"city":"Bergen"}'}), {"a": b'{"city":"Oslo"}'})
    assert not any(spool.checkpoint.pages.values())
    assert spool.checkpoint.complete
