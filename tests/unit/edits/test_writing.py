"""Each document is looked at, written by the call that its unit needs, and its fate written down.

The server here is a dictionary, as the sandbox backs every data unit by a storage item and refuses none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import metaquery
from metaquery.edits.documents import Change
from metaquery.edits.plan import EditPlan
from metaquery.edits.records import Record, records
from metaquery.edits.rounds import Rounds
from metaquery.edits.units import Target, Unit
from metaquery.errors import EditError, NotFound, ServerError
from metaquery.store.layout import Layout
from metaquery.wire import Page

CHANGE = Change({"round": b"1"})


class Server:
    """As much of `EncordClient` as writing calls."""

    def __init__(self, documents: dict[str, bytes]) -> None:
        self.documents = documents
        self.unknown: set[str] = set()
        self.calls: list[str] = []
        self.fails = False

    def data_rows(self, dataset: str, hashes: Sequence[str]) -> Page:
        rows = [b'{"data_hash":"%s","client_metadata":%s}' % (h.encode(), self.documents[h])
                for h in hashes if h in self.documents]  # fmt: skip
        return Page(b"[" + b",".join(rows) + b"]", len(rows), None)

    def patch_items(self, documents: Mapping[str, bytes]) -> frozenset[str]:
        self.calls += ["patch"] if documents else []
        if self.fails:
            raise ServerError("writing failed")
        if self.unknown & documents.keys():
            raise NotFound("no storage item")
        for item, text in documents.items():
            self.documents[item.removeprefix("item-")] = text
        return frozenset(documents)

    def save_metadata(self, dataset: str, data_hash: str, document: bytes) -> bool:
        self.calls.append(f"save {data_hash}")
        self.documents[data_hash] = document
        return True


def record(layout: Layout, old: dict[str, bytes], *, without_item: Sequence[str] = ()) -> Record:
    """Write down an edit of units that had these documents."""
    targets = tuple(
        Target(Unit(h, "set", "Set", n, None, None if h in without_item else f"item-{h}"), (), text, CHANGE)
        for n, (h, text) in enumerate(old.items())
    )
    plan = EditPlan(
        "20260101T000000-aaaa", "set round=1", "http://127.0.0.1:1", "s", targets, (), len(old), 0, (), False, False,
        "", "request", False, run=lambda *_: None,
    )  # fmt: skip
    return Record.begin(layout, plan, "SHA256:key")


def write(server: Server, edit: Record, *, force: bool = False) -> Record:
    """Write, and read back what the journal says."""
    with Rounds(server, edit, force=force, page_rows=10, connections=2) as rounds:
        rounds.finish()
    assert rounds.wrong == {}
    (found,) = records(Layout(edit.journal.path.parents[2]))
    return found


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_a_unit_that_no_item_backs_is_saved_as_a_row(layout: Layout) -> None:
    old = {"a": b'{"n": 1.10}', "b": b"{}"}
    server = Server(dict(old))
    (batch,) = write(server, record(layout, old, without_item=["a"])).batches
    assert server.calls == ["patch", "save a"]
    assert server.documents == {"a": b'{"n":1.10,"round":1}', "b": b'{"round":1}'}
    assert list(batch.written()) == [0, 1]
    assert batch.old(0) == old["a"]


def test_an_item_that_is_refused_keeps_no_other_back(layout: Layout) -> None:
    old = {f"u{n}": b"{}" for n in range(40)}
    server = Server(dict(old))
    server.unknown = {"item-u7", "item-u30"}
    (batch,) = write(server, record(layout, old)).batches
    assert batch.failed == {7: "no storage item", 30: "no storage item"}
    assert sum(text == b'{"round":1}' for text in server.documents.values()) == 38


def test_what_is_gone_changed_there_or_so_already_is_told_apart(layout: Layout) -> None:
    old = {
        "gone": b"{}",
        "changed": b'{"city":"Oslo"}',
        "already": b"{}",
        "unreadable": b"{}",
        "reordered": b'{"a":1,"b":2}',
    }
    now = {
        "changed": b'{"city":"Bergen"}', "already": b'{"round":1.0}', "reordered": b'{"b": 2.0, "a": 1}',
        "unreadable": b'{"x":{"not readable": "NaN"}}',
    }  # fmt: skip
    server = Server(dict(now))
    (batch,) = write(server, record(layout, old)).batches
    assert set(batch.failed) == {0, 3}
    assert batch.conflicts == {1: "city changed there"}
    assert batch.already == {2}
    assert list(batch.written()) == [4]
    assert batch.old(4) == now["reordered"]
    assert server.documents == now | {"reordered": b'{"b":2.0,"a":1,"round":1}'}


def test_force_merges_into_what_is_there_and_keeps_it_for_an_undo(layout: Layout) -> None:
    server = Server({"u": b'{"city":"Bergen"}'})
    (batch,) = write(server, record(layout, {"u": b'{"city":"Oslo"}'}), force=True).batches
    assert server.documents == {"u": b'{"city":"Bergen","round":1}'}
    assert (batch.old(0), batch.new(0)) == (b'{"city":"Bergen"}', b'{"city":"Bergen","round":1}')


def test_a_batch_whose_answer_was_lost_is_known_again_as_written(layout: Layout) -> None:
    server = Server({"u": b"{}"})
    server.fails = True
    edit = record(layout, {"u": b"{}"})
    with pytest.raises(EditError, match=r"writing failed; 0 of 1 documents are settled"):
        write(server, edit)
    server.fails = False
    server.documents["u"] = b'{"round":1}'
    (again,) = records(layout)
    assert again.batches[0].sending
    (batch,) = write(server, again).batches
    assert list(batch.written()) == [0]
    assert server.calls == ["patch"]


def test_a_plan_that_was_not_written_down_whole_never_began(layout: Layout) -> None:
    edit = record(layout, {"u": b"{}"})
    lines = edit.journal.path.read_bytes().splitlines(keepends=True)
    edit.journal.path.write_bytes(b"".join(lines[:-1]) + lines[-1][:5])
    assert records(layout) == []


def test_the_journal_names_the_key_by_its_fingerprint(layout: Layout) -> None:
    head = json.loads(record(layout, {"u": b"{}"}).journal.path.read_bytes().splitlines()[0])
    assert head["key"] == "SHA256:key"
    assert head["time"].endswith("+00:00")


def test_units_of_files_are_edited_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "units.ndjson").write_text('{"data_hash": "u", "city": "Oslo"}\n')
    workspace = metaquery.open(tmp_path)
    workspace.sync_files(units=tmp_path / "units.ndjson")
    assert workspace.metadata.get("u") == '{"city":"Oslo"}'
    with pytest.raises(EditError, match=r"came from .*units.ndjson, not from a server"):
        workspace.metadata.set({"city": "Bergen"}, where="true")
