"""Client metadata is edited from here, and the official SDK reads what was meant."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from encord import EncordUserClient
from encord.client import DatasetAccessSettings

import metaquery
from metaquery.errors import EditError, NotFound, UsageError
from metaquery.sandbox import SandboxProcess, start
from metaquery.workspace import Workspace

from .conftest import Terminal

NORTH, SOUTH = "Street scenes north", "Street scenes south"
DATASETS = ("--dataset", NORTH, "--dataset", SOUTH)
WITH_METADATA = DatasetAccessSettings(fetch_client_metadata=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A small organisation, for tests that edit it."""
    home = tmp_path_factory.mktemp("server")
    with start(units=80, key_out=home / "key", with_schema=True) as process:
        yield process


@pytest.fixture(scope="module")
def terminal(server: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A workspace that is connected, and has two datasets."""
    terminal = Terminal(tmp_path_factory.mktemp("workspace"))
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("sync", *DATASETS)
    return terminal


@pytest.fixture
def sdk(server: SandboxProcess) -> EncordUserClient:
    return EncordUserClient.create_with_ssh_private_key(server.key_file.read_text(), domain=server.url)


@pytest.fixture
def here(terminal: Terminal) -> Workspace:
    """The workspace, as the server is now."""
    workspace = metaquery.open(terminal.home, retry_budget_s=20.0)
    workspace.sync(datasets=(NORTH, SOUTH))
    return workspace


@pytest.fixture
def spoilt(server: SandboxProcess) -> Iterator[Any]:
    """Put rules over the server's answers; they are gone after the test."""

    def put(*rules: dict[str, Any]) -> None:
        httpx.post(f"{server.url}/sandbox/faults", json={"rules": list(rules)}).raise_for_status()

    yield put
    httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()


def rows(sdk: EncordUserClient, title: str = NORTH) -> list[Any]:
    """Return the data rows of a dataset, as the seed reads them."""
    dataset = sdk.get_datasets(title_eq=title)[0]["dataset"].dataset_hash
    return sdk.get_dataset(dataset, dataset_access_settings=WITH_METADATA).data_rows


def everything(workspace: Workspace) -> dict[str, str]:
    """Return the client metadata of every unit in the local snapshot, as it is kept."""
    titles = [entry.part.title for entry in workspace.snapshot().parts if entry.part.kind == "units"]
    return {unit.data_hash: unit.metadata for title in titles for unit in workspace.metadata.list(title)}


def test_the_listing_of_the_seed_is_what_the_sdk_lists(terminal: Terminal, here: Workspace, sdk) -> None:
    done = terminal.run("metadata", "list", "--dataset", NORTH)
    listed = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(int(index), title, json.loads(text)) for index, title, text in listed] == [
        (index, row.title, dict(row.client_metadata)) for index, row in enumerate(rows(sdk))
    ]
    assert re.search(r"As of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, snapshot ", done.stderr)
    as_json = json.loads(terminal.run("metadata", "list", "--dataset", NORTH, "--json").stdout)
    assert [row["client_metadata"] for row in as_json] == [json.loads(text) for _, _, text in listed]
    assert terminal.run("metadata", "get", "3", "--dataset", NORTH).stdout == listed[3][2] + "\n"
    assert terminal.run("metadata", "get", as_json[3]["data_hash"]).stdout == listed[3][2] + "\n"
    assert terminal.run("metadata", "get", listed[3][1]).stdout == listed[3][2] + "\n"
    assert "did you mean 'Street scenes north'" in terminal.run(
        "metadata", "list", "--dataset", "Street scenes nort", exits=1
    ).stderr  # fmt: skip
    assert "counts within a dataset" in terminal.run("metadata", "get", "3", exits=2).stderr
    assert [unit.index for unit in here.metadata.list(NORTH.upper())] == [int(index) for index, _, _ in listed]


