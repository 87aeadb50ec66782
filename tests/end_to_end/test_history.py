"""Several syncs with edits between: what was is asked, listed and compared from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from encord import EncordUserClient

import metaquery
from metaquery.sandbox import SandboxProcess

from .conftest import Terminal

PROJECT = ("--project", "Street scenes Europe")


def edit(server: SandboxProcess, hashes: list[str], metadata: dict[str, object]) -> None:
    """Give data units other client metadata, as the official SDK does."""
    sdk = EncordUserClient.create_with_ssh_private_key(server.key_file.read_text(), domain=server.url)
    for dataset in sdk.get_datasets():
        for row in sdk.get_dataset(dataset["dataset"].dataset_hash).data_rows:
            if row.uid in hashes:
                sdk.get_storage_item(row.backing_item_uuid).update(client_metadata=metadata)


@pytest.fixture(scope="module")
def past(server: SandboxProcess, terminal: Terminal) -> list[str]:
    """The ids of three snapshots, oldest first: between them four and then two data units were edited."""
    workspace = metaquery.open(terminal.home)
    chosen = workspace.data.filter("city = 'Oslo'").order_by("title").limit(4).select("data_hash").to_arrow()
    hashes = chosen.column(0).to_pylist()
    edit(server, hashes, {"city": "Atlantis", "dark": "perhaps"})
    terminal.run("sync", *PROJECT)
    edit(server, hashes[:2], {"city": "Lemuria"})
    terminal.run("sync", *PROJECT)
    return [entry.snapshot.id for entry in reversed(metaquery.open(terminal.home).history.log())]


def test_a_count_of_the_past_says_which_snapshot_it_is_of(terminal: Terminal, past: list[str]) -> None:
    now = terminal.run("count", "city = 'Atlantis'").stdout
    assert now.startswith("2 of 400 data units match.")
    assert "As of" not in now
    then = terminal.run("count", "city = 'Atlantis'", "--as-of", past[1]).stdout
    assert then.startswith("4 of 400 data units match.")
    assert then.endswith(f"UTC, snapshot {past[1]}.\n")
    counted = json.loads(terminal.run("count", "city = 'Atlantis'", "--as-of", past[0], "--json").stdout)
    assert (counted["matched"], counted["snapshot"]) == (0, past[0])
    assert "snapshot" not in json.loads(terminal.run("count", "true", "--as-of", past[2], "--json").stdout)
    assert terminal.run("count", "-q", "city = 'Atlantis'", "--as-of", past[1]).stdout == "4\n"


def test_rows_of_the_past_are_shown_and_written(terminal: Terminal, past: list[str]) -> None:
    asked = ("query", "city = 'Atlantis'", "--select", "city,dark", "-f", "ndjson", "--as-of", past[1])
    done = terminal.run(*asked)
    assert done.stdout.splitlines() == ['{"city":"Atlantis","dark":null}'] * 4
    assert f"snapshot {past[1]}." in done.stderr
    assert terminal.run(*asked, "-q").stderr == ""
    assert f"snapshot {past[1]}." in terminal.run("explain", "dark is invalid", "--as-of", past[1]).stdout
    assert "As of" not in terminal.run("query", "city = 'Atlantis'").stderr


def test_a_collection_is_made_of_the_past(terminal: Terminal, past: list[str]) -> None:
    done = terminal.run("collection", "new", "Sunk", "--where", "city = 'Atlantis'", "--as-of", past[1])
    assert "Collection 'Sunk': 4 data units" in done.stdout
    assert f"snapshot {past[1]}." in done.stderr
    assert past[1] in terminal.run("collection", "show", "Sunk").stdout


def test_the_log_lists_what_is_kept_newest_first(terminal: Terminal, past: list[str]) -> None:
    lines = terminal.run("log").stdout.splitlines()
    assert lines[0].split()[:2] == ["snapshot", "published"]
    assert [line.split()[0] for line in lines[1:]] == past[::-1]
    assert lines[1].split()[3:9] == ["400", "0", "2", "0", lines[1].split()[7], lines[1].split()[8]]
    assert lines[1].endswith("current")
    listed = json.loads(terminal.run("log", "--json", "--limit", "2").stdout)
    assert [entry["snapshot"] for entry in listed] == past[:0:-1]
    assert [(entry["units"], entry["added"], entry["changed"]) for entry in listed] == [(400, 0, 2), (400, 0, 4)]


def test_a_moment_without_a_snapshot_is_a_mistake_that_is_explained(terminal: Terminal, past: list[str]) -> None:
    done = terminal.run("count", "dark", "--as-of", "1999-12-31", exits=1)
    assert done.stderr.startswith("error: there was no snapshot by 1999-12-31\nthe first that is kept is of 20")
    done = terminal.run("count", "dark", "--as-of", "last week", exits=2)
    assert "'last week' is no snapshot and no date" in done.stderr


def test_a_diff_says_which_units_and_fields_changed(terminal: Terminal, past: list[str]) -> None:
    lines = terminal.run("diff").stdout.splitlines()
    assert lines[:2] == [f"From {past[1]} to {past[2]}:", "0 added, 0 removed, 2 changed."]
    assert any(line.split()[:3] == ["city", "2", "2"] for line in lines)
    found = json.loads(terminal.run("diff", past[0], past[1], "--where", "city = 'Oslo'", "--json").stdout)
    assert (found["changed"], found["before"], len(found["units"])) == (4, past[0], 4)
    assert {"city", "dark"} <= {field["field"] for field in found["fields"]}


def test_verify_says_what_it_checked(terminal: Terminal, past: list[str]) -> None:
    lines = terminal.run("verify").stdout.splitlines()
    assert lines[0] == f"Snapshot {past[2]}"
    assert "  ok     rows of data: 400" in lines
    assert all(line.startswith("  ok     ") for line in lines[1:-1] if line.startswith(" "))
    assert lines[-1].startswith("Checked 1 snapshot: ")
    assert lines[-1].endswith(" checks, 0 damages.")


def test_a_difference_is_written_value_by_value(terminal: Terminal, past: list[str]) -> None:
    done = terminal.run("diff", past[0], "-o", "changed.csv")
    lines = (terminal.home / "changed.csv").read_text().splitlines()
    assert done.stdout == ""
    assert f"Wrote {len(lines) - 1:,} value" in done.stderr
    assert lines[0].replace('"', "") == "data_hash,title,change,field,before,after"
    shown = terminal.run("diff", past[0], "-f", "ndjson").stdout.splitlines()
    assert len(shown) == len(lines) - 1
    terminal.run("diff", past[0], "--json", "-o", "changed.csv", exits=2)


def test_a_prune_says_what_goes_asks_first_and_drops_it(terminal: Terminal, past: list[str], tmp_path: Path) -> None:
    shutil.copytree(terminal.home / ".metaquery", tmp_path / ".metaquery", ignore=shutil.ignore_patterns("collections"))
    here = Terminal(tmp_path)
    here.run("collection", "new", "At first", "--where", "dark", "--as-of", past[0])
    told = [f"  dropped  {past[1]}", f"  spared   {past[0]}: the Collection 'At first' is of it"]
    lines = here.run("prune", "--keep", "1", "--dry-run").stdout.splitlines()
    assert lines[:3] == ["Would drop 1 of 3 snapshots; nothing was done.", *told]
    assert [line.split()[0] for line in lines[4:]] == ["now", "raw", "snapshots", "generations"]
    assert "give --yes" in here.run("prune", "--keep", "1", exits=2).stderr
    assert "at least one snapshot is kept" in here.run("prune", "--keep", "0", exits=2).stderr
    assert len(here.run("log").stdout.splitlines()) == 4
    lines = here.run("prune", "--keep", "1", "--yes").stdout.splitlines()
    assert lines[:3] == ["Dropped 1 of 3 snapshots.", *told]
    sizes = {line[:25].strip(): line[25:].replace("MB", "").split() for line in lines[4:]}
    assert sizes.pop("") == ["before", "after"]
    assert list(sizes) == ["raw pages", "snapshots", "generations of raw pages"]
    assert all(float(after) <= float(before) for before, after in sizes.values())
    assert float(sizes["snapshots"][1]) < float(sizes["snapshots"][0])
    assert [line.split()[0] for line in here.run("log").stdout.splitlines()[1:]] == [past[2], past[0]]
    assert "no snapshot and no date" in here.run("count", "dark", "--as-of", past[1], exits=2).stderr
    for ref in (past[0], past[2]):
        asked = ("count", "-q", "dark", "--as-of", ref)
        assert here.run(*asked).stdout == terminal.run(*asked).stdout
    assert here.run("prune", "--keep", "1").stdout.startswith("Dropped 0 of 2 snapshots.")
