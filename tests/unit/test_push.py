"""Whatever a server holds, refuses and loses: each member is accounted for once, and nothing is done twice.

The server here is a few dictionaries, as thousands of them are needed; the whole way over HTTP is in
`tests/end_to_end/sending`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.collection import Collection, Provenance
from metaquery.delivery import Delivery, delivery
from metaquery.errors import PushError, Refused, ServerError
from metaquery.push import Destination, PushReport
from metaquery.push.applying import apply_plan
from metaquery.push.planning import Planner
from metaquery.push.records import Record, grouped
from metaquery.store.journal import Journal
from metaquery.wire import CollectionInfo, FolderInfo

UNITS = [f"u{n}" for n in range(12)]
"""Unit `u<n>` is backed by item `i<n>`; of every third the folder is another one, and `u11` has no item."""


@dataclass
class Server:
    """As much of `EncordClient` as a push to folders calls."""

    held: dict[str, tuple[CollectionInfo, list[str]]] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    writes: list[str] = field(default_factory=list)
    lose_answer: BaseException | None = None
    domain: str = "http://server:1"

    def item_folders(self, items: Sequence[str]) -> dict[str, str | None]:
        return {item: f"f{int(item[1:]) % 3 // 2}" for item in items}

    def folder(self, uuid: str) -> FolderInfo:
        return FolderInfo(uuid, f"Folder {uuid}")

    def collections(self, *, folder: str) -> list[CollectionInfo]:
        return [info for info, _ in self.held.values() if info.top_level_folder_uuid == folder]

    def create_collection(self, folder: str, name: str, description: str) -> str:
        self.writes.append("create")
        uuid = f"c{len(self.held)}"
        self.held[uuid] = (CollectionInfo(uuid, folder, name, description), [])
        if self.lose_answer:
            raise self.lose_answer
        return uuid

    def update_collection(self, uuid: str, *, name: str, description: str) -> None:
        info, members = self.held[uuid]
        self.held[uuid] = (CollectionInfo(uuid, info.top_level_folder_uuid, name, description), members)
        self.writes.append("change")

    def delete_collection(self, uuid: str) -> None:
        self.writes.append("delete")
        del self.held[uuid]

    def collection_items(self, uuid: str) -> Iterator[list[str]]:
        yield list(self.held[uuid][1])

    def add_collection_items(self, uuid: str, items: Sequence[str]) -> list[str]:
        self.writes.append(f"add {len(items)}")
        members = self.held[uuid][1]
        members += [i for i in items if i not in self.refused | self.lost and i not in members]
        return [i for i in items if i in self.refused]

    def remove_collection_items(self, uuid: str, items: Sequence[str]) -> list[str]:
        self.writes.append(f"remove {len(items)}")
        members = self.held[uuid][1]
        gone = [i for i in items if i in members and i not in self.refused | self.lost]
        members[:] = [i for i in members if i not in gone]
        return [i for i in items if i not in gone and i not in self.lost]

    def items(self, title: str) -> set[str]:
        return {i for info, members in self.held.values() if info.name == title for i in members}


class Units:
    """The engine, as far as it is asked."""

    def rows(self, _text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        hashes = sorted(pq.read_table(parameters[0]).column("data_hash").to_pylist())
        return [(h, h in UNITS, f"i{h[1:]}" if h in UNITS and h != "u11" else None) for h in hashes]


@dataclass
class Side:
    """Our side: a folder with a journal, and Collections of given members."""

    home: Path
    server: Server
    batch: int = 3

    @property
    def journal(self) -> Journal:
        return Journal(self.home / "journal.jsonl")

    @property
    def planner(self) -> Planner:
        return Planner(self.server, Record(self.journal, "SHA256:key", self.server.domain))  # type: ignore[arg-type]

    def push(self, *hashes: str, sync: bool = False, description: str = "why") -> PushReport:
        path = self.home / "members.parquet"
        pq.write_table(pa.table({"data_hash": pa.array(hashes, pa.string())}), path)
        came = Provenance(filter=None, snapshot="s", unknown=0, author="me")
        made = Collection("id", "Night", description, "data", len(hashes), datetime.now(UTC), came, path)
        plan = self.planner.push(made, Destination(sync=sync), Units())  # type: ignore[arg-type]
        return self.apply(plan)

    def apply(self, plan: Any) -> PushReport:
        record = Record(self.journal, "SHA256:key", self.server.domain)
        return apply_plan(plan, self.server, record, batch=self.batch)  # type: ignore[arg-type]

    def undo(self, push: str) -> PushReport:
        pushes = grouped(self.journal.entries())
        (found,) = (p for p in pushes if p.id == push)
        later = [p for p in pushes[pushes.index(found) + 1 :] if p.undoes is None]
        return self.apply(self.planner.undo(found, later))


@pytest.fixture
def side(tmp_path: Path) -> Side:
    return Side(tmp_path, Server())


members = st.frozensets(st.sampled_from([*UNITS, "gone1", "gone2"]))
items = st.frozensets(st.sampled_from([f"i{n}" for n in range(14)]))


@given(
    first=members, then=members, foreign=items, refused=items, lost=items, batch=st.integers(1, 13), sync=st.booleans()
)
def test_every_member_is_accounted_for_once_and_the_server_has_what_the_report_says(
    *,
    first: frozenset[str],
    then: frozenset[str],
    foreign: frozenset[str],
    refused: frozenset[str],
    lost: frozenset[str],
    batch: int,
    sync: bool,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        side = Side(Path(folder), Server(), batch)
        side.push(*first)
        for info, held in side.server.held.values():
            held += [i for i in foreign if f"f{int(i[1:]) % 3 // 2}" == info.top_level_folder_uuid and i not in held]
        before = {item: None for _, held in side.server.held.values() for item in held}
        side.server.refused, side.server.lost, side.server.writes = refused, lost, []
        report = side.push(*then, sync=sync)
        there = {item for _, held in side.server.held.values() for item in held}
        wanted = {f"i{h[1:]}" for h in then if h in UNITS and h != "u11"}
        assert {f.data_hash for f in report.left_out} == then - set(UNITS) | then & {"u11"}
        assert report.requested == len(then)
        absent = wanted - there
        assert report.already == len(wanted & before.keys())
        assert report.added == len(wanted - before.keys() - absent)
        assert {f.member for f in report.failures} - {""} == absent | (there - wanted if sync else set())
        assert report.requested == report.already + report.added + len(absent) + len(report.left_out)
        assert report.removed == (len(before.keys() - wanted - there) if sync else 0)
        assert there >= before.keys() - (set() if not sync else before.keys() - wanted)
        assert all(int(w.split()[1]) <= batch for w in side.server.writes if " " in w)
        side.server.refused = side.server.lost = frozenset()
        side.push(*then, sync=sync)
        assert {item for _, held in side.server.held.values() for item in held} == (
            wanted if sync else wanted | before.keys() | there
        )
        side.server.writes = []
        side.push(*then, sync=sync)
        assert side.server.writes == []


@given(first=members, then=members, foreign=items, sync=st.booleans())
def test_undoing_a_push_takes_back_what_it_added_and_nothing_else(
    first: frozenset[str], then: frozenset[str], foreign: frozenset[str], sync: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        side = Side(Path(folder), Server())
        side.push(*first)
        for info, held in side.server.held.values():
            held += [i for i in foreign if f"f{int(i[1:]) % 3 // 2}" == info.top_level_folder_uuid and i not in held]
        before = {uuid: set(held) for uuid, (_, held) in side.server.held.items()}
        report = side.push(*then, sync=sync)
        if report.id:
            side.undo(report.id)
        assert {uuid: set(held) for uuid, (_, held) in side.server.held.items()} == before
        side.server.writes = []
        if report.id:
            side.undo(report.id)
        assert side.server.writes == []


def test_a_lost_answer_to_the_creation_makes_no_second_collection(side: Side) -> None:
    lost = ServerError("the answer was lost")
    vars(lost).update(ambiguous=True)  # as `wire.failures.to_error` leaves it
    side.server.lose_answer = lost
    report = side.push("u0", "u1")
    assert [(t.created, t.added) for t in report.targets] == [(True, 2)]
    assert side.server.writes == ["create", "add 2"]


def test_a_creation_that_was_killed_before_its_answer_makes_no_second_collection(side: Side) -> None:
    side.server.lose_answer = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        side.push("u0", "u1")
    side.server.lose_answer = None
    report = side.push("u0", "u1")
    assert [(t.created, t.added) for t in report.targets] == [(False, 2)]
    assert side.server.writes == ["create", "add 2"]
    side.undo(report.id)
    assert side.server.held == {}


def test_a_creation_that_was_refused_is_not_taken_for_ours_when_somebody_else_makes_it(side: Side) -> None:
    side.server.lose_answer = Refused("no")
    with pytest.raises(Refused):
        side.push("u0")
    with pytest.raises(PushError, match="did not make it"):
        side.push("u0")


def test_a_collection_of_somebody_else_is_left_alone(side: Side) -> None:
    side.server.held["theirs"] = (CollectionInfo("theirs", "f0", "Night", "not ours"), ["x"])
    with pytest.raises(PushError, match="did not make it"):
        side.push("u0")
    assert side.server.held["theirs"][1] == ["x"]


def test_an_interrupted_push_goes_on_under_its_id_and_is_undone_whole(side: Side) -> None:
    take = side.server.add_collection_items

    def once(uuid: str, items: Sequence[str]) -> list[str]:
        refused = take(uuid, items)
        side.server.add_collection_items = broken  # type: ignore[method-assign]
        return refused

    def broken(_uuid: str, _items: Sequence[str]) -> list[str]:
        raise ServerError("down")

    side.server.add_collection_items = once  # type: ignore[method-assign]
    with pytest.raises(ServerError):
        side.push(*UNITS[:6])
    assert delivery(side.journal) == Delivery("interrupted")
    (begun,) = grouped(side.journal.entries())
    assert begun.state == "interrupted"
    side.server.add_collection_items = take  # type: ignore[method-assign]
    report = side.push(*UNITS[:6])
    assert report.id == begun.id
    side.undo(report.id)
    assert side.server.held == {}
    assert delivery(side.journal) == Delivery("undone")


def test_a_later_push_keeps_what_it_added_when_an_earlier_one_is_undone(side: Side) -> None:
    first = side.push("u0", "u1")
    side.push("u0", "u1", "u3")
    told = side.undo(first.id)
    assert (told.removed, [t.deleted for t in told.targets]) == (2, [False])
    assert side.server.items("Night") == {"i3"}


def test_an_undone_push_can_be_sent_again(side: Side) -> None:
    first = side.push("u0", "u1")
    side.undo(first.id)
    again = side.push("u0", "u1")
    assert (again.added, again.id != first.id) == (2, True)
    assert side.server.items("Night") == {"i0", "i1"}


def test_an_undoing_is_not_undone(side: Side) -> None:
    undone = side.undo(side.push("u0").id)
    with pytest.raises(PushError, match="undid a push itself"):
        side.undo(undone.id)


def test_a_line_of_the_journal_that_a_crash_cut_is_left_out(side: Side) -> None:
    side.push("u0")
    path = side.journal.path
    steps = [json.loads(line)["step"] for line in path.read_text().splitlines()]
    assert steps == ["planned", "creating", "created", "added", "settled", "finished"]
    path.write_bytes(path.read_bytes() + b'{"step": "add')
    assert side.push("u0", "u1").added == 1
    whole = [entry["step"] for entry in side.journal.entries()]
    assert whole == [*steps, "planned", "added", "settled", "finished"]


def test_every_entry_has_time_key_server_and_push(side: Side) -> None:
    report = side.push("u0")
    for entry in side.journal.entries():
        assert datetime.fromisoformat(entry["at"]).utcoffset() is not None
        assert (entry["key"], entry["server"], entry["push"]) == ("SHA256:key", "http://server:1", report.id)


def test_the_journal_tells_what_has_become_of_a_collection(side: Side) -> None:
    assert delivery(side.journal) == Delivery("never sent")
    side.push("u0", "u11", "gone")
    assert delivery(side.journal) == Delivery("sent in part", left_out=2)
    side.push("u0")
    assert delivery(side.journal) == Delivery("sent")


def test_a_journal_without_pushes_is_understood(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "old.jsonl")
    journal.record("creating", place="f1", title="Night")
    assert delivery(journal) == Delivery("interrupted")
    journal.record("settled", place="f1", uuid="c", members=1)
    assert delivery(journal) == Delivery("sent")
    assert grouped(journal.entries()) == []