def test_one_unit_is_set_by_its_index_and_other_keys_stay(terminal: Terminal, here: Workspace, sdk) -> None:
    before = dict(rows(sdk)[7].client_metadata)
    command = ("metadata", "set", "--unit", "7", "--dataset", NORTH, '{"my": "metadata", "big": 9007199254740993}')
    assert "Nothing was sent" in terminal.run(*command, "--dry-run").stdout
    assert "give --yes" in terminal.run(*command, exits=2).stderr
    assert dict(rows(sdk)[7].client_metadata) == before
    told = terminal.run(*command, "--yes").stdout
    assert "Merged: keys that are not named stay as they are" in told
    assert "Not in the metadata schema: big, my." in told
    assert "1 data unit written and read back" in told
    assert dict(rows(sdk)[7].client_metadata) == before | {"my": "metadata", "big": 9007199254740993}
    assert '"big":9007199254740993' in terminal.run("metadata", "get", "7", "--dataset", NORTH).stdout
    assert terminal.run("count", "-q", "my = 'metadata'").stdout.strip() == "1"
    assert "0 added, 0 changed, 0 removed" in terminal.run("sync", *DATASETS).stdout


def test_all_units_are_replaced_as_the_seed_does_and_put_back_byte_for_byte(here: Workspace, sdk) -> None:
    before = everything(here)
    plan = here.metadata.set({"my": "metadata"}, where=f"dataset_title = '{NORTH}'", replace=True)
    assert "Replaced: keys that are not named are removed." in plan.describe()
    report = plan.apply()
    assert (report.written, report.complete) == (20, True)
    assert [dict(row.client_metadata) for row in rows(sdk)] == [{"my": "metadata"}] * 20
    assert here.data.filter("my = 'metadata'").count() == 20
    here.metadata.undo(report.id).apply()
    assert everything(here) == before
    assert here.metadata.log()[1].state.startswith("undone by ")
    redone = here.metadata.undo(here.metadata.log()[0].id).apply()
    assert redone.written == 20
    here.metadata.undo(redone.id).apply()
    assert everything(here) == before


def test_what_was_undone_is_not_undone_again_where_a_later_edit_wrote_the_same(here: Workspace) -> None:
    before = everything(here)
    where = f"dataset_title = '{NORTH}'"
    first = here.metadata.set({"round": 1}, where=where).apply()
    here.metadata.undo(first.id).apply()
    again = here.metadata.undo(first.id)
    assert (again.targets, again.units, again.keys) == ((), 0, ())
    later = here.metadata.set({"round": 1}, where=where).apply()
    assert here.metadata.undo(first.id).targets == ()
    assert here.data.filter("round = 1").count() == later.written == 20
    here.metadata.undo(later.id).apply()
    assert everything(here) == before
    (undoing,) = (e.id for e in here.metadata.log()[:1])
    here.metadata.undo(undoing).apply()
    assert here.metadata.undo(later.id).apply().written == 20
    assert everything(here) == before


def test_a_filter_chooses_and_the_plan_counts_each_key(here: Workspace, sdk) -> None:
    view = here.data.filter("city = 'Oslo'")
    oslo = view.select("data_hash").to_arrow().column(0).to_pylist()
    now = everything(here)
    plan = here.metadata.set({"dark": True}, where="city = 'Oslo'", remove=["note"])
    documents = [json.loads(now[data_hash]) for data_hash in oslo]
    (dark, note) = plan.keys
    assert dark.before == sum("dark" in d for d in documents)
    assert dark.added == sum("dark" not in d for d in documents)
    assert dark.changed == sum("dark" in d and d["dark"] is not True for d in documents)
    assert (dark.after, note.after) == (len(oslo), 0)
    assert note.removed == sum("note" in d for d in documents)
    report = plan.apply()
    assert report.written + report.already == len(oslo)
    again = here.metadata.set({"dark": True}, where="city = 'Oslo'", remove=["note"])
    assert again.targets == ()
    for title in {unit.title for e in here.snapshot().parts for unit in [e.part] if unit.kind == "units"}:
        for row in rows(sdk, title):
            if row.uid in oslo:
                assert row.client_metadata["dark"] is True
                assert "note" not in row.client_metadata
    here.metadata.undo().apply()
    assert everything(here) == now


