"""A push: what exists is looked up, what is missing is added, what is refused is reported, nothing happens twice.

The server here is a few dictionaries, as the sandbox cannot be made to refuse a member or to lose one it took; the
whole way over HTTP is in `tests/end_to_end`.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metaquery.collection import Collection, Provenance
from metaquery.delivery import Delivery, delivery
from metaquery.engines.duckdb import DuckDBEngine
from metaquery.errors import PushError, ServerError
from metaquery.push import push_to_folders, push_to_project, read_back
from metaquery.store.journal import Journal
from metaquery.wire import CollectionInfo, FolderInfo


class Server:
    """As much of `EncordClient` as a push to folders calls."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[CollectionInfo, list[str]]] = {}
        self.refused: set[str] = set()
        self.swallowed: set[str] = set()
        self.requests: list[str] = []
        self.lose_answer = False

    def item_folders(self, items: Sequence[str]) -> dict[str, str | None]:
        return {item: None if item == "i-homeless" else ("f2" if item.startswith("j") else "f1") for item in items}

    def folder(self, uuid: str) -> FolderInfo:
        return FolderInfo(uuid, f"Folder {uuid}")

    def collections(self, *, folder: str) -> list[CollectionInfo]:
        return [info for info, _ in self.held.values() if info.top_level_folder_uuid == folder]

    def create_collection(self, folder: str, name: str, description: str) -> str:
        self.requests.append("create")
        uuid = f"c-{folder}-{len(self.held)}"
        self.held[uuid] = (CollectionInfo(uuid, folder, name, description), [])
        if self.lose_answer:
            raise ServerError("the answer was lost")
        return uuid

    def update_collection(self, uuid: str, *, description: str) -> None:
        info, members = self.held[uuid]
        self.held[uuid] = (CollectionInfo(uuid, info.top_level_folder_uuid, info.name, description), members)
        self.requests.append("describe")

    def collection_items(self, uuid: str) -> Iterator[list[str]]:
        yield list(self.held[uuid][1])

    def add_collection_items(self, uuid: str, items: Sequence[str]) -> list[str]:
        self.requests.append(f"add {len(items)}")
        taken = [i for i in items if i not in self.refused | self.swallowed]
        self.held[uuid][1].extend(taken)
        return [i for i in items if i in self.refused]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with duckdb.connect(tmp_path / "s.duckdb") as connection:
        connection.execute("""CREATE TABLE data AS SELECT * FROM (VALUES
            ('a', 'i1', 'd', 0, 1), ('b', 'i2', 'd', 1, 3), ('c', 'j1', 'd', 2, 1),
            ('no-item', NULL, 'd', 3, 1), ('homeless', 'i-homeless', 'd', 4, 1)
        ) t(data_hash, item_uuid, dataset_hash, index, frames)""")
    engine = DuckDBEngine(tmp_path / "s.duckdb")
    yield engine
    engine.close()


def collection(tmp_path: Path, *hashes: str, description: str = "why") -> Collection:
    path = tmp_path / "members.parquet"
    pq.write_table(pa.table({"data_hash": pa.array(hashes, pa.string())}), path)
    came = Provenance(filter=None, snapshot="s", unknown=0, author="me")
    return Collection("id", "Night", description, "data", len(hashes), datetime.now(UTC), came, path)


def push(tmp_path: Path, engine: DuckDBEngine, server: Any, *hashes: str, **more: Any) -> Any:
    journal = Journal(tmp_path / "journal.jsonl")
    return push_to_folders(collection(tmp_path, *hashes, **more), server, engine, journal)