def test_a_unit_that_somebody_changed_is_shown_and_not_overwritten(here: Workspace, terminal: Terminal, sdk) -> None:
    row = rows(sdk)[0]
    item = sdk.get_storage_item(row.backing_item_uuid)
    was = dict(row.client_metadata)
    item.update(client_metadata=was | {"city": "Atlantis"})
    command = ("metadata", "set", "--where", f"dataset_title = '{NORTH}'", "round=1", "--yes")
    done = terminal.run(*command, exits=1)
    assert f"{row.uid} ({row.title}): city changed there" in done.stdout
    assert "19 data units written and read back, 0 had the values already, 1 in conflict" in done.stdout
    assert dict(rows(sdk)[0].client_metadata) == was | {"city": "Atlantis"}
    forced = terminal.run(*command, "--force").stdout
    assert "1 data unit written" in forced
    assert dict(rows(sdk)[0].client_metadata) == was | {"city": "Atlantis", "round": 1}
    here.metadata.undo().apply()
    assert dict(rows(sdk)[0].client_metadata) == was | {"city": "Atlantis"}
    assert here.metadata.undo().apply().written == 19
    sdk.get_storage_item(row.backing_item_uuid).update(client_metadata=was)


def test_files_of_every_kind_are_matched_and_typed_before_anything_is_sent(
    here: Workspace, terminal: Terminal, sdk
) -> None:
    before = everything(here)
    units = list(here.metadata.list(NORTH))
    home = terminal.home
    with (home / "fix.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["title", "city", "speed", "note"], [units[0].title, "12", "12.50", ""]])
    pq.write_table(pa.table({"data_hash": [units[1].data_hash], "speed": [7.25]}), home / "fix.parquet")
    (home / "fix.ndjson").write_text('{"index": 2, "client_metadata": {"city": null, "big": 9007199254740993}}\n')
    terminal.run("metadata", "import", "fix.csv", "--dataset", NORTH, "--yes")
    terminal.run("metadata", "import", "fix.parquet", "--yes")
    terminal.run("metadata", "import", "fix.ndjson", "--dataset", NORTH, "--match", "index", "--yes")
    read = rows(sdk)
    assert (read[0].client_metadata["city"], read[0].client_metadata["speed"]) == ("12", 12.5)
    assert read[0].client_metadata.get("note") == json.loads(units[0].metadata).get("note")
    assert read[1].client_metadata["speed"] == 7.25
    assert (read[2].client_metadata["city"], read[2].client_metadata["big"]) == (None, 9007199254740993)
    for entry in [e.id for e in here.metadata.log()][:3]:
        here.metadata.undo(entry).apply()
    assert everything(here) == before


def test_misfits_and_rows_that_name_no_single_unit_are_listed(here: Workspace, terminal: Terminal) -> None:
    units = list(here.metadata.list(NORTH))
    home = terminal.home
    (home / "bad.csv").write_text(
        f"data_hash,dark,weather\n{units[0].data_hash},perhaps,rain\n{units[1].data_hash},true,hail\n"
    )
    told = terminal.run("metadata", "import", "bad.csv", "--yes", exits=1).stderr
    assert 'line 2: dark is not true or false: "perhaps"' in told
    assert re.search(r'line 3: weather is not one of .*: "hail"', told)
    (home / "who.csv").write_text(f"title,dark\n{units[0].title},true\nnobody,true\n{units[0].title},false\n")
    told = terminal.run("metadata", "import", "who.csv", "--yes", exits=1).stderr
    assert "line 3: the title is of no data unit of the snapshot: 'nobody'" in told
    assert "line 4: the data unit has a row before: line 2" in told
    assert here.metadata.log() == () or "bad.csv" not in here.metadata.log()[0].words


def test_a_listing_can_be_imported_as_it_is(here: Workspace, terminal: Terminal) -> None:
    for form in ("ndjson", "csv"):
        listed = terminal.run("metadata", "list", "--dataset", NORTH, "-f", form).stdout
        (terminal.home / f"north.{form}").write_text(listed)
        assert here.metadata.import_file(terminal.home / f"north.{form}").targets == ()


def test_units_of_one_storage_item_change_together_or_not_at_all(here: Workspace, terminal: Terminal, sdk) -> None:
    first = rows(sdk)[5]
    south = sdk.get_dataset(sdk.get_datasets(title_eq=SOUTH)[0]["dataset"].dataset_hash)
    (linked,) = south.link_items([first.backing_item_uuid])
    terminal.run("sync", *DATASETS)
    (terminal.home / "two.ndjson").write_text(
        f'{{"data_hash": "{first.uid}", "round": 1}}\n{{"data_hash": "{linked.uid}", "round": 2}}\n'
    )
    with pytest.raises(EditError, match="backed by one storage item") as raised:
        here.metadata.import_file(terminal.home / "two.ndjson")
    assert first.uid in str(raised.value)
    assert linked.uid in str(raised.value)
    with pytest.raises(UsageError, match="2 data units are called"):
        here.metadata.get(first.title)
    (terminal.home / "title.csv").write_text(f"title,round\n{first.title},1\n")
    with pytest.raises(EditError, match=r"is of several data units: .* in Street scenes north, Street scenes south"):
        here.metadata.import_file(terminal.home / "title.csv")
    plan = here.metadata.set({"round": 1}, unit=first.uid)
    assert "1 data unit of these share a storage item" in plan.describe()
    assert plan.apply().written == 2
    assert here.data.filter("round = 1").select("data_hash").to_arrow().num_rows == 2
    here.metadata.undo().apply()
    south.delete_data([linked.uid])
    terminal.run("sync", *DATASETS)


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "reset", "times": 1},
        {"kind": "reset", "apply": True, "times": 1},
        {"kind": "status", "status": 429, "retry_after": "0", "times": 2},
        {"kind": "status", "status": 503, "apply": True, "times": 1},
        {"kind": "truncate", "times": 1},
    ],
    ids=["reset", "lost answer", "429", "503 after it was done", "truncated"],
)
def test_an_edit_gets_over_a_bad_day(rule: dict[str, Any], here: Workspace, spoilt, sdk) -> None:
    day = json.dumps(rule)
    spoilt({"match": "patch-bulk", **rule}, {"match": "/public datarows", **rule})
    report = here.metadata.set({"day": day}, where=f"dataset_title = '{NORTH}'").apply()
    assert (report.written, report.complete) == (20, True)
    assert all(row.client_metadata["day"] == day for row in rows(sdk))


def test_an_edit_that_failed_part_way_goes_on_and_is_undone_as_one(
    here: Workspace, terminal: Terminal, spoilt, sdk
) -> None:
    before = everything(here)
    command = ("metadata", "set", "--where", "true", "round=4", "--yes")
    terminal.environ["METAQUERY_RETRY_BUDGET_S"] = "0"
    spoilt({"match": "patch-bulk", "kind": "status", "status": 503, "apply": True, "after": 1})
    failed = terminal.run(*command, exits=1).stderr
    assert "documents are settled" in failed
    spoilt()
    assert "unfinished" in terminal.run("metadata", "log").stdout
    told = terminal.run(*command).stdout
    assert "It goes on with the interrupted edit" in told
    assert "40 data units written and read back" in told
    del terminal.environ["METAQUERY_RETRY_BUDGET_S"]
    assert all(row.client_metadata["round"] == 4 for row in rows(sdk))
    here.metadata.undo().apply()
    assert everything(here) == before


def test_what_a_short_answer_leaves_out_is_reported(here: Workspace, spoilt) -> None:
    before = everything(here)
    body = json.dumps({"results": [], "nextPageToken": None})
    spoilt({"match": "patch-bulk", "kind": "malformed", "body": body, "times": 1})
    report = here.metadata.set({"round": 5}, unit=0, dataset=NORTH).apply()
    assert [left.why for left in report.failed] == ["the server's answer left it out"]
    assert not report.complete
    here.metadata.undo(report.id).apply()
    assert everything(here) == before


def test_an_edit_needs_something_to_do_and_something_to_do_it_to(here: Workspace) -> None:
    with pytest.raises(UsageError, match="one unit or of what matches"):
        here.metadata.set({"a": 1})
    with pytest.raises(UsageError, match="nothing is to be changed"):
        here.metadata.set(where="true")
    with pytest.raises(UsageError, match="both set and removed"):
        here.metadata.set({"a": 1}, remove=["a"], where="true")
    for value in (float("nan"), [{"deep": float("inf")}], "\ud83d", {1, 2}, msgspec.Raw(b"NaN"), msgspec.Raw(b"{")):
        with pytest.raises(UsageError, match="not what JSON can hold"):
            here.metadata.set({"a": value}, where="true")
    with pytest.raises(NotFound, match="no edit is unfinished"):
        here.metadata.resume()
    with pytest.raises(metaquery.FilterError):
        here.metadata.set({"a": 1}, where="drak")