def test_members_of_two_folders_become_a_collection_in_each(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    report = push(tmp_path, engine, server, "a", "b", "c")
    assert [(t.place, t.created, t.added) for t in report.targets] == [
        ("the folder 'Folder f1'", True, 2),
        ("the folder 'Folder f2'", True, 1),
    ]
    assert {tuple(members) for _, members in server.held.values()} == {("i1", "i2"), ("j1",)}


def test_a_second_push_changes_nothing(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    push(tmp_path, engine, server, "a", "b")
    server.requests.clear()
    report = push(tmp_path, engine, server, "a", "b")
    assert server.requests == []
    assert [(t.created, t.already, t.added, t.failed) for t in report.targets] == [(False, 2, 0, ())]


def test_what_cannot_be_sent_is_reported_and_the_rest_is_sent(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    server.refused = {"i2"}
    report = push(tmp_path, engine, server, "a", "b", "no-item", "homeless", "removed")
    assert report.targets[0].failed == ("i2",)
    assert report.targets[0].added == 1
    assert set(report.without_item) == {"no-item", "homeless"}
    assert report.gone == ("removed",)
    assert report.failed == 4


def test_a_member_that_was_taken_and_is_not_there_is_an_error(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    server.swallowed = {"i2"}
    with pytest.raises(PushError, match="does not list"):
        push(tmp_path, engine, server, "a", "b")


def test_a_collection_of_somebody_else_is_left_alone(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    server.held["theirs"] = (CollectionInfo("theirs", "f1", "Night", "not ours"), ["x"])
    with pytest.raises(PushError, match="did not make it"):
        push(tmp_path, engine, server, "a")
    assert server.held["theirs"][1] == ["x"]


def test_a_lost_answer_to_the_creation_makes_no_second_collection(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    server.lose_answer = True
    with pytest.raises(ServerError):
        push(tmp_path, engine, server, "a", "b")
    server.lose_answer = False
    report = push(tmp_path, engine, server, "a", "b")
    assert len(server.held) == 1
    assert (report.targets[0].created, report.targets[0].added) == (False, 2)


def test_a_new_description_is_sent(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    push(tmp_path, engine, server, "a")
    push(tmp_path, engine, server, "a", description="better")
    assert server.requests[-1] == "describe"
    assert server.held["c-f1-0"][0].description == "better"


def test_a_line_of_the_journal_that_a_crash_cut_is_left_out(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    push(tmp_path, engine, server, "a")
    journal = tmp_path / "journal.jsonl"
    steps = [json.loads(line)["step"] for line in journal.read_text().splitlines()]
    assert steps == ["planned", "creating", "created", "added", "settled"]
    journal.write_bytes(journal.read_bytes() + b'{"step": "add')
    assert push(tmp_path, engine, server, "a").added == 0
    whole = [entry["step"] for entry in Journal(journal).entries()]
    assert whole == [*steps, "planned", "settled"]


def test_the_journal_tells_what_has_become_of_a_collection(tmp_path: Path, engine: DuckDBEngine) -> None:
    server, journal = Server(), Journal(tmp_path / "journal.jsonl")
    assert delivery(journal) == Delivery("never sent")
    server.lose_answer = True
    with pytest.raises(ServerError):
        push(tmp_path, engine, server, "a", "c")
    assert delivery(journal) == Delivery("interrupted")
    server.lose_answer = False
    server.refused = {"i2"}
    push(tmp_path, engine, server, "a", "b", "c", "no-item", "homeless", "gone")
    assert delivery(journal) == Delivery("sent in part", left_out=4)
    push(tmp_path, engine, server, "a", "c")
    assert delivery(journal) == Delivery("sent")


def test_a_push_that_reached_one_of_two_folders_was_interrupted(tmp_path: Path, engine: DuckDBEngine) -> None:
    server, journal = Server(), Journal(tmp_path / "journal.jsonl")
    server.swallowed = {"j1"}
    with pytest.raises(PushError, match="does not list"):
        push(tmp_path, engine, server, "a", "c")
    assert [entry["step"] for entry in journal.entries()].count("settled") == 1
    assert delivery(journal) == Delivery("interrupted")


def test_a_journal_without_plans_is_understood(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "old.jsonl")
    journal.record("creating", place="f1", title="Night")
    assert delivery(journal) == Delivery("interrupted")
    journal.record("settled", place="f1", uuid="c", members=1)
    assert delivery(journal) == Delivery("sent")


def test_reading_back_tells_missing_from_extra(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Server()
    push(tmp_path, engine, server, "a", "b")
    server.held["c-f1-0"][1].remove("i1")
    server.held["c-f1-0"][1].append("z")
    there = read_back(
        collection(tmp_path, "a", "b"),
        server,
        engine,
        Journal(tmp_path / "journal.jsonl"),  # type: ignore[arg-type]
    )
    assert (there.missing, there.extra) == ({"i1"}, {"z"})


class Project:
    """As much of `EncordClient` as a push to a project calls."""

    def __init__(self) -> None:
        self.added: list[Any] = []

    def project_collections(self, project_hash: str) -> list[Any]:
        return []

    def create_project_collection(self, project_hash: str, name: str, description: str, kind: str) -> str:
        return "p1"

    def project_collection_items(self, project_hash: str, uuid: str, *, labels: bool) -> Iterator[list[Any]]:
        yield self.added

    def add_project_collection_items(self, project_hash: str, uuid: str, members: Sequence[Any]) -> list[Any]:
        from metaquery.wire import CollectionMember

        self.added += [CollectionMember(m["dataUuid"], m["frame"], m.get("annotationId")) for m in members]
        return []


def test_a_data_unit_goes_to_a_project_with_each_of_its_frames(tmp_path: Path, engine: DuckDBEngine) -> None:
    server = Project()
    report = push_to_project(
        collection(tmp_path, "a", "b"),
        ("p", "Project"),
        server,  # type: ignore[arg-type]
        engine,
        Journal(tmp_path / "j.jsonl"),
    )
    assert [(m.data_hash, m.frame) for m in server.added] == [("a", 0), ("b", 0), ("b", 1), ("b", 2)]
    assert report.added == 4
